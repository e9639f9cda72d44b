import Foundation
import Modeling
import TestSupport
import Testing

/// One step recorded by an independent program; how it was made stands in
/// `Fixtures/golden_step.py`, beside it.
@Suite struct GoldenStepTests {
  struct Golden: Decodable {
    struct Tensor: Decodable {
      let name: String
      let shape: [Int]
      let norm: Double
      let first: Double
      let last: Double
    }
    let windows: [[Int32]]
    let loss: Double
    let tensors: [Tensor]
  }

  @Test(arguments: [2, 64])
  func `loss and gradients equal those of the program in numpy`(chunkLength: Int) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/golden_step.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    let model = try Model(
      ModelConfiguration(
        hiddenSize: 8,
        blockCount: 2,
        headCount: 2,
        feedForwardSize: 6,
        vocabularySize: 11,
        contextLength: 6,
        tiesOutput: false,
        chunkLength: chunkLength
      )
    )
    #expect(model.layout.tensors.map(\.name) == golden.tensors.map(\.name))
    #expect(model.layout.tensors.map(\.shape) == golden.tensors.map(\.shape))
    var values = [Double](repeating: 0, count: model.layout.count)
    for tensor in model.layout.tensors {
      let isGain = tensor.name.hasSuffix("gain")
      let centre = isGain ? 1.0 : tensor.name.hasSuffix("forgetGate.bias") ? 2.0 : 0.0
      for index in tensor.range {
        let part = (Double(index) * 0.6180339887498949).truncatingRemainder(dividingBy: 1)
        values[index] = Double(Float(centre + (isGain ? 0.25 : 0.5) * (2 * part - 1)))
      }
    }
    let (loss, gradient) = lossAndGradient(
      model,
      values,
      Array(golden.windows.joined()),
      windowCount: 2
    )
    #expect(abs(loss.meanNats - golden.loss) < 1e-5)
    let reference = ReferenceModel(model, values)
    let windows = golden.windows.map { $0.map(Int.init) }
    let exact = reference.gradient(windows)
    #expect(abs(reference.loss(windows) - golden.loss) < 1e-12)
    for (tensor, expected) in zip(model.layout.tensors, golden.tensors) {
      let part = gradient[tensor.range].map(Double.init)
      let norm = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // The head norm all but cancels the input gate's gradient: an absolute bound joins.
      let bound = 1e-4 * expected.norm + 1e-6
      let exactNorm = exact[tensor.range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(exactNorm - expected.norm) < 1e-9, "\(tensor.name)")
      #expect(abs(norm - expected.norm) < bound, "\(tensor.name)")
      #expect(abs(part[0] - expected.first) < bound, "\(tensor.name)")
      #expect(abs(part[part.count - 1] - expected.last) < bound, "\(tensor.name)")
    }
  }
}
