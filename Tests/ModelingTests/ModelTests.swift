import Foundation
import Modeling
import TestSupport
import Testing

@Suite struct ModelTests {
  @Test func `tensors lie without gaps, in the order of the fused products`() throws {
    let model = try Model(ModelConfiguration(preset: .nano))
    var next = 0
    for tensor in model.layout.tensors {
      #expect(tensor.offset == next)
      next = tensor.range.upperBound
    }
    #expect(model.layout.count == next)
    let block = model.layout.tensors.filter { $0.name.hasPrefix("blocks.1.") }
    #expect(
      block.map { $0.name.dropFirst(9) } == [
        "mixerNorm.gain", "mixer.query.weight", "mixer.key.weight", "mixer.value.weight",
        "mixer.outputGate.weight", "mixer.inputGate.weight", "mixer.forgetGate.weight",
        "mixer.inputGate.bias", "mixer.forgetGate.bias", "mixer.headNorm.gain",
        "mixer.out.weight", "feedForwardNorm.gain", "feedForward.gate.weight",
        "feedForward.up.weight", "feedForward.down.weight",
      ]
    )
    #expect(block.filter { $0.rule == .muon }.count == 8)
    #expect(block.filter { $0.rule == .adamWithDecay }.count == 2)
    #expect(block.filter { $0.rule == .adam }.allSatisfy { $0.shape.count == 1 })
    #expect(!model.layout.tensors.contains { $0.name == "unembedding.weight" })
  }

  @Test(arguments: [
    (ModelConfiguration.Preset.nano, 1.4e6), (.small, 36e6), (.base, 105e6), (.paper, 270e6),
  ])
  func `presets have the parameters of their table`(
    preset: ModelConfiguration.Preset,
    count: Double
  ) throws {
    let model = try Model(ModelConfiguration(preset: preset))
    #expect(abs(Double(model.layout.count) / count - 1) < 0.2)
    let hasOutput = model.layout.tensors.contains { $0.name == "unembedding.weight" }
    #expect(hasOutput == (preset == .paper))
  }

  @Test func `a configuration that cannot work is refused`() {
    var configuration = ModelConfiguration(preset: .nano)
    configuration.headCount = 5
    #expect(throws: ConfigurationError.self) { try Model(configuration) }
  }

  @Test func `parameters begin as the model page says`() throws {
    let model = try Model(ModelConfiguration(preset: .nano))
    let parameters = model.initialParameters(seed: 3)
    #expect(parameters == model.initialParameters(seed: 3))
    #expect(parameters != model.initialParameters(seed: 4))
    for tensor in model.layout.tensors {
      let values = parameters.values[tensor.range].map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
      if tensor.name.hasSuffix("gain") {
        #expect(values == [Double](repeating: 1, count: values.count))
      } else if tensor.name.hasSuffix("forgetGate.bias") {
        #expect(values == [3, 4, 5, 6])
      } else if tensor.name.contains("inputGate") || tensor.name.contains("forgetGate") {
        #expect(values == [Double](repeating: 0, count: values.count))
      } else {
        let writesStream = tensor.name.contains(".out.") || tensor.name.contains(".down.")
        let expected = writesStream ? 0.02 / Double(8).squareRoot() : 0.02
        #expect(abs(deviation / expected - 1) < 0.02, "\(tensor.name)")
        #expect(abs(mean) < 0.03 * expected, "\(tensor.name)")
      }
    }
  }

  // One block suffices: every block begins alike, behind a norm. Wide models need fewer tokens, since
  // the scores of the first steps grow with the width.
  @Test(arguments: ModelConfiguration.Preset.allCases)
  func `heads vary enough at start for the norm that follows`(
    preset: ModelConfiguration.Preset
  ) throws {
    var configuration = ModelConfiguration(preset: preset, vocabularySize: 64)
    configuration.blockCount = 1
    let model = try Model(configuration)
    let parameters = model.initialParameters(seed: 1)
    let reference = ReferenceModel(model, parameters.values.map(Double.init))
    let tokens = randomWindows(1, max(2, 2_048 / configuration.hiddenSize), 64, seed: 2)[0]
    for block in reference.mixed(tokens) {
      for head in 0..<configuration.headCount {
        let columns = head * configuration.headSize..<(head + 1) * configuration.headSize
        let variances = block.map { row in
          let values = row[columns]
          let mean = values.reduce(0, +) / Double(values.count)
          return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        }
        let variance = variances.reduce(0, +) / Double(variances.count)
        #expect(variance > 1e-4, "head \(head): \(variance)")
      }
    }
  }
}
