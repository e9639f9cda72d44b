// The forward pass of causal softmax attention with rotary positions, a chunk of queries at a time,
// so that no more scores exist than one chunk's.
//
// Su et al., "RoFormer", arXiv 2104.09864, in the half-split form.

private import CKernels

/// Computes softmax attention of every head: `h_t = Σ_j softmax_j(q_t·k_j / √D) v_j`, with rotary
/// positions on q and k.
///
/// A query of step t sees the steps from `max(starts[t], t − visibleCount + 1)` to t, and the first
/// `memoryCount` steps from `starts[t]`.
///
/// - Parameters:
///   - inputs: The buffer of queries, keys and values, [rows, stride].
///   - columns: Where they lie in a row.
///   - shape: The sizes.
///   - starts: For each row the first step of its window that it sees, [rows]: 0 throughout, or the
///     first step of the row's document; neither falls within a window.
///   - saving: Receives what the backward pass needs.
///   - scratch: Buffers of this thread.
///   - into: Receives the outputs, [rows, heads · headSize].
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(steps · min(steps, visibleCount) · headSize) a head and window.
public func attention(
  _ inputs: [Float],
  _ columns: AttentionColumns,
  _ shape: AttentionShape,
  starts: [Int32],
  saving: inout AttentionActivations,
  scratch: inout AttentionScratch,
  into: inout [Float]
) {
  precondition(
    shape.isValid && columns.fits(shape) && inputs.count >= shape.rowCount * columns.stride
      && into.count >= shape.rowCount * shape.outputSize
      && saving.logSums.count >= shape.rowCount * shape.headCount && scratch.holds(shape)
      && startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  for window in 0..<shape.windowCount {
    for head in 0..<shape.headCount {
      rotateHead(inputs, columns, shape, window: window, head: head, scratch: &scratch)
      for first in stride(from: 0, to: shape.stepCount, by: AttentionShape.chunkLength) {
        let chunk = AttentionChunk(shape, columns, starts, window: window, head: head, first: first)
        scoreChunk(chunk, shape, scratch: &scratch)
        // Unsafe here and below because C takes pointers; the shapes above keep it inside.
        unsafe ck_attention_softmax(
          scratch.queries,
          scratch.keys,
          starts,
          window * shape.stepCount,
          chunk.first,
          chunk.length,
          chunk.low,
          chunk.width,
          shape.visibleCount,
          shape.memoryCount,
          shape.headSize,
          &scratch.weights,
          &scratch.memoryWeights,
          &saving.logSums,
          chunk.logSumsAt
        )
        multiply(
          scratch.weights,
          MatrixView(stride: chunk.width),
          inputs,
          chunk.visibleValues,
          into: &into,
          chunk.output,
          rows: chunk.length,
          columns: shape.headSize,
          inner: chunk.width
        )
        unsafe ck_attention_memory(
          scratch.memoryWeights,
          starts,
          window * shape.stepCount,
          chunk.first,
          chunk.length,
          shape.memoryCount,
          shape.headSize,
          inputs,
          chunk.valuesAt,
          columns.stride,
          &into,
          chunk.output.offset,
          chunk.output.stride
        )
      }
    }
  }
}
