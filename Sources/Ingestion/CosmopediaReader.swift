import Documents
import Files

/// Reads Cosmopedia (Ben Allal and others 2024) from its Parquet shards or as JSON Lines: one synthetic
/// text, one document.
///
/// The format is recognised by content. Of a row's fields those that the data set documents are kept
/// as metadata, so that a recipe can filter on `format`, `audience` and `seed_data`; the prompt is
/// not, for it repeats the seed's text.
public struct CosmopediaReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// The licence of every document: the first version is served under Apache-2.0, the second, in
    /// SmolLM-Corpus, under ODC-By-1.0.
    public var license: String

    /// Creates options.
    ///
    /// - Parameter license: The licence of every document.
    public init(license: String = "Apache-2.0") {
      self.license = license
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["parquet", "jsonl", "ndjson", "json"] + archiveExtensions

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
  public init(source: String = "cosmopedia", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// The fields that are kept as metadata.
  static let kept = ["format", "audience", "seed_data", "text_token_length", "token_length"]

  /// Hands over the rows of a file, those of Parquet page by page.
  ///
  /// - Parameters:
  ///   - input: Parquet; JSON Lines or a JSON array, plain or compressed, or an archive of such.
  ///   - body: Receives each row; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty or damaged.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    if try isParquet(input) {
      return try forEachParquetRecord(in: input, text: "text") { column in
        column.name == "id" || Self.kept.contains(column.name)
      } _: {
        try body($0)
      }
    }
    var records = 0
    try forEachMember(of: input, extensions: ["jsonl", "ndjson", "json"]) { member in
      records += try forEachJSONValue(in: member, body)
    }
    if records == 0 { throw nothingToRead(in: input, "no JSON value") }
  }

  /// Makes a row's document, or those of a page's rows.
  ///
  /// - Parameter record: A row as a JSON object, or a page.
  /// - Returns: The document, or a rejection: "not a JSON object", "no text", "empty text", "cut off
  ///   at the end of the file".
  /// - Throws: ``Failure`` where the row is not valid UTF-8.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    if let stretch = record.stretch {
      return try parquetOutcomes(of: stretch, file: record.origin.file) {
        rows,
        row,
        ordinal,
        origin in
        try outcome(
          of: TextRow(rows, row, text: "text", id: "id"),
          ordinal: ordinal,
          origin: origin
        )
      }
    }
    let row: TextRow
    do {
      let object = try TextHygiene.decoded(record.bytes, encoding: .utf8, origin: record.origin)
      row = try TextRow(jsonObject: object, text: "text", id: "id", keeping: Self.kept)
    } catch let malformed as JSONScanner.Malformed {
      return [.rejection(rejection(of: record, malformed))]
    }
    return [try outcome(of: row, ordinal: record.ordinal, origin: record.origin)]
  }

  /// Makes the document of a row, wherever it was read.
  func outcome(of row: TextRow, ordinal: Int, origin: Origin) throws -> IngestOutcome {
    let name = InputFile(path: "", name: origin.file).uncompressedName
    return try row.outcome(
      source: source,
      placeKey: "\(name)#\(ordinal)",
      license: options.license,
      origin: origin
    )
  }
}
