// How a reader takes Parquet: a record is a page's worth of rows, still compressed, so that workers
// unpack pages on all cores.

import Documents
import Files

/// Whether a file is Parquet, by its first bytes; standard input never is.
///
/// - Parameter input: The file.
/// - Returns: Whether it begins as Parquet does.
/// - Throws: ``Failure`` where it cannot be read.
func isParquet(_ input: InputFile) throws -> Bool {
  try firstBytes(ofFile: input.path).starts(with: ParquetFile.magic)
}

/// Hands over a Parquet file's rows page by page, of the columns that are wanted alone.
///
/// - Parameters:
///   - input: The file.
///   - text: The column of the text; it must be there.
///   - isWanted: Whether to read another column; those that cannot be read are passed over.
///   - body: Receives each page; what it throws ends the reading.
/// - Throws: ``Failure`` where the file is empty or damaged, where it has no such column or one that
///   cannot be read; of a file that breaks off it names the row group reached.
func forEachParquetRecord(
  in input: InputFile,
  text: String,
  isWanted: (ParquetColumn) -> Bool,
  _ body: (RawRecord) throws -> Void
) throws {
  let file = try ParquetFile(path: input.path)
  guard try file.column(named: text) != nil else {
    let names = file.columns.map { "`\($0.name)`" }.joined(separator: ", ")
    throw Failure(
      what: "the file has no column `\(text)`; its columns are \(names)",
      place: input.path,
      remedy:
        "give a file of the data set, or name the text's column where the reader has an option"
    )
  }
  let columns = file.columns.filter { column in
    column.name == text || isWanted(column) && column.refusal == nil
  }
  try file.forEachStretch(of: columns) { stretch in
    let origin = Origin(file: input.name, line: stretch.firstRow + 1)
    try body(RawRecord(stretch: stretch, origin: origin))
  }
  if file.rowCount == 0 {
    throw Failure(what: "the file has no rows", place: input.path, remedy: "leave it out")
  }
}

/// Makes the outcomes of a page's rows.
///
/// - Parameters:
///   - stretch: The page.
///   - name: The file's name.
///   - outcome: Makes a row's outcome, given its number in the file and its place.
/// - Returns: The outcomes, in order.
/// - Throws: ``Failure`` where the page is damaged; what `outcome` throws.
func parquetOutcomes(
  of stretch: ParquetStretch,
  file name: String,
  _ outcome: (_ rows: ParquetRows, _ row: Int, _ ordinal: Int, Origin) throws -> IngestOutcome
) throws -> [IngestOutcome] {
  let rows = try stretch.rows()
  return try (0..<rows.count).map { row in
    let ordinal = rows.firstRow + row
    return try outcome(rows, row, ordinal, Origin(file: name, line: ordinal + 1))
  }
}

extension TextRow {
  /// Takes up a row of a Parquet file; every column but the two named is metadata.
  ///
  /// - Parameters:
  ///   - rows: A page's rows.
  ///   - row: The row's number in the page.
  ///   - textName: The column of the text.
  ///   - idName: The column of the identity.
  /// - Throws: ``Failure`` where a value is not what its column's type says.
  init(_ rows: ParquetRows, _ row: Int, text textName: String, id idName: String) throws {
    self.init()
    for column in rows.columns {
      let name = column.column.name
      if name == textName {
        text = column.bytes(row)
        continue
      }
      var value: MetadataValue?
      switch try column.value(row) {
      case .flag(let flag): value = .flag(flag)
      case .integer(let number): value = .integer(number)
      case .number(let number): value = number.isFinite ? .number(number) : nil
      case .text(let text): value = .text(text)
      case .bytes(let bytes): value = String(validating: bytes, as: UTF8.self).map { .text($0) }
      case .list, nil: break
      }
      guard name == idName else {
        metadata[name] = value
        continue
      }
      switch value {
      case .text(let text) where !text.isEmpty: id = text
      case .integer(let number): id = String(number)
      default: break
      }
    }
  }
}
