/// The shape of a network: everything that decides its parameters and its function, nothing of how
/// it is trained.
///
/// Encodes as the `model` object of a run's `config.json`.
public struct ModelConfiguration: Sendable, Equatable, Codable {
  /// The size of the residual stream, d.
  public var hiddenSize: Int
  /// The number of blocks, N.
  public var blockCount: Int
  /// The number of heads, H; divides ``hiddenSize``.
  public var headCount: Int
  /// The inner size of the gated feed-forward part, F.
  public var feedForwardSize: Int
  /// The number of token ids, V.
  public var vocabularySize: Int
  /// The number of tokens a training window holds, T.
  public var contextLength: Int
  /// Whether the output projection is the embedding itself.
  public var tiesOutput: Bool
  /// The number of time steps the chunkwise form handles at once, L; a matter of speed alone.
  public var chunkLength: Int
  /// The input gate's bias at start.
  public var inputGateBias: Float

  /// The size of one head, D.
  public var headSize: Int { hiddenSize / headCount }

  /// Creates a configuration; call ``validate()`` before use.
  ///
  /// - Parameters:
  ///   - hiddenSize: The size of the residual stream.
  ///   - blockCount: The number of blocks.
  ///   - headCount: The number of heads.
  ///   - feedForwardSize: The inner size of the feed-forward part.
  ///   - vocabularySize: The number of token ids.
  ///   - contextLength: The tokens of a window.
  ///   - tiesOutput: Whether the output projection is the embedding.
  ///   - chunkLength: The steps of a chunk.
  ///   - inputGateBias: The input gate's bias at start.
  public init(
    hiddenSize: Int,
    blockCount: Int,
    headCount: Int,
    feedForwardSize: Int,
    vocabularySize: Int,
    contextLength: Int,
    tiesOutput: Bool = true,
    chunkLength: Int = 64,
    inputGateBias: Float = 0
  ) {
    self.hiddenSize = hiddenSize
    self.blockCount = blockCount
    self.headCount = headCount
    self.feedForwardSize = feedForwardSize
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.tiesOutput = tiesOutput
    self.chunkLength = chunkLength
    self.inputGateBias = inputGateBias
  }
}

/// A setting of the model that cannot work, with the field's name and what would.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The field of ``ModelConfiguration``.
  public let field: String
  /// What is wrong and what would do.
  public let message: String

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - field: The field's name.
  ///   - message: What is wrong and what would do.
  public init(field: String, message: String) {
    self.field = field
    self.message = message
  }

  /// The message for people.
  public var description: String { "\(field): \(message)" }
}

extension ModelConfiguration {
  /// The named sizes, from the one that trains in a minute to the paper's.
  public enum Preset: String, Sendable, Codable, CaseIterable {
    case nano
    case small
    case base
    case paper
  }

  /// The configuration of a preset.
  ///
  /// - Parameters:
  ///   - preset: The named size.
  ///   - vocabularySize: The tokenizer's size; `nil` takes the preset's own.
  public init(preset: Preset, vocabularySize: Int? = nil) {
    switch preset {
    case .nano:
      self.init(
        hiddenSize: 128,
        blockCount: 4,
        headCount: 4,
        feedForwardSize: 384,
        vocabularySize: vocabularySize ?? 4_096,
        contextLength: 256
      )
    case .small:
      self.init(
        hiddenSize: 512,
        blockCount: 8,
        headCount: 8,
        feedForwardSize: 1_408,
        vocabularySize: vocabularySize ?? 16_384,
        contextLength: 512
      )
    case .base:
      self.init(
        hiddenSize: 768,
        blockCount: 12,
        headCount: 12,
        feedForwardSize: 2_048,
        vocabularySize: vocabularySize ?? 16_384,
        contextLength: 512
      )
    case .paper:
      self.init(
        hiddenSize: 1_024,
        blockCount: 24,
        headCount: 16,
        feedForwardSize: 1_536,
        vocabularySize: vocabularySize ?? 15_000,
        contextLength: 512,
        tiesOutput: false
      )
    }
  }

  /// Checks every field.
  ///
  /// - Throws: ``ConfigurationError`` that names the first field that cannot work.
  public func validate() throws {
    try check("hiddenSize", hiddenSize, in: 1...65_536)
    try check("blockCount", blockCount, in: 1...1_024)
    try check("headCount", headCount, in: 1...hiddenSize)
    try check("feedForwardSize", feedForwardSize, in: 1...1_048_576)
    try check("vocabularySize", vocabularySize, in: 2...4_194_304)
    try check("contextLength", contextLength, in: 1...1_048_576)
    try check("chunkLength", chunkLength, in: 1...4_096)
    guard hiddenSize % headCount == 0 else {
      throw ConfigurationError(
        field: "headCount",
        message: "\(headCount) does not divide hiddenSize \(hiddenSize)"
      )
    }
    guard inputGateBias.isFinite, abs(inputGateBias) <= 15 else {
      throw ConfigurationError(
        field: "inputGateBias",
        message: "\(inputGateBias) lies outside -15 ... 15, where the gate's cap is"
      )
    }
  }

  private func check(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ConfigurationError(
        field: field,
        message: "\(value) lies outside \(range.lowerBound) ... \(range.upperBound)"
      )
    }
  }
}
