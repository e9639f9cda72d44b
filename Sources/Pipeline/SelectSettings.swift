// What to choose: the settings of a selection, as a recipe or a command states them.

public import Curation
import Files
import Foundation

/// What to choose.
public struct SelectSettings: Sendable, Codable, Equatable {
  /// What to take of one source; what is `nil` is as the selection has it.
  public struct Source: Sendable, Codable, Equatable {
    /// The source's name in the workspace.
    public var name: String
    /// The words of the train split; all, where there is no share either.
    public var words: Int?
    /// The share of the selection's words, from 0 to 1, in place of a number of words.
    public var share: Double?
    /// An SQLite expression over the columns of `corpus` that documents must meet.
    public var filter: String?
    /// The order in which documents are taken.
    public var order: TakingOrder?
    /// The most documents of one group.
    public var limit: GroupLimit?

    /// Creates the settings of a source.
    ///
    /// - Parameters:
    ///   - name: The source's name in the workspace.
    ///   - words: The words of the train split, or `nil`.
    ///   - share: The share of the selection's words, or `nil`.
    public init(name: String, words: Int? = nil, share: Double? = nil) {
      self.name = name
      self.words = words
      self.share = share
    }
  }

  /// What becomes of documents that an earlier stage has marked.
  public enum Marked: String, Sendable, Codable, CaseIterable {
    /// They are out.
    case drop
    /// The mark is not looked at.
    case keep
  }

  /// What to do where a source has fewer words than it is asked for.
  public enum Shortfall: String, Sendable, Codable, CaseIterable {
    /// Nothing is chosen.
    case error
    /// The other sources give the missing words, each in proportion to its own.
    case share
  }

  /// The most words that can be wanted, more than anybody has.
  static let mostWords = 1_000_000_000_000

  /// The selection's name.
  public var name: String
  /// The words of the train split over all sources, which shares are shares of.
  public var words: Int?
  /// The sources, in the order of the manifest.
  public var sources: [Source]
  /// The filter of sources that have none of their own.
  public var filter: String?
  /// The order in which documents are trained on, and taken where their source has no other.
  public var order: TakingOrder
  /// The limit of sources that have none of their own.
  public var limit: GroupLimit?
  /// The share of documents held back for dev, and the size of dev as a share of train.
  public var devShare: Double
  /// The share of documents held back for test, and the size of test as a share of train.
  public var testShare: Double
  /// What becomes of copies of other documents.
  public var duplicates: Marked
  /// What becomes of documents that overlap with evaluation files.
  public var contaminated: Marked
  /// What to do where a source has fewer words than it is asked for.
  public var shortfall: Shortfall
  /// Decides the random order.
  public var seed: UInt64
  /// What the files say beside the texts.
  public var output: OutputSettings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The selection's name.
  ///   - sources: The sources.
  ///   - order: The order in which documents are taken and trained on.
  ///   - devShare: The share held back for dev, 0 ..< 1.
  ///   - seed: Decides the random order.
  ///   - output: What the files say beside the texts.
  public init(
    name: String = "main",
    sources: [Source],
    order: TakingOrder = .random,
    devShare: Double = 0.05,
    seed: UInt64 = 1,
    output: OutputSettings = OutputSettings()
  ) {
    self.name = name
    self.sources = sources
    self.order = order
    self.devShare = devShare
    self.testShare = 0
    self.duplicates = .drop
    self.contaminated = .drop
    self.shortfall = .error
    self.seed = seed
    self.output = output
  }

  /// Each source's words of train, shares in words; `nil` where all are taken.
  ///
  /// - Precondition: The settings are valid.
  var wantedWords: [Int?] {
    let shares = Curation.words(ofShares: sources.map(\.share), total: words ?? 0)
    return zip(sources, shares).map { $0.words ?? $1 }
  }

  /// Refuses settings that cannot work, whatever the workspace holds.
  ///
  /// - Throws: ``Failure`` of usage.
  func validate() throws {
    try checkName(name, of: "selection")
    guard !sources.isEmpty else { throw bad("no source is named", "name at least one") }
    for (key, share) in [("devShare", devShare), ("testShare", testShare)] {
      guard share >= 0, share < 1 else {
        throw bad("\(key) \(share) is no share", "give a number from 0 to below 1")
      }
    }
    guard devShare + testShare < 1 else {
      throw bad("devShare and testShare leave nothing to train on", "lower one of them")
    }
    guard words ?? 1 > 0 else { throw bad("\(words ?? 0) words are wanted", "give more than 0") }
    // Sums and shares of such numbers are exact, as whole numbers and as doubles.
    for words in [words] + sources.map(\.words) {
      guard let words, words > SelectSettings.mostWords else { continue }
      throw bad("\(words) words are wanted", "give at most \(SelectSettings.mostWords)")
    }
    try validateSources()
    for limit in sources.map(\.limit) + [limit] {
      guard let limit, limit.documents < 1 else { continue }
      throw bad(
        "a limit of \(limit.documents) documents leaves nothing",
        "give a number above 0, or filter the group out"
      )
    }
  }

  private func validateSources() throws {
    var names: Set<String> = []
    var shares = 0.0
    for source in sources {
      guard names.insert(source.name).inserted else {
        throw bad("the source `\(source.name)` is named twice", "name it once")
      }
      guard source.words ?? 1 > 0 else {
        throw bad(
          "\(source.words ?? 0) words of `\(source.name)` are wanted",
          "give a number above 0, or leave the source out"
        )
      }
      guard let share = source.share else {
        guard words == nil || source.words != nil else {
          throw bad(
            "`\(source.name)` has neither words nor a share of the selection's words",
            "give it one of the two, or take out the selection's `words`"
          )
        }
        continue
      }
      guard source.words == nil else {
        throw bad("`\(source.name)` has both words and a share", "keep one of the two")
      }
      guard share > 0, share <= 1 else {
        throw bad(
          "\(share) is no share of `\(source.name)`",
          "give a number above 0 and at most 1, as 0.3"
        )
      }
      guard words != nil else {
        throw bad(
          "`\(source.name)` has a share, but the selection has no words",
          "give the selection `words`"
        )
      }
      shares += share
    }
    guard shares <= 1 + 1e-9 else {
      throw bad("the shares add up to \(shares)", "make them add up to at most 1")
    }
    let wanted = wantedWords
    if let tiny = wanted.firstIndex(of: 0) {
      throw bad("the share of `\(sources[tiny].name)` is less than a word", "raise it")
    }
    if let words, wanted.reduce(0, { $0 + ($1 ?? 0) }) > words {
      throw bad("the sources' words add up to more than \(words)", "lower some of them")
    }
  }

  /// The failure that the settings cannot work.
  func bad(_ what: String, _ remedy: String) -> Failure {
    Failure(.usage, what: what, place: "the selection `\(name)`", remedy: remedy)
  }
}
