// Sums over long vectors in double precision and in a fixed order, so that a norm does not depend
// on the number of threads.

/// The sum of squares of a range, in eight interleaved lanes that are added in order.
///
/// A finite result proves every element finite: squares of float32 cannot overflow a double.
package func sumOfSquares(_ values: Span<Float>, _ range: Range<Int>) -> Double {
  var lanes = SIMD8<Double>(repeating: 0)
  var index = range.lowerBound
  while index + 8 <= range.upperBound {
    var block = SIMD8<Double>()
    for lane in 0..<8 { block[lane] = Double(values[index + lane]) }
    lanes += block * block
    index += 8
  }
  var sum = 0.0
  for lane in 0..<8 { sum += lanes[lane] }
  while index < range.upperBound {
    sum += Double(values[index]) * Double(values[index])
    index += 1
  }
  return sum
}
