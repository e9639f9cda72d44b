import Documents
import Files

/// Reads TinyStories (Eldan and Li 2023, arXiv 2305.07759): one story, one document.
///
/// The publishers serve plain text with `<|endoftext|>` between stories, and an archive of JSON arrays
/// of objects with a story, its instruction and the model that wrote it; copies in circulation lost
/// the marker and set a blank line or a line break there, or are JSON arrays of strings or Parquet. It
/// reads one story at a time, whatever the size of the file.
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
    /// Whether text that was encoded twice (`â€œ` for `“`) is repaired.
    public var repairMojibake: Bool
    /// Whether opening formulas such as "Once upon a time" are taken away.
    public var removeOpenings: Bool

    /// Creates options.
    ///
    /// - Parameters:
    ///   - separator: What stands between two stories.
    ///   - encoding: The encoding of the files.
    ///   - repairMojibake: Whether text that was encoded twice is repaired.
    ///   - removeOpenings: Whether opening formulas are taken away.
    public init(
      separator: Separator = .automatic,
      encoding: TextEncoding = .utf8,
      repairMojibake: Bool = true,
      removeOpenings: Bool = false
    ) {
      self.separator = separator
      self.encoding = encoding
      self.repairMojibake = repairMojibake
      self.removeOpenings = removeOpenings
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["txt", "json", "jsonl", "parquet"] + archiveExtensions

  /// The version of the rules.
  public let version = 3
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

  /// The characters repaired, the openings removed, and the stories that stand in a file before.
  public var summedMetadata: [String] {
    ["mojibakeRepaired", "openingsRemoved", "exactDuplicates"]
  }

  /// Hands over the stories of a file.
  ///
  /// - Parameters:
  ///   - input: Text or JSON, plain or compressed, or an archive of such files.
  ///   - body: Receives each story; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty or damaged, or holds no story.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var seen: Set<UInt64> = []
    func handOver(_ record: RawRecord) throws {
      var record = record
      if !seen.insert(fingerprint(of: record.bytes.span)).inserted, !record.bytes.isEmpty {
        record.attributes["duplicate"] = "yes"
      }
      try body(record)
    }
    if try isParquet(input) {
      return try forEachParquetRecord(in: input, text: "text") { _ in
        false
      } _: { page in
        try forEachStory(of: page, handOver)
      }
    }
    var stories = 0
    try forEachMember(of: input, extensions: ["txt", "json", "jsonl"]) { member in
      if try isJSON(member) {
        stories += try forEachJSONValue(in: member) { record in
          var record = record
          record.attributes["form"] = "json"
          try handOver(record)
        }
      } else {
        let file = InputFile(path: member.place, name: member.name)
        var splitter = StorySplitter(input: file, separator: options.separator)
        try member.forEachLine { try splitter.read($0, handOver) }
        try splitter.finish(handOver)
        stories += 1
      }
    }
    if stories == 0 { throw nothingToRead(in: input, "no story") }
  }

  /// Makes a story's document.
  ///
  /// - Parameter record: A story.
  /// - Returns: The document, or a rejection: "empty story", "not a story" for another JSON value, or
  ///   "cut off at the end of the file" where the last story lacks its separator and does not end like
  ///   a sentence, or its JSON does not end.
  /// - Throws: ``Failure`` where the story is not valid in the stated encoding.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    func rejected(_ reason: String, _ detail: String = "") -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin, detail: detail))]
    }
    let isJSON = record.attributes["form"] == "json"
    let isLast = record.attributes["last"] != nil
    var text = try TextHygiene.decoded(
      record.bytes,
      encoding: record.attributes["form"] == "parquet" ? .utf8 : options.encoding,
      origin: record.origin
    )
    var metadata: [String: MetadataValue] = [:]
    if isJSON {
      do {
        guard let story = try StoryValue(json: text) else { return rejected("not a story") }
        text = try TextHygiene.decoded(story.text, encoding: .utf8, origin: record.origin)
        metadata = story.metadata
      } catch let malformed as JSONScanner.Malformed {
        let reason = isLast ? "cut off at the end of the file" : "not a story"
        return rejected(reason, malformed.reason)
      }
    }
    return [
      try outcome(
        of: text,
        metadata: metadata,
        mayBeCut: isLast && !isJSON,
        isDuplicate: record.attributes["duplicate"] != nil,
        ordinal: record.ordinal,
        origin: record.origin
      )
    ]
  }

  /// Makes the document of a story's text, wherever it was read.
  private func outcome(
    of story: [UInt8],
    metadata stated: [String: MetadataValue],
    mayBeCut: Bool,
    isDuplicate: Bool,
    ordinal: Int,
    origin: Origin
  ) throws -> IngestOutcome {
    func rejected(_ reason: String, _ detail: String = "") -> IngestOutcome {
      .rejection(Rejection(reason: reason, origin: origin, detail: detail))
    }
    var text = story
    var metadata = stated
    if options.repairMojibake {
      let repaired = Mojibake.repaired(text)
      text = repaired.text
      if repaired.count > 0 { metadata["mojibakeRepaired"] = .integer(repaired.count) }
    }
    text = TextHygiene.withoutOuterSpace(TextHygiene.withoutControls(text))
    guard !text.isEmpty else { return rejected("empty story") }
    if mayBeCut, !endsLikeSentence(text) {
      let end = String(decoding: text.suffix(40), as: UTF8.self)
      return rejected("cut off at the end of the file", "ends with \(end)")
    }
    if options.removeOpenings, let (rest, opening) = StoryOpening.removed(from: text) {
      text = rest
      metadata["openingsRemoved"] = .object([opening: .integer(1)])
    }
    if isDuplicate { metadata["exactDuplicates"] = .integer(1) }
    let name = InputFile(path: "", name: origin.file).uncompressedName
    return .document(
      Document(
        source: source,
        key: "\(name)#\(ordinal)",
        text: String(decoding: text, as: UTF8.self),
        license: "CDLA-Sharing-1.0",
        origin: origin,
        metadata: metadata
      )
    )
  }

  /// Whether a file is JSON, by its first character.
  private func isJSON(_ member: InputMember) throws -> Bool {
    struct Told: Error {}
    var head: [UInt8] = []
    do {
      try member.forEachChunk { chunk in
        append(chunk.extracting(0..<min(chunk.count, 1 << 12)), to: &head)
        throw Told()
      }
    } catch is Told {}
    if head.starts(with: [0xef, 0xbb, 0xbf]) { head.removeFirst(3) }
    let first = head.first { $0 > 0x20 }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }
}

/// Hands over the stories of a page one by one: that one stands in the file before shows in order only.
private func forEachStory(of page: RawRecord, _ body: (RawRecord) throws -> Void) throws {
  guard let rows = try page.stretch?.rows() else { return }
  for row in 0..<rows.count {
    let ordinal = rows.firstRow + row
    try body(
      RawRecord(
        bytes: rows.columns[0].bytes(row) ?? [],
        origin: Origin(file: page.origin.file, line: ordinal + 1),
        ordinal: ordinal,
        attributes: ["form": "parquet"]
      )
    )
  }
}

/// 64 bits by which equal records of a file are found: words of eight bytes, each multiplied to 128
/// bits and folded, with the length at the end.
private func fingerprint(of bytes: Span<UInt8>) -> UInt64 {
  var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
  var index = 0
  while index < bytes.count {
    let end = min(index + 8, bytes.count)
    var word: UInt64 = 0
    for place in index..<end { word = word << 8 | UInt64(bytes[place]) }
    hash = folded(hash ^ word)
    index = end
  }
  return folded(hash ^ UInt64(bytes.count))
}

private func folded(_ word: UInt64) -> UInt64 {
  let product = word.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
  return product.high ^ product.low
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
