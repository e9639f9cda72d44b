// A score as the judge's own mean: the probabilities of the digits that it could have written.
//
// An integer hides whether the judge was sure; the mean over its next-token probabilities does not
// (Liu et al. 2023, G-Eval, arXiv 2303.16634). Only for scores that are one token of one digit.

import Foundation

/// A token of an answer with the likeliest tokens at its place.
package struct TokenProbabilities: Sendable, Equatable {
  /// The token's text.
  package let token: String
  /// The likeliest tokens with the logarithms of their probabilities.
  package let likeliest: [(token: String, logProbability: Double)]

  /// Creates a token.
  ///
  /// - Parameters:
  ///   - token: The token's text.
  ///   - likeliest: The likeliest tokens with the logarithms of their probabilities.
  package init(token: String, likeliest: [(token: String, logProbability: Double)]) {
    self.token = token
    self.likeliest = likeliest
  }

  /// Whether two tokens are the same in all.
  package static func == (left: TokenProbabilities, right: TokenProbabilities) -> Bool {
    left.token == right.token && left.likeliest.elementsEqual(right.likeliest, by: ==)
  }
}

extension Rubric {
  /// The mean of the scores under the judge's probabilities.
  ///
  /// - Parameters:
  ///   - tokens: The answer's tokens.
  ///   - end: Where the score's digits end in the answer, in bytes.
  ///   - answer: The answer as the server sent it, which the tokens must make up as far as the digit.
  ///   - score: The score that was read, which the token must say.
  /// - Returns: The mean over the scale's scores among the likeliest tokens at the digit's place,
  ///   their probabilities made to sum to 1; `nil` where the scale has scores of two digits, or the
  ///   tokens do not show the digit's place, such as where a part of a character stands as U+FFFD.
  package func expectedScore(
    of tokens: [TokenProbabilities],
    scoreEnd end: Int,
    in answer: String? = nil,
    score: Int? = nil
  ) -> Double? {
    guard scale.lowerBound >= 0, scale.upperBound <= 9 else { return nil }
    var joined: [UInt8] = []
    for token in tokens {
      let start = joined.count
      joined += token.token.utf8
      guard joined.count >= end else { continue }
      guard start < end, let said = Int(token.token.trimmingCharacters(in: .whitespaces)),
        score == nil || said == score,
        !String(decoding: joined, as: UTF8.self).contains("\u{fffd}"),
        answer.map({ $0.utf8.starts(with: joined) }) ?? true
      else { return nil }
      var weights = 0.0
      var sum = 0.0
      for (text, logarithm) in token.likeliest where logarithm.isFinite && logarithm <= 1e-3 {
        guard let score = Int(text.trimmingCharacters(in: .whitespaces)), scale.contains(score)
        else { continue }
        let probability = exp(logarithm)
        weights += probability
        sum += probability * Double(score)
      }
      // The division may round a mean of equal scores past them.
      return weights > 0
        ? min(max(sum / weights, Double(scale.lowerBound)), Double(scale.upperBound)) : nil
    }
    return nil
  }
}
