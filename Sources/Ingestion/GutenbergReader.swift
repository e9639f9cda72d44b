import Documents
import Files

/// Reads plain-text books of Project Gutenberg: one passage, one document.
///
/// The header with the licence, the title page, the contents and the footer are taken away; a chapter's
/// heading becomes metadata of its passages. ``GutenbergBook`` says how they are told. A book that its
/// header calls copyrighted is not kept.
public struct GutenbergReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// The most words of a passage; only a sentence that is longer itself passes it.
    public var passageWords: Int
    /// The most passages of one book, spread evenly over it.
    public var passagesPerBook: Int
    /// Whether passages that name nobody and nothing are left out.
    public var onlyWithNames: Bool
    /// The encoding of books that do not state another.
    public var encoding: TextEncoding

    /// Creates options.
    ///
    /// - Parameters:
    ///   - passageWords: The most words of a passage.
    ///   - passagesPerBook: The most passages of one book.
    ///   - onlyWithNames: Whether passages that name nobody and nothing are left out.
    ///   - encoding: The encoding of books that do not state another.
    public init(
      passageWords: Int = 300,
      passagesPerBook: Int = 200,
      onlyWithNames: Bool = false,
      encoding: TextEncoding = .utf8
    ) {
      self.passageWords = passageWords
      self.passagesPerBook = passagesPerBook
      self.onlyWithNames = onlyWithNames
      self.encoding = encoding
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["txt"] + archiveExtensions

  /// The most bytes of a book.
  private static let longestBook = 1 << 26

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
  public init(source: String = "gutenberg", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// The passages that the options left out.
  public var summedMetadata: [String] { ["passagesWithoutNames", "passagesPastLimit"] }

  /// Hands over the books of a file.
  ///
  /// - Parameters:
  ///   - input: A book, plain or compressed, or an archive of books.
  ///   - body: Receives each book; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty or damaged, or an option is no count.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    guard options.passageWords > 0, options.passagesPerBook > 0 else {
      throw Failure(
        .usage,
        what: "passages of no words, or no passages, are nothing to read",
        place: "the reader options `passageWords` and `passagesPerBook`",
        remedy: "give numbers from 1 on"
      )
    }
    var ordinal = 0
    try forEachMember(of: input, extensions: ["txt"]) { member in
      let bytes = try member.contents(limit: Self.longestBook)
      try body(
        RawRecord(
          bytes: bytes ?? [],
          origin: Origin(file: member.name),
          ordinal: ordinal,
          attributes: bytes == nil ? ["fault": "book too long"] : [:]
        )
      )
      ordinal += 1
    }
  }

  /// Makes the documents of a book's passages.
  ///
  /// - Parameter record: A book.
  /// - Returns: The passages, or a rejection: "book too long" (64 MiB), "not in the stated encoding",
  ///   "copyrighted", "no prose", "no passage with a name".
  public func outcomes(of record: RawRecord) -> [IngestOutcome] {
    func rejected(_ reason: String) -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin))]
    }
    if let fault = record.attributes["fault"] { return rejected(fault) }
    guard let text = decoded(record) else { return rejected("not in the stated encoding") }
    let book = GutenbergBook(String(decoding: text, as: UTF8.self))
    if book.isCopyrighted { return rejected("copyrighted") }
    var passages = book.passages(of: options.passageWords)
    if passages.isEmpty { return rejected("no prose") }
    let all = passages.count
    if options.onlyWithNames { passages.removeAll { !GutenbergBook.hasName($0.text) } }
    if passages.isEmpty { return rejected("no passage with a name") }
    let named = passages.count
    if named > options.passagesPerBook {
      passages = (0..<options.passagesPerBook).map {
        passages[$0 * named / options.passagesPerBook]
      }
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    return passages.enumerated().map { place, passage in
      var metadata = book.metadata
      metadata["chapter"] = passage.chapter.map { .text($0) }
      if place == 0, all > named { metadata["passagesWithoutNames"] = .integer(all - named) }
      if place == 0, named > passages.count {
        metadata["passagesPastLimit"] = .integer(named - passages.count)
      }
      return .document(
        Document(
          source: source,
          key: "\(book.number.map(String.init) ?? name)/\(passage.ordinal)",
          text: passage.text,
          license: "public domain in the USA",
          origin: Origin(file: record.origin.file, line: passage.line),
          metadata: metadata
        )
      )
    }
  }

  /// The text in the stated encoding, or in that which the book's own header states.
  private func decoded(_ record: RawRecord) -> [UInt8]? {
    if let text = try? TextHygiene.cleaned(
      record.bytes,
      encoding: options.encoding,
      origin: record.origin
    ) {
      return text
    }
    let header = String(decoding: record.bytes.prefix(1 << 13), as: UTF8.self).lowercased()
    guard ["iso-8859-1", "iso latin-1", "windows-1252"].contains(where: { header.contains($0) })
    else { return nil }
    return try? TextHygiene.cleaned(
      record.bytes,
      encoding: .windows1252,
      origin: record.origin
    )
  }
}
