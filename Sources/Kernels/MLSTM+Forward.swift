// The forward pass of the mLSTM in chunkwise form: the definition inside a chunk, a state from chunk
// to chunk, exponents relative to a running maximum so that none is positive.

private import CKernels

/// Computes the outputs of every head over windows that each begin from an empty state:
/// `h_t = Σ_j A_tj v_j / (max(|Σ_j A_tj|, e^{−m_t}) + 1e-6)`, j from `starts[t]` to t.
///
/// - Parameters:
///   - inputs: The buffer of queries, keys, values and gate preactivations, [rows, stride]; the
///     rows of a window follow one another.
///   - columns: Where they lie in a row.
///   - parameters: The buffer that holds the gate biases.
///   - biases: Where they lie.
///   - shape: The sizes.
///   - starts: For each row the first step of its window that it sees, [rows]: 0 throughout, or the
///     first step of the row's document; neither falls within a window.
///   - saving: Receives what the backward pass needs.
///   - scratch: Buffers of this thread.
///   - into: Receives the outputs, [rows, heads · valueSize].
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(steps · (chunkLength + valueSize) · keySize) a head and window.
public func mlstm(
  _ inputs: [Float],
  _ columns: MLSTMColumns,
  _ parameters: [Float],
  _ biases: MLSTMBiases,
  _ shape: MLSTMShape,
  starts: [Int32],
  saving: inout MLSTMActivations,
  scratch: inout MLSTMScratch,
  into: inout [Float]
) {
  precondition(
    startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  precondition(
    inputs.count >= shape.rowCount * columns.stride
      && into.count >= shape.rowCount * shape.outputSize && saving.holds(shape)
      && scratch.holds(shape) && biases.input >= 0 && biases.forget >= 0
      && max(biases.input, biases.forget) + shape.headCount <= parameters.count
      && columns.gates + 2 * shape.headCount <= columns.stride
  )
  for window in 0..<shape.windowCount {
    // Unsafe here and below because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_mlstm_gates(
      inputs,
      window * shape.stepCount * columns.stride + columns.gates,
      columns.stride,
      parameters,
      biases.input,
      biases.forget,
      shape.headCount,
      shape.stepCount,
      starts,
      window * shape.stepCount,
      window * shape.headCount * shape.stepCount,
      &saving.cappedInput,
      &saving.cappedForget,
      &saving.position,
      &saving.maximum,
      &saving.floors
    )
    for head in 0..<shape.headCount {
      for index in 0..<shape.chunkCount {
        let chunk = MLSTMChunk(shape, columns, starts, window: window, head: head, chunk: index)
        let at = window * shape.stepCount
        forward(inputs, chunk, shape, starts, at, saving: &saving, scratch: &scratch, into: &into)
        if !chunk.isLast { carry(inputs, chunk, shape, saving: &saving, scratch: &scratch) }
      }
    }
  }
}

