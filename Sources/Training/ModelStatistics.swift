// What the parameters tell of a network while it trains: how far attention is mixed in, and where the
// gates stand. Read off the tensors' names; networks without such tensors have no such numbers.

internal import Kernels
internal import Modeling

/// Numbers of a model's parameters, a row a block.
public struct ModelStatistics: Sendable, Equatable, Codable {
  /// A gate of one block.
  public struct Gate: Sendable, Equatable, Codable {
    /// The mean of its bias over the heads.
    public var biasMean: Double
    /// The smallest and the largest bias of a head.
    public var biasMinimum: Double
    /// The largest bias of a head.
    public var biasMaximum: Double
    /// The Frobenius norm of its matrix: how much it depends on the token.
    public var weightNorm: Double
  }

  /// The factor that mixes attention into the linear branch, α, of each block.
  public var mixing: [Double]?
  /// The input gate of each block.
  public var inputGates: [Gate]?
  /// The forget gate of each block.
  public var forgetGates: [Gate]?

  /// Reads a model's parameters.
  ///
  /// - Parameter parameters: The parameters.
  init(_ parameters: ParameterBuffer) {
    let tensors = parameters.layout.tensors
    func values(_ tensor: TensorDescription) -> [Double] {
      parameters.values[tensor.range].map(Double.init)
    }
    func gates(_ name: String) -> [Gate]? {
      let biases = tensors.filter { $0.name.hasSuffix(".\(name).bias") }
      let weights = tensors.filter { $0.name.hasSuffix(".\(name).weight") }
      guard !biases.isEmpty, biases.count == weights.count else { return nil }
      return zip(biases, weights).map { bias, weight in
        let heads = values(bias)
        return Gate(
          biasMean: heads.reduce(0, +) / Double(heads.count),
          biasMinimum: heads.min() ?? 0,
          biasMaximum: heads.max() ?? 0,
          weightNorm: sumOfSquares(parameters.values, range: weight.range).squareRoot()
        )
      }
    }
    let factors = tensors.filter { ParameterGroup(of: $0) == .mixing }
    mixing = factors.isEmpty ? nil : factors.flatMap(values)
    inputGates = gates("inputGate")
    forgetGates = gates("forgetGate")
  }

  /// What a person should look at, in words.
  var warnings: [String] {
    guard let mixing, !mixing.isEmpty, mixing.allSatisfy({ abs($0) >= 0.98 }) else { return [] }
    return [
      "the mixing factor of attention has gone to ±1 or beyond in every block; "
        + "the linear branch may have been drowned out"
    ]
  }
}
