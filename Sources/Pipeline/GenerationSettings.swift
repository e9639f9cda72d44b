// What to generate and how: the same for the recipe's stage and the command.

import Files
import Modeling

/// What to generate.
public struct GenerationSettings: Sendable, Equatable, Codable {
  /// The text to continue; may be empty.
  public var prompt: String
  /// The most tokens to generate; a document's end or a stop string ends the text earlier.
  public var tokens: Int
  /// 0 takes the likeliest token each time; 1 samples the model's own distribution.
  public var temperature: Double
  /// The number of likeliest tokens to sample from; `nil` takes all.
  public var topK: Int?
  /// The share of probability that the tokens in question make up together, 0 < topP ≤ 1.
  public var topP: Double
  /// Above 1, makes tokens that stand in the text already less likely.
  public var repetitionPenalty: Double
  /// The strings of which any ends the text; they are not part of it.
  public var stop: [String]
  /// Decides the sampling.
  public var seed: UInt64

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - prompt: The text to continue.
  ///   - tokens: The most tokens to generate.
  ///   - temperature: 0 for the likeliest token each time.
  ///   - topK: The number of likeliest tokens to sample from.
  ///   - topP: The share of probability to sample from.
  ///   - repetitionPenalty: Above 1, makes tokens of the text less likely.
  ///   - stop: The strings of which any ends the text.
  ///   - seed: Decides the sampling.
  public init(
    prompt: String = "",
    tokens: Int = 100,
    temperature: Double = 0.8,
    topK: Int? = nil,
    topP: Double = 0.95,
    repetitionPenalty: Double = 1,
    stop: [String] = [],
    seed: UInt64 = 1
  ) {
    self.prompt = prompt
    self.tokens = tokens
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.repetitionPenalty = repetitionPenalty
    self.stop = stop
    self.seed = seed
  }

  /// How tokens are drawn.
  var sampling: SamplingSettings {
    SamplingSettings(
      temperature: temperature,
      topK: topK,
      topP: topP,
      repetitionPenalty: repetitionPenalty,
      seed: seed
    )
  }

  /// Checks the ranges.
  ///
  /// - Throws: ``Failure`` that names the first setting out of range.
  public func validate() throws {
    func check(_ holds: Bool, _ field: String, _ range: String) throws {
      guard !holds else { return }
      throw Failure(
        .usage,
        what: "`\(field)` is out of range",
        place: "generate.\(field)",
        remedy: "give \(range)"
      )
    }
    try check(tokens >= 1 && tokens <= 1_000_000, "tokens", "a number from 1 to 1,000,000")
    try check(temperature >= 0 && temperature <= 100, "temperature", "a number from 0 to 100")
    try check(topK ?? 1 >= 1, "topK", "a number from 1")
    try check(topP > 0 && topP <= 1, "topP", "a number above 0 and at most 1")
    try check(
      repetitionPenalty > 0 && repetitionPenalty <= 100,
      "repetitionPenalty",
      "a number above 0 and at most 100"
    )
    try check(!stop.contains(""), "stop", "strings that are not empty")
  }
}
