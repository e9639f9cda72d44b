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
    /// What becomes of tables.
    public var tables = Tables.dropped
    /// What becomes of formulas.
    public var formulas = Formulas.dropped
    /// Whether pages are kept that list the meanings of their title.
    public var disambiguations = false
    /// Whether pages are kept that are lists of names with hardly a sentence.
    public var bareLists = false
    /// What becomes of the pages before the damage in a damaged file.
    public var damagedFiles = DamagedFiles.kept
    /// Paragraphs and list items of fewer words are dropped; the BabyLM text of Simple Wikipedia
    /// used 15.
    public var minimumWordsPerParagraph = 0
    /// Pages of fewer words after cleaning are rejected.
    public var minimumWords = 0
    /// Headings, in any case, whose sections are dropped with all their subsections.
    public var droppedSections = Options.sectionsWithoutProse

    /// What becomes of tables.
    public enum Tables: String, Codable, Sendable, CaseIterable {
      /// They go with all that stands in them.
      case dropped
      /// Each cell is a line.
      case cells
    }

    /// What becomes of formulas (`<math>`, `<chem>`).
    public enum Formulas: String, Codable, Sendable, CaseIterable {
      /// They go.
      case dropped
      /// They are shown as the TeX in which they are written.
      case tex
    }

    /// What becomes of the pages before the damage in a file that is cut short or damaged.
    public enum DamagedFiles: String, Codable, Sendable, CaseIterable {
      /// They are kept, and the damage is one rejection that says where the reading stopped.
      case kept
      /// The file is refused.
      case refused
    }

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
