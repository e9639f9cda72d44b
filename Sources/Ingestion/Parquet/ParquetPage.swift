/// One data page on its way from the file's bytes to rows.
///
/// An encoded page is a value of its own, so that it can be decompressed and decoded on any thread.

/// A data page as it lies in the file, with what decoding it needs.
struct EncodedPage: Sendable {
  let header: ParquetPageHeader
  let codec: ParquetCodec
  let bytes: [UInt8]
  /// The column chunk's dictionary, if one came before.
  let dictionary: ParquetDictionary?

  /// The rows, known before decoding only where a column is no list.
  var rowCount: Int { header.valueCount }

  /// The bytes that the page's values will take, as far as its headers tell.
  var expectedSize: Int {
    switch header.encoding {
    case .plainDictionary, .runLengthDictionary:
      header.size + (dictionary?.averageSize ?? 0) * header.valueCount
    default: header.size
    }
  }

  /// The bytes that are kept until the page is decoded.
  var heldSize: Int { bytes.count + (dictionary?.bytes.count ?? 0) }
}

/// The rows of one page of a column that is no list.
struct FlatPage: Sendable {
  let vector: ParquetVector
  /// Each row's place in the vector, -1 for a null; `nil` where row and place are the same.
  let slots: [Int32]?
  let rowCount: Int

  /// A row's place in the vector, or `nil` for a null.
  func slot(_ row: Int) -> Int? {
    guard let slots else { return row }
    return slots[row] < 0 ? nil : Int(slots[row])
  }
}

/// The elements of one page of a list column.
struct ListPage {
  /// Per element, whether it begins a row.
  var isFirst: [Bool]
  /// Per element, what stands there.
  var elements: [ListElement]
}

/// What one place of a list column holds.
enum ListElement: Equatable, Sendable {
  case nullList
  case emptyList
  case nullValue
  case value(ParquetValue)
}

extension EncodedPage {
  /// The page taken apart: levels, and where the coded values begin.
  private struct Parts {
    var data: [UInt8]
    var valuesStart: Int
    var repetition: [UInt32]?
    var definition: [UInt32]?
  }

  /// Decodes a page of a column that is no list.
  ///
  /// - Throws: ``ParquetDefect`` where the page contradicts itself.
  func flat(_ column: ParquetColumn) throws -> FlatPage {
    let parts = try parts(column)
    let count = header.valueCount
    let levels = parts.definition
    let present = levels.map { levels in
      levels.count { $0 == UInt32(column.maximumDefinition) }
    }
    try check(present: present ?? count)
    let (vector, indices) = try values(parts, count: present ?? count, of: column)
    guard let levels, let present, present < count else {
      return FlatPage(vector: vector, slots: indices, rowCount: count)
    }
    var slots: [Int32] = []
    slots.reserveCapacity(count)
    var next = 0
    for level in levels {
      if level < column.maximumDefinition {
        slots.append(-1)
      } else {
        slots.append(indices.map { $0[next] } ?? Int32(next))
        next += 1
      }
    }
    return FlatPage(vector: vector, slots: slots, rowCount: count)
  }

  /// Decodes a page of a list column.
  func list(_ column: ParquetColumn) throws -> ListPage {
    let parts = try parts(column)
    guard let repetition = parts.repetition, let definition = parts.definition else {
      throw ParquetDefect.damaged("a page of lists has no levels")
    }
    let present = definition.count { $0 == UInt32(column.maximumDefinition) }
    let (vector, indices) = try values(parts, count: present, of: column)
    var page = ListPage(isFirst: [], elements: [])
    var next = 0
    for (repetition, level) in zip(repetition, definition.map { Int($0) }) {
      page.isFirst.append(repetition == 0)
      if level == column.maximumDefinition {
        let slot = indices.map { Int($0[next]) } ?? next
        page.elements.append(.value(try column.value(vector, at: slot)))
        next += 1
      } else if level >= column.listDefinition {
        page.elements.append(.nullValue)
      } else {
        page.elements.append(level == column.listDefinition - 1 ? .emptyList : .nullList)
      }
    }
    if header.kind == .dataV2, page.isFirst.count(where: { $0 }) != header.rowCount {
      throw ParquetDefect.damaged("a page counts other rows than it has")
    }
    return page
  }

