import Documents
import Files

/// Reads plain text of any origin: a file, a paragraph, a line or a part between markers is a document.
///
/// It changes nothing but what every source does to text. Files may be compressed, or lie in zips and
/// tars.
public struct PlainTextReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// What one document is.
    public enum Unit: String, Codable, Sendable, CaseIterable {
      /// A file.
      case file
      /// What stands between blank lines.
      case paragraph
      /// A line.
      case line
    }

    /// What one document is, where `separator` is not set.
    public var unit: Unit
    /// A line that stands between two documents.
    public var separator: String?
    /// The encoding of the files.
    public var encoding: TextEncoding
    /// The licence of every document, as an SPDX identifier where one exists.
    public var license: String

    /// Creates options.
    ///
    /// - Parameters:
    ///   - unit: What one document is, where `separator` is not set.
    ///   - separator: A line that stands between two documents.
    ///   - encoding: The encoding of the files.
    ///   - license: The licence of every document.
    public init(
      unit: Unit = .file,
      separator: String? = nil,
      encoding: TextEncoding = .utf8,
      license: String = "unknown"
    ) {
      self.unit = unit
      self.separator = separator
      self.encoding = encoding
      self.license = license
    }

    fileprivate var border: BlockSplitter.Border {
      if let separator { return .line(trimmed(Array(separator.utf8))) }
      switch unit {
      case .file: return .none
      case .paragraph: return .blankLine
      case .line: return .lineEnd
      }
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["txt", "text", "md"] + archiveExtensions

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
  public init(source: String = "text", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over the parts of a file.
  ///
  /// - Parameters:
  ///   - input: A text file, plain or compressed, or an archive of such.
  ///   - body: Receives each part; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged or blank, or a part is longer than 64 MiB.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var records = 0
    try forEachMember(of: input, extensions: ["txt", "text", "md"]) { member in
      var splitter = BlockSplitter(member: member, border: options.border, option: "unit")
      try member.forEachLine { try splitter.read($0, body) }
      try splitter.finish(body)
      records += splitter.ordinal
    }
    if records == 0 { throw nothingToRead(in: input, "only blank lines") }
  }

  /// Makes a part's document.
  ///
  /// - Parameter record: A part of a file.
  /// - Returns: The document, or the rejection "empty text".
  /// - Throws: ``Failure`` where the part is not valid in the stated encoding.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let cleaned = try TextHygiene.cleaned(
      record.bytes,
      encoding: options.encoding,
      origin: record.origin
    )
    let text = TextHygiene.withoutOuterSpace(cleaned)
    guard !text.isEmpty else {
      return [.rejection(Rejection(reason: "empty text", origin: record.origin))]
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    let document = Document(
      source: source,
      key: options.unit == .file && options.separator == nil ? name : "\(name)#\(record.ordinal)",
      text: String(decoding: text, as: UTF8.self),
      license: options.license,
      origin: record.origin
    )
    return [.document(document)]
  }
}

/// The extensions of archives, which readers of many small files take beside their own.
let archiveExtensions = ["zip", "tar", "tgz"]
