/// What the formulas of readability are computed from.
public struct ReadabilityCounts: Sendable, Equatable {
  /// Words.
  public var words = 0
  /// Sentences.
  public var sentences = 0
  /// Syllables of all words.
  public var syllables = 0
  /// Letters.
  public var letters = 0
  /// Letters and digits.
  public var lettersAndDigits = 0
  /// Words of 3 syllables or more.
  public var polysyllables = 0
  /// Words of more than 6 letters.
  public var longWords = 0
  /// Words that are hard for Gunning: of 3 syllables or more, without names, compounds of easy words
  /// and verb forms that have the third from -es or -ed.
  public var fogWords = 0
  /// Words outside the list `daleChall`; nil without the list.
  public var unfamiliarWords: Int?
  /// Words outside the list `spache`, each once in every hundred words; nil without the list.
  public var spacheWords: Int?

  /// Creates counts of nothing.
  public init() {}
}

/// Counts what the formulas need, with lists of familiar words where the user supplies them.
struct ReadabilityCounter: Sendable {
  /// The name of the list of some 3,000 words that fourth graders know (Dale and Chall).
  static let daleChall = "daleChall"
  /// The name of the list of words familiar in the first three grades (Spache).
  static let spache = "spache"

  let daleChallWords: FamiliarWords?
  let spacheWords: FamiliarWords?
  private let syllables = SyllableCounter.shared
  private let kinds = ScalarKinds.shared
  /// The different unfamiliar words of the current hundred.
  private var recent: [UInt64] = []

  init(_ resources: MetricResources) {
    daleChallWords = resources.wordLists[ReadabilityCounter.daleChall].map { FamiliarWords($0) }
    spacheWords = resources.wordLists[ReadabilityCounter.spache].map { FamiliarWords($0) }
    recent.reserveCapacity(100)
  }

  /// Counts one text.
  mutating func count(_ text: Span<UInt8>, _ scan: borrowing TextScan) -> ReadabilityCounts {
    var counts = ReadabilityCounts()
    counts.words = scan.words.count
    counts.sentences = scan.sentences.count
    counts.syllables = scan.counts.syllables
    counts.letters = scan.counts.letters
    counts.lettersAndDigits = scan.counts.letters + scan.counts.digits
    counts.polysyllables = scan.counts.polysyllables
    counts.longWords = scan.counts.longWords
    if counts.polysyllables > 0 { counts.fogWords = fogWords(text, scan) }
    if let daleChallWords {
      var unfamiliar = 0
      for sentence in scan.sentences {
        for index in sentence.firstWord..<sentence.endWord
        where !daleChallWords.contains(scan.words[index], index == sentence.firstWord, text) {
          unfamiliar += 1
        }
      }
      counts.unfamiliarWords = unfamiliar
    }
    if let spacheWords { counts.spacheWords = uniqueUnfamiliar(spacheWords, text, scan) }
    return counts
  }

  private func fogWords(_ text: Span<UInt8>, _ scan: borrowing TextScan) -> Int {
    var count = 0
    for sentence in scan.sentences {
      for index in sentence.firstWord..<sentence.endWord where scan.words[index].syllables >= 3 {
        count += isFogWord(scan.words[index], index == sentence.firstWord, text) ? 1 : 0
      }
    }
    return count
  }

  /// Whether a word is hard for Gunning.
  func isFogWord(_ word: Word, _ isFirst: Bool, _ text: Span<UInt8>) -> Bool {
    guard word.syllables >= 3 else { return false }
    if word.flags.contains(.capitalized), !isFirst { return false }
    if word.flags.contains(.hyphenated) {
      var start = word.start
      var index = word.start
      while index < word.end {
        let scalar = kinds.scalar(in: text, at: index)
        if scalar.kind == ScalarKinds.hyphen {
          if index > start, syllables.count(text, from: start, to: index).syllables >= 3 {
            return true
          }
          start = index + scalar.length
        }
        index += scalar.length
      }
      return syllables.count(text, from: start, to: word.end).syllables >= 3
    }
    return !(word.syllables == 3 && hasSyllableFromEnding(word, text))
  }

  /// Whether the word ends with an `-ed` or `-es` that is heard as a syllable.
  private func hasSyllableFromEnding(_ word: Word, _ text: Span<UInt8>) -> Bool {
    guard word.end - word.start >= 5, text[word.end - 2] | 0x20 == 0x65 else { return false }
    let before = text[word.end - 3] | 0x20
    switch text[word.end - 1] | 0x20 {
    case 0x64: return before == 0x74 || before == 0x64
    case 0x73:
      let isHushing = text[word.end - 4] | 0x20 == 0x63 || text[word.end - 4] | 0x20 == 0x73
      return before == 0x73 || before == 0x7a || before == 0x78 || before == 0x63
        || before == 0x67 || before == 0x68 && isHushing
    default: return false
    }
  }

  private mutating func uniqueUnfamiliar(
    _ list: FamiliarWords,
    _ text: Span<UInt8>,
    _ scan: borrowing TextScan
  ) -> Int {
    var count = 0
    for sentence in scan.sentences {
      for index in sentence.firstWord..<sentence.endWord {
        if index.isMultiple(of: 100) { recent.removeAll(keepingCapacity: true) }
        let word = scan.words[index]
        if list.contains(word, index == sentence.firstWord, text) { continue }
        if recent.contains(word.key) { continue }
        recent.append(word.key)
        count += 1
      }
    }
    return count
  }
}
