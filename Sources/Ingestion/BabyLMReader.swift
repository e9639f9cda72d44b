import Documents
import Files

/// Reads the `.train`, `.dev` and `.test` files that BabyLM serves (Charpentier and others 2025).
///
/// They are plain text of six kinds. Where a file has lines `= = = title = = =` each of them begins a
/// document, else each block between blank lines is one; a file with neither, as Switchboard's is,
/// has lost the borders of its conversations and is cut every so many lines. Speaker labels (`A:`,
/// `*MOT:`) are rewritten or taken away as the reader of CHAT would.
public struct BabyLMReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// What one document is.
    public enum Unit: String, Codable, Sendable, CaseIterable {
      /// Decided by the file's first mebibyte: headings, else blank lines, else lines.
      case automatic
      /// What follows a line `= = = title = = =`.
      case heading
      /// What stands between blank lines.
      case block
      /// So many lines as `linesPerDocument` says.
      case lines
    }

    /// Whether and how a line names its speaker.
    public enum Labels: String, Codable, Sendable, CaseIterable {
      /// The speaker's code, a colon and a space: `MOT: sit down.`
      case code
      /// The speaker's role, a colon and a space: `Mother: sit down.`; a code that stands for no role
      /// stays.
      case role
      /// Nothing.
      case none
      /// What the file has.
      case asServed
    }

    /// What one document is.
    public var unit: Unit
    /// The lines of a document where neither headings nor blank lines part them.
    public var linesPerDocument: Int
    /// How a line names its speaker.
    public var labels: Labels
    /// The licence of every document, or `nil` for what BabyLM says of a file of that name.
    public var license: String?

    /// Creates options.
    ///
    /// - Parameters:
    ///   - unit: What one document is.
    ///   - linesPerDocument: The lines of a document where nothing parts them.
    ///   - labels: How a line names its speaker.
    ///   - license: The licence of every document, or `nil` for the file's own.
    public init(
      unit: Unit = .automatic,
      linesPerDocument: Int = 100,
      labels: Labels = .code,
      license: String? = nil
    ) {
      self.unit = unit
      self.linesPerDocument = linesPerDocument
      self.labels = labels
      self.license = license
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["train", "dev", "test", "txt"] + archiveExtensions

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
  public init(source: String = "babylm", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// The lines that name a speaker are counted.
  public var summedMetadata: [String] { ["labelledLines"] }

  /// Hands over the documents of a file.
  ///
  /// - Parameters:
  ///   - input: A file of BabyLM's, plain or compressed, or an archive of such.
  ///   - body: Receives each; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged or blank, or a document is longer than
  ///   64 MiB.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    guard options.linesPerDocument > 0 else {
      throw Failure(
        .usage,
        what: "a document of \(options.linesPerDocument) lines is none",
        place: "the reader option `linesPerDocument`",
        remedy: "give a number from 1 on"
      )
    }
    var records = 0
    try forEachMember(of: input, extensions: ["train", "dev", "test", "txt"]) { member in
      var splitter = BlockSplitter(member: member, border: try border(of: member), option: "unit")
      try member.forEachLine { try splitter.read($0, body) }
      try splitter.finish(body)
      records += splitter.ordinal
    }
    if records == 0 { throw nothingToRead(in: input, "only blank lines") }
  }

  private func border(of member: InputMember) throws -> BlockSplitter.Border {
    switch options.unit {
    case .heading: return .heading
    case .block: return .blankLine
    case .lines: return .count(options.linesPerDocument)
    case .automatic: break
    }
    enum Told: Error { case heading, enough }
    var bytes = 0
    var hasText = false
    var wasBlank = false
    var hasBlankLine = false
    do {
      try member.forEachLine { line in
        if heading(in: line.bytes) != nil { throw Told.heading }
        let isBlank = !line.bytes.contains { $0 > 0x20 }
        if !isBlank, hasText, wasBlank { hasBlankLine = true }
        hasText = hasText || !isBlank
        wasBlank = isBlank
        bytes += line.bytes.count + 1
        if bytes >= 1 << 20 { throw Told.enough }
      }
    } catch Told.heading {
      return .heading
    } catch Told.enough {}
    return hasBlankLine ? .blankLine : .count(options.linesPerDocument)
  }

  /// Makes a document.
  ///
  /// - Parameter record: A part of a file.
  /// - Returns: The document, or the rejection "empty text".
  /// - Throws: ``Failure`` where it is not valid UTF-8.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let cleaned = try TextHygiene.cleaned(record.bytes, encoding: .utf8, origin: record.origin)
    let (labelled, count) = withLabels(cleaned)
    let text = TextHygiene.withoutOuterSpace(labelled)
    guard !text.isEmpty else {
      return [.rejection(Rejection(reason: "empty text", origin: record.origin))]
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    var metadata: [String: MetadataValue] = [:]
    metadata["title"] = record.attributes["title"].map { .text($0) }
    if count > 0 { metadata["labelledLines"] = .integer(count) }
    let document = Document(
      source: source,
      key: "\(name)#\(record.ordinal)",
      text: String(decoding: text, as: UTF8.self),
      license: options.license ?? license(ofFile: name),
      origin: record.origin,
      metadata: metadata
    )
    return [.document(document)]
  }

  /// Rewrites the labels of a text's lines, and counts them.
  private func withLabels(_ text: [UInt8]) -> (text: [UInt8], count: Int) {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var count = 0
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: 0x0a) ?? text.count
      if let label = SpeakerLabel(text.span, in: start..<end) {
        count += 1
        switch options.labels {
        case .asServed: result += text[start..<label.end]
        case .none: break
        case .code: result += text[label.code] + Array(": ".utf8)
        case .role:
          let code = String(decoding: text[label.code], as: UTF8.self)
          result += Array("\(SpeakerLabel.roles[code] ?? code): ".utf8)
        }
        start = label.end
      }
      result += text[start..<end]
      if end < text.count { result.append(0x0a) }
      start = end + 1
    }
    return (result, count)
  }
}

