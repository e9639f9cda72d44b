// Muon: momentum, made nearly orthogonal by five Newton–Schulz steps, with the update's size matched
// to AdamW's so that one learning rate serves both.
//
// Jordan et al. 2024, <https://kellerjordan.github.io/posts/muon/>; the scale 0.2·√max(rows, columns)
// and the decay are those of Liu et al. 2025, arXiv 2502.16982. In float32 throughout.

internal import Kernels
internal import Modeling

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
  let norm = sumOfSquares(matrix, range: 0..<count).squareRoot()
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
  multiply(
    left,
    leftView,
    transposeLeft: transposeLeft,
    right,
    rightView,
    transposeRight: transposeRight,
    into: &into,
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

/// One worker's part of a round: a matrix's direction and the buffers to make it orthogonal.
package struct MuonLane: Sendable {
  fileprivate var direction: [Float]
  fileprivate var scratch: OrthogonalizationScratch

  /// Makes room for the largest of the matrices.
  init(for tensors: [TensorDescription]) {
    let largest = tensors.map(\.count).max() ?? 0
    direction = [Float](repeating: 0, count: largest)
    scratch = OrthogonalizationScratch(
      elementCount: largest,
      shortSide: tensors.map { min($0.shape[0], $0.shape[1]) }.max() ?? 0
    )
  }
}

/// The numbers of one Muon step.
struct MuonStep: Sendable {
  var learningRate: Float
  var decay: Float
  var momentum: Float
}

/// Moves matrices by one Muon step, a matrix a worker at a time.
///
/// The caller has already folded the gradient into the momentum. Each matrix is computed by one
/// worker on its own lane and subtracted by the caller, so the result does not depend on the number
/// of workers. Matrices in order of size leave no worker waiting long.
///
/// `tensors` come the largest first; `momentum` already includes the gradient; there is one lane a
/// worker.
func muon(
  _ tensors: [TensorDescription],
  parameters: inout [Float],
  gradient: [Float],
  momentum: [Float],
  lanes: inout [MuonLane],
  workers: Parallel,
  _ step: MuonStep
) {
  for start in stride(from: 0, to: tensors.count, by: lanes.count) {
    let end = min(start + lanes.count, tensors.count)
    workers.forEach(&lanes) { index, lane in
      guard start + index < end else { return }
      let tensor = tensors[start + index]
      nesterov(momentum, gradient, tensor.range, decay: step.momentum, into: &lane.direction)
      orthogonalize(
        &lane.direction,
        rows: tensor.shape[0],
        columns: tensor.shape[1],
        scratch: &lane.scratch
      )
    }
    for index in start..<end {
      let tensor = tensors[index]
      decayAndSubtract(
        &parameters,
        tensor.range,
        lanes[index - start].direction,
        kept: 1 - step.learningRate * step.decay,
        rate: step.learningRate * 0.2 * Float(max(tensor.shape[0], tensor.shape[1])).squareRoot()
      )
    }
  }
}

/// The Nesterov direction `gradient + decay · momentum` of a range, from the first element on.
private func nesterov(
  _ momentum: [Float],
  _ gradient: [Float],
  _ range: Range<Int>,
  decay: Float,
  into direction: inout [Float]
) {
  let momentum = momentum.span
  let gradient = gradient.span
  var direction = direction.mutableSpan
  for index in 0..<range.count {
    let place = range.lowerBound + index
    direction[index] = gradient[place] + decay * momentum[place]
  }
}

/// `parameters ← kept · parameters − rate · direction` over a range.
private func decayAndSubtract(
  _ parameters: inout [Float],
  _ range: Range<Int>,
  _ direction: [Float],
  kept: Float,
  rate: Float
) {
  let direction = direction.span
  var parameters = parameters.mutableSpan
  for index in 0..<range.count {
    let place = range.lowerBound + index
    parameters[place] = kept * parameters[place] - rate * direction[index]
  }
}
