import Documents
import Files

/// Reads TinyStories (Eldan and Li 2023, arXiv 2305.07759) as plain text: one story, one document.
///
/// The publishers' files set `<|endoftext|>` between stories; copies in circulation lost it and set
/// a blank line or a line break there. It reads one story at a time, whatever the size of the file.
/// It repairs no mojibake, and the JSON and Parquet forms are refused.
public struct TinyStoriesReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// What stands between two stories.
    public enum Separator: String, Codable, Sendable, CaseIterable {
      /// Decided by the first mebibyte: `<|endoftext|>` where it occurs, else the rarer of blank
      /// line and line break, because a story has several paragraphs.
      case automatic
      /// The marker `<|endoftext|>`.
      case endOfText
      /// One or more blank lines; line breaks separate paragraphs.
      case blankLine
      /// A line break; blank lines, if any, separate paragraphs.
      case lineBreak
    }

    /// What stands between two stories.
    public var separator: Separator
    /// The encoding of the files.
    public var encoding: TextEncoding

    /// Creates options.
    ///
    /// - Parameters:
    ///   - separator: What stands between two stories.
    ///   - encoding: The encoding of the files.
    public init(separator: Separator = .automatic, encoding: TextEncoding = .utf8) {
      self.separator = separator
      self.encoding = encoding
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["txt"]

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
  public init(source: String = "tinystories", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over the stories of a file.
  ///
  /// - Parameters:
  ///   - input: A text file, plain or compressed.
  ///   - body: Receives each story; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged, not plain text, or holds no story.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var splitter = StorySplitter(input: input, separator: options.separator)
    var isFirst = true
    try forEachLine(ofFile: input.path) { line in
      if isFirst { try refuseOtherFormats(line.bytes, path: input.path) }
      isFirst = false
      try splitter.read(line, body)
    }
    try splitter.finish(body)
  }

  /// Makes a story's document.
  ///
  /// - Parameter record: A story.
  /// - Returns: The document, or a rejection: "empty story", or "cut off at the end of the file"
  ///   where the last story lacks its separator and does not end like a sentence.
  /// - Throws: ``Failure`` where the story is not valid in the stated encoding.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let cleaned = try TextHygiene.cleaned(
      record.bytes,
      encoding: options.encoding,
      origin: record.origin
    )
    let text = TextHygiene.withoutOuterSpace(cleaned)
    func rejected(_ reason: String, _ detail: String = "") -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin, detail: detail))]
    }
    guard !text.isEmpty else { return rejected("empty story") }
    if record.attributes["last"] != nil, !endsLikeSentence(text) {
      let end = String(decoding: text.suffix(40), as: UTF8.self)
      return rejected("cut off at the end of the file", "ends with \(end)")
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    let document = Document(
      source: source,
      key: "\(name)#\(record.ordinal)",
      text: String(decoding: text, as: UTF8.self),
      license: "CDLA-Sharing-1.0",
      origin: record.origin
    )
    return [.document(document)]
  }
}

private func refuseOtherFormats(_ firstLine: [UInt8], path: String) throws {
  let start = firstLine.first { $0 > 0x20 }
  var format: String?
  if firstLine.starts(with: Array("PAR1".utf8)) { format = "Parquet" }
  if firstLine.starts(with: [0x50, 0x4b, 3, 4]) { format = "a zip archive" }
  if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") { format = "JSON" }
  guard let format else { return }
  throw Failure(
    what: "the file is \(format), which this source does not read",
    place: path,
    remedy: "give plain text with <|endoftext|> between the stories"
  )
}

/// Whether text ends in a full stop, question or exclamation mark, quotes and brackets after it
/// aside.
private func endsLikeSentence(_ text: [UInt8]) -> Bool {
  let closing: Set<Unicode.Scalar> = ["\"", "'", ")", "]", "*", "’", "”", "»"]
  let scalars = String(decoding: text.suffix(40), as: UTF8.self).unicodeScalars
  guard let last = scalars.last(where: { !closing.contains($0) && $0.value > 0x20 }) else {
    return false
  }
  return [".", "!", "?", "…"].contains(last)
}
