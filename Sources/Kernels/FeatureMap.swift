// Hedgehog's learned feature map of queries and keys, Zhang et al., arXiv 2402.04347: a softmax over
// a linear map and its negative, so that products of features are positive. One matrix a head, no
// bias, no factor. It works within one buffer of rows, from some of its columns to others.

private import CKernels

/// The sizes and places of a feature map.
public struct FeatureMapShape: Sendable, Equatable {
  /// The number of rows.
  public var rowCount: Int
  /// The number of heads.
  public var headCount: Int
  /// The size of a head, D; its features are 2D.
  public var headSize: Int
  /// The distance between rows.
  public var stride: Int
  /// The first column that goes in, [heads · headSize].
  public var from: Int
  /// The first column that comes out, [heads · 2 · headSize].
  public var to: Int

  /// Creates the sizes.
  ///
  /// - Parameters:
  ///   - rowCount: The number of rows.
  ///   - headCount: The number of heads.
  ///   - headSize: The size of a head.
  ///   - stride: The distance between rows.
  ///   - from: The first column that goes in.
  ///   - to: The first column that comes out; the two ranges of columns do not overlap.
  public init(
    rowCount: Int,
    headCount: Int,
    headSize: Int,
    stride: Int,
    from: Int,
    to: Int
  ) {
    self.rowCount = rowCount
    self.headCount = headCount
    self.headSize = headSize
    self.stride = stride
    self.from = from
    self.to = to
  }

  fileprivate func fits(_ rowsCount: Int, _ parametersCount: Int, _ matrixAt: Int) -> Bool {
    let size = headCount * headSize
    let apart = from + size <= to || to + 2 * size <= from
    return from >= 0 && to >= 0 && apart && from + size <= stride && to + 2 * size <= stride
      && rowsCount >= rowCount * stride && matrixAt >= 0
      && matrixAt + headCount * headSize * headSize <= parametersCount
  }

  fileprivate func input(_ head: Int) -> MatrixView {
    MatrixView(offset: from + head * headSize, stride: stride)
  }

  fileprivate func matrix(_ head: Int, at: Int) -> MatrixView {
    MatrixView(offset: at + head * headSize * headSize, stride: headSize)
  }
}

/// Maps every head to its features: `φ(u) = softmax([M u ; −M u])`.
///
/// - Parameters:
///   - rows: The rows, [rows, stride]; the columns from `shape.to` are overwritten.
///   - parameters: The buffer that holds the matrices, [heads, headSize, headSize].
///   - matrixAt: The index of their first element.
///   - shape: The sizes and places.
///   - scratch: Room for [rows, headSize].
/// - Precondition: Every buffer holds its shape.
public func featureMap(
  _ rows: inout [Float],
  _ parameters: [Float],
  matrixAt: Int,
  _ shape: FeatureMapShape,
  scratch: inout [Float]
) {
  precondition(
    shape.fits(rows.count, parameters.count, matrixAt)
      && scratch.count >= shape.rowCount * shape.headSize
  )
  for head in 0..<shape.headCount {
    multiply(
      rows,
      shape.input(head),
      parameters,
      shape.matrix(head, at: matrixAt),
      transposeRight: true,
      into: &scratch,
      MatrixView(stride: shape.headSize),
      rows: shape.rowCount,
      columns: shape.headSize,
      inner: shape.headSize
    )
    // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_feature_softmax(
      scratch,
      shape.rowCount,
      shape.headSize,
      &rows,
      shape.to + 2 * head * shape.headSize,
      shape.stride
    )
  }
}

/// The gradient of ``featureMap(_:_:matrixAt:_:scratch:)``.
///
/// Reads the columns from `shape.to` of `gradient`, overwrites those from `shape.from`, and
/// accumulates into the matrices' gradient.
///
/// - Parameters:
///   - rows: The rows with what went in and what came out.
///   - parameters: The buffer that holds the matrices.
///   - matrixAt: The index of their first element, in both buffers.
///   - shape: The sizes and places.
///   - scratch: Room for [rows, headSize].
///   - gradient: The gradient of the rows, [rows, stride].
///   - parameterGradient: Accumulates the matrices' gradient.
/// - Precondition: Every buffer holds its shape.
public func featureMapBackward(
  _ rows: [Float],
  _ parameters: [Float],
  matrixAt: Int,
  _ shape: FeatureMapShape,
  scratch: inout [Float],
  gradient: inout [Float],
  parameterGradient: inout [Float]
) {
  precondition(
    shape.fits(rows.count, parameters.count, matrixAt)
      && shape.fits(gradient.count, parameterGradient.count, matrixAt)
      && scratch.count >= shape.rowCount * shape.headSize
  )
  for head in 0..<shape.headCount {
    // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_feature_softmax_backward(
      rows,
      gradient,
      shape.to + 2 * head * shape.headSize,
      shape.stride,
      shape.rowCount,
      shape.headSize,
      &scratch
    )
    multiply(
      scratch,
      MatrixView(stride: shape.headSize),
      parameters,
      shape.matrix(head, at: matrixAt),
      into: &gradient,
      shape.input(head),
      rows: shape.rowCount,
      columns: shape.headSize,
      inner: shape.headSize
    )
    multiply(
      scratch,
      MatrixView(stride: shape.headSize),
      transposeLeft: true,
      rows,
      shape.input(head),
      into: &parameterGradient,
      shape.matrix(head, at: matrixAt),
      rows: shape.headSize,
      columns: shape.headSize,
      inner: shape.rowCount,
      keep: 1
    )
  }
}
