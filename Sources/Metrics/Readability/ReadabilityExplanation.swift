/// How the readability of one text came about: its hard words, its long sentences, its sums.
public struct ReadabilityExplanation: Sendable {
  /// A word of three syllables or more, or one outside a list of familiar words.
  public struct HardWord: Sendable, Equatable, Encodable {
    /// The word as it stands at its first place.
    public let text: String
    /// How often it occurs, in whatever case.
    public let occurrences: Int
    /// Its syllables.
    public let syllables: Int
    /// Whether the syllables come from the dictionary; else from rules.
    public let isInDictionary: Bool
    /// How often it counts as hard for Gunning: not as a name, an easy compound or a form in -es, -ed.
    public let fogOccurrences: Int
    /// How often it is outside the list `daleChall`; nil without the list.
    public let unfamiliarOccurrences: Int?
  }

  /// A sentence of more than ``longSentenceWords`` words.
  public struct LongSentence: Sendable, Equatable, Encodable {
    /// The sentence as it stands.
    public let text: String
    /// Its words.
    public let words: Int
  }

  /// One formula's value.
  public struct Score: Sendable, Equatable {
    /// The formula.
    public let formula: ReadabilityFormula
    /// Its value, or why it has none.
    public let value: MetricValue
    /// The formula with the text's counts in it.
    public let working: String
  }

  /// A sentence with more words is long: Flesch calls 25 difficult.
  public static let longSentenceWords = 25

  /// The counts that the formulas use.
  public let counts: ReadabilityCounts
  /// The hard words, those with the most syllables first, then the most frequent.
  public let hardWords: [HardWord]
  /// The long sentences, the longest first.
  public let longSentences: [LongSentence]
  /// Every formula, in the order of the columns.
  public let scores: [Score]

  /// Explains one text.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - segmentation: How it is divided into sentences.
  ///   - resources: The word lists.
  public init(
    of text: String,
    segmentation: Segmentation,
    resources: MetricResources = MetricResources()
  ) {
    let bytes = Array(text.utf8)
    var scan = TextScan(segmentation: segmentation)
    scan.read(bytes.span)
    var counter = ReadabilityCounter(resources)
    let counts = counter.count(bytes.span, scan)
    self.counts = counts
    hardWords = ReadabilityExplanation.hardWords(bytes, scan, counter)
    longSentences = scan.sentences
      .filter { $0.endWord - $0.firstWord > ReadabilityExplanation.longSentenceWords }
      .sorted { $0.endWord - $0.firstWord > $1.endWord - $1.firstWord }
      .map {
        LongSentence(
          text: String(decoding: bytes[$0.start..<$0.end], as: UTF8.self),
          words: $0.endWord - $0.firstWord
        )
      }
    scores = ReadabilityFormula.allCases.map {
      Score(formula: $0, value: $0.value(counts), working: $0.working(counts))
    }
  }

  private struct Tally {
    let first: Word
    var occurrences = 0
    var fog = 0
    var unfamiliar = 0
  }

  private static func hardWords(
    _ bytes: [UInt8],
    _ scan: TextScan,
    _ counter: ReadabilityCounter
  ) -> [HardWord] {
    var tallies: [UInt64: Tally] = [:]
    for sentence in scan.sentences {
      for index in sentence.firstWord..<sentence.endWord {
        let word = scan.words[index]
        let isFirst = index == sentence.firstWord
        let isUnfamiliar =
          counter.daleChallWords.map { !$0.contains(word, isFirst, bytes.span) } ?? false
        var tally = tallies[word.key] ?? Tally(first: word)
        tally.occurrences += 1
        tally.fog += counter.isFogWord(word, isFirst, bytes.span) ? 1 : 0
        tally.unfamiliar += isUnfamiliar ? 1 : 0
        tallies[word.key] = tally
      }
    }
    return tallies.values
      .filter { $0.first.syllables >= 3 || $0.unfamiliar > 0 }
      .sorted {
        ($1.first.syllables, $1.occurrences, $0.first.start)
          < ($0.first.syllables, $0.occurrences, $1.first.start)
      }
      .map {
        HardWord(
          text: String(decoding: bytes[$0.first.start..<$0.first.end], as: UTF8.self),
          occurrences: $0.occurrences,
          syllables: Int($0.first.syllables),
          isInDictionary: $0.first.flags.contains(.inDictionary),
          fogOccurrences: $0.fog,
          unfamiliarOccurrences: counter.daleChallWords == nil ? nil : $0.unfamiliar
        )
      }
  }
}
