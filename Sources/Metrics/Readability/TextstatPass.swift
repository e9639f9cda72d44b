private import Documents

/// One pass over a text that counts as textstat 0.7.13 does.
///
/// - A token stands between white space (Python's set). What remains of it without punctuation is a
///   word: letters, digits and underscores, and an apostrophe before t, s, d, ve, ll or re. So
///   `well-known` is `wellknown`, and `don’t` with a typographer's apostrophe is `dont`.
/// - A sentence runs to the next full stop, exclamation or question mark, wherever it stands, so that
///   `3.5` ends one; sentences of two words or fewer do not count, but there is always one.
struct TextstatPass {
  /// What is counted.
  struct Counts {
    /// Tokens between white space.
    var tokens = 0
    /// Tokens of which something remains without punctuation.
    var words = 0
    /// Sentences, at least 1.
    var sentences = 0
    /// Syllables of all words.
    var syllables = 0
    /// Words of 3 syllables or more.
    var polysyllables = 0
    /// Words of more than 6 letters, digits and underscores.
    var longWords = 0
    /// Characters that are not white space.
    var characters = 0
    /// Letters, digits and underscores.
    var wordCharacters = 0
    /// Words outside the easy ones, by the least syllables that make them difficult.
    var difficult = InlineArray<4, Int>(repeating: 0)
    /// The first 100 words.
    var sample = Sample()
  }

  /// The text that Linsear Write is computed on.
  struct Sample {
    var easy = 0
    var hard = 0
    var sentences = 0
  }

  private(set) var counts = Counts()
  private let easyWords: WordTable?
  private let kinds = ScalarKinds.shared
  private let pronunciations = Pronunciations.shared
  private let rules = SyllableRules.shared

  private var easy = 0
  private var hard = 0
  private var sampleOfHundred: Sample?
  private var sentences = 0
  private var sentenceWords = 0
  private var isSentenceWord = false
  private var hasSentence = false

  private var tokenStart = -1
  private var key = WordKey()
  private var wordCharacters = 0

  init(easyWords: WordTable?) {
    self.easyWords = easyWords
  }

  /// Counts a text.
  mutating func read(_ text: Span<UInt8>) {
    var index = 0
    while index < text.count {
      let scalar = kinds.scalar(in: text, at: index)
      let spaceLength = WordCount.whiteSpaceLength(in: text, at: index)
      if spaceLength > 0 {
        endToken(text, at: index)
        index += spaceLength
        continue
      }
      if tokenStart < 0 { tokenStart = index }
      counts.characters += 1
      take(scalar, text, at: index)
      index += scalar.length
    }
    endToken(text, at: text.count)
    endSentence()
    counts.sentences = max(1, sentences)
    let whole = Sample(easy: easy, hard: hard, sentences: counts.sentences)
    counts.sample = counts.tokens > 100 ? sampleOfHundred ?? whole : whole
  }

  @inline(__always)
  private mutating func take(_ scalar: ScalarKinds.Scalar, _ text: Span<UInt8>, at index: Int) {
    // Python's \w: letters, numbers and the underscore; the modifier apostrophe is a letter to it.
    let isWordCharacter =
      scalar.kind >= ScalarKinds.letter && scalar.kind <= ScalarKinds.digit
      || scalar.lower == 0x5f || scalar.lower == 0x2bc
    if isWordCharacter {
      key.append(scalar: scalar.lower)
      wordCharacters += 1
      hasSentence = true
      isSentenceWord = true
      return
    }
    switch text[index] {
    case 0x27 where isContraction(text, at: index + 1): key.append(0x27)
    case 0x2e, 0x21, 0x3f:
      endSentenceWord()
      endSentence()
    default: break
    }
  }

  /// Whether t, s, d, ve, ll or re follows, in lower case.
  private func isContraction(_ text: Span<UInt8>, at index: Int) -> Bool {
    guard index < text.count else { return false }
    let byte = text[index]
    if byte == 0x74 || byte == 0x73 || byte == 0x64 { return true }
    guard index + 1 < text.count else { return false }
    let next = text[index + 1]
    return byte == 0x76 && next == 0x65 || byte == 0x6c && next == 0x6c
      || byte == 0x72 && next == 0x65
  }

  private mutating func endSentenceWord() {
    sentenceWords += isSentenceWord ? 1 : 0
    isSentenceWord = false
  }

  private mutating func endSentence() {
    sentences += hasSentence && sentenceWords > 2 ? 1 : 0
    sentenceWords = 0
    hasSentence = false
  }

  private mutating func endToken(_ text: Span<UInt8>, at end: Int) {
    guard tokenStart >= 0 else { return }
    endSentenceWord()
    counts.tokens += 1
    if wordCharacters > 0 { takeWord(text, tokenStart, end) }
    tokenStart = -1
    key = WordKey()
    wordCharacters = 0
  }

  private mutating func takeWord(_ text: Span<UInt8>, _ start: Int, _ end: Int) {
    let syllables =
      pronunciations.syllables(key.value) ?? unknownSyllables(text, start, end)
    counts.words += 1
    counts.wordCharacters += wordCharacters
    counts.longWords += wordCharacters > 6 ? 1 : 0
    counts.syllables += syllables
    counts.polysyllables += syllables >= 3 ? 1 : 0
    hard += syllables >= 3 ? 1 : 0
    easy += syllables > 0 && syllables < 3 ? 1 : 0
    if let easyWords, easyWords.value(key.value) == nil {
      for least in 0..<4 where syllables >= least { counts.difficult[least] += 1 }
    }
    if counts.words == 100 {
      let open = hasSentence && sentenceWords > 2 ? 1 : 0
      sampleOfHundred = Sample(easy: easy, hard: hard, sentences: max(1, sentences + open))
    }
  }

  /// The syllables of a word that the dictionary lacks; textstat would count points of hyphenation.
  private func unknownSyllables(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var part = WordPart()
    var index = start
    while index < end {
      let scalar = kinds.scalar(in: text, at: index)
      if scalar.kind >= ScalarKinds.letter, scalar.kind <= ScalarKinds.digit { part.take(scalar) }
      index += scalar.length
    }
    return part.vowelRuns > 0 ? rules.syllables(part) : 1
  }
}
