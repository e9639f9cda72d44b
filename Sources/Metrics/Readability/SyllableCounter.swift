/// Counts the syllables of words: by the dictionary where it knows them, by rules elsewhere.
///
/// A word that the dictionary lacks is taken apart at hyphens and full stops, and each part is looked
/// up; then endings after an apostrophe are taken off (`Frodo's`); then the rules count. Two to six
/// capitals without a vowel are spelled out (`BBC`, `BBC's`, `PDFs`), a run of digits is one syllable,
/// and so is a part in another script than the Latin.
package struct SyllableCounter: Sendable {
  /// The counter that all scans share.
  package static let shared = SyllableCounter()

  /// The dictionary.
  let pronunciations = Pronunciations.shared
  private let rules = SyllableRules.shared
  private let kinds = ScalarKinds.shared

  /// Syllables, and whether the dictionary knew every part.
  package struct Count: Sendable, Equatable {
    /// The syllables, at least 1.
    package var syllables: Int
    /// Whether none of them comes from the rules.
    package var isKnown: Bool
  }

  /// The syllables of a word with a letter in it.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - start: The offset of the word's first byte.
  ///   - end: The offset after its last.
  /// - Returns: Its syllables.
  /// - Complexity: Linear in the word's length.
  package func count(_ text: Span<UInt8>, from start: Int, to end: Int) -> Count {
    var total = Count(syllables: 0, isKnown: true)
    var part = WordPart()
    var index = start
    while index < end {
      let scalar = kinds.scalar(in: text, at: index)
      index += scalar.length
      switch scalar.kind {
      case ScalarKinds.hyphen, ScalarKinds.period, ScalarKinds.pause:
        add(part, to: &total)
        part = WordPart()
      case ScalarKinds.format: break
      default: part.take(scalar)
      }
    }
    add(part, to: &total)
    total.syllables = max(1, total.syllables)
    return total
  }

  private func add(_ part: WordPart, to total: inout Count) {
    guard part.key.length > 0 else { return }
    if part.letters == 0 {
      total.syllables += 1
      return
    }
    if let known = pronunciations.syllables(part.key.value) {
      total.syllables += max(1, known)
      return
    }
    total.isKnown = false
    if part.isSpelledOut {
      total.syllables += part.spelledSyllables(of: part.bufferCount)
      return
    }
    if let syllables = spelledSyllables(beforeEndingOf: part) {
      total.syllables += syllables
      return
    }
    var syllables = part.digitRuns
    if part.apostrophe > 0 {
      syllables += stemSyllables(part) + endingSyllables(part)
    } else if part.vowelRuns > 0 || part.latinLetters > 0 && part.digitRuns == 0 {
      syllables += rules.syllables(part)
    }
    total.syllables += max(1, syllables)
  }

  /// The syllables of letters that are spelled out before `'s` or the s of a plural, or nil.
  private func spelledSyllables(beforeEndingOf part: WordPart) -> Int? {
    let count = part.bufferCount - 1
    guard count > 0, part.buffer[count] == 0x73 else { return nil }
    if part.apostrophe > 0 {
      guard part.apostrophe == count, part.hasSpelledStem,
        pronunciations.syllables(part.stemKey) == nil
      else { return nil }
    } else if !part.isSpelledPlural {
      return nil
    }
    // A syllable more after the names of S, X and H, which end in a hiss.
    let last = part.buffer[count - 1]
    let isHissing = last == 0x73 || last == 0x78 || last == 0x68
    return part.spelledSyllables(of: count) + (isHissing ? 1 : 0)
  }

  /// The syllables before the last apostrophe.
  private func stemSyllables(_ part: WordPart) -> Int {
    if let known = pronunciations.syllables(part.stemKey) { return max(1, known) }
    return rules.syllables(part.letters(from: 0, to: part.apostrophe))
  }

  /// What the ending after the last apostrophe adds.
  private func endingSyllables(_ part: WordPart) -> Int {
    let count = part.bufferCount - part.apostrophe
    guard count > 0, part.apostrophe > 0 else { return 0 }
    let before = part.buffer[part.apostrophe - 1]
    let first = part.buffer[part.apostrophe]
    let second = count > 1 ? part.buffer[part.apostrophe + 1] : 0
    switch (count, first, second) {
    case (1, 0x73, _):
      // 's is a syllable after a hissing sound: s, z, x, ch, sh, ce, ge, se.
      let isHissing = before == 0x73 || before == 0x7a || before == 0x78
      let isSoft = before == 0x68 || before == 0x65
      guard isSoft, part.apostrophe > 1 else { return isHissing ? 1 : 0 }
      let last = part.buffer[part.apostrophe - 2]
      return last == 0x73 || last == 0x63 || before == 0x65 && (last == 0x67 || last == 0x7a)
        ? 1 : 0
    case (1, 0x64, _): return before == 0x64 || before == 0x74 ? 1 : 0
    case (1, _, _): return 0
    case (2, 0x76, 0x65), (2, 0x6c, 0x6c), (2, 0x72, 0x65): return 1
    default: return rules.syllables(part.letters(from: part.apostrophe, to: part.bufferCount))
    }
  }
}

