/// The pass of a scan over one text: words, and what stands between them.
///
/// Words and gaps alternate. Whether a sentence ends in a gap is decided once the word after it is
/// known (`SentenceEnds`).
struct ScanPass {
  private let segmentation: Segmentation
  private let kinds = ScalarKinds.shared
  private let syllables = SyllableCounter.shared
  private let ends = SentenceEnds.shared
  private var gap = Gap()
  private var sentenceWord = 0
  private var line = OpenPiece()
  private var paragraph = OpenPiece()
  private var openQuotes = 0
  private var straightQuotes = 0

  init(segmentation: Segmentation) {
    self.segmentation = segmentation
  }

  /// Reads the whole text.
  mutating func read(_ text: Span<UInt8>, into scan: inout TextScan) {
    var index = passLabel(text, at: 0, in: scan)
    while index < text.count {
      // A lone space stands between most words.
      if text[index] == 0x20 {
        gap.takeSpace()
        index += 1
        continue
      }
      let scalar = kinds.scalar(in: text, at: index)
      if scalar.kind >= ScalarKinds.letter, scalar.kind <= ScalarKinds.digit {
        let word = readWord(text, at: index, into: &scan.counts)
        index = word.end
        append(word, text, to: &scan)
      } else {
        take(scalar, at: index, into: &scan)
        index += scalar.length
        if scalar.kind == ScalarKinds.lineFeed { index = passLabel(text, at: index, in: scan) }
      }
    }
    endParagraph(into: &scan)
    endSentence(into: &scan)
  }

  // MARK: Words

  /// A word that is being read.
  private struct OpenWord {
    var key = WordKey()
    var letters = 0
    var upperLetters = 0
    var digits = 0
    var characters = 0
    var joints = 0
    /// The bits of ``WordFlags``.
    var flags: UInt8 = 0

    @inline(__always)
    mutating func insert(_ flag: WordFlags) { flags |= flag.rawValue }
  }

  /// Reads the word that begins at `start` with a letter or digit.
  @inline(__always)
  private func readWord(
    _ text: Span<UInt8>,
    at start: Int,
    into counts: inout TextCounts
  ) -> Word {
    var word = OpenWord()
    var index = start
    // Most words are up to 8 ASCII letters, which are their own key.
    var packed: UInt64 = 0
    var upperLetters = 0
    let limit = min(text.count, start + 8)
    while index < limit {
      let byte = text[index]
      guard (byte | 0x20) &- 0x61 < 26 else { break }
      packed = packed << 8 | UInt64(byte | 0x20)
      upperLetters += Int(~byte & 0x20) >> 5
      index += 1
    }
    if index > start {
      word.key = WordKey(packed: packed, length: index - start)
      word.letters = index - start
      word.upperLetters = upperLetters
      if text[start] & 0x20 == 0 { word.insert(.capitalized) }
    } else if kinds.scalar(in: text, at: start).kind == ScalarKinds.upperLetter {
      word.insert(.capitalized)
    }
    while index < text.count {
      let byte = text[index]
      let kind =
        byte < 0x80 ? UInt8(truncatingIfNeeded: kinds.entries[Int(byte)]) : ScalarKinds.other
      if kind == ScalarKinds.letter || kind == ScalarKinds.upperLetter {
        word.key.append(byte | 0x20)
        word.letters += 1
        word.upperLetters += Int(kind) - 1
        index += 1
        continue
      }
      // After a word there is a space more often than anything else.
      if byte == 0x20 { break }
      let length = extend(&word, text, at: index, start: start)
      if length == 0 { break }
      index += length
    }
    if word.letters == 0 { word.insert(.isNumber) }
    if word.letters >= 2, word.letters == word.upperLetters { word.insert(.upperCase) }
    let key = word.key.value
    var syllableCount = 1
    if let known = syllables.pronunciations.syllables(key) {
      word.insert(.inDictionary)
      syllableCount = max(1, known)
    } else if word.letters > 0 {
      let count = syllables.count(text, from: start, to: index)
      if count.isKnown { word.insert(.inDictionary) }
      syllableCount = count.syllables
    }
    counts.characters += word.letters + word.characters
    counts.letters += word.letters
    counts.digits += word.digits
    counts.punctuation += word.joints
    counts.syllables += syllableCount
    counts.polysyllables += syllableCount >= 3 ? 1 : 0
    counts.longWords += word.letters > 6 ? 1 : 0
    counts.upperCaseWords += word.letters >= 2 && word.letters == word.upperLetters ? 1 : 0
    return Word(
      start: start,
      end: index,
      key: key,
      letters: Int32(clamping: word.letters),
      syllables: Int32(clamping: syllableCount),
      flags: WordFlags(rawValue: word.flags)
    )
  }

