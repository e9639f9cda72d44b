// The buffers of one pass of windows through the network, allocated once: what the forward pass
// keeps of each block, and the scratch both passes share. What is cheap (norms, SiLU, the output
// gate, scores) is computed anew in the backward pass rather than kept.

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
  /// Queries, keys, values, output gates, input gates, forget gates, [tokens, 4d + 2H].
  var projections: [Float]
  /// The mLSTM's own, and its outputs, [tokens, d].
  var mlstm: MLSTMActivations
  var mixed: [Float]
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
    projections = zeros(sizes.columns.stride)
    mlstm = MLSTMActivations(for: sizes.mlstmShape(windowCount: sizes.windowCapacity))
    mixed = zeros(sizes.hiddenSize)
    gateUp = zeros(2 * sizes.feedForwardSize)
  }
}

/// The buffers that blocks share.
struct PassScratch: Sendable {
  /// The residual stream, [tokens, d], and the factors of the final norm.
  var stream: [Float]
  var finalInverseRMS: [Float]
  /// Results of a norm, of the head norm, of the output gate, [tokens, d]; of the SiLU gate, [tokens, F].
  var normalized: [Float]
  var headNormalized: [Float]
  var gated: [Float]
  var activated: [Float]
  /// One slice of logits or their gradient, [256, V], and the loss of each row, [tokens].
  var logits: [Float]
  var losses: [Float]
  var mlstm: MLSTMScratch

  init(_ sizes: PassSizes) {
    func zeros(_ columns: Int) -> [Float] {
      [Float](repeating: 0, count: sizes.tokenCapacity * columns)
    }
    stream = zeros(sizes.hiddenSize)
    finalInverseRMS = zeros(1)
    normalized = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hiddenSize)
    gated = zeros(sizes.hiddenSize)
    activated = zeros(sizes.feedForwardSize)
    logits = [Float](
      repeating: 0,
      count: min(headSliceRows, sizes.tokenCapacity) * sizes.vocabularySize
    )
    losses = zeros(1)
    mlstm = MLSTMScratch(for: sizes.mlstmShape(windowCount: 1))
  }
}

/// The gradients of the activations, allocated when a backward pass first runs.
struct PassGradients: Sendable {
  /// Of the residual stream, of a norm's result, of the head norm's, of the mLSTM's, [tokens, d].
  var stream: [Float]
  var normalized: [Float]
  var headNormalized: [Float]
  var mixed: [Float]
  /// Of the projections, of the feed-forward's gates and ups, of the SiLU gate's result.
  var projections: [Float]
  var gateUp: [Float]
  var activated: [Float]

  init(_ sizes: PassSizes) {
    func zeros(_ columns: Int) -> [Float] {
      [Float](repeating: 0, count: sizes.tokenCapacity * columns)
    }
    stream = zeros(sizes.hiddenSize)
    normalized = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hiddenSize)
    mixed = zeros(sizes.hiddenSize)
    projections = zeros(sizes.columns.stride)
    gateUp = zeros(2 * sizes.feedForwardSize)
    activated = zeros(sizes.feedForwardSize)
  }
}

/// The sizes a pass's buffers are made for.
struct PassSizes: Sendable {
  let hiddenSize: Int
  let headCount: Int
  let feedForwardSize: Int
  let vocabularySize: Int
  let stepCount: Int
  let chunkLength: Int
  let windowCapacity: Int

  init(_ configuration: ModelConfiguration, windowCapacity: Int) {
    hiddenSize = configuration.hiddenSize
    headCount = configuration.headCount
    feedForwardSize = configuration.feedForwardSize
    vocabularySize = configuration.vocabularySize
    stepCount = configuration.contextLength
    chunkLength = configuration.chunkLength
    self.windowCapacity = windowCapacity
  }

  /// The most tokens of a pass.
  var tokenCapacity: Int { windowCapacity * stepCount }
  /// The size of one head.
  var headSize: Int { hiddenSize / headCount }

  /// The columns of a row of projections.
  var columns: MLSTMColumns {
    MLSTMColumns(
      stride: 4 * hiddenSize + 2 * headCount,
      query: 0,
      key: hiddenSize,
      value: 2 * hiddenSize,
      gates: 4 * hiddenSize
    )
  }

  /// Where the output gate's preactivations lie in the projections.
  var outputGate: MatrixView {
    MatrixView(offset: 3 * hiddenSize, stride: columns.stride)
  }

  /// The mLSTM's sizes for a number of windows.
  func mlstmShape(windowCount: Int) -> MLSTMShape {
    MLSTMShape(
      windowCount: windowCount,
      stepCount: stepCount,
      headCount: headCount,
      keySize: headSize,
      valueSize: headSize,
      chunkLength: chunkLength
    )
  }
}

/// All buffers of one lane's passes.
struct NetworkPass: Sendable {
  let sizes: PassSizes
  var blocks: [BlockActivations]
  var scratch: PassScratch
  var gradients: PassGradients?
  /// The ids that go in and those that should come out, [tokens]; a target of −1 carries no loss.
  var inputs: [Int32]
  var targets: [Int32]

  init(_ configuration: ModelConfiguration, windowCapacity: Int) {
    sizes = PassSizes(configuration, windowCapacity: windowCapacity)
    let sizes = sizes
    blocks = (0..<configuration.blockCount).map { _ in BlockActivations(sizes) }
    scratch = PassScratch(sizes)
    inputs = [Int32](repeating: 0, count: sizes.tokenCapacity)
    targets = inputs
  }
}
