import Documents
import Files

/// Reads JSON Lines, or an array of JSON objects, of any origin: one object, one document.
///
/// Which field is the text, and which the identity, are options; every other scalar is kept as
/// metadata under its own name, lists and objects are left out. Files may be compressed, or lie in
/// zips and tars.
public struct JSONLinesReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// The field that holds the text.
    public var text: String
    /// The field that holds the identity; a row without it is known by file and ordinal.
    public var id: String
    /// The fields to keep as metadata, or `nil` for every scalar.
    public var metadata: [String]?
    /// The licence of every document, as an SPDX identifier where one exists.
    public var license: String

    /// Creates options.
    ///
    /// - Parameters:
    ///   - text: The field that holds the text.
    ///   - id: The field that holds the identity.
    ///   - metadata: The fields to keep as metadata, or `nil` for every scalar.
    ///   - license: The licence of every document.
    public init(
      text: String = "text",
      id: String = "id",
      metadata: [String]? = nil,
      license: String = "unknown"
    ) {
      self.text = text
      self.id = id
      self.metadata = metadata
      self.license = license
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["jsonl", "ndjson", "json"] + archiveExtensions

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
  public init(source: String = "jsonl", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over the values of a file.
  ///
  /// - Parameters:
  ///   - input: JSON Lines or a JSON array, plain or compressed, or an archive of such.
  ///   - body: Receives each value; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged or blank.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var records = 0
    try forEachMember(of: input, extensions: ["jsonl", "ndjson", "json"]) { member in
      records += try forEachJSONValue(in: member, body)
    }
    if records == 0 { throw nothingToRead(in: input, "no JSON value") }
  }

  /// Makes an object's document.
  ///
  /// - Parameter record: A value.
  /// - Returns: The document, or a rejection: "not a JSON object", "no text", "empty text", "cut off
  ///   at the end of the file".
  /// - Throws: ``Failure`` where the value is not valid UTF-8.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let row: TextRow
    do {
      let object = try TextHygiene.decoded(record.bytes, encoding: .utf8, origin: record.origin)
      row = try TextRow(
        jsonObject: object,
        text: options.text,
        id: options.id,
        keeping: options.metadata
      )
    } catch let malformed as JSONScanner.Malformed {
      return [.rejection(rejection(of: record, malformed))]
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    let outcome = try row.outcome(
      source: source,
      placeKey: "\(name)#\(record.ordinal)",
      license: options.license,
      origin: record.origin
    )
    return [outcome]
  }
}

/// Why a value is no row.
func rejection(of record: RawRecord, _ malformed: JSONScanner.Malformed) -> Rejection {
  Rejection(
    reason: record.attributes["last"] == nil
      ? "not a JSON object" : "cut off at the end of the file",
    origin: record.origin,
    detail: malformed.reason
  )
}