  /// Takes what is no ASCII letter into a word.
  ///
  /// - Returns: Its length in bytes; 0 where the word ends before it.
  private func extend(
    _ word: inout OpenWord,
    _ text: Span<UInt8>,
    at index: Int,
    start: Int
  ) -> Int {
    let scalar = kinds.scalar(in: text, at: index)
    let next = index + scalar.length
    var lower = scalar.lower
    switch scalar.kind {
    case ScalarKinds.letter: word.letters += 1
    case ScalarKinds.upperLetter:
      word.letters += 1
      word.upperLetters += 1
    case ScalarKinds.digit:
      word.digits += 1
      word.characters += 1
      word.insert(.hasDigit)
    case ScalarKinds.mark, ScalarKinds.format:
      word.characters += 1
    case ScalarKinds.apostrophe, ScalarKinds.hyphen:
      guard isAlphanumeric(text, at: next) else { return 0 }
      lower = scalar.kind == ScalarKinds.hyphen ? 0x2d : 0x27
      if scalar.kind == ScalarKinds.hyphen { word.insert(.hyphenated) }
      word.joints += 1
      word.characters += 1
    case ScalarKinds.period, ScalarKinds.pause:
      guard isInside(text, at: index, start: start) else { return 0 }
      if isLetter(text, at: index - 1) { word.insert(.initials) }
      word.joints += 1
      word.characters += 1
    default: return 0
    }
    if scalar.kind != ScalarKinds.format { word.key.append(scalar: lower) }
    if scalar.length > 1 { word.insert(.beyondASCII) }
    return scalar.length
  }

  private func isAlphanumeric(_ text: Span<UInt8>, at index: Int) -> Bool {
    guard index < text.count else { return false }
    let kind = kinds.scalar(in: text, at: index).kind
    return kind >= ScalarKinds.letter && kind <= ScalarKinds.digit
  }

  private func isLetter(_ text: Span<UInt8>, at index: Int) -> Bool {
    index < text.count && (text[index] | 0x20) &- 0x61 < 26
  }

  private func isDigit(_ text: Span<UInt8>, at index: Int) -> Bool {
    index < text.count && text[index] &- 0x30 < 10
  }

  /// Whether a full stop or comma stands inside a number or, the full stop, inside initials.
  private func isInside(_ text: Span<UInt8>, at index: Int, start: Int) -> Bool {
    if isDigit(text, at: index - 1), isDigit(text, at: index + 1) {
      if text[index] == 0x2e { return true }
      return text[index] == 0x2c && isDigit(text, at: index + 2) && isDigit(text, at: index + 3)
        && !isDigit(text, at: index + 4)
    }
    return text[index] == 0x2e && isLetter(text, at: index - 1) && isLetter(text, at: index + 1)
      && (index - 1 == start || text[index - 2] == 0x2e)
      && !isAlphanumeric(text, at: index + 2)
  }

