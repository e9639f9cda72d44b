// What a network is, apart from how it is trained: sizes and the mechanisms of Haller et al., arXiv
// 2511.05560. The presets stand in ModelConfiguration+Presets.swift.

/// The shape of a network: everything that decides its parameters and its function, nothing of how
/// it is trained.
///
/// Encodes as the `model` object of a run's `config.json`; a key that a file leaves out has its
/// default.
public struct ModelConfiguration: Sendable, Equatable, Codable {
  /// What moves information along the text.
  public enum Mixer: String, Sendable, Codable, CaseIterable {
    /// The matrix LSTM: linear in the text's length, with a state of constant size.
    case mlstm
    /// Softmax attention over the whole window, the paper's Transformer.
    case attention
  }

  /// What queries and keys of the mLSTM go through.
  public enum FeatureMap: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case identity
    /// `softmax([M u ; −M u])`, M learned.
    case hedgehog
  }

  /// How attention over the last steps joins the mLSTM's output.
  public enum SlidingWindow: String, Sendable, Codable, CaseIterable {
    /// There is none.
    case none
    /// The mean of both.
    case average
    /// The mLSTM's plus α times attention's, α learned, one a block.
    case modulated
    /// The mLSTM's plus tanh(α) times attention's.
    case bounded
  }

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
  public var tiesOutput = true
  /// What moves information along the text.
  public var mixer = Mixer.mlstm
  /// The steps of the short convolution of queries and keys, 4 in the paper; 0 leaves it out.
  public var convolutionWidth = 0
  /// What queries and keys of the mLSTM go through.
  public var featureMap = FeatureMap.identity
  /// How attention over the last steps joins the mLSTM's output.
  public var slidingWindow = SlidingWindow.none
  /// The steps that this attention sees, W.
  public var slidingWindowLength = 64
  /// The first steps of a text that stay visible to it, 4 in the paper.
  public var slidingWindowMemory = 0
  /// Whether no document of a window sees another.
  public var isolateDocuments = false
  /// The number of time steps the chunkwise form handles at once, L; a matter of speed alone.
  public var chunkLength = 64
  /// The input gate's bias at start; `nil` takes the mechanisms' (``startingInputGateBias``).
  public var inputGateBias: Float?

  /// The size of one head, D.
  public var headSize: Int { hiddenSize / headCount }

  /// The size of a head's query and key in the mLSTM, P.
  public var keySize: Int { featureMap == .hedgehog ? 2 * headSize : headSize }

  /// The input gate's bias at start; where none is set 3 with Hedgehog, 2 with the convolution, else 0.
  ///
  /// Both mechanisms make scores small. Without a bias the floor of the mLSTM's denominator then
  /// keeps a head's output near the epsilon of the norm that follows: variances of 2e-6 with
  /// Hedgehog in every preset, 1e-5 with the convolution in nano. These biases bring all over 1e-4.
  public var startingInputGateBias: Float {
    inputGateBias ?? (featureMap == .hedgehog ? 3 : convolutionWidth > 0 ? 2 : 0)
  }

  /// Creates a configuration without options; call ``validate()`` before use.
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
  public init(
    hiddenSize: Int,
    blockCount: Int,
    headCount: Int,
    feedForwardSize: Int,
    vocabularySize: Int,
    contextLength: Int,
    tiesOutput: Bool = true,
    chunkLength: Int = 64
  ) {
    self.hiddenSize = hiddenSize
    self.blockCount = blockCount
    self.headCount = headCount
    self.feedForwardSize = feedForwardSize
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.tiesOutput = tiesOutput
    self.chunkLength = chunkLength
  }
}

extension ModelConfiguration {
  private enum CodingKeys: String, CodingKey {
    case hiddenSize, blockCount, headCount, feedForwardSize, vocabularySize, contextLength
    case tiesOutput, mixer, convolutionWidth, featureMap, slidingWindow, slidingWindowLength
    case slidingWindowMemory, isolateDocuments, chunkLength, inputGateBias
  }

  /// Reads a configuration; sizes must be there, options may be missing.
  ///
  /// - Parameter decoder: The decoder.
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func size(_ key: CodingKeys) throws -> Int { try values.decode(Int.self, forKey: key) }
    self.init(
      hiddenSize: try size(.hiddenSize),
      blockCount: try size(.blockCount),
      headCount: try size(.headCount),
      feedForwardSize: try size(.feedForwardSize),
      vocabularySize: try size(.vocabularySize),
      contextLength: try size(.contextLength)
    )
    func take<Value: Decodable>(
      _ property: WritableKeyPath<ModelConfiguration, Value>,
      _ key: CodingKeys
    ) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) {
        self[keyPath: property] = value
      }
    }
    try take(\.tiesOutput, .tiesOutput)
    try take(\.mixer, .mixer)
    try take(\.convolutionWidth, .convolutionWidth)
    try take(\.featureMap, .featureMap)
    try take(\.slidingWindow, .slidingWindow)
    try take(\.slidingWindowLength, .slidingWindowLength)
    try take(\.slidingWindowMemory, .slidingWindowMemory)
    try take(\.isolateDocuments, .isolateDocuments)
    try take(\.chunkLength, .chunkLength)
    inputGateBias = try values.decodeIfPresent(Float.self, forKey: .inputGateBias)
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
    try check("convolutionWidth", convolutionWidth, in: 0...64)
    try check("slidingWindowLength", slidingWindowLength, in: 1...1_048_576)
    try check("slidingWindowMemory", slidingWindowMemory, in: 0...1_024)
    try check("chunkLength", chunkLength, in: 1...4_096)
    try require(
      hiddenSize % headCount == 0,
      "headCount",
      "\(headCount) does not divide hiddenSize \(hiddenSize)"
    )
    try checkMechanisms()
    if let inputGateBias {
      try require(
        inputGateBias.isFinite && abs(inputGateBias) <= 15,
        "inputGateBias",
        "\(inputGateBias) lies outside -15 ... 15, where the gate's cap is"
      )
    }
  }

  private func checkMechanisms() throws {
    let reason = "belongs to the mixer mlstm; the mixer is attention"
    if mixer == .attention {
      try require(convolutionWidth == 0, "convolutionWidth", reason)
      try require(featureMap == .identity, "featureMap", reason)
      try require(slidingWindow == .none, "slidingWindow", reason)
      try require(inputGateBias == nil, "inputGateBias", reason)
    }
    try require(
      slidingWindowMemory == 0 || slidingWindow != .none,
      "slidingWindowMemory",
      "\(slidingWindowMemory) steps stay visible to a sliding window, and slidingWindow is none"
    )
    try require(
      headSize % 2 == 0 || mixer == .mlstm && slidingWindow == .none,
      "headCount",
      "heads of \(headSize) have no halves for attention's rotary positions; "
        + "hiddenSize / headCount must be even"
    )
  }

  private func check(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws {
    try require(
      range.contains(value),
      field,
      "\(value) lies outside \(range.lowerBound) ... \(range.upperBound)"
    )
  }

  private func require(_ holds: Bool, _ field: String, _ message: String) throws {
    guard holds else { throw ConfigurationError(field: field, message: message) }
  }
}
