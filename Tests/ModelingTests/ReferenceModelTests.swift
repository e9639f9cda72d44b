import Modeling
import TestSupport
import Testing

/// A network small enough for central differences of every parameter.
func tinyModel(
  tiesOutput: Bool,
  contextLength: Int = 7,
  chunkLength: Int = 3,
  blockCount: Int = 2,
  _ mechanism: Mechanism = Mechanism()
) throws -> Model {
  var configuration = ModelConfiguration(
    hiddenSize: 12,
    blockCount: blockCount,
    headCount: 2,
    feedForwardSize: 5,
    vocabularySize: 9,
    contextLength: contextLength,
    tiesOutput: tiesOutput,
    chunkLength: chunkLength
  )
  mechanism.set(&configuration)
  return try Model(configuration)
}

/// Parameters far from the start values, so that every gate and norm takes part.
func livelyParameters(_ model: Model, seed: UInt64) -> [Double] {
  var numbers = SeededNumbers(seed)
  var values = [Double](repeating: 0, count: model.layout.count)
  for tensor in model.layout.tensors {
    let centre =
      tensor.name.hasSuffix("gain") ? 1.0 : tensor.name.hasSuffix("forgetGate.bias") ? 2 : 0
    let spread = tensor.name.hasSuffix("gain") ? 0.3 : 0.7
    for (index, value) in zip(
      tensor.range,
      numbers.doubles(tensor.count, centre: centre, spread: spread)
    ) {
      values[index] = Double(Float(value))
    }
  }
  return values
}

@Suite struct ReferenceModelTests {
  // Depth is no matter of the mechanism, so one block suffices but for the first two.
  @Test(
    arguments: [
      (true, 2, Mechanism()), (false, 2, Mechanism.everything),
      (true, 1, Mechanism(convolution: 4)),
      (true, 1, Mechanism(features: .hedgehog)), (true, 1, Mechanism(window: .average, memory: 2)),
      (true, 1, Mechanism(window: .modulated)), (true, 1, Mechanism(window: .bounded)),
      (true, 1, Mechanism(isolates: true)), (true, 1, Mechanism(mixer: .attention, isolates: true)),
    ] as [(Bool, Int, Mechanism)]
  )
  func `the reference gradient of every tensor equals central differences`(
    tied: Bool,
    blocks: Int,
    mechanism: Mechanism
  ) throws {
    let model = try tinyModel(tiesOutput: tied, blockCount: blocks, mechanism)
    let windows = [[2, 3, 8, 1, 0, 5, 2, 7], [-1, -1, 4, 4, 6]]
    var reference = ReferenceModel(model, livelyParameters(model, seed: 5))
    let gradient = reference.gradient(windows)
    for tensor in model.layout.tensors {
      let point = Array(reference.values[tensor.range])
      let differences = centralDifferences(point) { shifted in
        reference.values.replaceSubrange(tensor.range, with: shifted)
        return reference.loss(windows)
      }
      reference.values.replaceSubrange(tensor.range, with: point)
      let difference = relativeDifference(differences, Array(gradient[tensor.range]))
      #expect(difference < 1e-5, "\(tensor.name): \(difference)")
    }
  }
}