/// The outputs of one chunk from its own steps and the state before it.
private func forward(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  _ starts: [Int32],
  _ startsAt: Int,
  saving: inout MLSTMActivations,
  scratch: inout MLSTMScratch,
  into: inout [Float]
) {
  let length = chunk.length
  let scale = 1 / Float(shape.keySize).squareRoot()
  unsafe ck_mlstm_decay(
    saving.position,
    saving.maximum,
    chunk.at,
    starts,
    startsAt,
    chunk.first,
    length,
    &scratch.decay
  )
  multiply(
    inputs,
    chunk.query,
    inputs,
    chunk.key,
    transposeRight: true,
    into: &scratch.weights,
    MatrixView(stride: length),
    rows: length,
    columns: length,
    inner: shape.keySize,
    scale: scale
  )
  unsafe ck_mlstm_weigh(scratch.decay, length, &scratch.weights, &saving.sums, chunk.at)
  multiply(
    scratch.weights,
    MatrixView(stride: length),
    inputs,
    chunk.value,
    into: &into,
    chunk.output,
    rows: length,
    columns: shape.valueSize,
    inner: length
  )
  if chunk.readerCount > 0 {
    unsafe ck_mlstm_scale_rows(
      inputs,
      chunk.query.offset,
      chunk.query.stride,
      saving.maximum,
      chunk.at,
      saving.maximum[chunk.at - 1],
      -1,
      scale,
      length,
      0,
      chunk.readerCount,
      shape.keySize,
      &scratch.scaledQueries,
      &scratch.queryFactors
    )
    multiply(
      scratch.scaledQueries,
      MatrixView(stride: shape.keySize),
      saving.states,
      MatrixView(offset: chunk.stateBefore, stride: shape.valueSize),
      into: &into,
      chunk.output,
      rows: length,
      columns: shape.valueSize,
      inner: shape.keySize,
      keep: 1
    )
    unsafe ck_row_dots(
      scratch.scaledQueries,
      saving.normalizers,
      chunk.normalizerBefore,
      length,
      shape.keySize,
      &saving.sums,
      chunk.at
    )
  }
  unsafe ck_mlstm_normalize(
    saving.sums,
    saving.floors,
    chunk.at,
    mlstmEpsilon,
    length,
    shape.valueSize,
    &into,
    chunk.output.offset,
    chunk.output.stride,
    &saving.denominators
  )
}

/// The state after a chunk: the one before it, decayed, and what the chunk's steps write.
private func carry(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  saving: inout MLSTMActivations,
  scratch: inout MLSTMScratch
) {
  let stateSize = shape.keySize * shape.valueSize
  let top = saving.maximum[chunk.at + chunk.length - 1]
  scaleWrittenKeys(inputs, chunk, shape, saved: saving, scratch: &scratch)
  multiply(
    scratch.scaledKeys,
    MatrixView(stride: shape.keySize),
    transposeLeft: true,
    inputs,
    chunk.value,
    into: &saving.states,
    MatrixView(offset: chunk.stateAfter, stride: shape.valueSize),
    rows: shape.keySize,
    columns: shape.valueSize,
    inner: chunk.length
  )
  unsafe ck_add_rows(
    inputs,
    chunk.key.offset,
    chunk.key.stride,
    scratch.keyFactors,
    0,
    chunk.length,
    shape.keySize,
    &saving.normalizers,
    chunk.normalizerAfter
  )
  if chunk.carries {
    let kept = ck_decay_factor(saving.maximum[chunk.at - 1], top)
    unsafe ck_mlstm_carry(
      &saving.states,
      chunk.stateBefore,
      chunk.stateAfter,
      kept,
      stateSize
    )
    unsafe ck_mlstm_carry(
      &saving.normalizers,
      chunk.normalizerBefore,
      chunk.normalizerAfter,
      kept,
      shape.keySize
    )
  }
}

/// Scales a chunk's keys by the weight with which each is written into the state after the chunk.
///
/// Leaves the scaled keys, [length, keySize], and the weights, [length], in the scratch.
func scaleWrittenKeys(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  saved: MLSTMActivations,
  scratch: inout MLSTMScratch
) {
  unsafe ck_mlstm_scale_rows(
    inputs,
    chunk.key.offset,
    chunk.key.stride,
    saved.position,
    chunk.at,
    saved.maximum[chunk.at + chunk.length - 1],
    1,
    1,
    chunk.length,
    chunk.firstKept,
    chunk.length,
    shape.keySize,
    &scratch.scaledKeys,
    &scratch.keyFactors
  )
}

/// Whether every row's first visible step lies at or before it and none lies before its
/// predecessor's.
func startsAreValid(_ starts: [Int32], windowCount: Int, stepCount: Int) -> Bool {
  guard starts.count >= windowCount * stepCount else { return false }
  for window in 0..<windowCount {
    var last: Int32 = 0
    for step in 0..<stepCount {
      let start = starts[window * stepCount + step]
      // A text begins where its first step stands, so that states are emptied there.
      guard start == last || start == Int32(step) && start > last else { return false }
      last = start
    }
  }
  return true
}
