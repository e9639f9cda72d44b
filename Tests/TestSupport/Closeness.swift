/// The largest difference of two vectors, relative to the largest element of the first.
///
/// - Parameters:
///   - expected: What should come out.
///   - actual: What came out.
/// - Returns: The difference; NaN where either holds one, so that a comparison with it fails.
public func relativeDifference(_ expected: [Double], _ actual: [Double]) -> Double {
  guard expected.count == actual.count else { return .nan }
  var largest = 1e-30
  var difference = 0.0
  for (e, a) in zip(expected, actual) {
    guard e.isFinite && a.isFinite else { return .nan }
    largest = max(largest, abs(e))
    difference = max(difference, abs(e - a))
  }
  return difference / largest
}

/// The same for what a float32 kernel gave.
///
/// - Parameters:
///   - expected: What should come out.
///   - actual: What came out.
/// - Returns: The largest difference, relative to the largest expected element.
public func relativeDifference(_ expected: [Double], _ actual: [Float]) -> Double {
  relativeDifference(expected, actual.map(Double.init))
}

/// The gradient of a function by central differences.
///
/// - Parameters:
///   - point: Where.
///   - step: How far to each side.
///   - function: The function.
/// - Returns: One slope for each element of the point.
public func centralDifferences(
  _ point: [Double],
  step: Double = 1e-5,
  _ function: ([Double]) -> Double
) -> [Double] {
  point.indices.map { index in
    var shifted = point
    shifted[index] = point[index] + step
    let above = function(shifted)
    shifted[index] = point[index] - step
    return (above - function(shifted)) / (2 * step)
  }
}
