import Modeling
import TestSupport
import Testing

@Suite struct DecodingTests {
  @Test(arguments: [true, false])
  func `token by token gives the logits of the whole window`(tied: Bool) throws {
    let model = try tinyModel(tiesOutput: tied, contextLength: 20)
    let values = livelyParameters(model, seed: 7)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = values.map(Float.init)
    let tokens = randomWindows(1, 70, 9, seed: 5)[0]
    let expected = ReferenceModel(model, values).logits(tokens)
    var state = DecodingState(model)
    for (token, row) in zip(tokens, expected) {
      var logits = poisoned(count: 9)
      model.step(token: token, parameters: parameters, state: &state, logits: &logits)
      #expect(relativeDifference(row, logits) < 1e-3)
    }
  }

  @Test func `a copied state continues as the original does`() throws {
    let model = try tinyModel(tiesOutput: true)
    var parameters = ParameterBuffer(zerosFor: model.layout)
    parameters.values = livelyParameters(model, seed: 7).map(Float.init)
    var state = DecodingState(model)
    var logits = poisoned(count: 9)
    for token in [3, 1, 4] {
      model.step(token: token, parameters: parameters, state: &state, logits: &logits)
    }
    var copy = state
    var again = poisoned(count: 9)
    model.step(token: 5, parameters: parameters, state: &state, logits: &logits)
    model.step(token: 5, parameters: parameters, state: &copy, logits: &again)
    #expect(logits == again)
  }
}
