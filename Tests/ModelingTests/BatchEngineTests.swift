import Foundation
import Modeling
import TestSupport
import Testing

/// Runs one batch and gives the loss and the gradient, written over NaN.
func lossAndGradient(
  _ model: Model,
  _ values: [Double],
  _ ids: [Int32],
  windowCount: Int,
  laneCount: Int = 2,
  windowsPerPass: Int? = 2,
  threadCount: Int = 2,
  recomputesActivations: Bool = false
) -> (loss: BatchLoss, gradient: [Float]) {
  var parameters = ParameterBuffer(zerosFor: model.layout)
  parameters.values = values.map(Float.init)
  var gradient = ParameterBuffer(zerosFor: model.layout)
  gradient.values = poisoned(count: model.layout.count)
  var engine = BatchEngine(
    model: model,
    laneCount: laneCount,
    windowsPerPass: windowsPerPass,
    threadCount: threadCount,
    recomputesActivations: recomputesActivations
  )
  let loss = engine.lossAndGradient(
    ids: ids.span,
    windowCount: windowCount,
    parameters: parameters,
    into: &gradient
  )
  return (loss, gradient.values)
}

/// Random windows of `length + 1` ids.
func randomWindows(_ count: Int, _ length: Int, _ vocabulary: Int, seed: UInt64) -> [[Int]] {
  var numbers = SeededNumbers(seed)
  return (0..<count).map { _ in
    (0...length).map { _ in Int.random(in: 0..<vocabulary, using: &numbers) }
  }
}

/// The largest difference of a tensor's gradient, relative to the largest element of the tensor.
///
/// A gate's bias is measured by its matrix: the head norm all but cancels a common factor of the
/// input gates, so that the bias's own gradient is a small difference of large numbers.
func gradientDifference(
  _ model: Model,
  _ tensor: TensorDescription,
  _ expected: [Double],
  _ actual: [Float]
) -> Double {
  var scale = 1.0
  if tensor.name.hasSuffix("Gate.bias") {
    let name = tensor.name.replacing(".bias", with: ".weight")
    let matrix = model.layout.tensors.first { $0.name == name }
    let largest = expected[matrix?.range ?? 0..<0].reduce(1e-30) { max($0, abs($1)) }
    let own = expected[tensor.range].reduce(1e-30) { max($0, abs($1)) }
    scale = min(1, own / largest)
  }
  return scale * relativeDifference(Array(expected[tensor.range]), Array(actual[tensor.range]))
}

@Suite struct BatchEngineTests {
  @Test(arguments: [(7, 3), (13, 5), (16, 4), (9, 64)], [true, false])
  func `loss and every gradient tensor equal the reference`(
    sizes: (length: Int, chunk: Int),
    tied: Bool
  ) throws {
    let model = try tinyModel(
      tiesOutput: tied,
      contextLength: sizes.length,
      chunkLength: sizes.chunk
    )
    let windows = randomWindows(5, sizes.length, 9, seed: 11)
    let values = livelyParameters(model, seed: 7)
    let reference = ReferenceModel(model, values)
    let (loss, gradient) = lossAndGradient(
      model,
      values,
      windows.joined().map(Int32.init),
      windowCount: 5
    )
    #expect(loss.targetCount == 5 * sizes.length)
    #expect(abs(loss.meanNats - reference.loss(windows)) < 1e-5 * loss.meanNats)
    let expected = reference.gradient(windows)
    for tensor in model.layout.tensors {
      let difference = gradientDifference(model, tensor, expected, gradient)
      #expect(difference < 1e-4, "\(tensor.name): \(difference)")
    }
  }