  private func check(present: Int) throws {
    guard header.kind == .dataV2 else { return }
    guard header.valueCount - present == header.nullCount else {
      throw ParquetDefect.damaged("a page counts other nulls than it has")
    }
    guard header.rowCount == header.valueCount else {
      throw ParquetDefect.damaged("a page counts other rows than it has")
    }
  }

  private func parts(_ column: ParquetColumn) throws -> Parts {
    if let checksum = header.checksum, checksum != crc32(of: bytes) {
      throw ParquetDefect.damaged("a page does not have its checksum")
    }
    return header.kind == .dataV2 ? try partsV2(column) : try partsV1(column)
  }

  /// In pages of the first version the levels are compressed with the values.
  private func partsV1(_ column: ParquetColumn) throws -> Parts {
    let data = try codec.content(of: bytes, size: header.size)
    var position = 0
    func levels(_ maximum: Int, _ encoding: ParquetEncoding) throws -> [UInt32]? {
      guard maximum > 0 else { return nil }
      let width = bitWidth(of: maximum)
      let count = header.valueCount
      switch encoding {
      case .runLength:
        guard data.count - position >= 4 else { throw endedEarly }
        let size = Int(littleEndian32(data.span, position))
        position += 4
        guard size <= data.count - position else { throw endedEarly }
        defer { position += size }
        return try hybridRuns(
          data.span,
          in: position..<position + size,
          bitWidth: width,
          count: count
        )
      case .bitPacked:
        let size = (count * width + 7) / 8
        guard size <= data.count - position else { throw endedEarly }
        defer { position += size }
        return try packedFromTheTop(
          data.span,
          in: position..<position + size,
          bitWidth: width,
          count: count
        )
      default:
        throw ParquetDefect.damaged("a page's levels have an encoding that levels cannot have")
      }
    }
    let repetition = try levels(column.maximumRepetition, header.repetitionEncoding)
    let definition = try levels(column.maximumDefinition, header.definitionEncoding)
    try check(repetition, column.maximumRepetition)
    try check(definition, column.maximumDefinition)
    return Parts(
      data: data,
      valuesStart: position,
      repetition: repetition,
      definition: definition
    )
  }

  /// In pages of the second version the levels stand uncompressed before the values.
  private func partsV2(_ column: ParquetColumn) throws -> Parts {
    let (repetitionSize, definitionSize) = (header.repetitionSize, header.definitionSize)
    let levelSize = repetitionSize + definitionSize
    guard levelSize <= bytes.count, levelSize <= header.size else { throw endedEarly }
    func levels(_ maximum: Int, _ range: Range<Int>) throws -> [UInt32]? {
      guard maximum > 0 else { return nil }
      return try hybridRuns(
        bytes.span,
        in: range,
        bitWidth: bitWidth(of: maximum),
        count: header.valueCount
      )
    }
    let repetition = try levels(column.maximumRepetition, 0..<repetitionSize)
    let definition = try levels(column.maximumDefinition, repetitionSize..<levelSize)
    try check(repetition, column.maximumRepetition)
    try check(definition, column.maximumDefinition)
    let size = header.size - levelSize
    let rest = Array(bytes[levelSize...])
    // No values may be no bytes, which are no compressed data either.
    let isEmpty = size == 0 || rest.isEmpty
    let data =
      header.isCompressed && !isEmpty ? try codec.content(of: rest, size: size) : rest
    guard isEmpty || data.count == size else { throw endedEarly }
    return Parts(
      data: isEmpty ? [] : data,
      valuesStart: 0,
      repetition: repetition,
      definition: definition
    )
  }

