// The mLSTM of one head over one window in float64, in two forms: the definition, quadratic in the
// length, with its gradient term by term; and the recurrence, one step at a time.

private import Foundation

/// The inputs of one head: queries, keys, values [steps][size], and capped gates [steps].
package struct ReferenceMLSTM {
  package var queries: [[Double]]
  package var keys: [[Double]]
  package var values: [[Double]]
  package var inputGates: [Double]
  package var forgetGates: [Double]
  /// The first step that each step sees: 0, or the first of its document.
  package var starts: [Int]

  /// Creates the inputs of one head, or the gradients of such inputs.
  package init(
    queries: [[Double]],
    keys: [[Double]],
    values: [[Double]],
    inputGates: [Double],
    forgetGates: [Double],
    starts: [Int]? = nil
  ) {
    self.queries = queries
    self.keys = keys
    self.values = values
    self.inputGates = inputGates
    self.forgetGates = forgetGates
    self.starts = starts ?? inputGates.map { _ in 0 }
  }

  private var scale: Double { 1 / Double(queries[0].count).squareRoot() }

  /// F_t: the sums of log σ(f̃) up to and with each step.
  private var forgetSums: [Double] {
    var sum = 0.0
    return forgetGates.map { gate in
      sum -= log(1 + exp(-gate))
      return sum
    }
  }

  /// One row of the definition.
  private struct Row {
    var exponents: [Double]
    var leader: Int
    var top: Double
    var weights: [Double]
    var sum: Double
    var denominator: Double
    var output: [Double]
  }

  private func row(_ t: Int, _ sums: [Double]) -> Row {
    let exponents = (0...t).map { sums[t] - sums[$0] + inputGates[$0] }
    var leader = starts[t]
    for j in starts[t]...t where exponents[j] > exponents[leader] { leader = j }
    let top = exponents[leader]
    let weights = (0...t).map { j in
      j < starts[t] ? 0 : scale * Reference.dot(queries[t], keys[j]) * exp(exponents[j] - top)
    }
    let sum = weights.reduce(0, +)
    let denominator = max(abs(sum), exp(-top)) + 1e-6
    let output = values[0].indices.map { column in
      (0...t).reduce(0) { $0 + weights[$1] * values[$1][column] } / denominator
    }
    return Row(
      exponents: exponents,
      leader: leader,
      top: top,
      weights: weights,
      sum: sum,
      denominator: denominator,
      output: output
    )
  }

  /// The outputs by the definition, [steps][size].
  package func definition() -> [[Double]] {
    let sums = forgetSums
    return queries.indices.map { row($0, sums).output }
  }

  /// The gradients of all inputs, of the capped gates among them.
  package func definitionBackward(gradient: [[Double]]) -> ReferenceMLSTM {
    let count = queries.count
    let sums = forgetSums
    var result = ReferenceMLSTM(
      queries: Reference.zeros(count, queries[0].count),
      keys: Reference.zeros(count, keys[0].count),
      values: Reference.zeros(count, values[0].count),
      inputGates: [Double](repeating: 0, count: count),
      forgetGates: [Double](repeating: 0, count: count)
    )
    var sumGradients = [Double](repeating: 0, count: count)
    for t in 0..<count {
      let row = row(t, sums)
      let numeratorGradient = gradient[t].map { $0 / row.denominator }
      let denominatorGradient = -Reference.dot(gradient[t], row.output) / row.denominator
      let floored = abs(row.sum) < exp(-row.top)
      let rowSumGradient = floored ? 0 : denominatorGradient * (row.sum < 0 ? -1 : 1)
      var topGradient = floored ? -denominatorGradient * exp(-row.top) : 0
      var exponentGradients = [Double](repeating: 0, count: t + 1)
      for j in starts[t]...t {
        let weightGradient = Reference.dot(numeratorGradient, values[j]) + rowSumGradient
        let scoreGradient = scale * weightGradient * exp(row.exponents[j] - row.top)
        for column in queries[t].indices {
          result.queries[t][column] += scoreGradient * keys[j][column]
          result.keys[j][column] += scoreGradient * queries[t][column]
        }
        for column in values[j].indices {
          result.values[j][column] += row.weights[j] * numeratorGradient[column]
        }
        exponentGradients[j] = weightGradient * row.weights[j]
        topGradient -= exponentGradients[j]
      }
      exponentGradients[row.leader] += topGradient
      for j in 0...t {
        result.inputGates[j] += exponentGradients[j]
        sumGradients[t] += exponentGradients[j]
        sumGradients[j] -= exponentGradients[j]
      }
    }
    var suffix = 0.0
    for t in (0..<count).reversed() {
      suffix += sumGradients[t]
      result.forgetGates[t] = suffix * Reference.sigmoid(-forgetGates[t])
    }
    return result
  }

  /// The outputs by the recurrence, [steps][size].
  package func recurrence() -> [[Double]] {
    var state = Reference.zeros(keys[0].count, values[0].count)
    var normalizer = [Double](repeating: 0, count: keys[0].count)
    var stabilizer = 0.0
    return queries.indices.map { t in
      if starts[t] == t {
        state = Reference.zeros(keys[0].count, values[0].count)
        normalizer = [Double](repeating: 0, count: keys[0].count)
        stabilizer = 0
      }
      let logForget = -log(1 + exp(-forgetGates[t]))
      let top = max(logForget + stabilizer, inputGates[t])
      let kept = exp(logForget + stabilizer - top)
      let written = exp(inputGates[t] - top)
      for p in normalizer.indices {
        normalizer[p] = kept * normalizer[p] + written * keys[t][p]
        for column in values[t].indices {
          state[p][column] = kept * state[p][column] + written * keys[t][p] * values[t][column]
        }
      }
      stabilizer = top
      let query = queries[t].map { $0 * scale }
      let denominator = max(abs(Reference.dot(query, normalizer)), exp(-top)) + 1e-6
      return values[t].indices.map { column in
        query.indices.reduce(0) { $0 + query[$1] * state[$1][column] } / denominator
      }
    }
  }
}
