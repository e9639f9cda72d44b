// Muon: momentum, made nearly orthogonal by five Newton–Schulz steps, with the update's size matched
// to AdamW's so that one learning rate serves both.
//
// Jordan et al. 2024, <https://kellerjordan.github.io/posts/muon/>; the scale 0.2·√max(rows, columns)
// and the decay are those of Liu et al. 2025, arXiv 2502.16982. In float32 throughout.

private import Kernels

/// The buffers of one Newton–Schulz orthogonalisation, reused from matrix to matrix.
package struct OrthogonalizationScratch: Sendable {
  fileprivate var next: [Float]
  fileprivate var gram: [Float]
  fileprivate var polynomial: [Float]

  /// Makes room for matrices up to the extents given.
  package init(elementCount: Int, shortSide: Int) {
    next = [Float](repeating: 0, count: elementCount)
    gram = [Float](repeating: 0, count: shortSide * shortSide)
    polynomial = gram
  }
}

/// Replaces a matrix by one with the same singular vectors and singular values near 1.
///
/// `X ← X / (‖X‖ + 1e-7)`, then five times `X ← aX + (bA + cA²)X` with `A = XXᵀ`; where there are
/// more rows than columns `A = XᵀX` stands on the right instead, which equals the transposed
/// computation. A zero matrix stays zero.
///
/// - Parameters:
///   - matrix: The matrix, [rows, columns], in its first elements.
///   - rows: Its rows.
///   - columns: Its columns.
///   - scratch: Buffers that are large enough.
/// - Complexity: 10 (2s²l + s³) floating operations times 2, s and l the shorter and longer side.
package func orthogonalize(
  _ matrix: inout [Float],
  rows: Int,
  columns: Int,
  scratch: inout OrthogonalizationScratch
) {
  let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)
  let count = rows * columns
  precondition(matrix.count >= count && scratch.next.count >= count)
  let norm = sumOfSquares(matrix.span, 0..<count).squareRoot()
  scale(&matrix, count, by: Float(1 / (norm + 1e-7)))
  let isTall = rows > columns
  let side = min(rows, columns)
  precondition(scratch.gram.count >= side * side)
  let square = MatrixView(stride: side)
  let view = MatrixView(stride: columns)
  for _ in 0..<5 {
    product(
      matrix,
      view,
      transposeLeft: isTall,
      matrix,
      view,
      transposeRight: !isTall,
      into: &scratch.gram,
      square,
      (side, side, max(rows, columns))
    )
    product(
      scratch.gram,
      square,
      scratch.gram,
      square,
      into: &scratch.polynomial,
      square,
      (side, side, side),
      scale: c
    )
    addScaled(scratch.gram, b, diagonal: a, to: &scratch.polynomial, side: side)
    if isTall {
      product(
        matrix,
        view,
        scratch.polynomial,
        square,
        into: &scratch.next,
        view,
        (rows, columns, side)
      )
    } else {
      product(
        scratch.polynomial,
        square,
        matrix,
        view,
        into: &scratch.next,
        view,
        (rows, columns, side)
      )
    }
    swap(&matrix, &scratch.next)
  }
}

/// A product of whole matrices, with the extents as (rows, columns, inner).
private func product(
  _ left: [Float],
  _ leftView: MatrixView,
  transposeLeft: Bool = false,
  _ right: [Float],
  _ rightView: MatrixView,
  transposeRight: Bool = false,
  into: inout [Float],
  _ intoView: MatrixView,
  _ extents: (rows: Int, columns: Int, inner: Int),
  scale: Float = 1
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
    rows: extents.rows,
    columns: extents.columns,
    inner: extents.inner,
    scale: scale
  )
}

private func scale(_ values: inout [Float], _ count: Int, by factor: Float) {
  var span = values.mutableSpan
  for index in 0..<count { span[index] *= factor }
}

private func addScaled(
  _ gram: [Float],
  _ factor: Float,
  diagonal: Float,
  to polynomial: inout [Float],
  side: Int
) {
  let gram = gram.span
  var span = polynomial.mutableSpan
  for index in 0..<side * side { span[index] += factor * gram[index] }
  for index in 0..<side { span[index * (side + 1)] += diagonal }
}

/// Muon's momentum: `momentum ← β·momentum + g`, and the Nesterov direction `g + β·momentum`.
///
/// Momentum and gradient are [count] from their starts, the gradient multiplied by `gradientScale`;
/// `direction` receives the result in its first elements.
package func nesterov(
  momentum: inout [Float],
  at momentumStart: Int,
  gradient: Span<Float>,
  at gradientStart: Int,
  gradientScale: Float,
  decay: Float,
  count: Int,
  direction: inout [Float]
) {
  var momentum = momentum.mutableSpan
  var direction = direction.mutableSpan
  for index in 0..<count {
    let g = gradientScale * gradient[gradientStart + index]
    let m = decay * momentum[momentumStart + index] + g
    momentum[momentumStart + index] = m
    direction[index] = g + decay * m
  }
}
