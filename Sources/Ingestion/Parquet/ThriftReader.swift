/// The Thrift compact protocol, as far as Parquet's metadata use it.
///
/// Reads from bytes that nobody vouches for: every length is compared with the bytes that are left,
/// nesting is bounded, and a field that is not known is skipped whatever it holds. It writes nothing
/// and knows no schema. The protocol: Apache Thrift, doc/specs/thrift-compact-protocol.md.
struct ThriftReader {
  /// The types of fields and elements, by their compact codes.
  enum Kind: UInt8 {
    case flagTrue = 1
    case flagFalse
    case byte
    case integer16
    case integer32
    case integer64
    case double
    case binary
    case list
    case set
    case map
    case structure
    case uuid
  }

  /// What remains unknown of a structure's end until more bytes are there.
  struct CutOff: Error {}

  private static let depthLimit = 32

  private let bytes: [UInt8]
  private var depth = 0
  /// The next byte.
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// Reads a structure; `body` must read or skip each field's value.
  mutating func forEachField(
    _ body: (_ reader: inout ThriftReader, _ id: Int, _ kind: Kind) throws -> Void
  ) throws {
    try enter()
    var id = 0
    while true {
      let header = try byte()
      if header == 0 { break }
      let delta = Int(header >> 4)
      id = delta == 0 ? Int(Int16(truncatingIfNeeded: try zigzag())) : id + delta
      try body(&self, id, try kind(header & 15))
    }
    depth -= 1
  }

  /// Reads a list's header.
  ///
  /// - Returns: The elements' kind, and how many follow: never more than there are bytes left.
  mutating func listHeader(_ kind: Kind) throws -> (element: Kind, count: Int) {
    guard kind == .list || kind == .set else { throw mismatch }
    let header = try byte()
    var count = UInt64(header >> 4)
    if count == 15 { count = try varint() }
    guard count <= UInt64(bytes.count - position) else { throw CutOff() }
    return (try self.kind(header & 15), Int(count))
  }

  /// Reads a list of structures.
  mutating func structures<Element>(
    _ kind: Kind,
    limit: Int = .max,
    _ make: (inout ThriftReader) throws -> Element
  ) throws -> [Element] {
    let (element, count) = try listHeader(kind)
    guard element == .structure || count == 0 else { throw mismatch }
    guard count <= limit else {
      throw ParquetDefect.unsupported("a list of more than \(limit) elements in the metadata")
    }
    var result: [Element] = []
    for _ in 0..<count { result.append(try make(&self)) }
    return result
  }

  /// Reads a whole number of any width.
  mutating func integer(_ kind: Kind) throws -> Int {
    switch kind {
    case .byte: Int(Int8(bitPattern: try byte()))
    case .integer16, .integer32, .integer64: Int(try zigzag())
    default: throw mismatch
    }
  }

  /// Reads a truth value, which is its field's kind.
  func flag(_ kind: Kind) throws -> Bool {
    switch kind {
    case .flagTrue: true
    case .flagFalse: false
    default: throw mismatch
    }
  }

  /// Reads a string.
  mutating func text(_ kind: Kind) throws -> String {
    guard kind == .binary else { throw mismatch }
    let count = try binaryCount()
    let text = String(validating: bytes[position..<position + count], as: UTF8.self)
    guard let text else { throw ParquetDefect.damaged("a name is not valid UTF-8") }
    position += count
    return text
  }

  /// Passes over a value of any kind.
  mutating func skip(_ kind: Kind) throws {
    switch kind {
    case .flagTrue, .flagFalse: break
    case .byte: _ = try byte()
    case .integer16, .integer32, .integer64: _ = try varint()
    case .double: try advance(8)
    case .uuid: try advance(16)
    case .binary: position += try binaryCount()
    case .list, .set:
      try enter()
      let (element, count) = try listHeader(kind)
      for _ in 0..<count { try skipElement(element) }
      depth -= 1
    case .map:
      try enter()
      let count = try varint()
      guard count <= UInt64(bytes.count - position) else { throw CutOff() }
      if count > 0 {
        let kinds = try byte()
        let (key, value) = (try self.kind(kinds >> 4), try self.kind(kinds & 15))
        for _ in 0..<count {
          try skipElement(key)
          try skipElement(value)
        }
      }
      depth -= 1
    case .structure: try forEachField { reader, _, kind in try reader.skip(kind) }
    }
  }

  /// Inside lists and maps a truth value takes a byte of its own.
  private mutating func skipElement(_ kind: Kind) throws {
    if kind == .flagTrue || kind == .flagFalse { return try advance(1) }
    try skip(kind)
  }

  private var mismatch: ParquetDefect { .damaged("a metadata field is of the wrong type") }

  private func kind(_ code: UInt8) throws -> Kind {
    guard let kind = Kind(rawValue: code) else {
      throw ParquetDefect.damaged("the metadata hold a field of an unknown type")
    }
    return kind
  }

  private mutating func enter() throws {
    depth += 1
    guard depth <= Self.depthLimit else {
      throw ParquetDefect.damaged("the metadata are nested more than \(Self.depthLimit) deep")
    }
  }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw CutOff() }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func advance(_ count: Int) throws {
    guard count <= bytes.count - position else { throw CutOff() }
    position += count
  }

  private mutating func binaryCount() throws -> Int {
    let count = try varint()
    guard count <= UInt64(bytes.count - position) else { throw CutOff() }
    return Int(count)
  }

  private mutating func zigzag() throws -> Int64 {
    let bits = try varint()
    return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw ParquetDefect.damaged("a number in the metadata is longer than 64 bits")
  }
}
