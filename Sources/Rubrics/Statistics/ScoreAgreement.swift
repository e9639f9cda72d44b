// How far two judges agree on the same texts: the confusion table, and what is computed from it.
//
// Pure counting over whole scores. Ranks are another matter; see RankCorrelation.swift.

/// How often two judges gave which scores to the same texts.
public struct ConfusionTable: Sendable, Equatable, Codable {
  /// The most scores that a table has rows for.
  package static let mostScores = 1_000

  /// The lowest score of the table.
  public let lowest: Int
  /// The counts: a row for each score of the first judge, a column for each of the second.
  public private(set) var counts: [[Int]]

  /// Counts pairs of scores; `nil` where they are so far apart that the table would have more than
  /// 1,000 rows.
  ///
  /// - Parameters:
  ///   - pairs: What the first judge and the second said of each text.
  ///   - scale: The scores that have rows; it grows where a pair lies outside.
  public init?(_ pairs: [(first: Int, second: Int)], scale: ClosedRange<Int>? = nil) {
    var low = scale?.lowerBound ?? pairs.first?.first ?? 0
    var high = scale?.upperBound ?? low
    for pair in pairs {
      low = min(low, pair.first, pair.second)
      high = max(high, pair.first, pair.second)
    }
    let (distance, overflow) = high.subtractingReportingOverflow(low)
    guard !overflow, distance < ConfusionTable.mostScores else { return nil }
    lowest = low
    counts = Array(repeating: Array(repeating: 0, count: distance + 1), count: distance + 1)
    for pair in pairs { counts[pair.first - low][pair.second - low] += 1 }
  }

  /// The number of texts.
  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  /// The share of texts with the same score from both; `nil` without texts.
  public var agreement: Double? {
    let total = total
    guard total > 0 else { return nil }
    return Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(total)
  }

  /// Cohen's kappa with quadratic weights (Cohen 1968, *Psychological Bulletin* 70): 1 where the
  /// judges agree on all texts, 0 where they agree no more than chance would have it.
  ///
  /// One less the sum of squared differences over the sum that independent judges with the same
  /// distributions of scores would have. `nil` where that sum is 0: both gave one score to all texts.
  public var quadraticWeightedKappa: Double? {
    let size = counts.count
    let rows = counts.map { $0.reduce(0, +) }
    let columns = (0..<size).map { column in counts.reduce(0) { $0 + $1[column] } }
    let total = Double(total)
    var observed = 0.0
    var expected = 0.0
    for row in 0..<size {
      for column in 0..<size {
        let weight = Double((row - column) * (row - column))
        observed += weight * Double(counts[row][column])
        expected += weight * Double(rows[row]) * Double(columns[column])
      }
    }
    return expected > 0 ? 1 - observed * total / expected : nil
  }

  /// The harmonic mean of precision and recall where a score from a threshold on counts as a yes, and
  /// the second judge's yes is the truth.
  ///
  /// - Parameter threshold: The lowest score that is a yes.
  /// - Returns: The measure; `nil` where neither judge said yes at all.
  public func f1(threshold: Int) -> Double? {
    let least = threshold - lowest
    var both = 0
    var either = 0
    for row in counts.indices {
      for column in counts.indices {
        if row >= least, column >= least { both += counts[row][column] }
        if row >= least { either += counts[row][column] }
        if column >= least { either += counts[row][column] }
      }
    }
    return either > 0 ? 2 * Double(both) / Double(either) : nil
  }
}

/// The whole score that a number stands for: halves go up.
///
/// - Parameter score: A finite number.
/// - Returns: The score; `nil` where the number is beyond all scales.
package func wholeScore(_ score: Double) -> Int? {
  let rounded = (score + 0.5).rounded(.down)
  return abs(rounded) <= 1e9 ? Int(rounded) : nil
}

/// How far two judges agree on texts that both have scored.
public struct ScoreAgreement: Sendable, Equatable, Codable {
  /// The texts that both have scored.
  public let texts: Int
  /// Their confusion table over whole scores.
  public let confusion: ConfusionTable
  /// The share of texts with the same whole score.
  public let exact: Double?
  /// Cohen's kappa with quadratic weights over whole scores.
  public let quadraticWeightedKappa: Double?
  /// The correlation of ranks over the scores as they are.
  public let spearman: Double?
  /// The harmonic mean of precision and recall at a threshold, the second judge's scores the truth.
  public let f1: Double?
  /// The lowest whole score that counts as a yes for ``f1``.
  public let threshold: Int

  /// Compares pairs of scores; `nil` where they are not finite, or too far apart for a table.
  ///
  /// - Parameters:
  ///   - first: One judge's scores.
  ///   - second: The other's scores of the same texts, which count as the truth for ``f1``.
  ///   - scale: The scores that have rows in the table at least.
  ///   - threshold: The lowest whole score that counts as a yes.
  /// - Precondition: Both have the same number of scores.
  public init?(
    _ first: [Double],
    _ second: [Double],
    scale: ClosedRange<Int>? = nil,
    threshold: Int
  ) {
    precondition(first.count == second.count, "agreement is of pairs of scores")
    var pairs: [(first: Int, second: Int)] = []
    pairs.reserveCapacity(first.count)
    for index in first.indices {
      guard let one = wholeScore(first[index]), let other = wholeScore(second[index]) else {
        return nil
      }
      pairs.append((one, other))
    }
    guard let table = ConfusionTable(pairs, scale: scale) else { return nil }
    texts = first.count
    confusion = table
    exact = table.agreement
    quadraticWeightedKappa = table.quadraticWeightedKappa
    spearman = spearmanCorrelation(first, second)
    f1 = table.f1(threshold: threshold)
    self.threshold = threshold
  }
}
