import Documents

/// Finds where a text may end so that a word budget is met and never passed.
public enum TextCut {
  /// A prefix of a text.
  public struct Prefix: Sendable, Equatable {
    /// The bytes of the prefix.
    public let bytes: Int
    /// The words of the prefix.
    public let words: Int
  }

  /// The longest prefix that ends with a sentence, an utterance or the text, within the words.
  ///
  /// A sentence ends behind `.`, `!`, `?` or `…` with closing quotes or brackets, before white
  /// space; an utterance ends with its line. White space at the end is not part of the prefix.
  ///
  /// - Parameters:
  ///   - text: UTF-8 text.
  ///   - limit: The most words the prefix may have.
  /// - Returns: The prefix; empty where not even the first sentence fits.
  /// - Complexity: Linear in the bytes.
  public static func prefix(of text: Span<UInt8>, words limit: Int) -> Prefix {
    var best = Prefix(bytes: 0, words: 0)
    var words = 0
    var insideWord = false
    var lastWordEnd = 0
    var endsSentence = false
    var index = 0
    while index < text.count {
      let length = WordCount.whiteSpaceLength(in: text, at: index)
      if length == 0 {
        if !insideWord {
          if words == limit { return best }
          words += 1
          insideWord = true
        }
        index += 1
        lastWordEnd = index
        continue
      }
      if insideWord { endsSentence = isSentenceEnd(text, at: lastWordEnd) }
      insideWord = false
      let endsLine = text[index] == UInt8(ascii: "\n")
      if words > 0, endsSentence || endsLine { best = Prefix(bytes: lastWordEnd, words: words) }
      index += length
    }
    return words > 0 ? Prefix(bytes: lastWordEnd, words: words) : best
  }

  /// Whether the word that ends before `end` closes a sentence.
  static func isSentenceEnd(_ text: Span<UInt8>, at end: Int) -> Bool {
    var index = end
    while index > 0 {
      let closer = closerLength(text, before: index)
      if closer == 0 { break }
      index -= closer
    }
    guard index > 0 else { return false }
    switch text[index - 1] {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): return true
    case 0xa6: return index >= 3 && text[index - 3] == 0xe2 && text[index - 2] == 0x80
    default: return false
    }
  }

  /// The bytes of the closing quote or bracket that ends before `end`, or 0.
  private static func closerLength(_ text: Span<UInt8>, before end: Int) -> Int {
    switch text[end - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"): return 1
    case 0x99, 0x9d:
      return end >= 3 && text[end - 3] == 0xe2 && text[end - 2] == 0x80 ? 3 : 0
    case 0xbb: return end >= 2 && text[end - 2] == 0xc2 ? 2 : 0
    default: return 0
    }
  }
}
