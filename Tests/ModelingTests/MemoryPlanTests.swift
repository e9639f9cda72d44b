import Modeling
import TestSupport
import Testing

/// The bytes of all arrays of numbers inside a value.
private func arrayBytes(_ value: Any) -> Int {
  switch value {
  case let array as [Float]: 4 * array.count
  case let array as [Int32]: 4 * array.count
  case let array as [Double]: 8 * array.count
  default: Mirror(reflecting: value).children.reduce(0) { $0 + arrayBytes($1.value) }
  }
}

@Suite struct MemoryPlanTests {
  @Test(arguments: Mechanism.all.filter { !$0.isolates }, [false, true])
  func `the plan is what an engine takes`(mechanism: Mechanism, recomputes: Bool) throws {
    var configuration = ModelConfiguration(preset: .nano, vocabularySize: 500)
    mechanism.set(&configuration)
    (configuration.hiddenSize, configuration.feedForwardSize) = (32, 40)
    configuration.contextLength = 130
    let model = try Model(configuration)
    var engine = BatchEngine(
      model: model,
      windowsPerPass: 2,
      threadCount: 1,
      recomputesActivations: recomputes
    )
    var gradient = ParameterBuffer(zerosFor: model.layout)
    let ids = randomWindows(2, 130, 500, seed: 1).joined().map(Int32.init)
    _ = engine.lossAndGradient(
      ids: ids.span,
      windowCount: 2,
      parameters: model.initialParameters(seed: 1),
      into: &gradient
    )
    let plan = BatchEngine.plan(
      model: model,
      windowsPerPass: 2,
      recomputesActivations: recomputes
    )
    let lanes = Mirror(reflecting: engine).children.first { $0.label == "lanes" }
    let taken = arrayBytes(try #require(lanes).value)
    let planned = plan.reduce(0) { $0 + $1.bytes }
    // The windows' own ids, which a batch brings, are no part of the plan.
    #expect(taken - planned == 4 * ids.count)
  }

  @Test func `blocks computed anew take less`() throws {
    let model = try Model(ModelConfiguration(preset: .small))
    func bytes(_ recomputes: Bool) -> Int {
      BatchEngine.plan(model: model, recomputesActivations: recomputes).reduce(0) { $0 + $1.bytes }
    }
    #expect(bytes(true) < bytes(false) * 2 / 3)
  }
}
