import Foundation
import Modeling
import TestSupport
import Testing

/// Steps recorded by an independent program; how they were made stands in
/// `Fixtures/golden_step.py`, beside them.
@Suite struct GoldenStepTests {
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    struct Tensor: Decodable {
      let name: String
      let shape: [Int]
      let gradient: [Double]
    }
    let name: String
    let blocks: Int
    let tied: Bool
    let convolution: Int
    let hedgehog: Bool
    let window: ModelConfiguration.SlidingWindow
    let memory: Int
    let isolated: Bool
    let attention: Bool
    let windows: [[Int]]
    let losses: [Double]
    let tensors: [Tensor]

    var testDescription: String { name }

    func model(chunkLength: Int) throws -> Model {
      var configuration = ModelConfiguration(
        hiddenSize: 12,
        blockCount: blocks,
        headCount: 2,
        feedForwardSize: 5,
        vocabularySize: 9,
        contextLength: 6,
        tiesOutput: tied,
        chunkLength: chunkLength
      )
      Mechanism(
        mixer: attention ? .attention : .mlstm,
        convolution: convolution,
        features: hedgehog ? .hedgehog : .identity,
        window: window,
        memory: memory,
        isolates: isolated
      ).set(&configuration)
      return try Model(configuration)
    }
  }

  static let recorded: [Golden] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/golden_step.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Golden].self, from: data)) ?? []
  }()

  /// The parameters that both sides compute from their numbers.
  private func startValues(_ model: Model) -> [Double] {
    var values = [Double](repeating: 0, count: model.layout.count)
    for tensor in model.layout.tensors {
      let isGain = tensor.name.hasSuffix("gain")
      let centre = isGain ? 1.0 : tensor.name.hasSuffix("forgetGate.bias") ? 2.0 : 0.0
      let spread = isGain ? 0.3 : 0.7
      for index in tensor.range {
        let part = (Double(index) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
        values[index] = Double(Float(centre + spread * (2 * part - 1)))
      }
    }
    return values
  }

  @Test func `every mechanism is recorded`() {
    #expect(Self.recorded.count == 14)
  }

  @Test(arguments: recorded, [2, 64])
  func `loss and every gradient equal those of the program in numpy`(
    golden: Golden,
    chunkLength: Int
  ) throws {
    let model = try golden.model(chunkLength: chunkLength)
    #expect(model.layout.tensors.map(\.name) == golden.tensors.map(\.name))
    #expect(model.layout.tensors.map(\.shape) == golden.tensors.map(\.shape))
    let values = startValues(model)
    let (loss, gradient) = lossAndGradient(
      model,
      values,
      golden.windows.joined().map(Int32.init),
      windowCount: golden.windows.count
    )
    #expect(abs(loss.meanNats - golden.losses[0]) < 1e-5)
    let exact = ReferenceModel(model, values).gradient(golden.windows)
    let expected = golden.tensors.flatMap(\.gradient)
    for (index, value) in expected.enumerated() {
      #expect(abs(exact[index] - value) < 1e-9 + 1e-8 * abs(value))
    }
    for tensor in model.layout.tensors {
      let difference = gradientDifference(model, tensor, expected, gradient)
      #expect(difference < 1e-4, "\(tensor.name): \(difference)")
    }
  }

  @Test(arguments: recorded)
  func `ten steps of gradient descent have the recorded losses`(golden: Golden) throws {
    let model = try golden.model(chunkLength: 4)
    var values = startValues(model)
    var exact = ReferenceModel(model, values)
    for expected in golden.losses {
      let (loss, gradient) = lossAndGradient(
        model,
        values,
        golden.windows.joined().map(Int32.init),
        windowCount: golden.windows.count
      )
      #expect(abs(loss.meanNats - expected) < 1e-4 * expected)
      #expect(abs(exact.loss(golden.windows) - expected) < 1e-9)
      for index in values.indices { values[index] -= 0.02 * Double(gradient[index]) }
      let slope = exact.gradient(golden.windows)
      for index in slope.indices { exact.values[index] -= 0.02 * slope[index] }
    }
  }
}
