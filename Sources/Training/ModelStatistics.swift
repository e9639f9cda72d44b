// What a network tells of itself while it trains: how far attention is mixed in and where the gates
// stand, by the parameters, and what the mixers do with a text, by their activations. Networks
// without such tensors have no such numbers.

private import Foundation
internal import Kernels
public import Modeling

/// Numbers of a model's parameters and activations, a row a block.
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
  /// What the mixer of each block does with windows of the dev split, the same in every evaluation.
  public var mixers: [MixerStatistics]?

  /// Reads a model's parameters.
  ///
  /// - Parameters:
  ///   - parameters: The parameters.
  ///   - mixers: What the mixers do; none for a network without mLSTM.
  package init(_ parameters: ParameterBuffer, mixers: [MixerStatistics]) {
    self.mixers = mixers.isEmpty ? nil : mixers
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

  /// What a person should look at, in words that stay the same while the numbers change.
  ///
  /// - Parameter slidingWindow: How attention is mixed in.
  /// - Returns: The warnings, each as it is told every time.
  package func warnings(_ slidingWindow: ModelConfiguration.SlidingWindow) -> [String] {
    var warnings: [String] = []
    let shares = (mixing ?? []).map { slidingWindow == .bounded ? tanh($0) : $0 }
    if !shares.isEmpty, shares.allSatisfy({ abs($0) >= 0.98 }) {
      warnings.append(
        "the mixing factor of attention has gone to ±1 or beyond in every block; "
          + "the linear branch may have been drowned out"
      )
    }
    for (block, mixer) in (mixers ?? []).enumerated()
    where mixer.leastHeadVariance < Double(normEpsilon) {
      warnings.append(
        "a head of block \(block) is mute: its outputs vary by less than the head norm's epsilon; "
          + "a higher inputGateBias lets more through"
      )
    }
    return warnings
  }
}
