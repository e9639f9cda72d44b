import Foundation
import Modeling
import TestSupport
import Testing

/// Every combination of mechanisms, shipping passes against the reference.
@Suite struct MechanismTests {
  /// Windows of 13 inputs in which documents begin at several places; some are padded on the left,
  /// some on the right.
  private func windows() -> [[Int]] {
    var windows = randomWindows(5, 13, 9, seed: 11)
    windows[0][4] = 0
    windows[0][5] = 0
    windows[1][11] = 0
    for step in 0..<6 { windows[2][step] = -1 }
    windows[2][8] = 0
    for step in 9..<14 { windows[3][step] = -1 }
    return windows
  }

  @Test(arguments: Mechanism.all)
  func `loss and every gradient tensor equal the reference`(mechanism: Mechanism) throws {
    let model = try tinyModel(tiesOutput: false, contextLength: 13, chunkLength: 5, mechanism)
    let windows = windows()
    let values = livelyParameters(model, seed: 7)
    let reference = ReferenceModel(model, values)
    let (loss, gradient) = lossAndGradient(
      model,
      values,
      windows.joined().map(Int32.init),
      windowCount: 5
    )
    #expect(loss.targetCount == 5 * 13 - 6 - 5)
    #expect(abs(loss.meanNats - reference.loss(windows)) < 1e-5 * loss.meanNats)
    let expected = reference.gradient(windows)
    for tensor in model.layout.tensors {
      let difference = gradientDifference(model, tensor, expected, gradient)
      #expect(difference < 1e-4, "\(tensor.name): \(difference)")
    }
  }