  private func check(_ levels: [UInt32]?, _ maximum: Int) throws {
    guard let levels, levels.contains(where: { $0 > maximum }) else { return }
    throw ParquetDefect.damaged("a page holds a level past its column's nesting")
  }

  /// Decodes the values that are no nulls; with a dictionary, places in it.
  private func values(
    _ parts: Parts,
    count: Int,
    of column: ParquetColumn
  ) throws -> (ParquetVector, indices: [Int32]?) {
    let (data, start) = (parts.data, parts.valuesStart)
    if count == 0 { return (try plainValues([], from: 0, count: 0, of: column), nil) }
    switch header.encoding {
    case .plain: return (try plainValues(data, from: start, count: count, of: column), nil)
    case .plainDictionary, .runLengthDictionary:
      guard let dictionary else {
        throw ParquetDefect.damaged("a page needs a dictionary that is not there")
      }
      let vector = try dictionary.vector()
      return (vector, try dictionaryIndices(data, from: start, count, vector.count))
    case .runLength:
      guard column.type == .boolean else { throw misplaced }
      guard data.count - start >= 4 else { throw endedEarly }
      let size = Int(littleEndian32(data.span, start))
      guard size <= data.count - start - 4 else { throw endedEarly }
      let bits = try hybridRuns(
        data.span,
        in: start + 4..<start + 4 + size,
        bitWidth: 1,
        count: count
      )
      return (.flags(bits.map { $0 == 1 }), nil)
    case .deltaBinaryPacked:
      guard column.type == .int32 || column.type == .int64 else { throw misplaced }
      var position = start
      let numbers = try deltaNumbers(
        data.span,
        &position,
        end: data.count,
        count: count,
        bits: column.type == .int32 ? 32 : 64
      )
      let isUnsigned = column.isUnsigned32
      return (.integers(isUnsigned ? numbers.map { $0 & 0xffff_ffff } : numbers), nil)
    case .deltaLengthByteArray:
      guard column.type == .byteArray else { throw misplaced }
      return (.strings(try deltaLengthStrings(data, from: start, count: count)), nil)
    case .deltaByteArray:
      guard column.type == .byteArray || column.type == .fixedLengthByteArray else {
        throw misplaced
      }
      let strings = try deltaStrings(data, from: start, count: count)
      if column.type == .fixedLengthByteArray {
        guard (0..<count).allSatisfy({ strings.size(at: $0) == column.typeLength }) else {
          throw ParquetDefect.damaged("a string is not as long as its column says")
        }
      }
      return (.strings(strings), nil)
    case .byteStreamSplit:
      let size: Int
      switch column.type {
      case .int32, .float: size = 4
      case .int64, .double: size = 8
      case .fixedLengthByteArray: size = column.typeLength
      case .boolean, .int96, .byteArray: throw misplaced
      }
      let joined = try joinedStreams(data.span, from: start, count: count, size: size)
      return (try plainValues(joined, from: 0, count: count, of: column), nil)
    case .bitPacked: throw misplaced
    }
  }

  private func dictionaryIndices(
    _ data: [UInt8],
    from start: Int,
    _ count: Int,
    _ dictionaryCount: Int
  ) throws -> [Int32] {
    guard start < data.count else { throw endedEarly }
    let width = Int(data[start])
    guard width <= 32 else { throw ParquetDefect.damaged("dictionary places of \(width) bits") }
    let indices = try hybridRuns(
      data.span,
      in: start + 1..<data.count,
      bitWidth: width,
      count: count
    )
    guard !indices.contains(where: { $0 >= dictionaryCount }) else {
      throw ParquetDefect.damaged("a page names a place outside its dictionary")
    }
    return indices.map { Int32(bitPattern: $0) }
  }

  private var misplaced: ParquetDefect {
    .damaged("a page has an encoding that its type cannot have")
  }
}
