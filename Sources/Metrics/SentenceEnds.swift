// Where sentences end in prose: what stands between two words, and the rules that judge it.

/// What stands between two words.
struct Gap {
  /// A full stop among the marks.
  static let period: UInt8 = 1
  /// A question mark.
  static let question: UInt8 = 2
  /// An exclamation mark.
  static let exclamation: UInt8 = 4
  /// Two full stops or more, or the one character.
  static let ellipsis: UInt8 = 8

  /// Nothing but spaces.
  var isPlain = true
  /// The marks before the first line feed that may end a sentence, one bit a kind.
  var marks: UInt8 = 0
  /// The offset of the first of them.
  var markStart = 0
  /// The offset after the last of them.
  var markEnd = 0
  /// White space or a line feed follows the marks, with at most closing quotes or brackets between.
  var isMarkFree = false
  /// A quotation mark or bracket closes right after the marks.
  var isClosedAfterMark = false
  /// How many lines end here.
  var lineFeeds = 0
  /// A line without anything visible is in it.
  var hasBlankLine = false
  /// The length of the line that ends here, from its first visible byte to its last.
  var lineLength = 0
  /// The line that ends here ends with a comma, a semicolon, a dash or a hyphen.
  var isPause = false

  mutating func takeSpace() {
    if marks != 0 { isMarkFree = true }
  }

  mutating func takeLineFeed(lineLength: Int, isBlank: Bool) {
    isPlain = false
    if marks != 0 { isMarkFree = true }
    if lineFeeds == 0 { self.lineLength = lineLength }
    if isBlank { hasBlankLine = true }
    lineFeeds += 1
  }

  mutating func take(_ kind: UInt8, at start: Int, endingAt end: Int) {
    isPlain = false
    guard lineFeeds == 0 else { return }
    if marks == 0 { markStart = start }
    isPause = kind == ScalarKinds.pause || kind == ScalarKinds.hyphen
    switch kind {
    case ScalarKinds.period:
      marks |= marks & Gap.period != 0 ? Gap.ellipsis : Gap.period
    case ScalarKinds.question: marks |= Gap.question
    case ScalarKinds.exclamation: marks |= Gap.exclamation
    case ScalarKinds.ellipsis: marks |= Gap.ellipsis
    default:
      takeOther(kind)
      return
    }
    markEnd = end
    isMarkFree = false
    isClosedAfterMark = false
  }

  private mutating func takeOther(_ kind: UInt8) {
    guard marks != 0, !isMarkFree else { return }
    switch kind {
    case ScalarKinds.apostrophe, ScalarKinds.closer, ScalarKinds.closingQuote,
      ScalarKinds.straightQuote:
      isClosedAfterMark = true
    default:
      // A mark with something right behind it ends nothing: `.5`, `?!—`.
      marks = 0
      isClosedAfterMark = false
    }
  }
}

/// The rules by which a sentence of prose ends between two words.
///
/// - A blank line ends it. A line break ends it unless the next line begins in lower case, the line
///   ends with a comma, semicolon, dash or hyphen, or the line has 50 to 100 bytes, as lines have
///   that were broken to a width.
/// - `?` and `!` end it before white space; not where a quotation closes and lower case follows.
/// - An ellipsis ends it before upper case or a line break.
/// - A full stop ends it before white space, but, where no line break does, not right after a title
///   (`Mr.`), an initial, a number that begins the sentence (`1. `) or an abbreviation that more follows
///   on. What may end a sentence as well (`Inc.`, `U.S.`, a single letter) does so before an upper-case
///   word that begins sentences.
struct SentenceEnds: Sendable {
  static let shared = SentenceEnds()

  private static let title: UInt8 = 0
  private static let capitalizedTitle: UInt8 = 1
  private static let beforeNumber: UInt8 = 2
  private static let beforeAnything: UInt8 = 3
  private static let ambiguous: UInt8 = 4
  private static let beforeUpperCase: UInt8 = 5
  private static let inLowerCase: UInt8 = 6

