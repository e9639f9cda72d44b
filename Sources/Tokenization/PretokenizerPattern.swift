/// Which rule cuts text into the pieces that merges may not cross.
///
/// Each case is a hand-written automaton; the regular expressions are only for files, where they
/// are written and recognised letter for letter.
public enum PretokenizerPattern: String, Codable, Sendable, CaseIterable {
  /// GPT-2's (Radford et al. 2019): letters, numbers and signs, each with a blank before them.
  case gpt2
  /// GPT-2's after every number has been set apart, digit by digit (as in SmolLM).
  case gpt2Digits = "gpt2-digits"
  /// GPT-4's: a sign may begin a word, numbers have at most three digits, contractions whatever
  /// their case, line breaks stay with the signs or blanks before them.
  case cl100k
  /// Llama 3's, which cuts as ``cl100k`` does.
  case llama3
  /// ``cl100k`` with every digit by itself (as in Qwen 2).
  case cl100kDigits = "cl100k-digits"

  /// The automaton's family and the most numbers in a piece.
  var rule: Rule {
    switch self {
    case .gpt2: .gpt2
    case .gpt2Digits: .gpt2Digits
    case .cl100k, .llama3: .cl100k(numbers: 3)
    case .cl100kDigits: .cl100k(numbers: 1)
    }
  }

  enum Rule: Equatable {
    case gpt2
    case gpt2Digits
    case cl100k(numbers: Int)
  }

  /// The regular expression of a `Split`, or `nil` where the file has `ByteLevel` cut the text.
  var expression: String? {
    let head = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
    let tail = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    return switch rule {
    case .gpt2, .gpt2Digits: nil
    case .cl100k(numbers: 3): head + #"\p{N}{1,3}"# + tail
    case .cl100k: head + #"\p{N}"# + tail
    }
  }

  /// Recognises the regular expression of a `Split`.
  ///
  /// - Parameter expression: What the file holds.
  /// - Returns: The pattern, or `nil` for any other expression.
  static func recognized(_ expression: String) -> PretokenizerPattern? {
    if expression == gpt2Expression { return .gpt2 }
    return [.cl100k, .cl100kDigits].first { $0.expression == expression }
  }

  private static let gpt2Expression =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
}
