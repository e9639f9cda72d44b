// Does a judge agree with itself: the same texts, asked about several times.

/// How steady a judge's answers on the same texts are.
public struct RepeatRate: Sendable, Equatable, Codable {
  /// The texts.
  public let texts: Int
  /// The answers on each.
  public let times: Int
  /// The share of the texts on which all answers are the same, no score being an answer too.
  public let steady: Double?
  /// The mean distance between the greatest and the least score of a text, over those with two or
  /// more.
  public let meanRange: Double?
  /// The share of the answers that have no score.
  public let withoutScore: Double?
  /// The mean of Cohen's quadratic weighted kappa over all pairs of rounds that have one.
  public let quadraticWeightedKappa: Double?

  /// Computes the figures.
  ///
  /// - Parameter answers: For each text the score of each round, `nil` where there was none; as many
  ///   for each text.
  public init(_ answers: [[Double?]]) {
    texts = answers.count
    let times = answers.first?.count ?? 0
    self.times = times
    let total = Double(texts)
    steady =
      answers.isEmpty
      ? nil : Double(answers.count { scores in scores.allSatisfy { $0 == scores[0] } }) / total
    let ranges = answers.compactMap { scores -> Double? in
      let known = scores.compactMap(\.self)
      guard known.count > 1, let least = known.min(), let most = known.max() else { return nil }
      return most - least
    }
    meanRange = ranges.isEmpty ? nil : ranges.reduce(0, +) / Double(ranges.count)
    withoutScore =
      answers.isEmpty || times == 0
      ? nil : Double(answers.reduce(0) { $0 + $1.count { $0 == nil } }) / (total * Double(times))
    var kappas: [Double] = []
    for first in 0..<times {
      for second in first + 1..<max(times, first + 1) {
        let pairs = answers.compactMap { scores -> (Double, Double)? in
          guard let one = scores[first], let other = scores[second] else { return nil }
          return (one, other)
        }
        let agreement = ScoreAgreement(pairs.map(\.0), pairs.map(\.1), threshold: 0)
        if let kappa = agreement?.quadraticWeightedKappa { kappas.append(kappa) }
      }
    }
    quadraticWeightedKappa = kappas.isEmpty ? nil : kappas.reduce(0, +) / Double(kappas.count)
  }
}