/// The speaker's label at the beginning of a line.
private struct SpeakerLabel {
  /// Where the speaker's code stands.
  let code: Range<Int>
  /// Where what was said begins.
  let end: Int

  /// Finds `*CODE:`, `CODE:` before a tab, or a single capital and a colon before a space.
  init?(_ bytes: Span<UInt8>, in line: Range<Int>) {
    var index = line.lowerBound
    let hasStar = index < line.upperBound && bytes[index] == UInt8(ascii: "*")
    if hasStar { index += 1 }
    let start = index
    while index < line.upperBound, index - start <= 7, Self.isCode(bytes[index]) { index += 1 }
    code = start..<index
    guard !code.isEmpty, code.count <= 7, index < line.upperBound,
      bytes[index] == UInt8(ascii: ":"),
      bytes[start] >= UInt8(ascii: "A")
    else { return nil }
    index += 1
    let hasTab = index < line.upperBound && bytes[index] == 0x09
    let hasSpace = index < line.upperBound && bytes[index] == 0x20
    guard hasTab || hasStar || (hasSpace && code.count == 1) else { return nil }
    while index < line.upperBound, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    end = index
  }

  private static func isCode(_ byte: UInt8) -> Bool {
    (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "_")
  }

  /// The roles that the manual of CHAT gives to codes that transcripts share.
  static let roles = [
    "CHI": "Target_Child", "MOT": "Mother", "FAT": "Father", "BRO": "Brother", "SIS": "Sister",
    "SIB": "Sibling", "GRM": "Grandmother", "GRF": "Grandfather", "AUN": "Aunt", "UNC": "Uncle",
    "TEA": "Teacher", "INV": "Investigator", "EXP": "Investigator", "OBS": "Observer",
    "VIS": "Visitor", "ADU": "Adult", "STU": "Student",
  ]
}

/// What BabyLM's own table says of the file of a domain.
private func license(ofFile name: String) -> String {
  let base = name.split(separator: "/").last ?? ""
  let domain = base.split(separator: ".").first ?? ""
  switch domain {
  case "childes", "switchboard": return "CC-BY-NC-SA-3.0"
  case "simple_wiki", "simple_wikipedia", "wikipedia": return "CC-BY-SA-3.0"
  case "gutenberg", "cbt", "children_stories": return "public domain in the USA"
  case "bnc_spoken": return "BNC User Licence"
  default: return "unknown"
  }
}
