/// What stands before each page: its kind, its sizes, and how its values are coded.
struct ParquetPageHeader {
  /// The kinds of page that are read; index pages are passed over.
  enum Kind {
    case data
    case dataV2
    case dictionary
    case other
  }

  var kind = Kind.other
  /// The bytes of the page before compression.
  var size = 0
  /// The bytes of the page in the file.
  var compressedSize = 0
  var checksum: UInt32?
  /// The values, nulls included.
  var valueCount = 0
  var encoding = ParquetEncoding.plain
  var definitionEncoding = ParquetEncoding.runLength
  var repetitionEncoding = ParquetEncoding.runLength
  /// Of data pages of the second version alone.
  var nullCount = 0
  var rowCount = 0
  var definitionSize = 0
  var repetitionSize = 0
  var isCompressed = true

  /// Reads a header.
  ///
  /// - Throws: ``ThriftReader/CutOff`` where the header goes on behind the reader's bytes.
  init(from reader: inout ThriftReader) throws {
    var type: Int?
    var described: Kind?
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1: type = try reader.integer(kind)
      case 2: size = try reader.integer(kind)
      case 3: compressedSize = try reader.integer(kind)
      case 4: checksum = UInt32(truncatingIfNeeded: try reader.integer(kind))
      case 5 where kind == .structure:
        described = .data
        try readData(&reader)
      case 7 where kind == .structure:
        described = .dictionary
        try readDictionary(&reader)
      case 8 where kind == .structure:
        described = .dataV2
        try readDataV2(&reader)
      default: try reader.skip(kind)
      }
    }
    switch type {
    case 0: self.kind = .data
    case 1: self.kind = .other
    case 2: self.kind = .dictionary
    case 3: self.kind = .dataV2
    default: throw ParquetDefect.damaged("a page is of an unknown kind")
    }
    guard self.kind == .other || described == self.kind else {
      throw ParquetDefect.damaged("a page header does not say what its kind must say")
    }
    let sizes = [size, compressedSize, definitionSize, repetitionSize]
    guard sizes.allSatisfy({ $0 >= 0 }), valueCount >= 0, nullCount >= 0, rowCount >= 0 else {
      throw ParquetDefect.damaged("a page header holds a negative size or count")
    }
    guard size <= ParquetLimits.page, compressedSize <= ParquetLimits.page else {
      throw ParquetDefect.unsupported("a page of more than \(ParquetLimits.page) bytes")
    }
    guard valueCount <= ParquetLimits.pageValues else {
      throw ParquetDefect.unsupported("a page of more than \(ParquetLimits.pageValues) values")
    }
    guard self.kind != .dataV2 || nullCount <= valueCount else {
      throw ParquetDefect.damaged("a page has more nulls than values")
    }
  }

  private mutating func readData(_ reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1: valueCount = try reader.integer(kind)
      case 2: encoding = try ParquetEncoding(code: try reader.integer(kind))
      case 3: definitionEncoding = try ParquetEncoding(code: try reader.integer(kind))
      case 4: repetitionEncoding = try ParquetEncoding(code: try reader.integer(kind))
      default: try reader.skip(kind)
      }
    }
  }

  private mutating func readDictionary(_ reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1: valueCount = try reader.integer(kind)
      case 2: encoding = try ParquetEncoding(code: try reader.integer(kind))
      default: try reader.skip(kind)
      }
    }
  }

  private mutating func readDataV2(_ reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1: valueCount = try reader.integer(kind)
      case 2: nullCount = try reader.integer(kind)
      case 3: rowCount = try reader.integer(kind)
      case 4: encoding = try ParquetEncoding(code: try reader.integer(kind))
      case 5: definitionSize = try reader.integer(kind)
      case 6: repetitionSize = try reader.integer(kind)
      case 7: isCompressed = try reader.flag(kind)
      default: try reader.skip(kind)
      }
    }
  }
}
