// The network as a value: a checked configuration, the layout of its parameters and how they begin.
// It holds no numbers; parameters, gradients and activations are separate values.

import Kernels

/// A network's shape with the layout that follows from it.
public struct Model: Sendable {
  /// The sizes.
  public let configuration: ModelConfiguration
  /// The names, shapes and places of all parameters.
  public let layout: ParameterLayout

  /// The places the passes use.
  let places: NetworkPlaces

  /// Creates the network of a configuration.
  ///
  /// - Parameter configuration: The sizes.
  /// - Throws: ``ConfigurationError`` where a field cannot work.
  public init(_ configuration: ModelConfiguration) throws {
    try configuration.validate()
    self.configuration = configuration
    (layout, places) = NetworkPlaces.lay(out: configuration)
  }
}

/// Where a block's tensors begin in the flat buffer.
///
/// The matrices that read the normed stream before the mixer lie one after another, and so do the
/// gate and the up matrix of the feed-forward part: each group is one product. A mechanism that the
/// network is without has no tensors, and its places are 0.
struct BlockPlaces: Sendable {
  var mixerNormGain = 0
  /// Queries, keys, values, and for the mLSTM output gate, input gate, forget gate:
  /// [4d + 2H, d], or [3d, d].
  var projections = 0
  var biases = MLSTMBiases(input: 0, forget: 0)
  /// The convolutions' kernels, [width, d], and the feature maps' matrices, [H, D, D].
  var queryConvolution = 0
  var keyConvolution = 0
  var queryFeatures = 0
  var keyFeatures = 0
  var headNormGain = 0
  /// The sliding window's share, one number.
  var alpha = 0
  var out = 0
  var feedForwardNormGain = 0
  /// Gate, then up: [2F, d].
  var gateUp = 0
  var down = 0
}

/// Where every tensor begins in the flat buffer.
struct NetworkPlaces: Sendable {
  var embedding = 0
  var blocks: [BlockPlaces] = []
  var finalNormGain = 0
  var unembedding = 0

  /// Lays the tensors of a configuration out in one buffer, without gaps.
  static func lay(out configuration: ModelConfiguration) -> (ParameterLayout, NetworkPlaces) {
    var tensors: [TensorDescription] = []
    var count = 0
    func add(_ name: String, _ shape: [Int], _ rule: TensorDescription.Rule) -> Int {
      let tensor = TensorDescription(name: name, shape: shape, offset: count, rule: rule)
      tensors.append(tensor)
      count += tensor.count
      return tensor.offset
    }
    let size = configuration.hiddenSize
    let heads = configuration.headCount
    let inner = configuration.feedForwardSize
    func addCell(_ block: String, _ at: inout BlockPlaces) {
      let width = configuration.convolutionWidth
      let headSize = configuration.headSize
      _ = add("\(block).mixer.outputGate.weight", [size, size], .muon)
      for name in ["inputGate", "forgetGate"] {
        _ = add("\(block).mixer.\(name).weight", [heads, size], .adamWithDecay)
      }
      at.biases.input = add("\(block).mixer.inputGate.bias", [heads], .adam)
      at.biases.forget = add("\(block).mixer.forgetGate.bias", [heads], .adam)
      if width > 0 {
        at.queryConvolution = add("\(block).mixer.queryConvolution.weight", [width, size], .adam)
        at.keyConvolution = add("\(block).mixer.keyConvolution.weight", [width, size], .adam)
      }
      if configuration.featureMap == .hedgehog {
        let shape = [heads, headSize, headSize]
        at.queryFeatures = add("\(block).mixer.queryFeatures.weight", shape, .adam)
        at.keyFeatures = add("\(block).mixer.keyFeatures.weight", shape, .adam)
      }
      at.headNormGain = add("\(block).mixer.headNorm.gain", [size], .adam)
      if [.modulated, .bounded].contains(configuration.slidingWindow) {
        at.alpha = add("\(block).mixer.slidingWindow.alpha", [], .adam)
      }
    }
    var places = NetworkPlaces()
    places.embedding = add(
      "embedding.weight",
      [configuration.vocabularySize, size],
      .adamWithDecay
    )
    for index in 0..<configuration.blockCount {
      let block = "blocks.\(index)"
      var at = BlockPlaces()
      at.mixerNormGain = add("\(block).mixerNorm.gain", [size], .adam)
      at.projections = add("\(block).mixer.query.weight", [size, size], .muon)
      for name in ["key", "value"] {
        _ = add("\(block).mixer.\(name).weight", [size, size], .muon)
      }
      if configuration.mixer == .mlstm { addCell(block, &at) }
      at.out = add("\(block).mixer.out.weight", [size, size], .muon)
      at.feedForwardNormGain = add("\(block).feedForwardNorm.gain", [size], .adam)
      at.gateUp = add("\(block).feedForward.gate.weight", [inner, size], .muon)
      _ = add("\(block).feedForward.up.weight", [inner, size], .muon)
      at.down = add("\(block).feedForward.down.weight", [size, inner], .muon)
      places.blocks.append(at)
    }
    places.finalNormGain = add("finalNorm.gain", [size], .adam)
    places.unembedding =
      configuration.tiesOutput
      ? places.embedding
      : add("unembedding.weight", [configuration.vocabularySize, size], .adamWithDecay)
    return (ParameterLayout(tensors: tensors, count: count), places)
  }
}
