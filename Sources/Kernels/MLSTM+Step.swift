// The mLSTM one step at a time, for decoding: a state of constant size for each head.

private import CKernels

/// The state of every head of one mLSTM: empty at first, then all that the past left.
public struct MLSTMState: Sendable {
  /// [heads, keySize, valueSize], [heads, keySize] and [heads].
  package var state: [Float]
  package var normalizer: [Float]
  package var stabilizer: [Float]

  /// Creates an empty state.
  ///
  /// - Parameter shape: The sizes; windows and steps do not matter.
  public init(for shape: MLSTMShape) {
    state = [Float](repeating: 0, count: shape.headCount * shape.keySize * shape.valueSize)
    normalizer = [Float](repeating: 0, count: shape.headCount * shape.keySize)
    stabilizer = [Float](repeating: 0, count: shape.headCount)
  }

  /// Empties the state.
  public mutating func reset() {
    for index in state.indices { state[index] = 0 }
    for index in normalizer.indices { normalizer[index] = 0 }
    for index in stabilizer.indices { stabilizer[index] = 0 }
  }
}

/// Advances every head by one step.
///
/// - Parameters:
///   - inputs: One row with queries, keys, values and gate preactivations.
///   - columns: Where they lie in it.
///   - parameters: The buffer that holds the gate biases.
///   - biases: Where they lie.
///   - shape: The sizes; windows and steps do not matter.
///   - state: The state of the heads; advanced.
///   - into: Receives the outputs, [heads · valueSize].
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(heads · keySize · valueSize), whatever the length of the past.
public func mlstmStep(
  _ inputs: [Float],
  _ columns: MLSTMColumns,
  _ parameters: [Float],
  _ biases: MLSTMBiases,
  _ shape: MLSTMShape,
  state: inout MLSTMState,
  into: inout [Float]
) {
  precondition(
    inputs.count >= columns.stride && into.count >= shape.outputSize
      && state.state.count == shape.headCount * shape.keySize * shape.valueSize
      && state.normalizer.count == shape.headCount * shape.keySize
      && columns.gates + 2 * shape.headCount <= columns.stride
  )
  for head in 0..<shape.headCount {
    let input = ck_cap(inputs[columns.gates + head] + parameters[biases.input + head])
    let forget = ck_cap(
      inputs[columns.gates + shape.headCount + head] + parameters[biases.forget + head]
    )
    // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_mlstm_step(
      inputs,
      columns.query + head * shape.keySize,
      columns.key + head * shape.keySize,
      columns.value + head * shape.valueSize,
      input,
      ck_log_sigmoid(forget),
      mlstmEpsilon,
      shape.keySize,
      shape.valueSize,
      &state.state,
      head * shape.keySize * shape.valueSize,
      &state.normalizer,
      head * shape.keySize,
      &state.stabilizer,
      head,
      &into,
      head * shape.valueSize
    )
  }
}
