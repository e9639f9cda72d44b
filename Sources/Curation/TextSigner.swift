// What two texts are compared by: a key of the whole normalised text, minima over its word 5-grams,
// and a key of each longer line.
//
// Normalised means: letters in lower case; white space, punctuation and symbols between words
// dropped (LetterTable). Texts that differ in these alone are exact duplicates. One pass over the
// bytes, nothing is copied.

import Documents

/// What a run of documents is compared by, column by column.
public struct SignatureBatch: Sendable, Equatable {
  /// A line that may occur in other documents, too.
  public struct Paragraph: Sendable, Equatable {
    /// The document's place in the batch.
    public let document: Int
    /// The key of the line's normalised words.
    public let key: UInt64
    /// The line's words as budgets count them.
    public let words: Int
  }

  /// The words of each text as budgets count them.
  public fileprivate(set) var words: [Int] = []
  /// The key of each whole normalised text; 0 for a text without words.
  public fileprivate(set) var textKeys: [UInt64] = []
  /// The signatures one behind the other, ``MinHash/count`` numbers each.
  public fileprivate(set) var minima: [Int32] = []
  /// The lines long enough to count, in order.
  public fileprivate(set) var paragraphs: [Paragraph] = []

  /// Creates an empty batch.
  public init() {}
}

/// Turns texts into what they are compared by; for one thread, with buffers that are used again.
public struct TextSigner {
  /// The words of a shingle.
  public static let shingleWords = 5

  private let functions: MinHash
  private let paragraphWords: Int
  private let letters = LetterTable.shared.entries
  private var minima: ShingleMinima

  /// Creates a signer.
  ///
  /// - Parameters:
  ///   - functions: The functions whose minima are taken.
  ///   - paragraphWords: The fewest normalised words of a line that is reported as a paragraph.
  public init(_ functions: MinHash, paragraphWords: Int) {
    self.functions = functions
    self.paragraphWords = paragraphWords
    minima = ShingleMinima(functions)
  }

  /// Adds what a text is compared by to a batch.
  ///
  /// Each run of five words is a shingle; a text of one to four words is one shingle.
  ///
  /// - Parameters:
  ///   - text: UTF-8 text; bytes that are not valid UTF-8 count as letters of their own.
  ///   - batch: Receives the columns.
  /// - Complexity: Linear in the bytes, and in the words times the number of minima.
  public mutating func sign(_ text: Span<UInt8>, into batch: inout SignatureBatch) {
    let table = letters
    let letters = table.span
    var words = NormalizedWords()
    var wordCount = 0
    var index = 0
    var lineStart = 0
    while index < text.count {
      let byte = text[index]
      var letter = byte < 0x80 ? UInt32(letters[Int(byte)]) : 0
      var length = 1
      if byte >= 0x80 { (letter, length) = longLetter(text, at: index, letters) }
      if letter > UInt32(LetterTable.passedOver) {
        words.append(letter: letter)
      } else if letter == UInt32(LetterTable.separator) {
        if words.endWord(), words.count >= TextSigner.shingleWords {
          minima.insert(words.shingle, functions)
        }
        if byte == UInt8(ascii: "\n") {
          wordCount += endLine(&words, text.extracting(lineStart..<index), &batch)
          lineStart = index + 1
        }
      }
      index += length
    }
    if words.endWord() || words.count < TextSigner.shingleWords {
      minima.insert(words.shingle, functions)
    }
    wordCount += endLine(&words, text.extracting(lineStart..<text.count), &batch)
    minima.finish(functions, into: &batch.minima)
    batch.words.append(wordCount)
    batch.textKeys.append(words.textKey)
  }

  /// Ends a line, and reports it where it is long enough.
  ///
  /// - Parameters:
  ///   - words: The words of the text so far.
  ///   - line: The line's bytes.
  ///   - batch: Receives the paragraph.
  /// - Returns: The line's words as budgets count them; no word goes over the end of a line.
  private func endLine(
    _ words: inout NormalizedWords,
    _ line: Span<UInt8>,
    _ batch: inout SignatureBatch
  ) -> Int {
    let count = WordCount.words(in: line)
    let normalized = words.endLine()
    if normalized.words >= paragraphWords {
      batch.paragraphs.append(
        SignatureBatch.Paragraph(document: batch.words.count, key: normalized.key, words: count)
      )
    }
    return count
  }
}

/// What is kept of the scalar of two to four bytes at `index`, and its length.
private func longLetter(
  _ text: Span<UInt8>,
  at index: Int,
  _ letters: Span<UInt16>
) -> (letter: UInt32, length: Int) {
  let first = text[index]
  let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1
  // A number behind the last scalar for each byte that begins none.
  let stray: (UInt32, Int) = (0x11_0000 + UInt32(first), 1)
  guard length > 1, index + length <= text.count else { return stray }
  var scalar = UInt32(first) & (0x7f >> UInt32(length))
  for place in index + 1..<index + length {
    guard text[place] & 0xc0 == 0x80 else { return stray }
    scalar = scalar << 6 | UInt32(text[place] & 0x3f)
  }
  return (length < 4 ? UInt32(letters[Int(scalar)]) : scalar, length)
}