/// A part of a word between hyphens: its letters without accents, as far as rules look.
struct WordPart {
  /// The longest part, in letters, that the rules look at closely.
  static let longest = 60

  /// The key of the whole part.
  var key = WordKey()
  /// The key of what stands before the last apostrophe.
  var stemKey: UInt64 = 0
  /// All letters.
  var letters = 0
  /// The letters that are Latin, in lower case, the first ``longest`` of them.
  var buffer = InlineArray<64, UInt8>(repeating: 0)
  var bufferCount = 0
  /// The letters that are Latin.
  var latinLetters = 0
  /// The place of the last apostrophe in the buffer; 0 for none.
  var apostrophe = 0
  /// Runs of digits.
  var digitRuns = 0
  /// Runs of vowels, for parts that are too long for the rules.
  var vowelRuns = 0
  /// The last letter has an accent, so that a final e sounds.
  var isLastAccented = false
  /// What stands before the last apostrophe is letters that are spelled out.
  var hasSpelledStem = false
  private var upperLetters = 0
  private var isLastUpper = false
  private var isDigit = false
  private var isVowel = false
  /// The last letter is a vowel that is counted with the one before.
  private var isInRun = false

  mutating func take(_ scalar: ScalarKinds.Scalar) {
    if scalar.kind == ScalarKinds.apostrophe {
      stemKey = key.value
      hasSpelledStem = isSpelledOut
      apostrophe = bufferCount
      key.append(0x27)
      isVowel = false
      isInRun = false
      return
    }
    key.append(scalar: scalar.lower)
    if scalar.kind == ScalarKinds.digit {
      if !isDigit { digitRuns += 1 }
      isDigit = true
      isVowel = false
      isInRun = false
      return
    }
    if scalar.kind == ScalarKinds.mark {
      isLastAccented = true
      // A diaeresis parts two vowels, be it a scalar of its own or not.
      if scalar.lower == 0x308, isInRun {
        vowelRuns += 1
        isInRun = false
      }
      return
    }
    isDigit = false
    letters += 1
    isLastUpper = scalar.kind == ScalarKinds.upperLetter
    upperLetters += isLastUpper ? 1 : 0
    var letter = UInt8(truncatingIfNeeded: scalar.lower)
    if scalar.lower >= 0x80 {
      guard let latin = LatinLetters.letter(scalar.lower) else { return }
      letter = latin.base
      if latin.hasDiaeresis { isVowel = false }
    }
    latinLetters += 1
    isLastAccented = scalar.lower >= 0x80
    let isNow = SyllableRules.isVowel(letter)
    isInRun = isNow && isVowel
    if isNow, !isVowel { vowelRuns += 1 }
    isVowel = isNow
    guard bufferCount < WordPart.longest else { return }
    buffer[bufferCount] = letter
    bufferCount += 1
  }

  /// Letters in capitals without a vowel, up to six.
  var isSpelledOut: Bool {
    letters >= 2 && letters <= 6 && upperLetters == letters && latinLetters == letters
      && vowelRuns == 0 && apostrophe == 0
  }

  /// The same with a small s of the plural behind.
  var isSpelledPlural: Bool {
    letters >= 3 && letters <= 7 && upperLetters == letters - 1 && !isLastUpper
      && latinLetters == letters && vowelRuns == 0 && apostrophe == 0
  }

  /// The syllables of the first letters' names, three of a W, else one, and of the digits.
  func spelledSyllables(of letters: Int) -> Int {
    var count = digitRuns
    for index in 0..<letters { count += buffer[index] == 0x77 ? 3 : 1 }
    return count
  }

  /// Some of the letters as a part of their own.
  func letters(from start: Int, to end: Int) -> WordPart {
    var part = WordPart()
    for index in start..<end {
      part.take(
        ScalarKinds.Scalar(kind: ScalarKinds.letter, length: 1, lower: UInt32(buffer[index]))
      )
    }
    return part
  }
}
