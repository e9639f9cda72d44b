/// One document as ids, with a mark on every token in whose bytes a word begins.
///
/// The marks let training count the words it has seen, window by window, without the text. A word
/// is `WordCount`'s; its sum over a document equals `WordCount.words(in:)` for text without
/// U+001C to U+001F (which separate words but not tokens), and documents hold none.
public struct TokenizedDocument: Sendable, Equatable {
  /// The ids; the first is `<|endoftext|>`.
  public private(set) var tokens: [UInt32] = []
  /// For each token 1 where a word begins in its bytes, else 0.
  public private(set) var wordStarts: [UInt8] = []
  /// The number of marks.
  public private(set) var wordCount = 0

  /// Encodes a document.
  ///
  /// - Parameters:
  ///   - text: The document's UTF-8.
  ///   - encoder: The encoder, whose cache is used and filled.
  /// - Complexity: Linear in the bytes, as ``TokenEncoder/encode(_:into:)``.
  public init(_ text: Span<UInt8>, with encoder: inout TokenEncoder) {
    let tokenizer = encoder.tokenizer
    var tokens = [tokenizer.endOfText]
    var ends: [Int] = [0]
    if tokenizer.keepsText {
      encoder.encode(text, into: &tokens)
      var end = -tokenizer.prefixLength(text)
      ends = tokens.map { id in
        end += tokenizer.byteCount(of: id)
        return end
      }
    } else {
      let located = encoder.locatedTokens(text, takesSpecial: false)
      tokens += located.ids
      ends += located.byteRanges.map(\.upperBound)
    }
    var starts: [UInt8] = []
    starts.reserveCapacity(tokens.count)
    wordCount = markWordStarts(in: text, ends: ends, into: &starts)
    self.tokens = tokens
    wordStarts = starts
  }
}
