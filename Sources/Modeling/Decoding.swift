// One token at a time: the recurrent form of the whole network, in memory that does not grow with
// the text.

import Kernels

/// What a network has read so far, and the buffers of one step.
///
/// A value: a copy goes on by itself. Where the model isolates documents, id 0 empties it.
public struct DecodingState: Sendable {
  var blocks: [BlockState]
  fileprivate var pass: DecodingBuffers

  /// Creates the state before the first token.
  ///
  /// - Parameter model: The network that will read.
  public init(_ model: Model) {
    let sizes = PassSizes(model.configuration, windowCapacity: 1)
    blocks = (0..<model.configuration.blockCount).map { _ in BlockState(sizes) }
    pass = DecodingBuffers(sizes)
  }
}

/// What one block's mixer has read.
struct BlockState: Sendable {
  var mlstm: MLSTMState
  var attention: AttentionState
  /// The last inputs of the convolutions, of queries and then of keys, [2, width, d].
  var history: [Float]

  init(_ sizes: PassSizes) {
    mlstm = MLSTMState(for: sizes.mlstmShape(windowCount: 1))
    attention = AttentionState(for: sizes.attentionShape(windowCount: 1))
    let width = sizes.configuration.convolutionWidth
    history = [Float](repeating: 0, count: 2 * width * sizes.hiddenSize)
  }

  mutating func reset() {
    mlstm.reset()
    attention.reset()
    zero(&history, count: history.count)
  }
}

/// Rows of one token.
private struct DecodingBuffers: Sendable {
  let sizes: PassSizes
  var stream: [Float]
  var normalized: [Float]
  /// What the mixer's product gives, then the mixer's whole row.
  var projections: [Float]
  var row: [Float]
  var mixed: [Float]
  var attended: [Float]
  var headNormalized: [Float]
  var gated: [Float]
  var gateUp: [Float]
  var activated: [Float]
  var features: [Float]
  var inverseRMS: [Float] = [0]

  init(_ sizes: PassSizes) {
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    self.sizes = sizes
    stream = zeros(sizes.hiddenSize)
    normalized = zeros(sizes.hiddenSize)
    projections = zeros(sizes.projectionWidth)
    row = zeros(sizes.rowStride)
    mixed = zeros(sizes.hiddenSize)
    attended = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hiddenSize)
    gated = zeros(sizes.hiddenSize)
    gateUp = zeros(2 * sizes.feedForwardSize)
    activated = zeros(sizes.feedForwardSize)
    features = zeros(sizes.headSize)
  }
}

extension Model {
  /// Reads one token and predicts the next.
  ///
  /// - Parameters:
  ///   - token: The token's id.
  ///   - parameters: The parameters.
  ///   - state: What was read so far; advanced by the token.
  ///   - logits: Receives the logits of the next token, [vocabularySize].
  /// - Precondition: The id lies inside the vocabulary; the buffers have this model's layout.
  /// - Complexity: O(parameters), whatever the length of the past.
  public func step(
    token: Int,
    parameters: borrowing ParameterBuffer,
    state: inout DecodingState,
    logits: inout [Float]
  ) {
    precondition(
      token >= 0 && token < configuration.vocabularySize
        && logits.count == configuration.vocabularySize
        && parameters.values.count == layout.count && state.blocks.count == places.blocks.count
    )
    let values = parameters.values
    let size = configuration.hiddenSize
    if configuration.isolateDocuments && token == Int(documentStart) {
      for index in state.blocks.indices { state.blocks[index].reset() }
    }
    for column in 0..<size {
      state.pass.stream[column] = values[places.embedding + token * size + column]
    }
    for index in places.blocks.indices {
      blockStep(values, places.blocks[index], &state.blocks[index], &state.pass)
    }
    norm(values, gainAt: places.finalNormGain, &state.pass)
    apply(values, places.unembedding, state.pass.normalized, into: &logits)
  }
}

