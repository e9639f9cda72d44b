extension WikipediaReader {
  /// What of a Wikipedia page becomes text; every choice a recipe may make about this source.
  ///
  /// The defaults keep everything that reads as prose: paragraphs, list items and headings, without the
  /// sections that only point elsewhere.
  public struct Options: Codable, Equatable, Sendable {
    /// Whether headings are kept, as plain lines; a heading with nothing below it never is.
    public var headings = true
    /// Whether list items are kept, one to a line, without their marker.
    public var lists = true
    /// Paragraphs and list items of fewer words are dropped; the BabyLM text of Simple Wikipedia
    /// used 15.
    public var minimumWordsPerParagraph = 0
    /// Pages of fewer words after cleaning are rejected.
    public var minimumWords = 0
    /// Headings, in any case, whose sections are dropped with all their subsections.
    public var droppedSections = Options.sectionsWithoutProse

    /// The headings under which English and Simple English Wikipedia keep links and sources.
    public static let sectionsWithoutProse = [
      "References", "Reference", "See also", "External links", "External link", "Further reading",
      "Notes", "Note", "Sources", "Source", "Bibliography", "Citations", "Footnotes",
      "Notes and references", "References and notes", "Related pages", "Other websites",
      "Other website", "More reading", "Works cited", "Gallery", "Image gallery",
    ]

    /// Creates the default options.
    public init() {}
  }
}
