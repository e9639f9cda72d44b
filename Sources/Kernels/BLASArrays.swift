// Matrix products over whole arrays. Two stored properties of one struct cannot lend a span and a
// mutable span at the same time (Swift 6.3), but they can be passed as an array and an inout array;
// the network's buffers live in structs, so its operators take arrays, and this is their product.

private import CKernels

/// Computes `into = scale · op(left) · op(right) + keep · into` in float32; the same as the product
/// over spans, argument for argument.
///
/// - Parameters:
///   - left: The buffer of the left operand, [rows, inner], or [inner, rows] when transposed.
///   - leftView: Where it lies.
///   - transposeLeft: Whether the stored left matrix is read transposed.
///   - right: The buffer of the right operand, [inner, columns], or [columns, inner].
///   - rightView: Where it lies.
///   - transposeRight: Whether the stored right matrix is read transposed.
///   - into: The buffer of the result, [rows, columns].
///   - intoView: Where it lies.
///   - rows: The rows of the result.
///   - columns: The columns of the result.
///   - inner: The summed extent.
///   - scale: The factor of the product.
///   - keep: The factor of what `into` held; 0 overwrites it, even where it held NaN.
/// - Precondition: Every view lies inside its buffer.
/// - Complexity: 2 · rows · columns · inner floating operations.
public func multiply(
  _ left: [Float],
  _ leftView: MatrixView,
  transposeLeft: Bool = false,
  _ right: [Float],
  _ rightView: MatrixView,
  transposeRight: Bool = false,
  into: inout [Float],
  _ intoView: MatrixView,
  rows: Int,
  columns: Int,
  inner: Int,
  scale: Float = 1,
  keep: Float = 0
) {
  var result = into.mutableSpan
  multiply(
    left.span,
    leftView,
    transposeLeft: transposeLeft,
    right.span,
    rightView,
    transposeRight: transposeRight,
    into: &result,
    intoView,
    rows: rows,
    columns: columns,
    inner: inner,
    scale: scale,
    keep: keep
  )
}

/// Applies a matrix inside a buffer to one vector: `into = W · x + keep · into`.
///
/// Reads the matrix once; a product with one row would pack it first and take several times as long.
///
/// - Parameters:
///   - parameters: The buffer that holds the matrix, [rows, columns].
///   - weightAt: The index of its first element.
///   - x: The vector, [columns].
///   - into: The result, [rows].
///   - rows: The rows of the matrix.
///   - columns: The columns of the matrix.
///   - keep: The factor of what `into` held; 0 overwrites it, even where it held NaN.
/// - Precondition: Every buffer holds its shape.
public func multiply(
  _ parameters: [Float],
  weightAt: Int,
  _ x: [Float],
  into: inout [Float],
  rows: Int,
  columns: Int,
  keep: Float = 0
) {
  precondition(
    weightAt >= 0 && weightAt + rows * columns <= parameters.count && x.count >= columns
      && into.count >= rows
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_matrix_vector(parameters, weightAt, x, rows, columns, keep, &into)
}
