import Foundation
import Kernels
import Modeling
import Testing
import Training

@Suite struct ParameterGroupTests {
  /// A network with every kind of tensor.
  private let configuration: ModelConfiguration = {
    var configuration = ModelConfiguration(
      hiddenSize: 8,
      blockCount: 2,
      headCount: 2,
      feedForwardSize: 12,
      vocabularySize: 16,
      contextLength: 8,
      tiesOutput: false,
      chunkLength: 4
    )
    configuration.convolutionWidth = 4
    configuration.featureMap = .hedgehog
    configuration.slidingWindow = .bounded
    return configuration
  }()

  @Test func `every tensor falls to the group that its name tells`() throws {
    let layout = try Model(configuration).layout
    var groups: [String: Set<String>] = [:]
    for tensor in layout.tensors {
      let kind = tensor.name.split(separator: ".").suffix(2).joined(separator: ".")
      groups[ParameterGroup(of: tensor).rawValue, default: []].insert(kind)
    }
    #expect(groups["embedding"] == ["embedding.weight"])
    #expect(groups["output"] == ["unembedding.weight"])
    #expect(
      groups["matrices"] == [
        "query.weight", "key.weight", "value.weight", "outputGate.weight", "out.weight",
        "gate.weight", "up.weight", "down.weight",
      ]
    )
    #expect(
      groups["gates"] == [
        "inputGate.weight", "forgetGate.weight", "inputGate.bias", "forgetGate.bias",
      ]
    )
    #expect(
      groups["convolutions"] == ["queryConvolution.weight", "keyConvolution.weight"]
    )
    #expect(groups["featureMaps"] == ["queryFeatures.weight", "keyFeatures.weight"])
    #expect(groups["mixing"] == ["slidingWindow.alpha"])
    #expect(
      groups["gains"] == [
        "mixerNorm.gain", "headNorm.gain", "feedForwardNorm.gain", "finalNorm.gain",
      ]
    )
  }

  /// A factor of 0 holds a group still; a factor of 2 is a step at twice the rate.
  @Test(arguments: TrainingSettings.OptimizerChoice.allCases)
  func `a group's rate and decay move that group alone`(
    choice: TrainingSettings.OptimizerChoice
  ) throws {
    let model = try Model(configuration)
    let start = model.initialParameters(seed: 1)
    var gradient = ParameterBuffer(zerosFor: model.layout)
    for index in gradient.values.indices { gradient.values[index] = Float(index % 7) - 3 }
    func stepped(_ change: (inout TrainingSettings) -> Void, rate: Double) -> ParameterBuffer {
      var settings = TrainingSettings(preset: .nano)
      settings.optimizer = choice
      change(&settings)
      var optimizer = Optimizer(
        layout: model.layout,
        settings: settings,
        workers: Parallel(threadCount: 1)
      )
      var parameters = start
      optimizer.step(&parameters, gradient: gradient, learningRate: rate)
      return parameters
    }
    let usual = stepped({ _ in }, rate: 0.01)
    let double = stepped({ _ in }, rate: 0.02)
    let strong = stepped({ $0.weightDecay = 0.5 }, rate: 0.01)
    for group in ParameterGroup.allCases {
      let held = stepped({ $0.groupRates = [group.rawValue: 0] }, rate: 0.01)
      let doubled = stepped({ $0.groupRates = [group.rawValue: 2] }, rate: 0.01)
      let decayed = stepped({ $0.groupDecays = [group.rawValue: 0.5] }, rate: 0.01)
      for tensor in model.layout.tensors {
        let isIn = ParameterGroup(of: tensor) == group
        let range = tensor.range
        #expect(held.values[range] == (isIn ? start : usual).values[range], "\(tensor.name)")
        #expect(doubled.values[range] == (isIn ? double : usual).values[range], "\(tensor.name)")
        guard tensor.rule != .adam else { continue }
        #expect(decayed.values[range] == (isIn ? strong : usual).values[range], "\(tensor.name)")
      }
    }
  }
}