  /// Takes up a word, and ends the sentence before it where one ends in the gap.
  @inline(__always)
  private mutating func append(_ word: Word, _ text: Span<UInt8>, to scan: inout TextScan) {
    if !gap.isPlain, let previous = scan.words.last {
      let isFirst = sentenceWord == scan.words.count - 1
      let isEnd =
        segmentation == .transcript
        ? gap.lineFeeds > 0
        : ends.isEnd(gap, after: previous, isFirst: isFirst, before: word, text)
      if isEnd { endSentence(into: &scan) }
    }
    line.extend(from: word.start, to: word.end, word: scan.words.count)
    scan.words.append(word)
    gap = Gap()
  }

  // MARK: Between words

  /// Passes over the label of a speaker at the start of a transcript's line.
  ///
  /// - Returns: Where what was said begins, or `start`.
  private mutating func passLabel(
    _ text: Span<UInt8>,
    at start: Int,
    in scan: borrowing TextScan
  ) -> Int {
    guard segmentation == .transcript else { return start }
    let end = SpeakerLabel.end(in: text, at: start)
    // Nobody said it, but it is seen.
    if end > start { line.extend(from: start, to: end, word: scan.words.count) }
    return end
  }

  /// Takes a character between words.
  private mutating func take(
    _ scalar: ScalarKinds.Scalar,
    at index: Int,
    into scan: inout TextScan
  ) {
    if scalar.kind == ScalarKinds.space {
      gap.takeSpace()
      return
    }
    if scalar.kind == ScalarKinds.lineFeed {
      if line.start < 0 { endParagraph(into: &scan) }
      gap.takeLineFeed(lineLength: line.end - line.start, isBlank: line.start < 0)
      endLine(into: &scan)
      return
    }
    let isPunctuation = scalar.kind >= ScalarKinds.punctuation
    scan.counts.characters += 1
    scan.counts.punctuation += isPunctuation ? 1 : 0
    if scalar.kind == ScalarKinds.format { return }
    line.extend(from: index, to: index + scalar.length, word: scan.words.count)
    gap.take(scalar.kind, at: index, endingAt: index + scalar.length)
    switch scalar.kind {
    case ScalarKinds.openingQuote: openQuotes += 1
    case ScalarKinds.closingQuote where openQuotes > 0:
      openQuotes -= 1
      scan.counts.quotations += 1
    case ScalarKinds.straightQuote: straightQuotes += 1
    default: break
    }
  }

  private mutating func endLine(into scan: inout TextScan) {
    guard line.start >= 0 else { return }
    scan.lines.append(line.piece(endWord: scan.words.count))
    paragraph.extend(from: line.start, to: line.end, word: line.firstWord)
    line = OpenPiece()
  }

  private mutating func endParagraph(into scan: inout TextScan) {
    endLine(into: &scan)
    guard paragraph.start >= 0 else { return }
    scan.paragraphs.append(paragraph.piece(endWord: scan.words.count))
    paragraph = OpenPiece()
    scan.counts.quotations += straightQuotes / 2
    straightQuotes = 0
    openQuotes = 0
  }

  private mutating func endSentence(into scan: inout TextScan) {
    guard sentenceWord < scan.words.count else { return }
    let end = scan.words[scan.words.count - 1].end
    scan.sentences.append(
      Sentence(
        start: scan.words[sentenceWord].start,
        end: gap.marks == 0 ? end : gap.markEnd,
        firstWord: sentenceWord,
        endWord: scan.words.count,
        isQuestion: gap.marks & Gap.question != 0
      )
    )
    scan.counts.questions += gap.marks & Gap.question != 0 ? 1 : 0
    sentenceWord = scan.words.count
  }

  /// A line or paragraph that has not ended.
  private struct OpenPiece {
    var start = -1
    var end = -1
    var firstWord = 0

    /// Takes in something visible.
    @inline(__always)
    mutating func extend(from first: Int, to last: Int, word: Int) {
      if start < 0 {
        start = first
        firstWord = word
      }
      end = last
    }

    func piece(endWord: Int) -> TextPiece {
      TextPiece(start: start, end: end, firstWord: firstWord, endWord: endWord)
    }
  }
}