  private let abbreviations = WordTable([
    (SentenceEnds.title, ["mr", "mrs", "ms", "dr", "prof", "messrs", "mme", "mlle"]),
    (
      SentenceEnds.capitalizedTitle,
      [
        "st", "sts", "gen", "col", "capt", "cpt", "lt", "sgt", "cpl", "maj", "cmdr", "adm", "rep",
        "reps", "sen", "sens", "gov", "pres", "rev", "hon", "fr", "br", "sr", "supt", "mt", "ft",
      ]
    ),
    (
      SentenceEnds.beforeNumber,
      [
        "no", "nos", "fig", "figs", "vol", "vols", "pp", "pg", "ch", "sec", "art", "eq", "ver",
        "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "op",
      ]
    ),
    (
      SentenceEnds.beforeAnything, ["vs", "cf", "viz", "approx", "esp", "incl", "i.e", "e.g"]
    ),
    (SentenceEnds.beforeUpperCase, ["etc"]),
    (SentenceEnds.inLowerCase, ["ca"]),
    (
      SentenceEnds.ambiguous,
      [
        "inc", "ltd", "co", "corp", "bros", "jr", "al", "dept", "univ", "assn", "ave", "blvd", "rd",
        "est", "mins", "hrs", "lbs", "oz", "tel", "ext", "a.m", "p.m",
      ]
    ),
  ])

  /// Words that begin sentences more often than they are names.
  private let openings = WordTable([
    (
      0,
      [
        "a", "after", "all", "also", "although", "an", "and", "another", "as", "at", "because",
        "before", "but", "by", "during", "each", "for", "from", "he", "her", "his", "how",
        "however", "i", "if", "in", "it", "its", "many", "most", "my", "no", "on", "one", "our",
        "she", "since", "so", "some", "that", "the", "their", "then", "there", "these", "they",
        "this", "those", "to", "under", "we", "what", "when", "where", "which", "while", "who",
        "why", "with", "you", "your",
      ]
    )
  ])

  /// Whether a sentence ends in a gap.
  ///
  /// - Parameters:
  ///   - gap: What stands between the words.
  ///   - previous: The word before.
  ///   - isFirst: Whether that word begins its sentence.
  ///   - next: The word after.
  ///   - text: The text.
  /// - Returns: Whether one ends.
  func isEnd(
    _ gap: Gap,
    after previous: Word,
    isFirst: Bool,
    before next: Word,
    _ text: Span<UInt8>
  ) -> Bool {
    if gap.hasBlankLine { return true }
    let isLower = beginsInLowerCase(next, text)
    let isLineEnd =
      gap.lineFeeds > 0 && !isLower && !gap.isPause && (gap.lineLength < 50 || gap.lineLength > 100)
    guard gap.marks != 0, gap.isMarkFree else { return isLineEnd }
    if gap.marks & (Gap.question | Gap.exclamation) != 0 {
      return !(gap.isClosedAfterMark && isLower)
    }
    if gap.marks & Gap.ellipsis != 0 {
      return next.flags.contains(.capitalized) || gap.lineFeeds > 0 && !isLower
    }
    if gap.isClosedAfterMark { return !isLower }
    if isLineEnd { return true }
    if previous.flags.contains(.isNumber) { return !isFirst }
    // Behind a bracket or quotation mark it is no part of an abbreviation: `(Br). Bismuth`.
    return gap.markStart != previous.end || isEnd(afterPeriod: previous, before: next, text)
  }

  /// Whether a word begins with a letter that has an upper case; letters of many scripts have none.
  private func beginsInLowerCase(_ word: Word, _ text: Span<UInt8>) -> Bool {
    let byte = text[word.start]
    if byte < 0x80 { return byte &- 0x61 < 26 }
    let lower = ScalarKinds.shared.scalar(in: text, at: word.start).lower
    return !word.flags.contains(.capitalized)
      && Unicode.Scalar(lower)?.properties.generalCategory == .lowercaseLetter
  }

  private func isEnd(
    afterPeriod previous: Word,
    before next: Word,
    _ text: Span<UInt8>
  ) -> Bool {
    let isOpening = next.flags.contains(.capitalized) && openings.value(next.key) != nil
    let isCapitalized = previous.flags.contains(.capitalized)
    if let kind = abbreviations.value(previous.key) {
      switch kind {
      case SentenceEnds.title: return false
      case SentenceEnds.capitalizedTitle: return !isCapitalized || isOpening
      case SentenceEnds.beforeNumber: return !next.flags.contains(.hasDigit)
      case SentenceEnds.beforeAnything: return false
      case SentenceEnds.beforeUpperCase: return next.flags.contains(.capitalized)
      case SentenceEnds.inLowerCase: return isCapitalized
      default: return isOpening
      }
    }
    if previous.flags.contains(.initials) { return isOpening }
    // A letter that has two cases: an ideograph is no initial.
    if previous.letters == 1, !previous.flags.contains(.hasDigit),
      isCapitalized || beginsInLowerCase(previous, text)
    {
      return isOpening || previous.key == 0x69
    }
    return true
  }
}
