// Parquet files made by hand, so that a test can lie in any field and make a file of any size.

/// Writes the few structures of the Thrift compact protocol that hand-made files need.
package struct ThriftWriter {
  package private(set) var bytes: [UInt8] = []
  private var lastField = [0]

  package init() {}

  package mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  package mutating func field(_ id: Int, kind: UInt8) {
    bytes.append(UInt8(id - lastField[lastField.count - 1]) << 4 | kind)
    lastField[lastField.count - 1] = id
  }

  package mutating func integer(_ id: Int, _ value: Int) {
    field(id, kind: 6)
    varint(UInt64(bitPattern: Int64(value) << 1 ^ Int64(value) >> 63))
  }

  package mutating func text(_ id: Int, _ value: String) {
    field(id, kind: 8)
    varint(UInt64(value.utf8.count))
    bytes += Array(value.utf8)
  }

  package mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
    field(id, kind: 12)
    element(body)
  }

  package mutating func list(_ id: Int, _ bodies: [(inout ThriftWriter) -> Void]) {
    field(id, kind: 9)
    bytes.append(0xfc)
    varint(UInt64(bodies.count))
    for body in bodies { element(body) }
  }

  package mutating func element(_ body: (inout ThriftWriter) -> Void) {
    lastField.append(0)
    body(&self)
    lastField.removeLast()
    bytes.append(0)
  }

  package mutating func raw(_ more: [UInt8]) { bytes += more }
}

/// A Parquet file of one column of required 64-bit numbers or texts, made by hand so that a test can
/// lie in any field.
package struct HandMadeParquet {
  /// The physical type: 2 for numbers, 6 for texts.
  package var type = 2
  /// The converted type, or `nil`.
  package var meaning: Int?
  /// 0 required, 1 optional, 2 repeated.
  package var repetition = 0
  package var codec = 0
  /// Header and body of each page of each row group.
  package var rowGroups: [[Page]] = []
  /// Added to the numbers that the footer states.
  package var valueCountError = 0
  package var rowCountError = 0
  package var sizeError = 0
  package var offsetError = 0

  package init(type: Int = 2, meaning: Int? = nil, rowGroups: [[Page]] = []) {
    self.type = type
    self.meaning = meaning
    self.rowGroups = rowGroups
  }

  package struct Page {
    package var kind = 0
    package var values: Int
    package var encoding = 0
    package var body: [UInt8]
    /// What the header states of the size before compression, where that is another.
    package var size: Int?
    package var compressedSize: Int?
    package var checksum: Int?

    package init(kind: Int = 0, values: Int, encoding: Int = 0, body: [UInt8]) {
      self.kind = kind
      self.values = values
      self.encoding = encoding
      self.body = body
    }
  }

  /// A page of texts in the PLAIN encoding.
  package static func page(_ texts: [String]) -> Page {
    var body: [UInt8] = []
    for text in texts {
      let count = UInt32(text.utf8.count)
      body += (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(text.utf8)
    }
    return Page(values: texts.count, body: body)
  }

  package var bytes: [UInt8] {
    var file = Array("PAR1".utf8)
    var groups: [(inout ThriftWriter) -> Void] = []
    for pages in rowGroups {
      let start = file.count
      for page in pages {
        var header = ThriftWriter()
        header.element { header in
          header.integer(1, page.kind)
          header.integer(2, page.size ?? page.body.count)
          header.integer(3, page.compressedSize ?? page.body.count)
          if let checksum = page.checksum { header.integer(4, checksum) }
          header.structure(page.kind == 2 ? 7 : 5) { data in
            data.integer(1, page.values)
            data.integer(2, page.encoding)
            if page.kind == 0 {
              data.integer(3, 3)
              data.integer(4, 3)
            }
          }
        }
        file += header.bytes + page.body
      }
      let size = file.count - start
      let rows = pages.filter { $0.kind == 0 }.reduce(0) { $0 + $1.values }
      groups.append { group in
        group.list(
          1,
          [
            { chunk in
              chunk.integer(2, 0)
              chunk.structure(3) { metadata in
                metadata.integer(1, type)
                metadata.integer(4, codec)
                metadata.integer(5, rows + valueCountError)
                metadata.integer(7, size + sizeError)
                metadata.integer(9, start + offsetError)
              }
            }
          ]
        )
        group.integer(2, size)
        group.integer(3, rows + rowCountError)
      }
    }
    var footer = ThriftWriter()
    footer.element { footer in
      footer.integer(1, 1)
      footer.list(
        2,
        [
          { root in
            root.text(4, "root")
            root.integer(5, 1)
          },
          { leaf in
            leaf.integer(1, type)
            leaf.integer(3, repetition)
            leaf.text(4, "text")
            if let meaning { leaf.integer(6, meaning) }
          },
        ]
      )
      footer.list(4, groups)
    }
    let size = UInt32(footer.bytes.count)
    file += footer.bytes
    file += (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    return file + Array("PAR1".utf8)
  }
}
