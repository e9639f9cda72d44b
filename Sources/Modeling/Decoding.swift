// One token at a time: the recurrent form of the whole network, in memory that does not grow with
// the text.

import Kernels

/// What a network has read so far, and the buffers of one step.
public struct DecodingState: Sendable {
  fileprivate var blocks: [MLSTMState]
  fileprivate var pass: DecodingBuffers

  /// Creates the state before the first token.
  ///
  /// - Parameter model: The network that will read.
  public init(_ model: Model) {
    let sizes = PassSizes(model.configuration, windowCapacity: 1)
    let shape = sizes.mlstmShape(windowCount: 1)
    blocks = (0..<model.configuration.blockCount).map { _ in MLSTMState(for: shape) }
    pass = DecodingBuffers(sizes)
  }
}

/// Rows of one token.
private struct DecodingBuffers: Sendable {
  let sizes: PassSizes
  var stream: [Float]
  var normalized: [Float]
  var projections: [Float]
  var mixed: [Float]
  var headNormalized: [Float]
  var gated: [Float]
  var gateUp: [Float]
  var activated: [Float]
  var inverseRMS: [Float] = [0]

  init(_ sizes: PassSizes) {
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    self.sizes = sizes
    stream = zeros(sizes.hiddenSize)
    normalized = zeros(sizes.hiddenSize)
    projections = zeros(sizes.columns.stride)
    mixed = zeros(sizes.hiddenSize)
    headNormalized = zeros(sizes.hiddenSize)
    gated = zeros(sizes.hiddenSize)
    gateUp = zeros(2 * sizes.feedForwardSize)
    activated = zeros(sizes.feedForwardSize)
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
  _ state: inout MLSTMState,
  _ pass: inout DecodingBuffers
) {
  let sizes = pass.sizes
  norm(parameters, gainAt: at.mixerNormGain, &pass)
  apply(parameters, at.projections, pass.normalized, into: &pass.projections)
  mlstmStep(
    pass.projections,
    sizes.columns,
    parameters,
    at.biases,
    sizes.mlstmShape(windowCount: 1),
    state: &state,
    into: &pass.mixed
  )
  headNorm(
    pass.mixed,
    parameters,
    gainAt: at.headNormGain,
    rows: 1,
    heads: sizes.headCount,
    headSize: sizes.headSize,
    into: &pass.headNormalized
  )
  sigmoidGate(
    pass.projections,
    sizes.outputGate,
    pass.headNormalized,
    rows: 1,
    columns: sizes.hiddenSize,
    into: &pass.gated
  )
  apply(parameters, at.out, pass.gated, into: &pass.stream, keep: 1)
  norm(parameters, gainAt: at.feedForwardNormGain, &pass)
  apply(parameters, at.gateUp, pass.normalized, into: &pass.gateUp)
  gatedSiLU(pass.gateUp, rows: 1, size: sizes.feedForwardSize, into: &pass.activated)
  apply(parameters, at.down, pass.activated, into: &pass.stream, keep: 1)
}
