// The short causal convolution of queries and keys: one kernel a channel over the last few steps,
// then SiLU, as in Haller et al., arXiv 2511.05560. It works within one buffer of rows, from some of
// its columns to others.

private import CKernels

/// The sizes and places of a short convolution.
public struct ConvolutionShape: Sendable, Equatable {
  /// The number of windows.
  public var windowCount: Int
  /// The number of steps in a window.
  public var stepCount: Int
  /// The number of channels, each with a kernel of its own.
  public var channelCount: Int
  /// The number of steps that a kernel covers, its own step included.
  public var width: Int
  /// The distance between rows.
  public var stride: Int
  /// The first column that goes in.
  public var from: Int
  /// The first column that comes out.
  public var to: Int

  /// Creates the sizes.
  ///
  /// - Parameters:
  ///   - windowCount: The number of windows.
  ///   - stepCount: The steps of a window.
  ///   - channelCount: The number of channels.
  ///   - width: The steps that a kernel covers.
  ///   - stride: The distance between rows.
  ///   - from: The first column that goes in.
  ///   - to: The first column that comes out; the two ranges of columns do not overlap.
  public init(
    windowCount: Int,
    stepCount: Int,
    channelCount: Int,
    width: Int,
    stride: Int,
    from: Int,
    to: Int
  ) {
    self.windowCount = windowCount
    self.stepCount = stepCount
    self.channelCount = channelCount
    self.width = width
    self.stride = stride
    self.from = from
    self.to = to
  }

  /// Whether the columns lie beside each other in a row and all buffers hold them.
  fileprivate func fits(_ rowsCount: Int, _ parametersCount: Int, _ kernelAt: Int) -> Bool {
    let apart = from + channelCount <= to || to + channelCount <= from
    return windowCount >= 0 && stepCount >= 0 && channelCount >= 0 && width >= 1 && from >= 0
      && to >= 0 && apart && max(from, to) + channelCount <= stride
      && rowsCount >= windowCount * stepCount * stride && kernelAt >= 0
      && kernelAt + width * channelCount <= parametersCount
  }
}

/// Convolves every channel with its kernel and applies SiLU:
/// `y_t = SiLU(Σ_{i<width} kernel[width − 1 − i] · x_{t−i})`, with x = 0 before `starts[t]`.
///
/// - Parameters:
///   - rows: The rows, [rows, stride]; the columns from `shape.to` are overwritten.
///   - parameters: The buffer that holds the kernels, [width, channels], a step's own last.
///   - kernelAt: The index of their first element.
///   - shape: The sizes and places.
///   - starts: For each row the first step of its window that it sees, [rows].
/// - Precondition: Every buffer holds its shape.
public func shortConvolution(
  _ rows: inout [Float],
  _ parameters: [Float],
  kernelAt: Int,
  _ shape: ConvolutionShape,
  starts: [Int32]
) {
  precondition(shape.fits(rows.count, parameters.count, kernelAt))
  precondition(
    startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  for window in 0..<shape.windowCount {
    let row = window * shape.stepCount
    // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_short_convolution(
      &rows,
      row * shape.stride + shape.from,
      row * shape.stride + shape.to,
      shape.stride,
      parameters,
      kernelAt,
      shape.width,
      starts,
      row,
      shape.stepCount,
      shape.channelCount
    )
  }
}

/// The gradient of ``shortConvolution(_:_:kernelAt:_:starts:)``.
///
/// Reads the columns from `shape.to` of `gradient`, overwrites those from `shape.from`, and
/// accumulates into the kernels' gradient.
///
/// - Parameters:
///   - rows: The rows that went in.
///   - parameters: The buffer that holds the kernels.
///   - kernelAt: The index of their first element, in both buffers.
///   - shape: The sizes and places.
///   - starts: For each row the first step of its window that it sees.
///   - gradient: The gradient of the rows, [rows, stride].
///   - parameterGradient: Accumulates the kernels' gradient.
/// - Precondition: Every buffer holds its shape.
public func shortConvolutionBackward(
  _ rows: [Float],
  _ parameters: [Float],
  kernelAt: Int,
  _ shape: ConvolutionShape,
  starts: [Int32],
  gradient: inout [Float],
  parameterGradient: inout [Float]
) {
  precondition(shape.fits(rows.count, parameters.count, kernelAt))
  precondition(shape.fits(gradient.count, parameterGradient.count, kernelAt))
  precondition(
    startsAreValid(starts, windowCount: shape.windowCount, stepCount: shape.stepCount)
  )
  for window in 0..<shape.windowCount {
    let row = window * shape.stepCount
    // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
    unsafe ck_short_convolution_backward(
      rows,
      row * shape.stride + shape.from,
      row * shape.stride + shape.to,
      shape.stride,
      parameters,
      kernelAt,
      shape.width,
      starts,
      row,
      shape.stepCount,
      shape.channelCount,
      &gradient,
      &parameterGradient
    )
  }
}

/// Convolves one more step, for decoding.
///
/// - Parameters:
///   - row: One row; the columns from `shape.to` are overwritten.
///   - parameters: The buffer that holds the kernels.
///   - kernelAt: The index of their first element.
///   - shape: The sizes and places; windows and steps do not matter.
///   - history: The last `width` steps, [width, channels], zeros before the first; moves on by one.
///   - historyAt: The index of its first element.
/// - Precondition: Every buffer holds its shape.
public func shortConvolutionStep(
  _ row: inout [Float],
  _ parameters: [Float],
  kernelAt: Int,
  _ shape: ConvolutionShape,
  history: inout [Float],
  historyAt: Int
) {
  var one = shape
  (one.windowCount, one.stepCount) = (1, 1)
  precondition(
    one.fits(row.count, parameters.count, kernelAt) && historyAt >= 0
      && historyAt + shape.width * shape.channelCount <= history.count
  )
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_short_convolution_step(
    &row,
    shape.from,
    shape.to,
    parameters,
    kernelAt,
    shape.width,
    &history,
    historyAt,
    shape.channelCount
  )
}
