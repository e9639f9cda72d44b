import Documents

/// The words of a text as comparison sees them, hashed one after the other: case, punctuation and
/// spacing are gone.
///
/// Keys have 64 bits: among ten million texts the chance that any two different ones share a key is
/// 3 in a million.
struct NormalizedWords {
  /// What ended with the bytes that were taken last.
  struct Line {
    let key: UInt64
    let words: Int
  }

  /// The words of the text so far.
  private(set) var count = 0
  private var textState: UInt64 = 0
  private var lineState: UInt64 = 0
  private var lineWords = 0
  private var wordState = NormalizedWords.wordStart
  private var isInside = false
  private var recent: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)

  private static let wordStart: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let wordFactor: UInt64 = 0x0000_0100_0000_01b3
  private static let orderFactor: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The key of the whole text, from 1 on; 0 for a text without words.
  var textKey: UInt64 { count == 0 ? 0 : max(1, finalized(textState)) }

  /// The hash of the last five words, or of the whole text where it has fewer.
  var shingle: Int32 {
    guard count >= TextSigner.shingleWords else { return Int32(truncatingIfNeeded: textKey >> 32) }
    let factor = NormalizedWords.orderFactor
    var sum = recent.0 &* factor &+ recent.1
    sum = sum &* factor &+ recent.2
    sum = sum &* factor &+ recent.3
    sum = sum &* factor &+ recent.4
    return Int32(truncatingIfNeeded: sum >> 32)
  }

  /// Takes a letter into the current word (FNV-1a, over scalars in place of bytes).
  @inline(__always)
  mutating func append(letter: UInt32) {
    wordState = (wordState ^ UInt64(letter)) &* NormalizedWords.wordFactor
    isInside = true
  }

  /// Ends the current word, where there is one.
  ///
  /// - Returns: Whether there was one.
  @inline(__always)
  mutating func endWord() -> Bool {
    guard isInside else { return false }
    isInside = false
    let word = finalized(wordState)
    wordState = NormalizedWords.wordStart
    recent = (recent.1, recent.2, recent.3, recent.4, word)
    textState = NormalizedWords.chained(textState, word)
    lineState = NormalizedWords.chained(lineState, word)
    lineWords += 1
    count += 1
    return true
  }

  /// Ends the current line; its last word has ended.
  mutating func endLine() -> Line {
    let line = Line(key: finalized(lineState), words: lineWords)
    lineState = 0
    lineWords = 0
    return line
  }

  /// A state that depends on all words so far and their order.
  @inline(__always)
  private static func chained(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (state ^ word) &* orderFactor
    return mixed ^ (mixed >> 32)
  }
}