private func norm(_ parameters: [Float], gainAt: Int, _ pass: inout DecodingBuffers) {
  rmsNorm(
    pass.stream,
    parameters,
    gainAt: gainAt,
    rows: 1,
    columns: pass.stream.count,
    inverseRMS: &pass.inverseRMS,
    into: &pass.normalized
  )
}

/// Applies a linear map to one row: `into = W x + keep · into`.
private func apply(
  _ parameters: [Float],
  _ weightAt: Int,
  _ x: [Float],
  into: inout [Float],
  keep: Float = 0
) {
  multiply(
    parameters,
    weightAt: weightAt,
    x,
    into: &into,
    rows: into.count,
    columns: x.count,
    keep: keep
  )
}

private func blockStep(
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ state: inout BlockState,
  _ pass: inout DecodingBuffers
) {
  let sizes = pass.sizes
  norm(parameters, gainAt: at.mixerNormGain, &pass)
  apply(parameters, at.projections, pass.normalized, into: &pass.projections)
  scaledAdd(pass.projections, range: 0..<sizes.projectionWidth, keep: 0, into: &pass.row)
  if sizes.hasCell { cellStep(parameters, at, &state, &pass) }
  if sizes.hasAttention {
    attentionStep(
      pass.row,
      sizes.attentionColumns,
      sizes.attentionShape(windowCount: 1),
      state: &state.attention,
      into: &pass.attended
    )
  }
  if sizes.hasCell {
    gateStep(parameters, at, &pass)
    apply(parameters, at.out, pass.gated, into: &pass.stream, keep: 1)
  } else {
    apply(parameters, at.out, pass.attended, into: &pass.stream, keep: 1)
  }
  norm(parameters, gainAt: at.feedForwardNormGain, &pass)
  apply(parameters, at.gateUp, pass.normalized, into: &pass.gateUp)
  gatedSiLU(pass.gateUp, rows: 1, size: sizes.feedForwardSize, into: &pass.activated)
  apply(parameters, at.down, pass.activated, into: &pass.stream, keep: 1)
}

/// Queries and keys through convolution and feature map, then the mLSTM.
private func cellStep(
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ state: inout BlockState,
  _ pass: inout DecodingBuffers
) {
  let sizes = pass.sizes
  if sizes.hasConvolution {
    let places = [at.queryConvolution, at.keyConvolution]
    for (part, kernel) in places.enumerated() {
      shortConvolutionStep(
        &pass.row,
        parameters,
        kernelAt: kernel,
        sizes.convolutionShape(windowCount: 1, from: part * sizes.hiddenSize),
        history: &state.history,
        historyAt: part * sizes.configuration.convolutionWidth * sizes.hiddenSize
      )
    }
  }
  if sizes.hasFeatures { mapFeatures(1, parameters, at, sizes, &pass.row, &pass.features) }
  mlstmStep(
    pass.row,
    sizes.columns,
    parameters,
    at.biases,
    sizes.mlstmShape(windowCount: 1),
    state: &state.mlstm,
    into: &pass.mixed
  )
}

/// The head norm, what attention adds to it, and the output gate.
private func gateStep(
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ pass: inout DecodingBuffers
) {
  let sizes = pass.sizes
  headNorm(
    pass.mixed,
    parameters,
    gainAt: at.headNormGain,
    rows: 1,
    heads: sizes.headCount,
    headSize: sizes.headSize,
    into: &pass.headNormalized
  )
  if sizes.hasSlidingWindow {
    let shares = mixShares(parameters, at, sizes)
    scaledAdd(
      pass.attended,
      range: 0..<sizes.hiddenSize,
      scale: shares.attention,
      keep: shares.cell,
      into: &pass.headNormalized
    )
  }
  sigmoidGate(
    pass.row,
    sizes.outputGate,
    pass.headNormalized,
    rows: 1,
    columns: sizes.hiddenSize,
    into: &pass.gated
  )
}
