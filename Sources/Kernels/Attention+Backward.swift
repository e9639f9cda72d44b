// The gradient of causal softmax attention, a chunk of queries at a time; weights are computed anew
// from the saved log sums.

private import CKernels

/// The gradient of ``attention(_:_:_:starts:saving:scratch:into:)``.
///
/// - Parameters:
///   - inputs: The buffer that went in.
///   - columns: Where queries, keys and values lie in a row, of `inputs` and of `into`.
///   - shape: The sizes.
///   - starts: For each row the first step of its window that it sees, as in the forward pass.
///   - outputs: What the forward pass gave, [rows, heads · headSize].
///   - saved: What it kept.
///   - gradient: The gradient of the outputs, shaped as they are.
///   - keep: 1 accumulates into the queries', keys' and values' columns of `into`, 0 overwrites them.
///   - scratch: Buffers of this thread.
///   - into: Receives the gradient of the inputs, [rows, stride].
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(steps · min(steps, visibleCount) · headSize) a head and window.
public func attentionBackward(
  _ inputs: [Float],
  _ columns: AttentionColumns,
  _ shape: AttentionShape,
  starts: [Int32],
  outputs: [Float],
  saved: AttentionActivations,
  gradient: [Float],
  keep: Float,
  scratch: inout AttentionScratch,
  into: inout [Float]
) {
  precondition(
    shape.isValid && columns.fits(shape) && inputs.count >= shape.rowCount * columns.stride
      && into.count >= shape.rowCount * columns.stride
      && outputs.count >= shape.rowCount * shape.outputSize
      && gradient.count >= shape.rowCount * shape.outputSize
      && saved.logSums.count >= shape.rowCount * shape.headCount && scratch.holds(shape)
      && startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  for window in 0..<shape.windowCount {
    for head in 0..<shape.headCount {
      let row = window * shape.stepCount * columns.stride + head * shape.headSize
      rotateHead(inputs, columns, shape, window: window, head: head, scratch: &scratch)
      clear(&scratch, shape)
      // Unsafe here and below because C takes pointers; the shapes above keep it inside.
      if keep == 0 {
        unsafe ck_clear_rows(
          &into,
          row + columns.value,
          columns.stride,
          shape.stepCount,
          shape.headSize
        )
      }
      for first in stride(from: 0, to: shape.stepCount, by: AttentionShape.chunkLength) {
        let chunk = AttentionChunk(shape, columns, starts, window: window, head: head, first: first)
        chunkGradient(
          inputs,
          columns.stride,
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
      }
      unsafe ck_rotate_backward(
        scratch.queriesGradient,
        scratch.cosines,
        scratch.sines,
        shape.stepCount,
        shape.headSize,
        shape.scale,
        keep,
        &into,
        row + columns.query,
        columns.stride
      )
      unsafe ck_rotate_backward(
        scratch.keysGradient,
        scratch.cosines,
        scratch.sines,
        shape.stepCount,
        shape.headSize,
        1,
        keep,
        &into,
        row + columns.key,
        columns.stride
      )
    }
  }
}

private func clear(_ scratch: inout AttentionScratch, _ shape: AttentionShape) {
  let (rows, size) = (shape.stepCount, shape.headSize)
  // Unsafe because C takes pointers; the scratch holds the shape.
  unsafe ck_clear_rows(&scratch.queriesGradient, 0, size, rows, size)
  unsafe ck_clear_rows(&scratch.keysGradient, 0, size, rows, size)
}

/// What one chunk of queries adds to the gradients of queries, keys and values.
private func chunkGradient(
  _ inputs: [Float],
  _ inputStride: Int,
  _ chunk: AttentionChunk,
  _ shape: AttentionShape,
  _ starts: [Int32],
  _ startsAt: Int,
  outputs: [Float],
  saved: AttentionActivations,
  gradient: [Float],
  scratch: inout AttentionScratch,
  into: inout [Float]
) {
  let scores = MatrixView(stride: chunk.width)
  scoreChunk(chunk, shape, scratch: &scratch)
  unsafe ck_attention_weights(
    scratch.queries,
    scratch.keys,
    starts,
    startsAt,
    chunk.first,
    chunk.length,
    chunk.low,
    chunk.width,
    shape.visibleCount,
    shape.memoryCount,
    shape.headSize,
    &scratch.weights,
    &scratch.memoryWeights,
    saved.logSums,
    chunk.logSumsAt
  )
  multiply(
    scratch.weights,
    scores,
    transposeLeft: true,
    gradient,
    chunk.output,
    into: &into,
    chunk.visibleValues,
    rows: chunk.width,
    columns: shape.headSize,
    inner: chunk.length,
    keep: 1
  )
  multiply(
    gradient,
    chunk.output,
    inputs,
    chunk.visibleValues,
    transposeRight: true,
    into: &scratch.products,
    scores,
    rows: chunk.length,
    columns: chunk.width,
    inner: shape.headSize
  )
  unsafe ck_attention_backward(
    scratch.weights,
    chunk.length,
    chunk.width,
    shape.headSize,
    outputs,
    gradient,
    chunk.output.offset,
    chunk.output.stride,
    &scratch.products,
    &scratch.dots
  )
  multiply(
    scratch.products,
    scores,
    scratch.keys,
    chunk.keys(shape),
    into: &scratch.queriesGradient,
    chunk.queries(shape),
    rows: chunk.length,
    columns: shape.headSize,
    inner: chunk.width
  )
  multiply(
    scratch.products,
    scores,
    transposeLeft: true,
    scratch.queries,
    chunk.queries(shape),
    into: &scratch.keysGradient,
    chunk.keys(shape),
    rows: chunk.width,
    columns: shape.headSize,
    inner: chunk.length,
    keep: 1
  )
  unsafe ck_attention_memory_backward(
    scratch.memoryWeights,
    scratch.dots,
    scratch.queries,
    scratch.keys,
    starts,
    startsAt,
    chunk.first,
    chunk.length,
    shape.memoryCount,
    shape.headSize,
    inputs,
    chunk.valuesAt,
    inputStride,
    gradient,
    chunk.output.offset,
    chunk.output.stride,
    &scratch.queriesGradient,
    &scratch.keysGradient,
    &into
  )
}
