// One pass over a text: what all metrics share, so that words and sentences are found once.
//
// A word is a run of letters and digits, with the combining marks on them; an apostrophe or a hyphen
// between two of them belongs to it (`don't`, `well-known`, one word each), and so do a full stop or
// a comma between digits (`3.14`, `1,000`) and the full stops inside initials (`U.S`, `e.g`).
// Everything else stands between words. This is the word of readability formulas; the word of a
// budget (`WordCount`) is another one: it takes punctuation along and counts a lone dash.

/// How a text is divided into sentences.
public enum Segmentation: String, Sendable, Codable, CaseIterable {
  /// Sentences end at marks, with abbreviations, initials, decimals, ellipses and quotes considered.
  case prose
  /// One line, an utterance, is one sentence.
  case transcript
}

/// What is special about a word.
public struct WordFlags: OptionSet, Sendable, Hashable {
  /// One bit a property.
  public let rawValue: UInt8

  /// Takes up the bits.
  ///
  /// - Parameter rawValue: The bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The first letter is upper case.
  public static let capitalized = WordFlags(rawValue: 1)
  /// All letters are upper case, and there are two or more.
  public static let upperCase = WordFlags(rawValue: 2)
  /// There is a digit.
  public static let hasDigit = WordFlags(rawValue: 4)
  /// There is no letter: a number.
  public static let isNumber = WordFlags(rawValue: 8)
  /// There is a hyphen inside.
  public static let hyphenated = WordFlags(rawValue: 16)
  /// Initials with full stops between them, such as `U.S`.
  public static let initials = WordFlags(rawValue: 32)
  /// There are characters beyond ASCII.
  public static let beyondASCII = WordFlags(rawValue: 64)
  /// The syllables come from the dictionary, for every part of the word.
  public static let inDictionary = WordFlags(rawValue: 128)
}

/// One word of a text.
public struct Word: Sendable, Equatable {
  /// The offset of its first byte.
  public let start: Int
  /// The offset after its last byte.
  public let end: Int
  /// The identity of its lower-case spelling, an apostrophe being the typewriter's: equal for equal
  /// words, up to 8 bytes the spelling itself, beyond that a hash of 63 bits; never 0.
  public let key: UInt64
  /// Its letters, without digits, marks, apostrophes and hyphens.
  public let letters: Int32
  /// Its syllables, at least 1.
  public let syllables: Int32
  /// What is special about it.
  public let flags: WordFlags
}

/// One line or paragraph of a text that holds something visible.
public struct TextPiece: Sendable, Equatable {
  /// The offset of its first byte that is not white space.
  public let start: Int
  /// The offset after its last byte that is not white space.
  public let end: Int
  /// The index of its first word.
  public let firstWord: Int
  /// The index after its last word; the same as the first of a piece without words.
  public let endWord: Int
}

/// One sentence of a text; it has one word or more.
public struct Sentence: Sendable, Equatable {
  /// The offset of its first word's first byte.
  public let start: Int
  /// The offset after its last word and the marks that end it, without closing quotes.
  public let end: Int
  /// The index of its first word.
  public let firstWord: Int
  /// The index after its last word.
  public let endWord: Int
  /// Whether a question mark is among the marks that end it.
  public let isQuestion: Bool
}

/// What a scan counts besides words, sentences, lines and paragraphs.
public struct TextCounts: Sendable, Equatable {
  /// Characters (Unicode scalars) that are not white space.
  public var characters = 0
  /// Letters.
  public var letters = 0
  /// Digits and other numbers, characters each.
  public var digits = 0
  /// Characters of Unicode's punctuation categories; symbols such as `+` and `$` are none.
  public var punctuation = 0
  /// Syllables of all words.
  public var syllables = 0
  /// Words of 3 syllables or more.
  public var polysyllables = 0
  /// Words of more than 6 letters.
  public var longWords = 0
  /// Words of two or more letters, all of them upper case.
  public var upperCaseWords = 0
  /// Sentences that end with a question mark.
  public var questions = 0
  /// Passages between double quotation marks, inside one paragraph.
  public var quotations = 0

  /// Creates counts of nothing.
  public init() {}
}

/// The words, sentences and counts of one text; used again for the next.
///
/// Lines end at line feeds, paragraphs at lines without anything visible.
public struct TextScan: Sendable {
  /// How the text is divided into sentences.
  public var segmentation: Segmentation
  /// The words, in order.
  public internal(set) var words: [Word] = []
  /// The sentences, in order; every word is in one.
  public internal(set) var sentences: [Sentence] = []
  /// The lines that hold something visible, in order.
  public internal(set) var lines: [TextPiece] = []
  /// The paragraphs, in order.
  public internal(set) var paragraphs: [TextPiece] = []
  /// The other counts.
  public internal(set) var counts = TextCounts()

  /// Creates a scan of no text.
  ///
  /// - Parameter segmentation: How texts are divided into sentences.
  public init(segmentation: Segmentation = .prose) {
    self.segmentation = segmentation
  }

  /// Reads a text in place of the one before.
  ///
  /// Bytes that are not valid UTF-8 count as characters that are no letters.
  ///
  /// - Parameter text: The text as UTF-8.
  /// - Complexity: O(bytes).
  public mutating func read(_ text: Span<UInt8>) {
    words.removeAll(keepingCapacity: true)
    sentences.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    paragraphs.removeAll(keepingCapacity: true)
    counts = TextCounts()
    var pass = ScanPass(segmentation: segmentation)
    pass.read(text, into: &self)
  }
}
