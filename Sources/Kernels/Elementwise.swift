// Loops over ranges of whole parameter buffers: the AdamW step, the squared norm, sums of buffers.

private import CKernels

/// The settings of one AdamW step that are the same for every parameter of a group.
public struct AdamWStep: Sendable, Equatable {
  /// The learning rate of this step, η.
  public var learningRate: Float
  /// The decay of the first moment.
  public var beta1: Float
  /// The decay of the second moment.
  public var beta2: Float
  /// The number added to the root of the second moment.
  public var epsilon: Float
  /// The decoupled weight decay, λ.
  public var decay: Float
  /// The number of this step, from 1, for the bias correction.
  public var step: Int

  /// Creates the settings.
  ///
  /// - Parameters:
  ///   - learningRate: The learning rate of this step.
  ///   - beta1: The decay of the first moment.
  ///   - beta2: The decay of the second moment.
  ///   - epsilon: The number added to the root of the second moment.
  ///   - decay: The decoupled weight decay.
  ///   - step: The number of this step, from 1.
  public init(
    learningRate: Float,
    beta1: Float = 0.9,
    beta2: Float = 0.95,
    epsilon: Float = 1e-8,
    decay: Float,
    step: Int
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
    self.step = step
  }
}

/// Moves parameters by one AdamW step:
/// `w ← (1 − ηλ) w − η m̂ / (√v̂ + ε)`, with m̂ and v̂ the bias-corrected moments.
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101.
///
/// - Parameters:
///   - parameters: The parameters.
///   - gradient: Their gradient.
///   - firstMoment: The running mean of the gradient.
///   - secondMoment: The running mean of its square.
///   - range: The elements to move, in all four buffers.
///   - settings: The learning rate, decays and step number.
/// - Precondition: The range lies inside every buffer; the step number is at least 1.
public func adamW(
  _ parameters: inout [Float],
  gradient: [Float],
  firstMoment: inout [Float],
  secondMoment: inout [Float],
  range: Range<Int>,
  _ settings: AdamWStep
) {
  precondition(
    settings.step >= 1 && range.lowerBound >= 0 && range.upperBound <= parameters.count
      && range.upperBound <= gradient.count && range.upperBound <= firstMoment.count
      && range.upperBound <= secondMoment.count
  )
  // Unsafe because C takes pointers; the range lies inside the buffers.
  unsafe ck_adamw(
    &parameters,
    gradient,
    &firstMoment,
    &secondMoment,
    range.lowerBound,
    range.count,
    settings.learningRate,
    settings.beta1,
    settings.beta2,
    settings.epsilon,
    settings.decay,
    Float(1 - raised(Double(settings.beta1), to: settings.step)),
    Float(1 - raised(Double(settings.beta2), to: settings.step))
  )
}

/// The integer power by squaring, without a mathematics library.
private func raised(_ base: Double, to exponent: Int) -> Double {
  var result = 1.0
  var factor = base
  var left = exponent
  while left > 0 {
    if left & 1 == 1 { result *= factor }
    factor *= factor
    left >>= 1
  }
  return result
}

/// The sum of the squares of a range, added up in double.
///
/// - Parameters:
///   - x: The buffer.
///   - range: The elements to sum.
/// - Returns: The sum; NaN where an element is NaN.
/// - Precondition: The range lies inside the buffer.
public func sumOfSquares(_ x: [Float], range: Range<Int>) -> Double {
  precondition(range.lowerBound >= 0 && range.upperBound <= x.count)
  // Unsafe because C takes pointers; the range lies inside the buffer.
  return unsafe ck_sum_of_squares(x, range.lowerBound, range.count)
}

/// The inner product of two buffers over a range, added up in double.
///
/// - Parameters:
///   - x: The one buffer.
///   - y: The other.
///   - range: The elements, in both.
/// - Returns: The sum of the products; NaN where an element is NaN.
/// - Precondition: The range lies inside both buffers.
public func dotProduct(_ x: [Float], _ y: [Float], range: Range<Int>) -> Double {
  precondition(
    range.lowerBound >= 0 && range.upperBound <= x.count && range.upperBound <= y.count
  )
  // Unsafe because C takes pointers; the range lies inside the buffers.
  return unsafe ck_dot(x, y, range.lowerBound, range.count)
}

/// Computes `into = scale · x + keep · into` over a range.
///
/// - Parameters:
///   - x: What is added.
///   - range: The elements, in both buffers.
///   - scale: The factor of `x`.
///   - keep: The factor of what `into` held; 0 overwrites it, even where it held NaN.
///   - into: The buffer that changes.
/// - Precondition: The range lies inside both buffers.
public func scaledAdd(
  _ x: [Float],
  range: Range<Int>,
  scale: Float = 1,
  keep: Float = 1,
  into: inout [Float]
) {
  precondition(
    range.lowerBound >= 0 && range.upperBound <= x.count && range.upperBound <= into.count
  )
  // Unsafe because C takes pointers; the range lies inside the buffers.
  unsafe ck_scaled_add(x, range.lowerBound, scale, keep, range.count, &into)
}
