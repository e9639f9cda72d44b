// Choosing the next token from logits: greedy, or at random from the likeliest tokens.

private import Foundation

/// Draws tokens from logits with a temperature and nucleus sampling.
///
/// Holtzman et al., "The Curious Case of Neural Text Degeneration", arXiv 1904.09751: the smallest
/// set of likeliest tokens whose probabilities reach `topP`, drawn from in proportion.
public struct Sampler: Sendable {
  /// The divisor of the logits; 0 takes the likeliest token.
  public let temperature: Double
  /// The probability that the set of candidates reaches; 1 keeps every token.
  public let topP: Double

  private var source: SplitMix64

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - temperature: The divisor of the logits; 0 takes the likeliest token.
  ///   - topP: The probability that the set of candidates reaches.
  ///   - seed: The seed; equal seeds draw equal tokens from equal logits.
  /// - Precondition: `temperature` is finite and not negative, `topP` lies in 0 ... 1.
  public init(temperature: Double = 1, topP: Double = 1, seed: UInt64 = 0) {
    precondition(temperature >= 0 && temperature.isFinite && (0...1).contains(topP))
    self.temperature = temperature
    self.topP = topP
    source = SplitMix64(seed: seed)
  }

  /// Draws a token.
  ///
  /// - Parameter logits: The logits, one a token.
  /// - Returns: The token's id; the smallest of equally likely ones where the choice is greedy.
  /// - Precondition: There is at least one logit.
  /// - Complexity: O(n log n) in the number of logits, O(n) at temperature 0.
  public mutating func next(_ logits: [Float]) -> Int {
    var best = 0
    for id in logits.indices where logits[id] > logits[best] { best = id }
    guard temperature > 0 else { return best }
    let largest = Double(logits[best])
    let weights = logits.map { exp((Double($0) - largest) / temperature) }
    let order =
      topP < 1
      ? logits.indices.sorted { (weights[$0], $1) > (weights[$1], $0) } : Array(logits.indices)
    let total = weights.reduce(0, +)
    var kept = 0.0
    var keptCount = 0
    while keptCount < order.count && (keptCount == 0 || kept < topP * total) {
      kept += weights[order[keptCount]]
      keptCount += 1
    }
    var left = source.nextUnit() * kept
    for id in order[..<keptCount] {
      left -= weights[id]
      if left < 0 { return id }
    }
    return order[keptCount - 1]
  }
}
