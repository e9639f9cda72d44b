// The short convolution and Hedgehog's feature map in float64, each with its gradient.

private import Foundation

extension Reference {
  /// z of the short convolution, before its SiLU: `Σ_i kernel[width − 1 − i] · x[t − i]`.
  private static func convolution(
    _ x: [[Double]],
    _ kernel: [[Double]],
    _ starts: [Int]
  ) -> [[Double]] {
    x.indices.map { t in
      x[t].indices.map { channel in
        kernel.indices.reduce(0) { sum, i in
          t - i < starts[t] ? sum : sum + kernel[kernel.count - 1 - i][channel] * x[t - i][channel]
        }
      }
    }
  }

  /// The short convolution with its SiLU, over [steps][channels]; the kernel is [width][channels].
  package static func shortConvolution(
    _ x: [[Double]],
    kernel: [[Double]],
    starts: [Int]
  ) -> [[Double]] {
    convolution(x, kernel, starts).map { $0.map { gatedSiLU($0, 1) } }
  }

  /// Its gradients: of x, and of the kernel.
  package static func shortConvolutionBackward(
    _ x: [[Double]],
    kernel: [[Double]],
    starts: [Int],
    gradient: [[Double]]
  ) -> (x: [[Double]], kernel: [[Double]]) {
    let z = convolution(x, kernel, starts)
    var dx = zeros(x.count, x[0].count)
    var dkernel = zeros(kernel.count, x[0].count)
    for t in x.indices {
      for channel in x[t].indices {
        let slope = gatedSiLUBackward(z[t][channel], 1, gradient: gradient[t][channel]).gate
        for i in kernel.indices where t - i >= starts[t] {
          dx[t - i][channel] += slope * kernel[kernel.count - 1 - i][channel]
          dkernel[kernel.count - 1 - i][channel] += slope * x[t - i][channel]
        }
      }
    }
    return (dx, dkernel)
  }

  /// `softmax([M u ; −M u])` for one head, over [steps][size].
  package static func featureMap(_ u: [[Double]], matrix: [[Double]]) -> [[Double]] {
    linear(u, matrix).map { z in
      let exponentials = (z + z.map { -$0 }).map { exp($0) }
      let sum = exponentials.reduce(0, +)
      return exponentials.map { $0 / sum }
    }
  }

  /// Its gradients: of u, and of M.
  package static func featureMapBackward(
    _ u: [[Double]],
    matrix: [[Double]],
    gradient: [[Double]]
  ) -> (u: [[Double]], matrix: [[Double]]) {
    let size = matrix.count
    let features = featureMap(u, matrix: matrix)
    let dz = features.indices.map { t in
      let mean = dot(features[t], gradient[t])
      return (0..<size).map {
        features[t][$0] * (gradient[t][$0] - mean)
          - features[t][size + $0] * (gradient[t][size + $0] - mean)
      }
    }
    let back = linearBackward(u, matrix, gradient: dz)
    return (back.x, back.weight)
  }
}
