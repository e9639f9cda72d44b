// Linear regression with a penalty on the squares of its weights, by dual coordinate descent.
//
// One coordinate is one text; a step solves for it exactly, so that there is no learning rate to tune
// (Ho and Lin 2012, "Large-scale Linear Support Vector Regression", JMLR 13, for ε = 0). Each text is a
// vector of length 1: bucket b of a text has the value s(b) / norm, s² being the bucket's importance.

import Documents
import Foundation

/// Texts as buckets, one after another.
package struct BucketRows {
  /// The buckets of all texts.
  private(set) var buckets: [UInt32] = []
  /// Where each text begins, and the end.
  private(set) var starts = [0]

  /// Creates rows of no text.
  package init() {}

  /// The number of texts.
  package var count: Int { starts.count - 1 }

  /// Appends a text.
  ///
  /// - Parameter row: Its different buckets.
  package mutating func append(_ row: [UInt32]) {
    buckets += row
    starts.append(buckets.count)
  }

  /// The number of texts that each bucket occurs in.
  func documentCounts(buckets size: Int) -> [Int32] {
    var counts = [Int32](repeating: 0, count: size)
    for bucket in buckets { counts[Int(bucket)] += 1 }
    return counts
  }
}

/// How much buckets count: the square of the inverse document frequency, in 256 steps.
///
/// The smoothed form of scikit-learn, `ln((1 + n) / (1 + df)) + 1`, of which twice the square is
/// rounded. A bucket of fewer than two texts says nothing about others, and counts nothing.
///
/// - Parameters:
///   - rows: The texts to learn from.
///   - size: The number of buckets.
/// - Returns: A number for each bucket.
package func importances(of rows: BucketRows, buckets size: Int) -> [UInt8] {
  rows.documentCounts(buckets: size).map { count in
    guard count >= 2 else { return 0 }
    let frequency = log(Double(1 + rows.count) / Double(1 + count)) + 1
    return UInt8(min(max((2 * frequency * frequency).rounded(), 1), 255))
  }
}

/// A regression over buckets.
package struct RidgeRegression {
  /// The passes over the texts at most, and the step, as a share of the targets' spread, below which
  /// a pass is the last.
  private static let mostPasses = 40
  private static let leastStep = 1e-3

  /// For each bucket the weight times the root of its importance.
  private(set) var weights: [Float]

  /// Learns from texts.
  ///
  /// - Parameters:
  ///   - rows: The texts.
  ///   - targets: The number to learn for each, around 0.
  ///   - chosen: The texts to learn from.
  ///   - importances: How much each bucket counts.
  ///   - penalty: The weight of the penalty; above 0.
  ///   - seed: Decides the order of the texts in each pass.
  package init(
    _ rows: BucketRows,
    targets: [Double],
    chosen: [Int],
    importances: [UInt8],
    penalty: Double,
    seed: UInt64
  ) {
    weights = Array(repeating: 0, count: importances.count)
    let norms = (0..<rows.count).map { norm(of: rows, $0, importances) }
    let spread =
      (chosen.reduce(0) { $0 + targets[$1] * targets[$1] } / Double(max(chosen.count, 1)))
      .squareRoot()
    var duals = [Double](repeating: 0, count: rows.count)
    for pass in 0..<RidgeRegression.mostPasses {
      let salt = finalized(seed &+ UInt64(pass))
      let order = chosen.map { (key: finalized(salt ^ UInt64($0)), row: $0) }
        .sorted { ($0.key, $0.row) < ($1.key, $1.row) }
      var largest = 0.0
      for (_, row) in order where norms[row] > 0 {
        let predicted = sum(of: rows, row, weights) / norms[row]
        let step = (targets[row] - predicted - penalty * duals[row]) / (1 + penalty)
        duals[row] += step
        largest = max(largest, abs(step))
        add(Float(step / norms[row]), rows, row, importances, to: &weights)
      }
      if largest <= RidgeRegression.leastStep * spread { break }
    }
  }

  /// What the regression says of a text of the rows.
  ///
  /// - Parameters:
  ///   - rows: The texts.
  ///   - row: The text's place.
  ///   - importances: How much each bucket counts; those that it has learnt with.
  /// - Returns: A number around 0.
  package func prediction(_ rows: BucketRows, _ row: Int, _ importances: [UInt8]) -> Double {
    let norm = norm(of: rows, row, importances)
    return norm > 0 ? sum(of: rows, row, weights) / norm : 0
  }
}

private func norm(of rows: BucketRows, _ row: Int, _ importances: [UInt8]) -> Double {
  var squares = 0
  for place in rows.starts[row]..<rows.starts[row + 1] {
    squares += Int(importances[Int(rows.buckets[place])])
  }
  return Double(squares).squareRoot()
}

private func sum(of rows: BucketRows, _ row: Int, _ weights: [Float]) -> Double {
  var sum = 0.0
  for place in rows.starts[row]..<rows.starts[row + 1] {
    sum += Double(weights[Int(rows.buckets[place])])
  }
  return sum
}

private func add(
  _ step: Float,
  _ rows: BucketRows,
  _ row: Int,
  _ importances: [UInt8],
  to weights: inout [Float]
) {
  for place in rows.starts[row]..<rows.starts[row + 1] {
    let bucket = Int(rows.buckets[place])
    weights[bucket] += step * Float(importances[bucket])
  }
}
