// How the parameters begin: normal matrices, the two matrices that write into the residual stream
// made smaller with depth, gates that let the past through, gains of one, feature maps that change
// nothing but the sign.

private import Foundation

extension Model {
  /// The parameters at start.
  ///
  /// Matrices and embeddings are normal with deviation 0.02, those that write into the residual
  /// stream divided by √(2 · blocks); gate matrices are 0, forget gate biases evenly spaced from 3
  /// to 6 over the heads, gains 1; convolution kernels uniform in ±1/√width, feature maps' matrices
  /// the identity, the sliding window's α 0.5.
  ///
  /// - Parameter seed: The seed of the random numbers; equal seeds give equal parameters.
  /// - Returns: The parameters.
  public func initialParameters(seed: UInt64) -> ParameterBuffer {
    var parameters = ParameterBuffer(zerosFor: layout)
    var source = SplitMix64(seed: seed)
    let heads = configuration.headCount
    for tensor in layout.tensors {
      let name = tensor.name
      if name.hasSuffix(".gain") {
        for index in tensor.range { parameters.values[index] = 1 }
      } else if name.hasSuffix("inputGate.bias") {
        for index in tensor.range { parameters.values[index] = configuration.startingInputGateBias }
      } else if name.hasSuffix("forgetGate.bias") {
        for head in 0..<heads {
          parameters.values[tensor.offset + head] = 3 + 3 * Float(head) / Float(max(1, heads - 1))
        }
      } else if name.hasSuffix(".alpha") {
        parameters.values[tensor.offset] = 0.5
      } else if name.hasSuffix("Features.weight") {
        let size = configuration.headSize
        for index in 0..<tensor.count where index / size % size == index % size {
          parameters.values[tensor.offset + index] = 1
        }
      } else if name.hasSuffix("Convolution.weight") {
        let bound = 1 / Double(configuration.convolutionWidth).squareRoot()
        for index in tensor.range {
          parameters.values[index] = Float(bound * (2 * source.nextUnit() - 1))
        }
      } else if !name.hasSuffix("inputGate.weight") && !name.hasSuffix("forgetGate.weight") {
        let writesStream = name.hasSuffix(".out.weight") || name.hasSuffix(".down.weight")
        let deviation =
          writesStream ? 0.02 / Double(2 * configuration.blockCount).squareRoot() : 0.02
        fillNormal(&parameters.values, tensor.range, deviation, &source)
      }
    }
    return parameters
  }
}

/// Fills a range with normal numbers of mean 0 (Box and Muller, 1958).
private func fillNormal(
  _ values: inout [Float],
  _ range: Range<Int>,
  _ deviation: Double,
  _ source: inout SplitMix64
) {
  var index = range.lowerBound
  while index < range.upperBound {
    let radius = deviation * (-2 * log(1 - source.nextUnit())).squareRoot()
    let angle = 2 * Double.pi * source.nextUnit()
    values[index] = Float(radius * cos(angle))
    if index + 1 < range.upperBound { values[index + 1] = Float(radius * sin(angle)) }
    index += 2
  }
}
