import Documents
import Files

/// Reads FineWeb-Edu (Penedo and others 2024, arXiv 2406.17557) from its Parquet shards or from JSON
/// Lines, a document a row.
///
/// The format is recognised by content. Of a row's fields those that the data set documents are kept
/// as metadata under their own names; one that is missing or of another kind is left out, only the
/// text is required. Of a Parquet file no other columns are read.
public struct FineWebEduReader: SourceReader {
  /// Which rows to keep; a row without the field that an option asks for is not kept.
  public struct Options: Codable, Equatable, Sendable {
    /// The least `score`, the classifier's number from 0 to 5.
    public var minimumScore: Double?
    /// The least `int_score`, the score rounded to a whole number.
    public var minimumIntScore: Int?
    /// The values of `language` to keep; empty for all.
    public var languages: [String]
    /// The least `language_score`, from 0 to 1.
    public var minimumLanguageScore: Double?
    /// The values of `dump` to keep, such as `CC-MAIN-2024-10`; empty for all.
    public var dumps: [String]

    /// Creates options.
    ///
    /// - Parameters:
    ///   - minimumScore: The least `score`.
    ///   - minimumIntScore: The least `int_score`.
    ///   - languages: The values of `language` to keep; empty for all.
    ///   - minimumLanguageScore: The least `language_score`.
    ///   - dumps: The values of `dump` to keep; empty for all.
    public init(
      minimumScore: Double? = nil,
      minimumIntScore: Int? = nil,
      languages: [String] = [],
      minimumLanguageScore: Double? = nil,
      dumps: [String] = []
    ) {
      self.minimumScore = minimumScore
      self.minimumIntScore = minimumIntScore
      self.languages = languages
      self.minimumLanguageScore = minimumLanguageScore
      self.dumps = dumps
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["parquet", "jsonl", "ndjson", "json"]

  /// The version of the rules.
  public let version = 3
  /// The recipe's name for the source.
  public let source: String
  /// Which rows to keep.
  public let options: Options

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - options: Which rows to keep.
  public init(source: String = "fineweb-edu", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over the lines of a JSON Lines file, blank ones passed over, or the rows of a Parquet file
  /// page by page.
  ///
  /// - Parameters:
  ///   - input: A Parquet file, or a JSON Lines file, plain or compressed.
  ///   - body: Receives each line or page; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged, or of another format; of a Parquet file
  ///   that breaks off it names the row group reached.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    if try isParquet(input) {
      try forEachParquetRecord(in: input, text: "text") { column in
        FineWebEduField.names.contains(column.name)
      } _: {
        try body($0)
      }
    } else {
      try forEachJSONLine(in: input, body)
    }
  }

  /// Makes a line's document, or those of a page's rows.
  ///
  /// - Parameter record: A line or a page.
  /// - Returns: For each row the document, or a rejection: "not a JSON object", "no text",
  ///   "empty text", "filtered: …" with the option, "no value: …" with the field that one asks for.
  /// - Throws: ``Failure`` where text is not valid UTF-8 or a page is damaged.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    if let stretch = record.stretch {
      return try parquetOutcomes(of: stretch, file: record.origin.file) {
        rows,
        row,
        ordinal,
        origin in
        try outcome(of: TextRow(fineWebEdu: rows, row), origin, "\(name)#\(ordinal)")
      }
    }
    // Line ends and controls matter in the text alone; of the line only its encoding is checked.
    var line = record.bytes
    if (try? UTF8Span(validating: line.span)) == nil {
      line = try TextHygiene.decoded(line, encoding: .utf8, origin: record.origin)
    }
    let row: TextRow
    do {
      row = try TextRow(fineWebEdu: line)
    } catch {
      let origin = record.origin
      return [.rejection(.init(reason: "not a JSON object", origin: origin, detail: error.reason))]
    }
    return [try outcome(of: row, record.origin, "\(name)#\(record.ordinal)")]
  }

  private func outcome(
    of row: TextRow,
    _ origin: Origin,
    _ placeKey: String
  ) throws -> IngestOutcome {
    if row.text != nil, let reason = options.rejection(of: row.metadata) {
      return .rejection(Rejection(reason: reason, origin: origin))
    }
    return try row.outcome(
      source: source,
      placeKey: placeKey,
      license: "ODC-By-1.0",
      origin: origin
    )
  }

  private func forEachJSONLine(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var ordinal = 0
    try forEachLine(ofFile: input.path) { line in
      if line.number == 1, line.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
        throw Failure(
          what: "the file is one JSON array",
          place: input.path,
          remedy: "convert it to JSON Lines, one object a line (for example with jq -c '.[]')"
        )
      }
      guard line.bytes.contains(where: { $0 > 0x20 }) else { return }
      let origin = Origin(file: input.name, line: line.number)
      try body(RawRecord(bytes: line.bytes, origin: origin, ordinal: ordinal))
      ordinal += 1
    }
    if ordinal == 0 {
      throw Failure(
        what: "the file holds only blank lines",
        place: input.path,
        remedy: "give a file with one JSON object a line"
      )
    }
  }
}

extension FineWebEduReader.Options {
  /// Why a row is not asked for, or `nil` where it is.
  fileprivate func rejection(of metadata: [String: MetadataValue]) -> String? {
    func below(_ name: String, _ least: Double?, _ option: String) -> String? {
      guard let least else { return nil }
      switch metadata[name] {
      case .number(let value): return value < least ? "filtered: \(option)" : nil
      case .integer(let value): return Double(value) < least ? "filtered: \(option)" : nil
      default: return "no value: \(name)"
      }
    }
    func outside(_ name: String, _ wanted: [String], _ option: String) -> String? {
      guard !wanted.isEmpty else { return nil }
      guard case .text(let value) = metadata[name] else { return "no value: \(name)" }
      return wanted.contains(value) ? nil : "filtered: \(option)"
    }
    return outside("language", languages, "languages")
      ?? outside("dump", dumps, "dumps")
      ?? below("score", minimumScore, "minimumScore")
      ?? below("int_score", minimumIntScore.map { Double($0) }, "minimumIntScore")
      ?? below("language_score", minimumLanguageScore, "minimumLanguageScore")
  }
}
