// One step of every parameter: Muon for the blocks' matrices, AdamW for the rest, with the moments
// that go with them. Which tensor falls to which rule is the layout's word.

package import Modeling

/// The optimiser of a run and its moments.
package struct Optimizer: Sendable {
  /// Muon's momentum or AdamW's first moment of every tensor.
  package private(set) var first: ParameterBuffer
  /// AdamW's second moment of the tensors that it moves.
  package private(set) var second: ParameterBuffer
  /// The number of steps taken.
  package private(set) var stepCount = 0

  private let settings: TrainingSettings
  private let muonTensors: [TensorDescription]
  private let adamTensors: [(tensor: TensorDescription, secondStart: Int)]
  private var direction: [Float]
  private var scratch: OrthogonalizationScratch

  /// Creates an optimiser whose moments are zero.
  package init(layout: ParameterLayout, settings: TrainingSettings) {
    self.settings = settings
    func usesMuon(_ tensor: TensorDescription) -> Bool {
      settings.optimizer == .muon && tensor.rule == .muon
    }
    first = ParameterBuffer(zerosFor: layout)
    second = ParameterBuffer(zerosFor: layout.filter { !usesMuon($0) })
    muonTensors = layout.tensors.filter(usesMuon)
    adamTensors = zip(
      layout.tensors.filter { !usesMuon($0) },
      second.layout.tensors.map(\.offset)
    ).map { ($0, $1) }
    let largest = muonTensors.map(\.count).max() ?? 0
    direction = [Float](repeating: 0, count: largest)
    scratch = OrthogonalizationScratch(
      elementCount: largest,
      shortSide: muonTensors.map { min($0.shape[0], $0.shape[1]) }.max() ?? 0
    )
  }

  /// Takes back the moments of a checkpoint.
  ///
  /// - Precondition: The buffers have the layouts of ``first`` and ``second``.
  package mutating func restore(
    first: ParameterBuffer,
    second: ParameterBuffer,
    stepCount: Int
  ) {
    precondition(first.layout == self.first.layout && second.layout == self.second.layout)
    self.first = first
    self.second = second
    self.stepCount = stepCount
  }

  /// Moves the parameters against the gradient, multiplied by `gradientScale`.
  package mutating func step(
    _ parameters: inout ParameterBuffer,
    gradient: borrowing ParameterBuffer,
    gradientScale: Double,
    learningRate: Double
  ) {
    stepCount += 1
    let rate = Float(learningRate)
    for tensor in muonTensors {
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      nesterov(
        momentum: &first.values,
        at: tensor.offset,
        gradient: gradient.values.span,
        at: tensor.offset,
        gradientScale: Float(gradientScale),
        decay: Float(settings.muonMomentum),
        count: tensor.count,
        direction: &direction
      )
      orthogonalize(&direction, rows: rows, columns: columns, scratch: &scratch)
      decayAndSubtract(
        &parameters.values,
        at: tensor.offset,
        direction.span,
        at: 0,
        count: tensor.count,
        kept: 1 - rate * Float(settings.weightDecay),
        rate: rate * 0.2 * Float(max(rows, columns)).squareRoot()
      )
    }
    for (tensor, secondStart) in adamTensors {
      adamW(
        &parameters.values,
        gradient: gradient.values.span,
        first: &first.values,
        second: &second.values,
        start: tensor.offset,
        secondStart: secondStart,
        count: tensor.count,
        adamStep(decays: tensor.rule != .adam, rate: rate, gradientScale: Float(gradientScale))
      )
    }
  }

  private func adamStep(decays: Bool, rate: Float, gradientScale: Float) -> AdamWStep {
    AdamWStep(
      learningRate: rate,
      decay: decays ? Float(settings.weightDecay) : 0,
      beta1: Float(settings.adamBeta1),
      beta2: Float(settings.adamBeta2),
      epsilon: Float(settings.adamEpsilon),
      correction1: Float(1 - power(settings.adamBeta1, stepCount)),
      correction2: Float(1 - power(settings.adamBeta2, stepCount)),
      gradientScale: gradientScale
    )
  }
}

/// `base` multiplied by itself `exponent` times, by squaring.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}

/// `parameters ← kept · parameters − rate · direction`.
private func decayAndSubtract(
  _ parameters: inout [Float],
  at start: Int,
  _ direction: Span<Float>,
  at directionStart: Int,
  count: Int,
  kept: Float,
  rate: Float
) {
  var parameters = parameters.mutableSpan
  for index in 0..<count {
    parameters[start + index] =
      kept * parameters[start + index] - rate * direction[directionStart + index]
  }
}