  @Test(arguments: Mechanism.all)
  func `token by token gives the logits of the whole window`(mechanism: Mechanism) throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 50, mechanism)
    let values = livelyParameters(model, seed: 7)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = values.map(Float.init)
    var tokens = randomWindows(1, 49, 9, seed: 5)[0]
    tokens[20] = 0
    let expected = ReferenceModel(model, values).logits(tokens)
    var state = DecodingState(model)
    for (token, row) in zip(tokens, expected) {
      var logits = poisoned(count: 9)
      model.step(token: token, parameters: parameters, state: &state, logits: &logits)
      #expect(relativeDifference(row, logits) < 1e-3)
    }
  }

  @Test(arguments: Mechanism.all)
  func `a state taken up from its tensors goes on to the bit`(mechanism: Mechanism) throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 7, mechanism)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = livelyParameters(model, seed: 7).map(Float.init)
    var tokens = randomWindows(1, 39, 9, seed: 5)[0]
    tokens[20] = 0
    for cut in [0, 1, 2, 5, 8, 21, 30] {
      var state = DecodingState(model)
      var logits = poisoned(count: 9)
      for token in tokens[..<cut] {
        model.step(token: token, parameters: parameters, state: &state, logits: &logits)
      }
      let tensors = state.tensors(model)
      #expect(tensors.layout == DecodingState.layout(model) && tensors.layout.count > 0)
      #expect(cut != 5 || tensors.values.contains { $0 != 0 })
      var again = DecodingState(model, tensors: tensors, stepCount: state.stepCount)
      for token in tokens[cut...] {
        var others = poisoned(count: 9)
        model.step(token: token, parameters: parameters, state: &state, logits: &logits)
        model.step(token: token, parameters: parameters, state: &again, logits: &others)
        #expect(logits == others)
      }
      #expect(state.tensors(model) == again.tensors(model))
    }
  }

  @Test(arguments: Mechanism.all)
  func `padding on the left or the right leaves the text as it is`(mechanism: Mechanism) throws {
    let short = try tinyModel(tiesOutput: true, contextLength: 6, chunkLength: 4, mechanism)
    let long = try tinyModel(tiesOutput: true, contextLength: 11, chunkLength: 4, mechanism)
    let values = livelyParameters(short, seed: 7)
    var text = randomWindows(1, 6, 9, seed: 8)[0].map(Int32.init)
    text[3] = 0
    let expected = lossAndGradient(short, values, text, windowCount: 1)
    let padding = [Int32](repeating: -1, count: 5)
    for padded in [padding + text, text + padding] {
      let actual = lossAndGradient(long, values, padded, windowCount: 1)
      #expect(actual.loss.targetCount == 6)
      #expect(abs(actual.loss.nats - expected.loss.nats) < 1e-4)
      #expect(relativeDifference(expected.gradient.map(Double.init), actual.gradient) < 1e-4)
    }
  }

  @Test(arguments: Mechanism.all.filter(\.isolates))
  func `an isolated document has the losses it has alone`(mechanism: Mechanism) throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 12, chunkLength: 5, mechanism)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = livelyParameters(model, seed: 7).map(Float.init)
    let document: [Int32] = [0, 4, 2, 8, 5, 3, 1]
    let windows: [[Int32]] = [
      [3, 7, 0, 6, 1, 2] + document, document + [Int32](repeating: -1, count: 6),
    ]
    var engine = BatchEngine(model: model)
    var losses = poisoned(count: 2 * 12)
    var span = losses.mutableSpan
    engine.losses(
      ids: Array(windows.joined()).span,
      windowCount: 2,
      parameters: parameters,
      into: &span
    )
    let together = losses[6..<12].map(Double.init)
    #expect(relativeDifference(together, Array(losses[12..<18])) < 1e-5)
  }

  @Test(arguments: Mechanism.all)
  func `blocks computed anew give the same bits`(mechanism: Mechanism) throws {
    let model = try tinyModel(
      tiesOutput: true,
      contextLength: 13,
      chunkLength: 5,
      blockCount: 3,
      mechanism
    )
    let values = livelyParameters(model, seed: 7)
    let ids = windows().joined().map(Int32.init)
    let kept = lossAndGradient(model, values, ids, windowCount: 5)
    let anew = lossAndGradient(model, values, ids, windowCount: 5, recomputesActivations: true)
    #expect(kept.loss == anew.loss)
    #expect(kept.gradient == anew.gradient)
  }

  @Test(arguments: Mechanism.all)
  func `a NaN in any tensor reaches the loss`(mechanism: Mechanism) throws {
    let model = try tinyModel(tiesOutput: false, contextLength: 9, blockCount: 1, mechanism)
    let ids = randomWindows(2, 9, 9, seed: 6).joined().map(Int32.init)
    for tensor in model.layout.tensors {
      var values = livelyParameters(model, seed: 7)
      for index in tensor.range { values[index] = .nan }
      let (loss, _) = lossAndGradient(model, values, ids, windowCount: 2)
      #expect(loss.nats.isNaN, "\(tensor.name)")
    }
  }

  @Test(arguments: [Mechanism(), .everything, Mechanism(mixer: .attention)])
  func `twenty steps are the same to the bit, once more and on another number of threads`(
    mechanism: Mechanism
  ) throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 13, chunkLength: 5, mechanism)
    let ids = windows().joined().map(Int32.init)
    func losses(threads: Int) -> [BatchLoss] {
      var engine = BatchEngine(model: model, windowsPerPass: 2, threadCount: threads)
      var parameters = model.initialParameters(seed: 5)
      var gradient = ParameterBuffer(zerosFor: model.layout)
      return (0..<20).map { _ in
        let loss = engine.lossAndGradient(
          ids: ids.span,
          windowCount: 5,
          parameters: parameters,
          into: &gradient
        )
        for index in gradient.values.indices {
          parameters.values[index] -= 0.1 * gradient.values[index]
        }
        return loss
      }
    }
    let one = losses(threads: 1)
    #expect(one[19].nats < one[0].nats)
    #expect(losses(threads: 1) == one)
    #expect(losses(threads: 2) == one)
  }

  @Test func `statistics tell of the mixers and of nothing else`() throws {
    let model = try tinyModel(tiesOutput: true, contextLength: 13, .everything)
    let parameters = model.initialParameters(seed: 5)
    let windows = randomWindows(5, 13, 9, seed: 11)
    let ids = windows.joined().map(Int32.init)
    var engine = BatchEngine(model: model, recomputesActivations: true)
    let found = engine.mixerStatistics(ids: ids.span, windowCount: 5, parameters: parameters)
    #expect(found.count == 2 && found.allSatisfy { $0.alpha == 0.5 })
    // Gate matrices begin as zero: the gates are their biases, through the cap and the sigmoid.
    let input = 15 * tanh(3.0 / 15)
    let forget = [3.0, 6].map { 1 / (1 + exp(-15 * tanh($0 / 15))) }
    for block in found {
      #expect(abs(block.meanInputGate - input) < 1e-5)
      #expect(abs(block.meanForgetGate - (forget[0] + forget[1]) / 2) < 1e-5)
    }
    let reference = ReferenceModel(model, parameters.values.map(Double.init))
    let variances = (0..<2).map { head in
      let rows = windows.flatMap { reference.mixed(Array($0.dropLast()))[1] }.map { row in
        Array(row[head * 6..<head * 6 + 6])
      }
      return rows.reduce(0) { sum, row in
        let mean = row.reduce(0, +) / 6
        return sum + row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
      } / Double(rows.count)
    }
    #expect(abs(found[1].leastHeadVariance / (variances.min() ?? 0) - 1) < 1e-3)
    let transformer = try tinyModel(
      tiesOutput: true,
      contextLength: 13,
      Mechanism(mixer: .attention)
    )
    var other = BatchEngine(model: transformer)
    #expect(
      other.mixerStatistics(
        ids: ids.span,
        windowCount: 5,
        parameters: transformer.initialParameters(seed: 1)
      ) == []
    )
  }

  @Test func `a sliding window that covers the text is attention over all of it`() throws {
    var narrow = ModelConfiguration(preset: .nano, vocabularySize: 50)
    narrow.contextLength = 70
    narrow.slidingWindow = .modulated
    narrow.slidingWindowLength = 70
    var wide = narrow
    wide.slidingWindowLength = 700
    let model = try Model(narrow)
    let values = livelyParameters(model, seed: 3).map { 0.05 * $0 }
    let ids = randomWindows(2, 70, 50, seed: 4).joined().map(Int32.init)
    let one = lossAndGradient(model, values, ids, windowCount: 2)
    let two = lossAndGradient(try Model(wide), values, ids, windowCount: 2)
    #expect(one.loss == two.loss)
    #expect(one.gradient == two.gradient)
  }
}
