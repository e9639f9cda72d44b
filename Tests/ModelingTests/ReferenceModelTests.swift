import Modeling
import TestSupport
import Testing

/// A network small enough for central differences of every parameter.
func tinyModel(tiesOutput: Bool, contextLength: Int = 7, chunkLength: Int = 3) throws -> Model {
  try Model(
    ModelConfiguration(
      hiddenSize: 6,
      blockCount: 2,
      headCount: 2,
      feedForwardSize: 5,
      vocabularySize: 9,
      contextLength: contextLength,
      tiesOutput: tiesOutput,
      chunkLength: chunkLength
    )
  )
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
  @Test(arguments: [true, false])
  func `the reference gradient of every tensor equals central differences`(tied: Bool) throws {
    let model = try tinyModel(tiesOutput: tied)
    let windows = [[0, 3, 8, 1, 3, 5, 2, 7], [4, 4, 6]]
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
