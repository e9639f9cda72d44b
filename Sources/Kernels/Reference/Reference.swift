// The operators once more, slow and obvious, in float64: what the shipping kernels are tested
// against, while these are tested against central differences. Rows are arrays of arrays; nothing
// is fused, kept or vectorised. Nothing that ships calls them.

private import Foundation

/// The operators in their plainest form, each with its gradient.
package enum Reference {
  /// A linear map `y = x · Wᵀ`, W [out, in].
  package static func linear(_ x: [[Double]], _ weight: [[Double]]) -> [[Double]] {
    x.map { row in weight.map { dot(row, $0) } }
  }

  /// Its gradients: of x, and of W.
  package static func linearBackward(
    _ x: [[Double]],
    _ weight: [[Double]],
    gradient: [[Double]]
  ) -> (x: [[Double]], weight: [[Double]]) {
    var dx = zeros(x.count, x[0].count)
    var dweight = zeros(weight.count, weight[0].count)
    for row in x.indices {
      for out in weight.indices {
        for column in x[row].indices {
          dx[row][column] += gradient[row][out] * weight[out][column]
          dweight[out][column] += gradient[row][out] * x[row][column]
        }
      }
    }
    return (dx, dweight)
  }

  /// `x / √(mean(x²) + 1e-6) · gain`, row by row.
  package static func rmsNorm(_ x: [[Double]], gain: [Double]) -> [[Double]] {
    x.map { row in
      let root = (dot(row, row) / Double(row.count) + 1e-6).squareRoot()
      return zip(row, gain).map { $0 / root * $1 }
    }
  }

  /// Its gradients: of x, and of the gain.
  package static func rmsNormBackward(
    _ x: [[Double]],
    gain: [Double],
    gradient: [[Double]]
  ) -> (x: [[Double]], gain: [Double]) {
    var dx = x
    var dgain = [Double](repeating: 0, count: gain.count)
    for row in x.indices {
      let size = Double(gain.count)
      let root = (dot(x[row], x[row]) / size + 1e-6).squareRoot()
      let weighted = zip(gradient[row], gain).map { $0 * $1 }
      let pull = dot(weighted, x[row]) / (size * root * root * root)
      for column in gain.indices {
        dx[row][column] = weighted[column] / root - x[row][column] * pull
        dgain[column] += gradient[row][column] * x[row][column] / root
      }
    }
    return (dx, dgain)
  }

  /// `(x − mean) / √(variance + 1e-6) · gain` for one vector.
  package static func layerNorm(_ x: [Double], gain: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    let root = (variance + 1e-6).squareRoot()
    return zip(x, gain).map { ($0 - mean) / root * $1 }
  }

  /// Its gradients: of x, and of the gain.
  package static func layerNormBackward(
    _ x: [Double],
    gain: [Double],
    gradient: [Double]
  ) -> (x: [Double], gain: [Double]) {
    let size = Double(x.count)
    let mean = x.reduce(0, +) / size
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / size
    let root = (variance + 1e-6).squareRoot()
    let normal = x.map { ($0 - mean) / root }
    let weighted = zip(gradient, gain).map { $0 * $1 }
    let meanWeighted = weighted.reduce(0, +) / size
    let meanProduct = dot(weighted, normal) / size
    return (
      x.indices.map { (weighted[$0] - meanWeighted - normal[$0] * meanProduct) / root },
      zip(gradient, normal).map { $0 * $1 }
    )
  }

  /// σ(z).
  package static func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

  /// 15 · tanh(z / 15), and its slope where the capped value is known.
  package static func cap(_ z: Double) -> Double { 15 * tanh(z / 15) }
  package static func capSlope(capped: Double) -> Double { 1 - capped / 15 * (capped / 15) }

  /// `SiLU(gate) · up`.
  package static func gatedSiLU(_ gate: Double, _ up: Double) -> Double {
    gate * sigmoid(gate) * up
  }

  /// Its gradients: of the gate, and of up.
  package static func gatedSiLUBackward(
    _ gate: Double,
    _ up: Double,
    gradient: Double
  ) -> (gate: Double, up: Double) {
    let open = sigmoid(gate)
    return (
      gradient * up * open * (1 + gate * (1 - open)),
      gradient * gate * open
    )
  }

  /// `−log softmax(logits)[target]`, in nats.
  package static func crossEntropy(_ logits: [Double], target: Int) -> Double {
    let largest = logits.max() ?? 0
    return log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[target]
  }

  /// Its gradient, `softmax − onehot`.
  package static func crossEntropyBackward(_ logits: [Double], target: Int) -> [Double] {
    let largest = logits.max() ?? 0
    let weights = logits.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.indices.map { weights[$0] / total - ($0 == target ? 1 : 0) }
  }

  /// The inner product.
  package static func dot(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// A matrix of zeros.
  package static func zeros(_ rows: Int, _ columns: Int) -> [[Double]] {
    [[Double]](repeating: [Double](repeating: 0, count: columns), count: rows)
  }
}
