// Figures of a forward pass for a run's log: how far the gates stand open and how much the heads'
// outputs vary. Not on the way of a training step.

private import Foundation

extension MLSTMActivations {
  /// The means of a forward pass's gates over windows, heads and steps.
  ///
  /// - Parameter shape: The pass's sizes, with at least one row.
  /// - Returns: The mean capped input gate, ĩ, and the mean of σ(f̃).
  /// - Precondition: The activations hold the shape.
  public func meanGates(_ shape: MLSTMShape) -> (input: Double, forget: Double) {
    let count = shape.rowCount * shape.headCount
    precondition(holds(shape) && count > 0)
    var (input, forget) = (0.0, 0.0)
    for index in 0..<count {
      input += Double(cappedInput[index])
      forget += 1 / (1 + exp(-Double(cappedForget[index])))
    }
    return (input / Double(count), forget / Double(count))
  }
}

/// The variance of each head's outputs within a row, averaged over the rows: what the head norm
/// divides by.
///
/// - Parameters:
///   - x: The heads' outputs, [rows, heads · headSize].
///   - rows: The number of rows, at least 1.
///   - heads: The number of heads.
///   - headSize: The size of one head.
/// - Returns: One variance a head.
/// - Precondition: The buffer holds its shape.
public func headVariances(_ x: [Float], rows: Int, heads: Int, headSize: Int) -> [Double] {
  precondition(rows >= 1 && headSize >= 1 && x.count >= rows * heads * headSize)
  var result = [Double](repeating: 0, count: heads)
  for row in 0..<rows {
    for head in 0..<heads {
      let start = (row * heads + head) * headSize
      var (sum, squares) = (0.0, 0.0)
      for index in start..<start + headSize {
        sum += Double(x[index])
        squares += Double(x[index]) * Double(x[index])
      }
      let mean = sum / Double(headSize)
      result[head] += (squares / Double(headSize) - mean * mean) / Double(rows)
    }
  }
  return result
}
