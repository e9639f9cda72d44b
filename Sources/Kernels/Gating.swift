// The two element-wise gates of a block, forward and backward: the mixer's output gate, and the
// SiLU gate of the feed-forward part.

private import CKernels

/// Multiplies by a sigmoid gate: `y = σ(gate) · x`.
///
/// - Parameters:
///   - gate: The buffer of the gate's preactivations, [rows, columns].
///   - gateView: Where they lie.
///   - x: What is gated, [rows, columns].
///   - rows: The number of rows.
///   - columns: The size of a row.
///   - into: Receives the result, [rows, columns].
/// - Precondition: Every buffer holds its shape.
public func sigmoidGate(
  _ gate: [Float],
  _ gateView: MatrixView,
  _ x: [Float],
  rows: Int,
  columns: Int,
  into: inout [Float]
) {
  precondition(
    gateView.reach(rows: rows, columns: columns) <= gate.count && x.count >= rows * columns
      && into.count >= rows * columns
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_sigmoid_gate(gate, gateView.offset, gateView.stride, x, rows, columns, &into)
}

/// The gradient of ``sigmoidGate(_:_:_:rows:columns:into:)``; overwrites both results.
///
/// - Parameters:
///   - gate: The buffer of the gate's preactivations.
///   - gateView: Where they lie, and where their gradient goes.
///   - x: What was gated, [rows, columns].
///   - gradient: The gradient of the result, [rows, columns].
///   - rows: The number of rows.
///   - columns: The size of a row.
///   - gateGradient: Receives the gate's gradient, at the gate's own place.
///   - into: Receives the gradient of `x`.
/// - Precondition: Every buffer holds its shape.
public func sigmoidGateBackward(
  _ gate: [Float],
  _ gateView: MatrixView,
  _ x: [Float],
  gradient: [Float],
  rows: Int,
  columns: Int,
  gateGradient: inout [Float],
  into: inout [Float]
) {
  let reach = gateView.reach(rows: rows, columns: columns)
  precondition(
    reach <= gate.count && reach <= gateGradient.count && x.count >= rows * columns
      && gradient.count >= rows * columns && into.count >= rows * columns
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_sigmoid_gate_backward(
    gate,
    gateView.offset,
    gateView.stride,
    x,
    gradient,
    rows,
    columns,
    &gateGradient,
    &into
  )
}

/// The gated linear unit of the feed-forward part: `y = SiLU(gate) · up`.
///
/// - Parameters:
///   - gateUp: A row holds `size` gates, then `size` ups, [rows, 2 · size].
///   - rows: The number of rows.
///   - size: The size of the result's row.
///   - into: Receives the result, [rows, size].
/// - Precondition: Every buffer holds its shape.
public func gatedSiLU(_ gateUp: [Float], rows: Int, size: Int, into: inout [Float]) {
  precondition(gateUp.count >= 2 * rows * size && into.count >= rows * size)
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_gated_silu(gateUp, rows, size, &into)
}

/// The gradient of ``gatedSiLU(_:rows:size:into:)``; overwrites `into`.
///
/// - Parameters:
///   - gateUp: What went in, [rows, 2 · size].
///   - gradient: The gradient of the result, [rows, size].
///   - rows: The number of rows.
///   - size: The size of the result's row.
///   - into: Receives the gradient of `gateUp`.
/// - Precondition: Every buffer holds its shape.
public func gatedSiLUBackward(
  _ gateUp: [Float],
  gradient: [Float],
  rows: Int,
  size: Int,
  into: inout [Float]
) {
  precondition(
    gateUp.count >= 2 * rows * size && gradient.count >= rows * size
      && into.count >= 2 * rows * size
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_gated_silu_backward(gateUp, gradient, rows, size, &into)
}
