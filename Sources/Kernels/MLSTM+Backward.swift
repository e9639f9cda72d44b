// The gradient of the mLSTM in chunkwise form, chunks from last to first, with the gradient of the
// state handed back from chunk to chunk. Scores are computed anew rather than kept.

private import CKernels

/// The gradient of ``mlstm(_:_:_:_:_:starts:saving:scratch:into:)``.
///
/// Overwrites the queries', keys', values' and gates' columns of `into` and leaves its other
/// columns; accumulates into the biases' gradients.
///
/// - Parameters:
///   - inputs: The buffer that went in.
///   - columns: Where queries, keys, values and gates lie in a row, of `inputs` and of `into`.
///   - biases: Where the gate biases lie in the buffer of all parameters.
///   - shape: The sizes.
///   - starts: For each row the first step of its window that it sees, as in the forward pass.
///   - outputs: What the forward pass gave, [rows, heads · valueSize].
///   - saved: What it kept.
///   - gradient: The gradient of the outputs, shaped as they are.
///   - scratch: Buffers of this thread.
///   - into: Receives the gradient of the inputs, [rows, stride].
///   - parameterGradient: Accumulates the biases' gradients.
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(steps · (chunkLength + valueSize) · keySize) a head and window.
public func mlstmBackward(
  _ inputs: [Float],
  _ columns: MLSTMColumns,
  _ biases: MLSTMBiases,
  _ shape: MLSTMShape,
  starts: [Int32],
  outputs: [Float],
  saved: MLSTMActivations,
  gradient: [Float],
  scratch: inout MLSTMScratch,
  into: inout [Float],
  parameterGradient: inout [Float]
) {
  precondition(
    startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  precondition(
    inputs.count >= shape.rowCount * columns.stride && into.count >= shape.rowCount * columns.stride
      && outputs.count >= shape.rowCount * shape.outputSize
      && gradient.count >= shape.rowCount * shape.outputSize && saved.holds(shape)
      && scratch.holds(shape) && biases.input >= 0 && biases.forget >= 0
      && max(biases.input, biases.forget) + shape.headCount <= parameterGradient.count
      && columns.gates + 2 * shape.headCount <= columns.stride
  )
  for window in 0..<shape.windowCount {
    for head in 0..<shape.headCount {
      for index in (0..<shape.chunkCount).reversed() {
        let chunk = MLSTMChunk(shape, columns, starts, window: window, head: head, chunk: index)
        insideGradient(
          inputs,
          chunk,
          shape,
          starts,
          window * shape.stepCount,
          outputs: outputs,
          saved: saved,
          gradient: gradient,
          scratch: &scratch,
          into: &into
        )
        if chunk.readerCount > 0 {
          readingGradient(inputs, chunk, shape, saved: saved, scratch: &scratch, into: &into)
        }
        if !chunk.isLast {
          writingGradient(inputs, chunk, shape, saved: saved, scratch: &scratch, into: &into)
        }
        if chunk.first > 0 {
          handBack(inputs, chunk, shape, saved: saved, scratch: &scratch)
        }
        // Unsafe here and below because C takes pointers; the shapes above keep it inside.
        unsafe ck_paired_row_dots(
          into,
          chunk.key.offset,
          inputs,
          chunk.key.offset,
          columns.stride,
          chunk.length,
          shape.keySize,
          &scratch.positionGradient,
          chunk.windowAt
        )
      }
    }
    unsafe ck_mlstm_gates_backward(
      saved.cappedInput,
      saved.cappedForget,
      saved.position,
      window * shape.headCount * shape.stepCount,
      starts,
      window * shape.stepCount,
      &scratch.positionGradient,
      scratch.maximumGradient,
      scratch.sumGradient,
      shape.headCount,
      shape.stepCount,
      &into,
      window * shape.stepCount * columns.stride + columns.gates,
      columns.stride,
      &parameterGradient,
      biases.input,
      biases.forget
    )
  }
}

/// Through the division and the chunk's own weights.
private func insideGradient(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  _ starts: [Int32],
  _ startsAt: Int,
  outputs: [Float],
  saved: MLSTMActivations,
  gradient: [Float],
  scratch: inout MLSTMScratch,
  into: inout [Float]
) {
  let length = chunk.length
  let scale = 1 / Float(shape.keySize).squareRoot()
  let square = MatrixView(stride: length)
  unsafe ck_mlstm_normalize_backward(
    outputs,
    gradient,
    chunk.output.offset,
    chunk.output.stride,
    saved.sums,
    saved.floors,
    saved.denominators,
    chunk.at,
    mlstmEpsilon,
    length,
    shape.valueSize,
    &scratch.numeratorGradient,
    &scratch.sumsGradient,
    &scratch.maximumGradient,
    &scratch.sumGradient,
    chunk.windowAt
  )
  unsafe ck_mlstm_decay(
    saved.position,
    saved.maximum,
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
    square,
    rows: length,
    columns: length,
    inner: shape.keySize,
    scale: scale
  )
  multiply(
    scratch.numeratorGradient,
    MatrixView(stride: shape.valueSize),
    inputs,
    chunk.value,
    transposeRight: true,
    into: &scratch.weightsGradient,
    square,
    rows: length,
    columns: length,
    inner: shape.valueSize
  )
  unsafe ck_mlstm_weigh_backward(
    scratch.decay,
    scratch.sumsGradient,
    length,
    &scratch.weights,
    &scratch.weightsGradient
  )
  multiply(
    scratch.weights,
    square,
    transposeLeft: true,
    scratch.numeratorGradient,
    MatrixView(stride: shape.valueSize),
    into: &into,
    chunk.value,
    rows: length,
    columns: shape.valueSize,
    inner: length
  )
  multiply(
    scratch.weightsGradient,
    square,
    inputs,
    chunk.key,
    into: &into,
    chunk.query,
    rows: length,
    columns: shape.keySize,
    inner: length,
    scale: scale
  )
  multiply(
    scratch.weightsGradient,
    square,
    transposeLeft: true,
    inputs,
    chunk.query,
    into: &into,
    chunk.key,
    rows: length,
    columns: shape.keySize,
    inner: length,
    scale: scale
  )
}

/// Through what the chunk's queries read from the state before it.
private func readingGradient(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  saved: MLSTMActivations,
  scratch: inout MLSTMScratch,
  into: inout [Float]
) {
  unsafe ck_mlstm_scale_rows(
    scratch.numeratorGradient,
    0,
    shape.valueSize,
    saved.maximum,
    chunk.at,
    saved.maximum[chunk.at - 1],
    -1,
    1 / Float(shape.keySize).squareRoot(),
    chunk.length,
    0,
    chunk.readerCount,
    shape.valueSize,
    &scratch.scaledGradient,
    &scratch.queryFactors
  )
  multiply(
    scratch.scaledGradient,
    MatrixView(stride: shape.valueSize),
    saved.states,
    MatrixView(offset: chunk.stateBefore, stride: shape.valueSize),
    transposeRight: true,
    into: &into,
    chunk.query,
    rows: chunk.length,
    columns: shape.keySize,
    inner: shape.valueSize,
    keep: 1
  )
  for step in 0..<chunk.length { scratch.queryFactors[step] *= scratch.sumsGradient[step] }
  unsafe ck_add_outer(
    scratch.queryFactors,
    saved.normalizers,
    chunk.normalizerBefore,
    chunk.length,
    shape.keySize,
    &into,
    chunk.query.offset,
    chunk.query.stride
  )
}

/// Through what the chunk's keys and values write into the state after it.
private func writingGradient(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  saved: MLSTMActivations,
  scratch: inout MLSTMScratch,
  into: inout [Float]
) {
  let top = saved.maximum[chunk.at + chunk.length - 1]
  let state = MatrixView(stride: shape.valueSize)
  scaleWrittenKeys(inputs, chunk, shape, saved: saved, scratch: &scratch)
  multiply(
    scratch.scaledKeys,
    MatrixView(stride: shape.keySize),
    scratch.stateGradient,
    state,
    into: &into,
    chunk.value,
    rows: chunk.length,
    columns: shape.valueSize,
    inner: shape.keySize,
    keep: 1
  )
  unsafe ck_mlstm_scale_rows(
    inputs,
    chunk.value.offset,
    chunk.value.stride,
    saved.position,
    chunk.at,
    top,
    1,
    1,
    chunk.length,
    chunk.firstKept,
    chunk.length,
    shape.valueSize,
    &scratch.scaledValues,
    &scratch.keyFactors
  )
  multiply(
    scratch.scaledValues,
    MatrixView(stride: shape.valueSize),
    scratch.stateGradient,
    state,
    transposeRight: true,
    into: &into,
    chunk.key,
    rows: chunk.length,
    columns: shape.keySize,
    inner: shape.valueSize,
    keep: 1
  )
  unsafe ck_add_outer(
    scratch.keyFactors,
    scratch.normalizerGradient,
    0,
    chunk.length,
    shape.keySize,
    &into,
    chunk.key.offset,
    chunk.key.stride
  )
}

/// The gradient of the state before the chunk, from the one after it and the chunk's reads.
private func handBack(
  _ inputs: [Float],
  _ chunk: MLSTMChunk,
  _ shape: MLSTMShape,
  saved: MLSTMActivations,
  scratch: inout MLSTMScratch
) {
  let kept =
    chunk.isLast || !chunk.carries
    ? 0
    : ck_decay_factor(
      saved.maximum[chunk.at - 1],
      saved.maximum[chunk.at + chunk.length - 1]
    )
  // Without a reader the scaled rows are those of another chunk; only the state after counts.
  let readers = chunk.readerCount
  multiply(
    inputs,
    chunk.query,
    transposeLeft: true,
    scratch.scaledGradient,
    MatrixView(stride: shape.valueSize),
    into: &scratch.stateGradient,
    MatrixView(stride: shape.valueSize),
    rows: shape.keySize,
    columns: shape.valueSize,
    inner: readers,
    keep: kept
  )
  unsafe ck_add_rows(
    inputs,
    chunk.query.offset,
    chunk.query.stride,
    scratch.queryFactors,
    kept,
    readers,
    shape.keySize,
    &scratch.normalizerGradient,
    0
  )
}
