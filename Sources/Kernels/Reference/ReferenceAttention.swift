// Causal softmax attention with rotary positions, of one head over one window, in float64: every
// query with every key, masked, with its gradient term by term.

private import Foundation

/// The inputs of one head: queries, keys and values, [steps][size].
package struct ReferenceAttention {
  package var queries: [[Double]]
  package var keys: [[Double]]
  package var values: [[Double]]
  /// The steps a query sees, the first steps that stay visible, and each step's first visible one.
  package var visibleCount: Int
  package var memoryCount: Int
  package var starts: [Int]

  /// Creates the inputs of one head, or the gradients of such inputs.
  package init(
    queries: [[Double]],
    keys: [[Double]],
    values: [[Double]],
    visibleCount: Int,
    memoryCount: Int,
    starts: [Int]
  ) {
    self.queries = queries
    self.keys = keys
    self.values = values
    self.visibleCount = visibleCount
    self.memoryCount = memoryCount
    self.starts = starts
  }

  private var scale: Double { 1 / Double(queries[0].count).squareRoot() }

  /// Turns a vector's halves by a step's angles, forwards or back.
  private func rotated(_ x: [Double], step: Int, back: Bool = false) -> [Double] {
    let half = x.count / 2
    var result = x
    for i in 0..<half {
      let angle = Double(step) * pow(10_000, -2 * Double(i) / Double(x.count))
      let (c, s) = (cos(angle), back ? -sin(angle) : sin(angle))
      result[i] = x[i] * c - x[half + i] * s
      result[half + i] = x[half + i] * c + x[i] * s
    }
    return result
  }

  /// The weights of one query over all steps; 0 where it does not see.
  private func weights(_ t: Int) -> [Double] {
    let query = rotated(queries[t], step: t)
    var sum = 0.0
    var result = [Double](repeating: 0, count: queries.count)
    for j in starts[t]...t where j > t - visibleCount || j < starts[t] + memoryCount {
      result[j] = exp(scale * Reference.dot(query, rotated(keys[j], step: j)))
      sum += result[j]
    }
    return result.map { $0 / sum }
  }

  /// The outputs, [steps][size].
  package func outputs() -> [[Double]] {
    queries.indices.map { t in
      let weights = weights(t)
      return values[0].indices.map { column in
        values.indices.reduce(0) { $0 + weights[$1] * values[$1][column] }
      }
    }
  }

  /// The gradients of all inputs.
  package func backward(gradient: [[Double]]) -> ReferenceAttention {
    var result = self
    result.queries = Reference.zeros(queries.count, queries[0].count)
    result.keys = result.queries
    result.values = Reference.zeros(values.count, values[0].count)
    for t in queries.indices {
      let weights = weights(t)
      let products = values.map { Reference.dot(gradient[t], $0) }
      let mean = Reference.dot(weights, products)
      for j in weights.indices where weights[j] > 0 {
        let slope = scale * weights[j] * (products[j] - mean)
        // q'R_tᵀ and k'R_jᵀ: the score is the product of both vectors turned.
        let queryPull = rotated(rotated(keys[j], step: j), step: t, back: true)
        let keyPull = rotated(rotated(queries[t], step: t), step: j, back: true)
        for column in queryPull.indices {
          result.queries[t][column] += slope * queryPull[column]
          result.keys[j][column] += slope * keyPull[column]
        }
        for column in values[j].indices {
          result.values[j][column] += weights[j] * gradient[t][column]
        }
      }
    }
    return result
  }
}
