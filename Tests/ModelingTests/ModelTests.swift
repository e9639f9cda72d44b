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
    (.paperStrictSmall, 270e6), (.paperStrict, 270e6), (.paperTransformer, 250e6),
  ])
  func `presets have the parameters of their table`(
    preset: ModelConfiguration.Preset,
    count: Double
  ) throws {
    let model = try Model(ModelConfiguration(preset: preset))
    #expect(abs(Double(model.layout.count) / count - 1) < 0.2)
    let hasOutput = model.layout.tensors.contains { $0.name == "unembedding.weight" }
    #expect(hasOutput == preset.rawValue.hasPrefix("paper"))
  }

  @Test func `a configuration that cannot work is refused`() {
    var configuration = ModelConfiguration(preset: .nano)
    configuration.headCount = 5
    #expect(throws: ConfigurationError.self) { try Model(configuration) }
  }

  /// Muon for the blocks' eight matrices; decay on matrices and embeddings; none on vectors, scalars,
  /// convolution kernels and feature maps.
  @Test(arguments: Mechanism.all, [true, false])
  func `every tensor has the optimiser that the model page gives it`(
    mechanism: Mechanism,
    tied: Bool
  ) throws {
    let model = try tinyModel(tiesOutput: tied, mechanism)
    let muon: Set = ["query", "key", "value", "outputGate", "out", "gate", "up", "down"]
    let decayed: Set = ["embedding", "unembedding", "inputGate", "forgetGate"]
    for tensor in model.layout.tensors {
      let words = tensor.name.split(separator: ".").map(String.init)
      let owner = words[words.count - 2]
      let isWeight = words.last == "weight"
      let expected: TensorDescription.Rule =
        isWeight && muon.contains(owner)
        ? .muon : isWeight && decayed.contains(owner) ? .adamWithDecay : .adam
      #expect(tensor.rule == expected, "\(tensor.name)")
    }
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

  @Test func `mechanisms begin as the model page says`() throws {
    var configuration = ModelConfiguration(preset: .nano)
    Mechanism.everything.set(&configuration)
    let model = try Model(configuration)
    let parameters = model.initialParameters(seed: 3)
    func values(_ name: String) throws -> [Float] {
      let tensor = try #require(
        model.layout.tensors.first { $0.name == "blocks.2.mixer.\(name)" }
      )
      #expect(tensor.rule == .adam)
      return Array(parameters.values[tensor.range])
    }
    #expect(try values("slidingWindow.alpha") == [0.5])
    let kernels = try values("queryConvolution.weight") + values("keyConvolution.weight")
    #expect(kernels.count == 2 * 4 * 128 && kernels.allSatisfy { abs($0) <= 0.5 })
    #expect(kernels.contains { $0 > 0.45 } && kernels.contains { $0 < -0.45 })
    let identity = (0..<32 * 32).map { Float($0 / 32 == $0 % 32 ? 1 : 0) }
    #expect(try values("queryFeatures.weight") == (0..<4).flatMap { _ in identity })
    #expect(try values("keyFeatures.weight") == (0..<4).flatMap { _ in identity })
    #expect(try values("inputGate.bias") == [3, 3, 3, 3])
  }

  // One block suffices: every block begins alike, behind a norm. Attention's own variance passes no
  // norm.
  @Test(arguments: ModelConfiguration.Preset.allCases, [0, 4])
  func `heads vary enough at start for the norm that follows`(
    preset: ModelConfiguration.Preset,
    convolutionWidth: Int
  ) throws {
    guard preset != .paperTransformer else { return }
    for features in ModelConfiguration.FeatureMap.allCases {
      var configuration = ModelConfiguration(preset: preset, vocabularySize: 512)
      configuration.blockCount = 1
      configuration.convolutionWidth = convolutionWidth
      configuration.featureMap = features
      let model = try Model(configuration)
      let length = configuration.contextLength
      let ids = randomWindows(1, length, 512, seed: 2)[0].map(Int32.init)
      var engine = BatchEngine(model: model, laneCount: 1, windowsPerPass: 1, threadCount: 1)
      let statistics = engine.mixerStatistics(
        ids: ids.span,
        windowCount: 1,
        parameters: model.initialParameters(seed: 1)
      )
      #expect(statistics.count == 1)
      #expect(statistics.allSatisfy { $0.leastHeadVariance > 1e-4 })
    }
  }
}
