// RMSNorm of the residual stream and the LayerNorm of each mixer head, forward and backward. The
// gains lie in the buffer of all parameters; their gradients at the same place of its twin.

private import CKernels

/// The number under the root that keeps both norms finite on a row of zeros.
public let normEpsilon: Float = 1e-6

/// Divides every row by its root mean square and scales it: `y = x / √(mean(x²) + 1e-6) · gain`.
///
/// - Parameters:
///   - x: The rows, [rows, columns].
///   - parameters: The buffer that holds the gain, [columns].
///   - gainAt: The index of the gain's first element.
///   - rows: The number of rows.
///   - columns: The size of a row.
///   - inverseRMS: Receives the factor of each row, [rows], for the backward pass.
///   - into: Receives the result, [rows, columns].
/// - Precondition: Every buffer holds its shape.
public func rmsNorm(
  _ x: [Float],
  _ parameters: [Float],
  gainAt: Int,
  rows: Int,
  columns: Int,
  inverseRMS: inout [Float],
  into: inout [Float]
) {
  precondition(
    x.count >= rows * columns && into.count >= rows * columns && inverseRMS.count >= rows
      && gainAt >= 0 && gainAt + columns <= parameters.count
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_rms_norm(x, parameters, gainAt, rows, columns, normEpsilon, &into, &inverseRMS)
}

/// The gradient of ``rmsNorm(_:_:gainAt:rows:columns:inverseRMS:into:)``; accumulates into both
/// results.
///
/// - Parameters:
///   - x: The rows that went in, [rows, columns].
///   - parameters: The buffer that holds the gain.
///   - gainAt: The index of the gain's first element, in both buffers.
///   - inverseRMS: What the forward pass saved, [rows].
///   - gradient: The gradient of the result, [rows, columns].
///   - rows: The number of rows.
///   - columns: The size of a row.
///   - into: Accumulates the gradient of `x`, [rows, columns].
///   - parameterGradient: Accumulates the gain's gradient.
/// - Precondition: Every buffer holds its shape.
public func rmsNormBackward(
  _ x: [Float],
  _ parameters: [Float],
  gainAt: Int,
  inverseRMS: [Float],
  gradient: [Float],
  rows: Int,
  columns: Int,
  into: inout [Float],
  parameterGradient: inout [Float]
) {
  precondition(
    x.count >= rows * columns && into.count >= rows * columns && inverseRMS.count >= rows
      && gradient.count >= rows * columns && gainAt >= 0 && gainAt + columns <= parameters.count
      && gainAt + columns <= parameterGradient.count
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_rms_norm_backward(
    x,
    parameters,
    gainAt,
    inverseRMS,
    gradient,
    rows,
    columns,
    &into,
    &parameterGradient
  )
}

/// Gives every head of every row mean 0 and variance 1, then scales each channel:
/// `y = (x − mean) / √(variance + 1e-6) · gain`.
///
/// - Parameters:
///   - x: The heads' outputs, [rows, heads · headSize].
///   - parameters: The buffer that holds the gain, [heads · headSize].
///   - gainAt: The index of the gain's first element.
///   - rows: The number of rows.
///   - heads: The number of heads.
///   - headSize: The size of one head.
///   - into: Receives the result, shaped as `x`.
/// - Precondition: Every buffer holds its shape.
public func headNorm(
  _ x: [Float],
  _ parameters: [Float],
  gainAt: Int,
  rows: Int,
  heads: Int,
  headSize: Int,
  into: inout [Float]
) {
  let columns = heads * headSize
  precondition(
    x.count >= rows * columns && into.count >= rows * columns && gainAt >= 0
      && gainAt + columns <= parameters.count
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_head_norm(x, parameters, gainAt, rows, heads, headSize, normEpsilon, &into)
}

/// The gradient of ``headNorm(_:_:gainAt:rows:heads:headSize:into:)``; overwrites `into` and
/// accumulates into the gain's gradient.
///
/// - Parameters:
///   - x: The heads' outputs that went in, [rows, heads · headSize].
///   - parameters: The buffer that holds the gain.
///   - gainAt: The index of the gain's first element, in both buffers.
///   - gradient: The gradient of the result, shaped as `x`.
///   - rows: The number of rows.
///   - heads: The number of heads.
///   - headSize: The size of one head.
///   - into: Receives the gradient of `x`.
///   - parameterGradient: Accumulates the gain's gradient.
/// - Precondition: Every buffer holds its shape.
public func headNormBackward(
  _ x: [Float],
  _ parameters: [Float],
  gainAt: Int,
  gradient: [Float],
  rows: Int,
  heads: Int,
  headSize: Int,
  into: inout [Float],
  parameterGradient: inout [Float]
) {
  let columns = heads * headSize
  precondition(
    x.count >= rows * columns && into.count >= rows * columns && gradient.count >= rows * columns
      && gainAt >= 0 && gainAt + columns <= parameters.count
      && gainAt + columns <= parameterGradient.count
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_head_norm_backward(
    x,
    parameters,
    gainAt,
    gradient,
    rows,
    heads,
    headSize,
    normEpsilon,
    &into,
    &parameterGradient
  )
}
