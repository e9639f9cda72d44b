/// How well a vocabulary fits some texts, summed up over them.
///
/// A word that may be split is a run of letters, so that a full stop behind a word does not count as
/// a split; the words that tokens are held against are the budget's, between white space.
public struct TokenizerFit: Sendable, Equatable {
  /// The number of texts.
  public private(set) var documents = 0
  /// Their bytes.
  public private(set) var bytes = 0
  /// Their words between white space.
  public private(set) var words = 0
  /// Their tokens, those that open documents left out.
  public private(set) var tokens = 0
  /// Their runs of letters.
  public private(set) var letterWords = 0
  /// The runs of letters inside which a token begins.
  public private(set) var splitWords = 0

  /// Creates the fit of no text.
  public init() {}

  /// Bytes of text a token, or `nil` without tokens.
  public var bytesPerToken: Double? { tokens > 0 ? Double(bytes) / Double(tokens) : nil }
  /// Words between white space a token, or `nil` without tokens.
  public var wordsPerToken: Double? { tokens > 0 ? Double(words) / Double(tokens) : nil }
  /// The share of runs of letters that are split, or `nil` without any.
  public var splitShare: Double? {
    letterWords > 0 ? Double(splitWords) / Double(letterWords) : nil
  }

  /// Adds one text.
  ///
  /// - Parameters:
  ///   - text: Its UTF-8.
  ///   - words: Its words between white space.
  ///   - located: Its tokens.
  public mutating func add(_ text: Span<UInt8>, words: Int, tokens located: LocatedTokens) {
    documents += 1
    bytes += text.count
    self.words += words
    tokens += located.ids.count
    let classes = ScalarClasses.shared
    var token = 0
    var index = 0
    while index < text.count {
      let (kind, length) = classes.scalar(in: text, at: index)
      guard kind == ScalarClasses.letter else {
        index += length
        continue
      }
      let start = index
      while index < text.count {
        let (kind, length) = classes.scalar(in: text, at: index)
        if kind != ScalarClasses.letter { break }
        index += length
      }
      letterWords += 1
      while token < located.byteRanges.count, located.byteRanges[token].lowerBound <= start {
        token += 1
      }
      if token < located.byteRanges.count, located.byteRanges[token].lowerBound < index {
        splitWords += 1
      }
    }
  }

  /// Adds what was found in other texts.
  ///
  /// - Parameter other: Their fit.
  public mutating func add(_ other: TokenizerFit) {
    documents += other.documents
    bytes += other.bytes
    words += other.words
    tokens += other.tokens
    letterWords += other.letterWords
    splitWords += other.splitWords
  }
}

extension TokenEncoder {
  /// Encodes one text, names of special tokens in it as text, and says where each token stands.
  ///
  /// - Parameter text: The UTF-8 of a whole document or passage.
  /// - Returns: The ids and their places.
  /// - Precondition: The text has less than 2 GiB.
  package mutating func locatedTokens(ofText text: Span<UInt8>) -> LocatedTokens {
    locatedTokens(text, takesSpecial: false)
  }
}
