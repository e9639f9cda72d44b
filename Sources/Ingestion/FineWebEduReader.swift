import Documents
import Files
import Foundation

/// Reads FineWeb-Edu (Penedo and others 2024, arXiv 2406.17557) as JSON Lines, a document a line.
///
/// Files may be plain or compressed. Of a line's fields those that the data set documents are kept;
/// one that is missing or of another kind is left out, only the text is required. The Parquet files
/// of the Hugging Face hub are refused.
public struct FineWebEduReader: SourceReader {
  /// The extensions of this source's files.
  public static let extensions = ["jsonl", "ndjson", "json"]

  /// The version of the rules.
  public let version = 1
  /// The recipe's name for the source.
  public let source: String

  private let decoder = JSONDecoder()

  /// Creates a reader.
  ///
  /// - Parameter source: The recipe's name for the source.
  public init(source: String = "fineweb-edu") {
    self.source = source
  }

  /// Hands over the lines of a file; blank lines are passed over.
  ///
  /// - Parameters:
  ///   - input: A JSON Lines file, plain or compressed.
  ///   - body: Receives each line; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged, or not JSON Lines.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var ordinal = 0
    try forEachLine(ofFile: input.path) { line in
      if line.number == 1 { try refuseOtherFormats(line.bytes, path: input.path) }
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

  /// Makes a line's document.
  ///
  /// - Parameter record: A line.
  /// - Returns: The document, or a rejection: "not a JSON object", "no text", "empty text".
  /// - Throws: ``Failure`` where the line is not valid UTF-8.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    func rejected(_ reason: String, _ detail: String = "") -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin, detail: detail))]
    }
    let line = try TextHygiene.decoded(record.bytes, encoding: .utf8, origin: record.origin)
    let row: Row
    do {
      row = try decoder.decode(Row.self, from: Data(line))
    } catch {
      return rejected("not a JSON object", shortReason(of: error))
    }
    guard let text = row.text else { return rejected("no text", "no string named text") }
    let kept = TextHygiene.withoutOuterSpace(TextHygiene.cleaned(text))
    guard !kept.isEmpty else { return rejected("empty text") }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    let document = Document(
      source: source,
      key: row.id ?? "\(name)#\(record.ordinal)",
      text: String(decoding: kept, as: UTF8.self),
      license: "ODC-By-1.0",
      origin: record.origin,
      metadata: row.metadata
    )
    return [.document(document)]
  }

  private func refuseOtherFormats(_ firstLine: [UInt8], path: String) throws {
    var what: String?
    if firstLine.starts(with: Array("PAR1".utf8)) { what = "Parquet, which is not read yet" }
    if firstLine.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") { what = "one JSON array" }
    guard let what else { return }
    throw Failure(
      what: "the file is \(what)",
      place: path,
      remedy: "convert it to JSON Lines, one object a line (for example with DuckDB or pandas)"
    )
  }
}

/// The fields of one line; each is optional so that one of the wrong kind costs only itself.
private struct Row: Decodable {
  var text: String?
  var id: String?
  var metadata: [String: MetadataValue] = [:]

  enum Key: String, CodingKey {
    case text
    case id
    case url
    case dump
    case score
    case intScore = "int_score"
    case language
    case languageScore = "language_score"
    case tokenCount = "token_count"
  }

  init(from decoder: any Decoder) throws {
    let row = try decoder.container(keyedBy: Key.self)
    text = try? row.decodeIfPresent(String.self, forKey: .text)
    id = try? row.decodeIfPresent(String.self, forKey: .id)
    if id == nil, let number = try? row.decodeIfPresent(Int.self, forKey: .id) { id = "\(number)" }
    if id?.isEmpty == true { id = nil }
    for key in [Key.url, .dump, .language] {
      if let value = try? row.decodeIfPresent(String.self, forKey: key) {
        metadata[key.rawValue] = .text(value)
      }
    }
    for key in [Key.score, .languageScore] {
      if let value = try? row.decodeIfPresent(Double.self, forKey: key) {
        metadata[key.rawValue] = .number(value)
      }
    }
    for key in [Key.intScore, .tokenCount] {
      if let value = try? row.decodeIfPresent(Int.self, forKey: key) {
        metadata[key.rawValue] = .integer(value)
      }
    }
  }
}

private func shortReason(of error: any Error) -> String {
  guard case DecodingError.dataCorrupted(let context) = error else {
    return "the line is JSON, but no object"
  }
  if let cause = context.underlyingError { return "\(cause)" }
  return context.debugDescription
}
