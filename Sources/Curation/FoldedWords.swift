// The words of a text as the search for evaluation texts sees them: without case, punctuation and
// spacing, with the places where they stood and a hash of any run of them.
//
// A word is a run of letters, digits and marks; apostrophes and underscores stand in it and leave
// nothing ("don’t" is "dont", a label such as `subject_verb` is one word). Scripts written without
// blanks give a word a character (Han, Kana), so that their texts have runs of words, too.

import Documents

/// A text's folded words; one value serves one text after the other and keeps its memory.
package struct FoldedWords: Sendable {
  /// The number of words.
  package var count: Int { starts.count }

  /// The folded words in UTF-8, a blank between two.
  private var bytes: [UInt8] = []
  /// Where each word begins in `bytes`, and behind its last byte.
  private var starts: [Int] = []
  private var ends: [Int] = []
  /// Where each word begins in the text, and behind its last byte.
  private var textStarts: [Int] = []
  private var textEnds: [Int] = []
  /// For each word the hash of all words before it; one more than words.
  private var sums: [UInt64] = [0]

  /// The longest run of words that can be hashed.
  static let longestRun = 63
  /// The base of the rolling hash: odd, so that no power of it loses a word.
  private static let base: UInt64 = 0x9e37_79b9_7f4a_7c15
  /// Its powers, by the number of words.
  private static let powers: [UInt64] = (0..<longestRun).reduce(into: [1]) { powers, _ in
    powers.append((powers.last ?? 1) &* base)
  }
  private let powers = FoldedWords.powers

  /// Creates the words of an empty text.
  package init() {}

  /// Reads a text in place of the one before.
  ///
  /// - Parameter text: UTF-8; bytes that are not valid stand between words.
  /// - Complexity: Linear in the bytes.
  package mutating func read(_ text: Span<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    textStarts.removeAll(keepingCapacity: true)
    textEnds.removeAll(keepingCapacity: true)
    sums.removeAll(keepingCapacity: true)
    sums.append(0)
    let table = LetterTable.shared.entries
    fold(text, table.span)
  }

  private mutating func fold(_ text: Span<UInt8>, _ table: Span<UInt16>) {
    var word = WordState()
    var index = 0
    while index < text.count {
      let (scalar, length) = decodedScalar(in: text, at: index)
      let letter = foldedLetter(scalar, table)
      if letter == UInt32(LetterTable.separator) {
        end(&word)
      } else if letter != UInt32(LetterTable.passedOver) {
        let standsAlone = isWordByItself(letter)
        if standsAlone { end(&word) }
        if !word.isOpen { begin(&word, at: index) }
        word.take(letter)
        appendUTF8(letter, to: &bytes)
        word.textEnd = index + length
        if standsAlone { end(&word) }
      }
      index += length
    }
    end(&word)
  }

  @inline(__always)
  private mutating func begin(_ word: inout WordState, at index: Int) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    word = WordState()
    word.isOpen = true
    starts.append(bytes.count)
    textStarts.append(index)
  }

  @inline(__always)
  private mutating func end(_ word: inout WordState) {
    guard word.isOpen else { return }
    word.isOpen = false
    ends.append(bytes.count)
    textEnds.append(word.textEnd)
    sums.append(sums[sums.count - 1] &* FoldedWords.base &+ finalized(word.hash))
  }

  /// The hash of a run of words, the same wherever the run stands.
  ///
  /// - Parameters:
  ///   - first: The first word.
  ///   - length: The number of words, at most ``longestRun``.
  /// - Returns: 64 bits that depend on the words, their order and their number.
  /// - Complexity: Constant.
  @inline(__always)
  func hash(from first: Int, words length: Int) -> UInt64 {
    let run = sums[first + length] &- sums[first] &* powers[length]
    return finalized(run &+ UInt64(length))
  }

  /// The folded words of a run, a blank between two.
  ///
  /// - Parameters:
  ///   - first: The first word.
  ///   - length: The number of words, at least 1.
  /// - Returns: UTF-8.
  func run(from first: Int, words length: Int) -> ArraySlice<UInt8> {
    bytes[starts[first]..<ends[first + length - 1]]
  }

  /// Where a run of words stands in the text that was read.
  ///
  /// - Parameters:
  ///   - first: The first word.
  ///   - length: The number of words, at least 1.
  /// - Returns: The bytes from the first word's first to the last word's last.
  package func place(from first: Int, words length: Int) -> Range<Int> {
    textStarts[first]..<textEnds[first + length - 1]
  }

  /// The word being read.
  private struct WordState {
    var isOpen = false
    var textEnd = 0
    /// FNV-1a over scalars in place of bytes.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    mutating func take(_ letter: UInt32) {
      hash = (hash ^ UInt64(letter)) &* 0x0000_0100_0000_01b3
    }
  }
}

/// What is left of a scalar: a letter, or one of the table's two marks.
@inline(__always)
private func foldedLetter(_ scalar: UInt32, _ table: Span<UInt16>) -> UInt32 {
  if scalar == UInt32(UInt8(ascii: "_")) { return UInt32(LetterTable.passedOver) }
  if scalar < 0x1_0000 { return UInt32(table[Int(scalar)]) }
  let properties = Unicode.Scalar(scalar)?.properties
  let isKept = properties.map { $0.isAlphabetic || $0.numericType != nil } ?? false
  return isKept ? scalar : UInt32(LetterTable.separator)
}

/// Whether a letter is of a script that is written without blanks and makes a word alone.
@inline(__always)
private func isWordByItself(_ letter: UInt32) -> Bool {
  guard letter >= 0x3040 else { return false }
  return letter <= 0x30ff || (0x3400...0x9fff).contains(letter)
    || (0xf900...0xfaff).contains(letter)
    || (0x2_0000...0x3_ffff).contains(letter)
}

/// The scalar at a place with its length in bytes; a blank for bytes that are not valid UTF-8.
@inline(__always)
private func decodedScalar(in text: Span<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
  let lead = text[index]
  if lead < 0x80 { return (UInt32(lead), 1) }
  let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  guard lead >= 0xc2, lead < 0xf5, index + length <= text.count else { return (0x20, 1) }
  var scalar = UInt32(lead) & (0x7f >> UInt32(length))
  for offset in 1..<length {
    let byte = text[index + offset]
    guard byte & 0xc0 == 0x80 else { return (0x20, 1) }
    scalar = scalar << 6 | UInt32(byte & 0x3f)
  }
  return (scalar, length)
}

@inline(__always)
private func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
  if scalar < 0x80 { return bytes.append(UInt8(scalar)) }
  if scalar < 0x800 {
    bytes.append(UInt8(0xc0 | scalar >> 6))
  } else {
    if scalar < 0x1_0000 {
      bytes.append(UInt8(0xe0 | scalar >> 12))
    } else {
      bytes.append(UInt8(0xf0 | scalar >> 18))
      bytes.append(UInt8(0x80 | scalar >> 12 & 0x3f))
    }
    bytes.append(UInt8(0x80 | scalar >> 6 & 0x3f))
  }
  bytes.append(UInt8(0x80 | scalar & 0x3f))
}
