// The buffers of one pass of windows through the network, allocated once: what the forward pass
// keeps of each block, and the scratch both passes share. What is cheap (norms, SiLU, the output
// gate, scores) is computed anew in the backward pass rather than kept; as an option so is every
// block, from its input alone.

import Kernels

/// The number of rows whose logits exist at one time.
let headSliceRows = 256

/// What the forward pass keeps of one block.
struct BlockActivations: Sendable {
  /// The residual stream before the mixer and before the feed-forward part, [tokens, d].
  var mixerInput: [Float]
  var feedForwardInput: [Float]
  /// The factors of the two norms, [tokens].
  var mixerInverseRMS: [Float]
  var feedForwardInverseRMS: [Float]
  /// The mixer's rows, as ``PassSizes`` lays them out: queries, keys, values, output gates, input
  /// gates, forget gates; convolved queries and keys; features of both.
  var rows: [Float]
  /// The mLSTM's own, and its outputs, [tokens, d].
  var mlstm: MLSTMActivations
  var mixed: [Float]
  /// Attention's own, and its outputs, [tokens, d].
  var attention: AttentionActivations
  var attended: [Float]
  /// Gates and ups of the feed-forward part, [tokens, 2F].
  var gateUp: [Float]

  init(_ sizes: PassSizes) {
    func zeros(_ columns: Int) -> [Float] {
      [Float](repeating: 0, count: sizes.tokenCapacity * columns)
    }
    mixerInput = zeros(sizes.hiddenSize)
    feedForwardInput = zeros(sizes.hiddenSize)
    mixerInverseRMS = zeros(1)
    feedForwardInverseRMS = zeros(1)
    rows = zeros(sizes.rowStride)
    mlstm = MLSTMActivations(for: sizes.mlstmShape(windowCount: sizes.windowCapacity))
    mixed = zeros(sizes.hasCell ? sizes.hiddenSize : 0)
    attention = AttentionActivations(for: sizes.attentionShape(windowCount: sizes.windowCapacity))
    attended = zeros(sizes.hasAttention ? sizes.hiddenSize : 0)
    gateUp = zeros(2 * sizes.feedForwardSize)
  }
}

/// The buffers that blocks share.
struct PassScratch: Sendable {
  /// The residual stream, [tokens, d], and the factors of the final norm.
  var stream: [Float]
  var finalInverseRMS: [Float]
  /// Results of a norm, of the head norm mixed with attention, of the output gate, [tokens, d]; of
  /// the SiLU gate, [tokens, F].
  var normalized: [Float]
  var headNormalized: [Float]
  var gated: [Float]
  var activated: [Float]
  /// One slice of logits or their gradient, [256, V], and the loss of each row, [tokens].
  var logits: [Float]
  var losses: [Float]
  var mlstm: MLSTMScratch
  var attention: AttentionScratch
  /// One head's rows on their way to features, [tokens, D].
  var features: [Float]

  init(_ sizes: PassSizes) {
    func zeros(_ columns: Int) -> [Float] {
      [Float](repeating: 0, count: sizes.tokenCapacity * columns)
    }
    stream = zeros(sizes.hiddenSize)
    finalInverseRMS = zeros(1)
    normalized = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hasCell ? sizes.hiddenSize : 0)
    gated = zeros(sizes.hasCell ? sizes.hiddenSize : 0)
    activated = zeros(sizes.feedForwardSize)
    logits = [Float](
      repeating: 0,
      count: min(headSliceRows, sizes.tokenCapacity) * sizes.vocabularySize
    )
    losses = zeros(1)
    mlstm = MLSTMScratch(for: sizes.mlstmShape(windowCount: 1))
    attention = AttentionScratch(for: sizes.attentionShape(windowCount: 1))
    features = zeros(sizes.hasFeatures ? sizes.headSize : 0)
  }
}

/// The gradients of the activations, allocated when a backward pass first runs.
struct PassGradients: Sendable {
  /// Of the residual stream, of a norm's result, of what the output gate lets through, of the
  /// mLSTM's outputs, of attention's, [tokens, d].
  var stream: [Float]
  var normalized: [Float]
  var headNormalized: [Float]
  var mixed: [Float]
  var attended: [Float]
  /// Of the mixer's rows, of the feed-forward's gates and ups, of the SiLU gate's result.
  var rows: [Float]
  var gateUp: [Float]
  var activated: [Float]

  init(_ sizes: PassSizes) {
    func zeros(_ columns: Int) -> [Float] {
      [Float](repeating: 0, count: sizes.tokenCapacity * columns)
    }
    stream = zeros(sizes.hiddenSize)
    normalized = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hasCell ? sizes.hiddenSize : 0)
    mixed = zeros(sizes.hasCell ? sizes.hiddenSize : 0)
    attended = zeros(sizes.hasSlidingWindow ? sizes.hiddenSize : 0)
    rows = zeros(sizes.rowStride)
    gateUp = zeros(2 * sizes.feedForwardSize)
    activated = zeros(sizes.feedForwardSize)
  }
}

/// All buffers of one lane's passes.
struct NetworkPass: Sendable {
  let sizes: PassSizes
  /// What is kept of each block; where blocks are computed anew, of the last one that ran alone.
  var blocks: [BlockActivations]
  /// The stream before each block, [tokens, d], where blocks are computed anew.
  var blockInputs: [[Float]]
  var scratch: PassScratch
  var gradients: PassGradients?
  /// The ids that go in and those that should come out, [tokens]; a target of −1 carries no loss.
  var inputs: [Int32]
  var targets: [Int32]
  /// The first step of its window that each token sees, [tokens].
  var starts: [Int32]

  init(
    _ configuration: ModelConfiguration,
    windowCapacity: Int,
    recomputesActivations: Bool = false
  ) {
    sizes = PassSizes(configuration, windowCapacity: windowCapacity)
    let sizes = sizes
    let count = configuration.blockCount
    blocks = (0..<(recomputesActivations ? 1 : count)).map { _ in BlockActivations(sizes) }
    blockInputs = (0..<(recomputesActivations ? count : 0)).map { _ in
      [Float](repeating: 0, count: sizes.tokenCapacity * sizes.hiddenSize)
    }
    scratch = PassScratch(sizes)
    inputs = [Int32](repeating: 0, count: sizes.tokenCapacity)
    targets = inputs
    starts = inputs
  }
}
