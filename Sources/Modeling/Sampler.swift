// Choosing the next token from logits: greedy, or at random from the likeliest tokens.

private import Foundation

/// How tokens are drawn from logits.
public struct SamplingSettings: Sendable, Equatable, Codable {
  /// The divisor of the logits; 0 takes the likeliest token.
  public var temperature: Double
  /// The number of likeliest tokens to draw from; `nil` keeps every token.
  public var topK: Int?
  /// The probability that the set of candidates reaches; 1 keeps every token.
  public var topP: Double
  /// What makes tokens that were read before less likely: positive logits are divided by it,
  /// negative ones multiplied; 1 changes nothing.
  public var repetitionPenalty: Double
  /// Decides the draws; equal seeds draw equal tokens from equal logits.
  public var seed: UInt64

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - temperature: The divisor of the logits; 0 takes the likeliest token.
  ///   - topK: The number of likeliest tokens to draw from.
  ///   - topP: The probability that the set of candidates reaches.
  ///   - repetitionPenalty: What makes tokens that were read before less likely.
  ///   - seed: Decides the draws.
  public init(
    temperature: Double = 1,
    topK: Int? = nil,
    topP: Double = 1,
    repetitionPenalty: Double = 1,
    seed: UInt64 = 0
  ) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.repetitionPenalty = repetitionPenalty
    self.seed = seed
  }
}

/// Draws tokens from logits, one after another.
///
/// In this order: the penalty on repetition (Keskar et al., "CTRL", arXiv 1909.05858), the
/// temperature, the `topK` likeliest tokens, and of these the nucleus (Holtzman et al., "The Curious
/// Case of Neural Text Degeneration", arXiv 1904.09751): the smallest set of likeliest tokens whose
/// probabilities reach `topP`, drawn from in proportion.
public struct Sampler: Sendable {
  /// What a sampler carries from draw to draw: with equal settings and logits, equal memories draw
  /// equal tokens.
  public struct Memory: Sendable, Equatable, Codable {
    /// The state of the random numbers.
    public var random: UInt64
    /// The tokens that were read, for the penalty on repetition; each once, in order.
    public var seen: [Int]

    /// Creates a memory.
    ///
    /// - Parameters:
    ///   - random: The state of the random numbers; at first the seed.
    ///   - seen: The tokens that were read.
    public init(random: UInt64, seen: [Int] = []) {
      self.random = random
      self.seen = seen
    }
  }

  /// How tokens are drawn.
  public let settings: SamplingSettings
  /// What goes on from draw to draw.
  public var memory: Memory { Memory(random: source.state, seen: seen.sorted()) }

  private var source: SplitMix64
  private var seen: Set<Int>

  /// Creates a sampler.
  ///
  /// - Parameters:
  ///   - settings: How tokens are drawn.
  ///   - memory: What an earlier sampler carries on; `nil` begins with the settings' seed.
  /// - Precondition: `temperature` is finite and not negative, `topK` positive, `topP` in 0 ... 1,
  ///   `repetitionPenalty` finite and above 0.
  public init(_ settings: SamplingSettings = SamplingSettings(), memory: Memory? = nil) {
    precondition(settings.temperature >= 0 && settings.temperature.isFinite)
    precondition(settings.topK ?? 1 >= 1 && (0...1).contains(settings.topP))
    precondition(settings.repetitionPenalty > 0 && settings.repetitionPenalty.isFinite)
    self.settings = settings
    source = SplitMix64(seed: memory?.random ?? settings.seed)
    seen = Set(memory?.seen ?? [])
  }

  /// Remembers a token that was read, for the penalty on repetition.
  ///
  /// - Parameter token: The token's id.
  public mutating func note(_ token: Int) { seen.insert(token) }

  /// Draws a token.
  ///
  /// - Parameter logits: The logits, one a token.
  /// - Returns: The token's id; the smallest of equally likely ones where the choice is greedy.
  /// - Precondition: There is at least one logit.
  /// - Complexity: O(n log n) in the number of logits where `topK` or `topP` cut, else O(n).
  public mutating func next(_ logits: [Float]) -> Int {
    var logits = logits
    let penalty = Float(settings.repetitionPenalty)
    for token in penalty == 1 ? [] : seen where logits.indices.contains(token) {
      logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty
    }
    var best = 0
    for id in logits.indices where logits[id] > logits[best] { best = id }
    guard settings.temperature > 0 else { return best }
    let largest = Double(logits[best])
    let weights = logits.map { exp((Double($0) - largest) / settings.temperature) }
    var order = Array(logits.indices)
    if settings.topP < 1 || settings.topK ?? .max < order.count {
      order.sort { (weights[$0], $1) > (weights[$1], $0) }
    }
    if let topK = settings.topK { order = Array(order.prefix(topK)) }
    let total = order.reduce(0) { $0 + weights[$1] }
    var kept = 0.0
    var keptCount = 0
    while keptCount < order.count && (keptCount == 0 || kept < settings.topP * total) {
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
