import Documents
import Files

/// Reads Parquet of any origin: one row, one document.
///
/// Which column is the text, and which the identity, are options; every other column of scalars that
/// can be read is kept as metadata under its own name, lists are left out.
public struct ParquetReader: SourceReader {
  /// What a recipe may set: columns in the place of fields.
  public typealias Options = JSONLinesReader.Options

  /// The extensions of this source's files.
  public static let extensions = ["parquet"]

  /// The version of the rules.
  public let version = 1
  /// The recipe's name for the source.
  public let source: String
  /// What the recipe sets.
  public let options: Options

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - options: What the recipe sets.
  public init(source: String = "parquet", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over a file's rows page by page.
  ///
  /// - Parameters:
  ///   - input: A Parquet file.
  ///   - body: Receives each page; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty or damaged, or has no column of the text's name.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    try forEachParquetRecord(in: input, text: options.text) { column in
      column.name == options.id
        || !column.isList && options.metadata?.contains(column.name) ?? true
    } _: {
      try body($0)
    }
  }

  /// Makes the documents of a page's rows.
  ///
  /// - Parameter record: A page.
  /// - Returns: For each row the document, or a rejection: "no text", "empty text".
  /// - Throws: ``Failure`` where a text is not valid UTF-8 or the page is damaged.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    guard let stretch = record.stretch else {
      preconditionFailure("a record of another reader")
    }
    let file = record.origin.file
    let name = InputFile(path: "", name: file).uncompressedName
    return try parquetOutcomes(of: stretch, file: file) { rows, row, ordinal, origin in
      try TextRow(rows, row, text: options.text, id: options.id).outcome(
        source: source,
        placeKey: "\(name)#\(ordinal)",
        license: options.license,
        origin: origin
      )
    }
  }
}