  @Test func `a window of one token has the reference's loss`() throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 1)
    let values = livelyParameters(model, seed: 3)
    let windows = randomWindows(3, 1, 9, seed: 4)
    let (loss, gradient) = lossAndGradient(
      model,
      values,
      windows.joined().map(Int32.init),
      windowCount: 3
    )
    #expect(abs(loss.meanNats - ReferenceModel(model, values).loss(windows)) < 1e-5)
    let isFinite = gradient.allSatisfy(\.isFinite)
    #expect(isFinite)
  }

  @Test func `one thread and two give the same bits`() throws {
    let model = try tinyModel(tiesOutput: false, contextLength: 11)
    let values = livelyParameters(model, seed: 7)
    let ids = randomWindows(7, 11, 9, seed: 2).joined().map(Int32.init)
    let one = lossAndGradient(model, values, ids, windowCount: 7, threadCount: 1)
    let two = lossAndGradient(model, values, ids, windowCount: 7, threadCount: 2)
    #expect(one.loss == two.loss)
    #expect(one.gradient == two.gradient)
  }

  @Test func `a second batch owes nothing to the first`() throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 11)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    let values = livelyParameters(model, seed: 7)
    parameters.values = values.map(Float.init)
    let ids = randomWindows(5, 11, 9, seed: 2).joined().map(Int32.init)
    var engine = BatchEngine(model: model, windowsPerPass: 2)
    var gradient = ParameterBuffer(zerosFor: model.layout)
    for count in [5, 1, 3] {
      let batch = ids.prefix(count * 12).map(\.self)
      let loss = engine.lossAndGradient(
        ids: batch.span,
        windowCount: count,
        parameters: parameters,
        into: &gradient
      )
      let fresh = lossAndGradient(model, values, batch, windowCount: count)
      #expect(loss == fresh.loss)
      #expect(gradient.values == fresh.gradient)
    }
  }

  @Test func `a padded window equals the shorter window`() throws {
    let long = try tinyModel(tiesOutput: true, contextLength: 10, chunkLength: 4)
    let short = try tinyModel(tiesOutput: true, contextLength: 6, chunkLength: 4)
    let values = livelyParameters(long, seed: 7)
    let ids = randomWindows(1, 6, 9, seed: 8)[0].map(Int32.init)
    let expected = lossAndGradient(short, values, ids, windowCount: 1)
    let padded = ids + [Int32](repeating: -1, count: 4)
    let actual = lossAndGradient(long, values, padded, windowCount: 1)
    #expect(actual.loss.targetCount == 6)
    #expect(abs(actual.loss.nats - expected.loss.nats) < 1e-5)
    #expect(relativeDifference(expected.gradient.map(Double.init), actual.gradient) < 1e-5)
  }

  @Test func `a NaN in any tensor reaches the loss`() throws {
    let model = try tinyModel(tiesOutput: false, contextLength: 9)
    let ids = randomWindows(2, 9, 9, seed: 6).joined().map(Int32.init)
    for tensor in model.layout.tensors {
      var values = livelyParameters(model, seed: 7)
      for index in tensor.range { values[index] = .nan }
      let (loss, _) = lossAndGradient(model, values, ids, windowCount: 2)
      #expect(loss.nats.isNaN, "\(tensor.name)")
    }
  }

  @Test func `an empty batch has no loss and no gradient`() throws {
    let model = try tinyModel(tiesOutput: true)
    let values = livelyParameters(model, seed: 1)
    let (loss, gradient) = lossAndGradient(model, values, [], windowCount: 0)
    #expect(loss == BatchLoss(nats: 0, targetCount: 0))
    #expect(gradient == [Float](repeating: 0, count: model.layout.count))
  }

  @Test func `losses stand at their targets and sum to the batch's loss`() throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 8)
    let values = livelyParameters(model, seed: 7)
    var ids = randomWindows(5, 8, 9, seed: 9).joined().map(Int32.init)
    ids[4 * 9 + 7] = -1
    ids[4 * 9 + 8] = -1
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = values.map(Float.init)
    var engine = BatchEngine(model: model, windowsPerPass: 2)
    var losses = poisoned(count: 5 * 8)
    var span = losses.mutableSpan
    engine.losses(ids: ids.span, windowCount: 5, parameters: parameters, into: &span)
    let (loss, _) = lossAndGradient(model, values, ids, windowCount: 5)
    #expect(loss.targetCount == 38)
    #expect(losses[38] == 0 && losses[39] == 0)
    let total = losses.reduce(0) { $0 + Double($1) }
    #expect(abs(total - loss.nats) < 1e-4)
    let reference = ReferenceModel(model, values)
    let logits = reference.logits(ids[9..<17].map(Int.init))
    for step in 0..<8 {
      let row = logits[step]
      let total = row.reduce(0) { $0 + exp($1) }
      let expected = log(total) - row[Int(ids[9 + step + 1])]
      #expect(abs(Double(losses[8 + step]) - expected) < 1e-4)
    }
  }
}
