/// What a Parquet file's footer says: the schema's elements and where each column's pages lie.
///
/// Only what reading needs is kept: no statistics, no page index, no Bloom filters. Numbers are
/// checked for their range here and against the file where they are used.
struct ParquetMetadata {
  /// One element of the schema, in the order of the depth-first traversal.
  struct SchemaElement {
    /// What the element says of its meaning.
    enum Annotation {
      case none
      case converted(Int)
      case logical(id: Int, unit: Int, isAdjustedToUTC: Bool, bitWidth: Int, isSigned: Bool)
    }

    var type: ParquetPhysicalType?
    var typeLength = 0
    /// 0 required, 1 optional, 2 repeated.
    var repetition = 0
    var name = ""
    var childCount: Int?
    var annotation = Annotation.none
  }

  /// One column's pages in one row group.
  struct ColumnChunk {
    var isElsewhere = false
    var isEncrypted = false
    var hasMetadata = false
    var type: ParquetPhysicalType?
    var codec = 0
    var valueCount = 0
    var compressedSize = 0
    var dataOffset = 0
    var dictionaryOffset = 0
  }

  /// A range of rows.
  struct RowGroup {
    var chunks: [ColumnChunk] = []
    var rowCount = 0
  }

  var elements: [SchemaElement] = []
  var rowGroups: [RowGroup] = []
  /// The row groups' rows; the footer's own count is wrong in some files.
  var rowCount = 0

  init(footer: [UInt8]) throws {
    var reader = ThriftReader(footer)
    try reader.forEachField { reader, id, kind in
      switch id {
      case 2:
        elements = try reader.structures(kind, limit: ParquetLimits.schemaElements) {
          try SchemaElement(from: &$0)
        }
      case 4:
        rowGroups = try reader.structures(kind) { try RowGroup(from: &$0) }
      default: try reader.skip(kind)
      }
    }
    for group in rowGroups {
      let (sum, overflow) = rowCount.addingReportingOverflow(group.rowCount)
      guard group.rowCount >= 0, !overflow else {
        throw ParquetDefect.damaged("a row group has \(group.rowCount) rows")
      }
      rowCount = sum
    }
  }
}

extension ParquetMetadata.SchemaElement {
  fileprivate init(from reader: inout ThriftReader) throws {
    var converted: Int?
    var logical: Annotation?
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1:
        let code = try reader.integer(kind)
        guard let known = ParquetPhysicalType(rawValue: code) else {
          throw ParquetDefect.damaged("a column has the unknown physical type \(code)")
        }
        type = known
      case 2: typeLength = try reader.integer(kind)
      case 3: repetition = try reader.integer(kind)
      case 4: name = try reader.text(kind)
      case 5: childCount = try reader.integer(kind)
      case 6: converted = try reader.integer(kind)
      case 10: logical = try Self.logicalType(from: &reader, kind)
      default: try reader.skip(kind)
      }
    }
    if let logical {
      annotation = logical
    } else if let converted {
      annotation = .converted(converted)
    }
  }

  /// Reads the union of logical types, whose field number says which one it is.
  private static func logicalType(
    from reader: inout ThriftReader,
    _ kind: ThriftReader.Kind
  ) throws -> Annotation {
    guard kind == .structure else {
      throw ParquetDefect.damaged("a logical type is no structure")
    }
    var (name, unit, isAdjusted, bitWidth, isSigned) = (0, 0, false, 0, true)
    try reader.forEachField { reader, id, kind in
      name = id
      guard kind == .structure, [7, 8, 10].contains(id) else { return try reader.skip(kind) }
      try reader.forEachField { reader, inner, kind in
        switch (id, inner) {
        case (10, 1): bitWidth = try reader.integer(kind)
        case (10, 2): isSigned = try reader.flag(kind)
        case (7, 1), (8, 1): isAdjusted = try reader.flag(kind)
        case (7, 2), (8, 2):
          guard kind == .structure else { return try reader.skip(kind) }
          try reader.forEachField { reader, which, kind in
            unit = which
            try reader.skip(kind)
          }
        default: try reader.skip(kind)
        }
      }
    }
    return .logical(
      id: name,
      unit: unit,
      isAdjustedToUTC: isAdjusted,
      bitWidth: bitWidth,
      isSigned: isSigned
    )
  }
}

extension ParquetMetadata.RowGroup {
  fileprivate init(from reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1:
        chunks = try reader.structures(kind) { try ParquetMetadata.ColumnChunk(from: &$0) }
      case 3: rowCount = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
  }
}

extension ParquetMetadata.ColumnChunk {
  fileprivate init(from reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1:
        isElsewhere = true
        try reader.skip(kind)
      case 3 where kind == .structure:
        hasMetadata = true
        try readMetadata(&reader)
      case 8:
        isEncrypted = true
        try reader.skip(kind)
      default: try reader.skip(kind)
      }
    }
    guard hasMetadata || isEncrypted || isElsewhere else {
      throw ParquetDefect.damaged("a column chunk says nothing of itself")
    }
  }

  private mutating func readMetadata(_ reader: inout ThriftReader) throws {
    try reader.forEachField { reader, id, kind in
      switch id {
      case 1: type = ParquetPhysicalType(rawValue: try reader.integer(kind))
      case 4: codec = try reader.integer(kind)
      case 5: valueCount = try reader.integer(kind)
      case 7: compressedSize = try reader.integer(kind)
      case 9: dataOffset = try reader.integer(kind)
      case 11: dictionaryOffset = try reader.integer(kind)
      default: try reader.skip(kind)
      }
    }
  }
}
