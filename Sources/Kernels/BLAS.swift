// Matrix products over spans, row-major, with explicit offsets and strides, and the one door to
// OpenBLAS. Not a tensor library: shapes are the caller's, bounds are checked here once a call.

private import COpenBLAS

/// A matrix inside a flat buffer: where it starts, how far apart its rows are.
public struct MatrixView: Sendable, Equatable {
  /// The index of the first element.
  public var offset: Int
  /// The distance between the starts of neighbouring rows; at least the number of columns.
  public var stride: Int

  /// Creates a view.
  ///
  /// - Parameters:
  ///   - offset: The index of the first element.
  ///   - stride: The distance between the starts of neighbouring rows.
  public init(offset: Int = 0, stride: Int) {
    self.offset = offset
    self.stride = stride
  }

  /// The number of buffer elements a matrix of this shape reaches, counted from the buffer's start.
  func reach(rows: Int, columns: Int) -> Int {
    precondition(offset >= 0 && stride >= columns, "a matrix view's stride is under its columns")
    return rows == 0 || columns == 0 ? offset : offset + (rows - 1) * stride + columns
  }
}

/// Computes `into = scale · op(left) · op(right) + keep · into` in float32.
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
  _ left: Span<Float>,
  _ leftView: MatrixView,
  transposeLeft: Bool = false,
  _ right: Span<Float>,
  _ rightView: MatrixView,
  transposeRight: Bool = false,
  into: inout MutableSpan<Float>,
  _ intoView: MatrixView,
  rows: Int,
  columns: Int,
  inner: Int,
  scale: Float = 1,
  keep: Float = 0
) {
  multiply(
    left,
    leftView,
    transposeLeft: transposeLeft,
    right,
    rightView,
    transposeRight: transposeRight,
    into: &into,
    intoView,
    rows: rows,
    columns: columns,
    inner: inner,
    scale: scale,
    keep: keep,
    library: ProductLibrary.current
  )
}

/// The same by the library given, for the products that it takes.
package func multiply(
  _ left: Span<Float>,
  _ leftView: MatrixView,
  transposeLeft: Bool,
  _ right: Span<Float>,
  _ rightView: MatrixView,
  transposeRight: Bool,
  into: inout MutableSpan<Float>,
  _ intoView: MatrixView,
  rows: Int,
  columns: Int,
  inner: Int,
  scale: Float,
  keep: Float,
  library: ProductLibrary
) {
  let leftReach =
    transposeLeft
    ? leftView.reach(rows: inner, columns: rows) : leftView.reach(rows: rows, columns: inner)
  let rightReach =
    transposeRight
    ? rightView.reach(rows: columns, columns: inner)
    : rightView.reach(rows: inner, columns: columns)
  precondition(leftReach <= left.count, "the left matrix lies outside its buffer")
  precondition(rightReach <= right.count, "the right matrix lies outside its buffer")
  precondition(
    intoView.reach(rows: rows, columns: columns) <= into.count,
    "the result lies outside its buffer"
  )
  guard rows > 0, columns > 0 else { return }
  // Unsafe because BLAS takes pointers; the three reaches above keep it inside the buffers.
  unsafe left.withUnsafeBufferPointer { a in
    unsafe right.withUnsafeBufferPointer { b in
      unsafe into.withUnsafeMutableBufferPointer { c in
        if library.takes(rows: rows, columns: columns, inner: inner, keep: keep),
          let leftBase = a.baseAddress, let rightBase = b.baseAddress,
          let intoBase = c.baseAddress,
          unsafe oneDNNProduct(
            ProductShape(
              rows: rows,
              columns: columns,
              inner: inner,
              leftStride: leftView.stride,
              rightStride: rightView.stride,
              intoStride: intoView.stride,
              transposeLeft: transposeLeft,
              transposeRight: transposeRight,
              scale: scale,
              accumulates: keep == 1
            ),
            leftBase + leftView.offset,
            rightBase + rightView.offset,
            into: intoBase + intoView.offset
          )
        {
          return
        }
        unsafe cblas_sgemm(
          CblasRowMajor,
          transposeLeft ? CblasTrans : CblasNoTrans,
          transposeRight ? CblasTrans : CblasNoTrans,
          blasint(rows),
          blasint(columns),
          blasint(inner),
          scale,
          a.baseAddress.map { unsafe $0 + leftView.offset },
          blasint(leftView.stride),
          b.baseAddress.map { unsafe $0 + rightView.offset },
          blasint(rightView.stride),
          keep,
          c.baseAddress.map { unsafe $0 + intoView.offset },
          blasint(intoView.stride)
        )
      }
    }
  }
}

/// Sets the number of threads that OpenBLAS uses inside one product.
///
/// The pool of this target runs one worker a core, so products inside it are single-threaded.
///
/// - Parameter count: At least 1.
public func setBLASThreadCount(_ count: Int) {
  precondition(count >= 1)
  openblas_set_num_threads(Int32(count))
}

/// What OpenBLAS says of itself: version, build and the processor kernel it chose.
///
/// - Returns: The core type, such as `SkylakeX`, and the configuration string.
public func blasDescription() -> (coreType: String, configuration: String) {
  (
    unsafe String(cString: openblas_get_corename()),
    unsafe String(cString: openblas_get_config())
  )
}
