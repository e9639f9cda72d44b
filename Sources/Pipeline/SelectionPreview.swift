// What a selection would choose, without choosing it: `blalm select --dry-run`.

import Curation
import Documents
import Files
import Storage

/// Thresholds of a column to try.
public struct ThresholdGrid: Sendable, Equatable {
  /// The column, which holds numbers.
  public var column: String
  /// The thresholds; the column's tenths where there are none.
  public var thresholds: [Double]
  /// Whether documents are kept up to a threshold, and not from it on.
  public var keepsSmall: Bool

  /// Creates a grid.
  ///
  /// - Parameters:
  ///   - column: The column.
  ///   - thresholds: The thresholds, or none for the column's tenths.
  ///   - keepsSmall: Whether documents are kept up to a threshold.
  public init(column: String, thresholds: [Double] = [], keepsSmall: Bool = false) {
    self.column = column
    self.thresholds = thresholds
    self.keepsSmall = keepsSmall
  }

  /// What each threshold leaves.
  func rows(
    of documents: SelectionCandidates,
    check: () throws -> Void
  ) throws -> [SelectionPreview.Row] {
    let numbers = documents.values(of: column).map(\.number)
    var thresholds = thresholds
    if thresholds.isEmpty {
      let sorted = zip(numbers, documents.candidates).compactMap { number, candidate in
        candidate.exclusion == nil ? number : nil
      }.sorted()
      guard !sorted.isEmpty else {
        throw Failure(
          what: "no document that passes has a number in the column `\(column)`",
          place: "the selection `\(documents.settings.name)`",
          remedy: "name another column with --by"
        )
      }
      let tenths = (0...10).map { sorted[(sorted.count - 1) * $0 / 10] }
      thresholds = Set(tenths).sorted()
    }
    return try thresholds.map { threshold in
      try check()
      let pools = documents.pools { index in
        guard let number = numbers[index] else { return true }
        return keepsSmall ? number > threshold : number < threshold
      }
      return SelectionPreview.Row(
        column: column,
        keeps: keepsSmall ? "at most" : "at least",
        threshold: threshold,
        words: Dictionary(
          uniqueKeysWithValues: zip(documents.settings.sources.map(\.name), pools.map(\.trainWords))
        )
      )
    }
  }
}

/// What a selection would choose.
public struct SelectionPreview: Sendable, Encodable {
  /// What would be chosen of a source.
  public struct Source: Sendable, Encodable {
    /// The source's name.
    public let name: String
    /// The words of train that are wanted, or `nil` for all.
    public let wantedWords: Int?
    /// The words that could be trained on: those of documents that pass and are not held back.
    public let availableWords: Int
    /// The words of train that would be chosen.
    public let trainWords: Int
    /// The words of dev that would be chosen.
    public let devWords: Int
    /// The words of test that would be chosen.
    public let testWords: Int
    /// How many documents would be out, by reason.
    public let out: [String: Int]
  }

  /// What a threshold would leave.
  public struct Row: Sendable, Encodable {
    /// The column.
    public let column: String
    /// Which documents are kept: those with `at least` or `at most` the threshold.
    public let keeps: String
    /// The threshold.
    public let threshold: Double
    /// The words of each source that could then be trained on.
    public let words: [String: Int]
  }

  /// The selection's name.
  public let selection: String
  /// The documents looked at.
  public let documents: Int
  /// The documents that would be chosen.
  public let chosenDocuments: Int
  /// What would be chosen of each source.
  public let sources: [Source]
  /// How many documents would be out, by reason.
  public let out: [String: Int]
  /// What thresholds would leave, before the budget.
  public let grid: [Row]

  init(_ selection: Selection, available: [Int], grid: [Row]) {
    let settings = selection.settings
    self.selection = settings.name
    documents = selection.candidates
    chosenDocuments = Split.allCases.reduce(0) { $0 + selection[$1].count }
    sources = settings.sources.enumerated().map { index, source in
      Source(
        name: source.name,
        wantedWords: settings.wantedWords[index],
        availableWords: available[index],
        trainWords: selection.words(.train, source: index),
        devWords: selection.words(.dev, source: index),
        testWords: selection.words(.test, source: index),
        out: selection.reasons(source: index)
      )
    }
    out = selection.reasons()
    self.grid = grid
  }

  /// The preview as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}
