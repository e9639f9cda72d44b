// AdamW: Adam with decoupled decay (Loshchilov & Hutter 2019, arXiv 1711.05101), as PyTorch's
// `torch.optim.AdamW` computes it.

/// The numbers of one AdamW step.
package struct AdamWStep: Sendable {
  package var learningRate: Float
  package var decay: Float
  package var beta1: Float
  package var beta2: Float
  package var epsilon: Float
  /// `1 − beta1^t` and `1 − beta2^t` of step t = 1, 2, ...
  package var correction1: Float
  package var correction2: Float
  /// What the gradient is multiplied by first.
  package var gradientScale: Float
}

/// Moves a range of parameters by one AdamW step.
///
/// Parameters, gradient and first moment lie at `start`, the second moment at `secondStart`, [count]
/// each.
package func adamW(
  _ parameters: inout [Float],
  gradient: Span<Float>,
  first: inout [Float],
  second: inout [Float],
  start: Int,
  secondStart: Int,
  count: Int,
  _ step: AdamWStep
) {
  var parameters = parameters.mutableSpan
  var first = first.mutableSpan
  var second = second.mutableSpan
  let kept = 1 - step.learningRate * step.decay
  let rate = step.learningRate / step.correction1
  let rootCorrection = 1 / step.correction2.squareRoot()
  for index in 0..<count {
    let g = step.gradientScale * gradient[start + index]
    let m = step.beta1 * first[start + index] + (1 - step.beta1) * g
    let v = step.beta2 * second[secondStart + index] + (1 - step.beta2) * g * g
    first[start + index] = m
    second[secondStart + index] = v
    let root = v.squareRoot() * rootCorrection + step.epsilon
    parameters[start + index] = kept * parameters[start + index] - rate * m / root
  }
}
