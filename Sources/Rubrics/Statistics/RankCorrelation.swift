// Spearman's correlation of ranks (Spearman 1904), where equal values share the mean of their ranks.

/// Spearman's correlation of ranks: Pearson's of the ranks, equal values having their mean rank.
///
/// - Parameters:
///   - first: Numbers, none of them NaN.
///   - second: As many numbers.
/// - Returns: From −1 to 1; `nil` where either side has fewer than two different numbers.
/// - Precondition: Both have the same count.
/// - Complexity: O(n log n).
public func spearmanCorrelation(_ first: [Double], _ second: [Double]) -> Double? {
  precondition(first.count == second.count, "a correlation is of pairs of numbers")
  let left = meanRanks(of: first)
  let right = meanRanks(of: second)
  // Ranks of n numbers have the mean (n + 1) / 2, ties or not.
  let mean = Double(first.count + 1) / 2
  var products = 0.0
  var leftSquares = 0.0
  var rightSquares = 0.0
  for index in left.indices {
    let (one, other) = (left[index] - mean, right[index] - mean)
    products += one * other
    leftSquares += one * one
    rightSquares += other * other
  }
  guard leftSquares > 0, rightSquares > 0 else { return nil }
  let correlation = products / (leftSquares.squareRoot() * rightSquares.squareRoot())
  return min(max(correlation, -1), 1)
}

/// The rank of each number, from 1; equal numbers have the mean of the ranks that they take up.
///
/// - Parameter values: Numbers, none of them NaN.
/// - Returns: A rank for each.
package func meanRanks(of values: [Double]) -> [Double] {
  let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
    start = end
  }
  return ranks
}
