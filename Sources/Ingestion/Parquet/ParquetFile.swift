/// The door to Parquet files: the columns, and the rows of some of them.
///
/// Reads the footer and then only the pages of the columns that are asked for, a row group after the
/// other. It writes nothing, keeps no index and passes over statistics. The format:
/// apache/parquet-format (README.md, parquet.thrift, Encodings.md, LogicalTypes.md). Where a file
/// claims something, the claim is compared with the file before memory is asked for.
import Files

/// An open Parquet file.
package struct ParquetFile: ~Copyable {
  /// The bytes with which a Parquet file begins and ends.
  package static let magic = Array("PAR1".utf8)

  /// The rows of a stretch where several pages are put side by side.
  private static let stretchRows = 2_048
  /// The most rows of a page that is handed on undecoded.
  private static let undecodedRows = 32_768
  /// The most bytes that a stretch's values may take before it is cut.
  private static let stretchSize = 1 << 25

  /// The path.
  package let path: String
  /// The columns, those among them that cannot be read as well.
  package let columns: [ParquetColumn]
  /// The rows of each row group.
  package let rowGroups: [Int]
  private let file: BinaryFile
  private let metadata: ParquetMetadata
  private let dataEnd: Int

  /// The rows of the file.
  package var rowCount: Int { metadata.rowCount }

  /// Opens a file and reads its footer.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``Failure`` where the file cannot be read, is cut off, damaged or encrypted.
  package init(path: String) throws {
    let file = try BinaryFile(path: path)
    let footer = try Self.footer(of: file, path: path)
    let (metadata, schema) = try named("\(path), footer", nil) {
      let metadata = try ParquetMetadata(footer: footer)
      let schema = try ParquetSchema(metadata.elements)
      for group in metadata.rowGroups where group.chunks.count != schema.columns.count {
        throw ParquetDefect.damaged(
          "a row group has \(group.chunks.count) columns, the schema \(schema.columns.count)"
        )
      }
      return (metadata, schema)
    }
    self.path = path
    self.metadata = metadata
    columns = schema.columns
    rowGroups = metadata.rowGroups.map(\.rowCount)
    dataEnd = file.size - 8 - footer.count
    self.file = file
  }

  /// Finds a column.
  ///
  /// - Parameter name: The name, a path with dots inside groups.
  /// - Returns: The column, or `nil` where the file has none of that name.
  /// - Throws: ``Failure`` where the column cannot be read, with the reason.
  package func column(named name: String) throws -> ParquetColumn? {
    guard let column = columns.first(where: { $0.name == name }) else { return nil }
    if let refusal = column.refusal {
      throw ParquetDefect.unsupported(refusal).failure(at: "\(path), column `\(name)`")
    }
    return column
  }

  /// Hands over the rows of some columns, in file order.
  ///
  /// The largest column's pages are handed over as they lie in the file, so that any thread can
  /// unpack them.
  ///
  /// - Parameters:
  ///   - projection: The columns, at least one, of this file.
  ///   - body: Receives each stretch; what it throws ends the reading.
  /// - Throws: ``Failure`` with the row group and column of a page that is damaged; what `body`
  ///   throws.
  package func forEachStretch(
    of projection: [ParquetColumn],
    _ body: (ParquetStretch) throws -> Void
  ) throws {
    precondition(!projection.isEmpty, "rows of no column")
    var firstRow = 0
    for (index, group) in metadata.rowGroups.enumerated() {
      let place = "\(path), row group \(index) of \(metadata.rowGroups.count)"
      try read(group, of: projection, firstRow: firstRow, place: place, body)
      firstRow += group.rowCount
    }
  }

  private func read(
    _ group: ParquetMetadata.RowGroup,
    of projection: [ParquetColumn],
    firstRow: Int,
    place: String,
    _ body: (ParquetStretch) throws -> Void
  ) throws {
    var cursors = try projection.map { column in
      try named(place, column) {
        try ParquetCursor(
          column,
          group.chunks[column.index],
          dataEnd: dataEnd,
          rowCount: group.rowCount
        )
      }
    }
    let largest = cursors.indices
      .filter { !projection[$0].isList && projection[$0].type == .byteArray }
      .max { cursors[$0].compressedSize < cursors[$1].compressedSize }
    var row = 0
    while row < group.rowCount {
      var undecoded: EncodedPage?
      var rows = min(Self.stretchRows, group.rowCount - row)
      if let largest {
        let page = try named(place, &cursors[largest]) { try $0.peek(file) }
        if let page, 1...min(Self.undecodedRows, group.rowCount - row) ~= page.rowCount,
          page.expectedSize <= Self.stretchSize
        {
          undecoded = page
          rows = page.rowCount
          cursors[largest].takeWaiting()
        }
      }
      var slices: [[ParquetSlice]] = []
      for index in cursors.indices where undecoded == nil || index != largest {
        slices.append(
          try named(place, &cursors[index]) { try $0.take(rows, file) }
        )
      }
      let decodedSize = slices.joined().reduce(0) { $0 + $1.size }
      if let page = undecoded, let largest, decodedSize > Self.stretchSize {
        let flat = try named(place, projection[largest]) { try page.flat(projection[largest]) }
        slices.insert(
          [ParquetSlice(page: .flat(flat), rows: 0..<flat.rowCount)],
          at: largest
        )
        undecoded = nil
      }
      if let page = undecoded, let largest {
        var parts = slices.map { ParquetStretch.Part.slices($0) }
        parts.insert(.encoded(page), at: largest)
        try body(
          ParquetStretch(
            columns: projection,
            rowCount: rows,
            firstRow: firstRow + row,
            place: place,
            parts: parts
          )
        )
      } else {
        try ParquetStretch.cut(
          projection,
          slices,
          firstRow: firstRow + row,
          rowCount: rows,
          place: place,
          limit: Self.stretchSize,
          body
        )
      }
      row += rows
    }
    for index in cursors.indices {
      try named(place, &cursors[index]) { try $0.finish(file) }
    }
  }

  private static func footer(of file: borrowing BinaryFile, path: String) throws -> [UInt8] {
    let size = file.size
    let head = try file.bytes(at: 0, count: min(size, 4))
    let tail = try file.bytes(at: max(0, size - 8), count: min(size, 8))
    let encrypted = Array("PARE".utf8)
    if head == encrypted || tail.suffix(4) == encrypted[...] {
      throw ParquetDefect.unsupported("encryption").failure(at: path)
    }
    guard head == magic else {
      throw Failure(
        what: "the file is not Parquet",
        place: path,
        remedy: "give a file that begins with `PAR1`"
      )
    }
    guard size >= 12, tail.suffix(4) == magic[...] else { throw try cutOff(file, path: path) }
    let footerSize = Int(littleEndian32(tail.span, 0))
    guard footerSize <= size - 12, footerSize <= ParquetLimits.footer else {
      throw ParquetDefect.damaged("the footer claims \(footerSize) bytes").failure(at: path)
    }
    return try file.bytes(at: size - 8 - footerSize, count: footerSize)
  }

  private static func cutOff(_ file: borrowing BinaryFile, path: String) throws -> Failure {
    let found = try ParquetCutOff(file)
    let place = found.rowGroup.map { ", by the pattern of its pages in row group \($0)" } ?? ""
    return Failure(
      what: "the Parquet file is cut off: its footer is missing, which says where the columns lie; "
        + "\(found.pages) whole pages with \(found.values) values end at byte \(found.end) of "
        + "\(file.size)\(place)",
      place: path,
      remedy: "fetch the file again and compare its size with the publisher's"
    )
  }
}

/// Runs a step of a cursor and gives its defects their place.
private func named<Result>(
  _ place: String,
  _ cursor: inout ParquetCursor,
  _ body: (inout ParquetCursor) throws -> Result
) throws -> Result {
  do {
    return try body(&cursor)
  } catch let defect as ParquetDefect {
    let page = "page at byte \(cursor.pageOffset)"
    throw defect.failure(at: "\(place), column `\(cursor.column.name)`, \(page)")
  }
}
