// How the numbers of one document came about.

public import Documents
import Files
public import Metrics
import Settings
public import Storage

/// A document's readability in detail, and why numbers are missing.
public struct ExplainedDocument: Sendable, Encodable {
  /// A formula's value.
  public struct Score: Sendable, Encodable {
    /// The column.
    public let column: String
    /// The value, or `nil`.
    public let value: Double?
    /// Why there is none, or `nil`.
    public let reason: String?
    /// The value in the index, measured with a word list that is not named here, or `nil`.
    public let measured: Double?
    /// The formula with the text's counts in it.
    public let working: String
  }

  /// The identity.
  public let id: DocumentID
  /// How the text is divided into sentences.
  public let segmentation: String
  /// The words.
  public let words: Int
  /// The sentences.
  public let sentences: Int
  /// The syllables of all words.
  public let syllables: Int
  /// Every formula, in the order of the columns.
  public let scores: [Score]
  /// The hard words, those with the most syllables first.
  public let hardWords: [ReadabilityExplanation.HardWord]
  /// The words beyond which a sentence is long.
  public let longSentenceWords: Int
  /// The long sentences, the longest first.
  public let longSentences: [ReadabilityExplanation.LongSentence]
  /// What the index has no number of, by column with the reason.
  public let missing: [String: String]

  /// The explanation as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }

  /// Explains a document of a workspace.
  ///
  /// The sentences are those of the measurement, or of the source's format before there is one.
  ///
  /// - Parameters:
  ///   - prefix: As many digits of the id as tell it from all others.
  ///   - workspace: The workspace.
  ///   - wordLists: The files of word lists that a formula reads, by the lists' names.
  /// - Throws: ``Failure`` where no document or more than one has an id that begins so, no formula
  ///   reads a list or it cannot be read, or the document's shard is damaged.
  public init(_ prefix: String, in workspace: Workspace, wordLists: [String: String]) throws {
    let known = ReadabilityMetric().wordLists
    for name in wordLists.keys.sorted() where !known.contains(name) {
      throw Failure(
        .usage,
        what: "`\(name)` is no word list that a formula of readability reads",
        place: "--word-list",
        remedy: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
          ?? "name \(known.map { "`\($0)`" }.joined(separator: " or "))"
      )
    }
    let document = try InspectedDocument(prefix, in: workspace)
    var lists: [String: [String: Double]] = [:]
    for (name, path) in wordLists { lists[name] = try readWordList(path, named: name) }
    let source = document.columns.text("source") ?? ""
    let given = document.columns.text("segmentation").flatMap(Segmentation.init(rawValue:))
    let segmentation = SourceSegmentation(
      given: given,
      format: try workspace.index.source(source)?.format ?? ""
    ).mode(of: document.columns.text("file") ?? "")
    let explanation = ReadabilityExplanation(
      of: document.text,
      segmentation: segmentation,
      resources: MetricResources(wordLists: lists)
    )
    id = document.id
    self.segmentation = segmentation.rawValue
    words = explanation.counts.words
    sentences = explanation.counts.sentences
    syllables = explanation.counts.syllables
    scores = explanation.scores.map { score in
      let (value, reason): (Double?, String?) =
        switch score.value {
        case .integer(let value): (Double(value), nil)
        case .real(let value): value.isFinite ? (value, nil) : (nil, "no finite number")
        case .missing(let reason): (nil, reason)
        }
      return Score(
        column: score.formula.rawValue,
        value: value,
        reason: reason,
        measured: value == nil ? document.columns[score.formula.rawValue]?.double : nil,
        working: score.working
      )
    }
    hardWords = explanation.hardWords
    longSentenceWords = ReadabilityExplanation.longSentenceWords
    longSentences = explanation.longSentences
    missing = try workspace.index.missingValues(ofDocument: document.id)
  }
}

extension MetadataValue {
  /// The value as a number, or `nil` where it is none.
  fileprivate var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
