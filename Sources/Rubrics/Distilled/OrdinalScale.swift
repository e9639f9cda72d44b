// From a regression's number to a score: cut-points between neighbouring scores, and a straight line
// between two cut-points.
//
// A penalised regression draws its numbers towards the mean, so that rounding them would give the
// middle scores to nearly all. Cut-points give each score as many texts as the judge gave it.

/// Cut-points between the scores of a scale.
package struct OrdinalScale: Sendable, Equatable, Codable {
  /// The lowest score that there is an example of.
  package let lowest: Int
  /// The number from which each next score begins, in rising order; equal ones leave a score out.
  package let cuts: [Double]
  /// The spread of the numbers, the length of the outer scores.
  let width: Double

  /// Places cut-points so that each score gets as many of the numbers as it has texts.
  ///
  /// - Parameters:
  ///   - numbers: The regression's number for each text, at least one, from texts that it did not see.
  ///   - scores: The judge's whole score of each.
  package init(numbers: [Double], scores: [Int]) {
    let sorted = numbers.sorted()
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
    width = max(variance.squareRoot(), 1e-9)
    let low = scores.min() ?? 0
    lowest = low
    var counts = [Int](repeating: 0, count: (scores.max() ?? low) - low + 1)
    for score in scores { counts[score - low] += 1 }
    var below = 0
    cuts = counts.dropLast().map { count in
      below += count
      return (sorted[below - 1] + sorted[below]) / 2
    }
  }

  /// The score of a number: within half a step of the whole score whose cut-points it lies between.
  ///
  /// - Parameter number: A finite number.
  /// - Returns: The score.
  package func score(_ number: Double) -> Double {
    var place = 0
    while place < cuts.count, cuts[place] <= number { place += 1 }
    let whole = Double(lowest + place)
    let lower = place > 0 ? cuts[place - 1] : nil
    let upper = place < cuts.count ? cuts[place] : nil
    switch (lower, upper) {
    case (let lower?, let upper?):
      return min(whole - 0.5 + (number - lower) / (upper - lower), (whole + 0.5).nextDown)
    case (let lower?, nil): return min(whole - 0.5 + (number - lower) / width, whole)
    case (nil, let upper?):
      return min(max(whole + 0.5 - (upper - number) / width, whole), (whole + 0.5).nextDown)
    case (nil, nil): return whole
    }
  }
}
