import Foundation
import Kernels
import TestSupport
import Testing

/// A random call of the mLSTM with unused columns between its inputs, and what the reference says.
struct MLSTMCase {
  let shape: MLSTMShape
  let columns: MLSTMColumns
  let biases = MLSTMBiases(input: 1, forget: 4)
  let inputs: [Float]
  let parameters: [Float]
  let gradient: [Float]
  /// The steps at which a document begins, in both windows.
  let documents: [Int]

  init(
    steps: Int,
    chunk: Int,
    seed: UInt64,
    gateSpread: Double = 2,
    queryScale: Float = 1,
    inputBias: Float = 0,
    documents: [Int] = [],
    closedFrom: Int? = nil
  ) {
    self.documents = documents
    shape = MLSTMShape(
      windowCount: 2,
      stepCount: steps,
      headCount: 2,
      keySize: 5,
      valueSize: 7,
      chunkLength: chunk
    )
    columns = MLSTMColumns(stride: 43, query: 1, key: 12, value: 23, gates: 38)
    var numbers = SeededNumbers(seed)
    var inputs = numbers.doubles(shape.rowCount * 43, spread: 2).map(Float.init)
    for row in 0..<shape.rowCount {
      for gate in 38..<42 { inputs[row * 43 + gate] *= Float(gateSpread / 2) }
      for query in 1..<11 { inputs[row * 43 + query] *= queryScale }
      // Input gates at their cap, then at its negative, and forget gates that keep everything.
      guard let closedFrom else { continue }
      let isClosed = row % steps >= closedFrom
      for gate in 38..<40 { inputs[row * 43 + gate] = isClosed ? -60 : 60 }
      for gate in 40..<42 { inputs[row * 43 + gate] = 60 }
    }
    self.inputs = inputs
    parameters = [9, 0.3 + inputBias, inputBias - 0.2, 9, 2, 4, 9]
    gradient = numbers.doubles(shape.rowCount * 14).map(Float.init)
  }

  /// The first step that each step of a window sees.
  var windowStarts: [Int] {
    (0..<shape.stepCount).map { step in documents.last { $0 <= step } ?? 0 }
  }

  /// The same for every row.
  var starts: [Int32] {
    let window = windowStarts.map(Int32.init)
    return window + window
  }

  /// The gate preactivation of a row, bias included.
  private func preactivation(_ row: Int, _ gate: Int) -> Double {
    let bias = gate < 2 ? biases.input + gate : biases.forget + gate - 2
    return Double(inputs[row * 43 + 38 + gate] + parameters[bias])
  }

  /// One head of one window.
  func head(_ window: Int, _ head: Int) -> ReferenceMLSTM {
    let rows = (0..<shape.stepCount).map { window * shape.stepCount + $0 }
    func part(_ column: Int, _ size: Int) -> [[Double]] {
      rows.map { row in
        (0..<size).map { Double(inputs[row * 43 + column + head * size + $0]) }
      }
    }
    return ReferenceMLSTM(
      queries: part(columns.query, 5),
      keys: part(columns.key, 5),
      values: part(columns.value, 7),
      inputGates: rows.map { Reference.cap(preactivation($0, head)) },
      forgetGates: rows.map { Reference.cap(preactivation($0, 2 + head)) },
      starts: windowStarts
    )
  }

  /// Outputs of the reference, laid out as the kernel's.
  func outputs(_ form: (ReferenceMLSTM) -> [[Double]]) -> [Double] {
    var result = [Double](repeating: .nan, count: shape.rowCount * 14)
    for window in 0..<2 {
      for index in 0..<2 {
        for (t, row) in form(head(window, index)).enumerated() {
          let start = (window * shape.stepCount + t) * 14 + index * 7
          result.replaceSubrange(start..<start + 7, with: row)
        }
      }
    }
    return result
  }

  /// Gradients of the reference, laid out as the kernel's; NaN in the unused columns.
  func gradients() -> (inputs: [Double], parameters: [Double]) {
    var result = [Double](repeating: .nan, count: shape.rowCount * 43)
    var biasGradient = [Double](repeating: 0, count: parameters.count)
    for window in 0..<2 {
      for index in 0..<2 {
        let head = head(window, index)
        let pull = (0..<shape.stepCount).map { t in
          let start = (window * shape.stepCount + t) * 14 + index * 7
          return gradient[start..<start + 7].map(Double.init)
        }
        let back = head.definitionBackward(gradient: pull)
        for t in 0..<shape.stepCount {
          let row = (window * shape.stepCount + t) * 43
          let parts = [
            (columns.query + index * 5, back.queries[t]), (columns.key + index * 5, back.keys[t]),
            (columns.value + index * 7, back.values[t]),
          ]
          for (column, values) in parts {
            result.replaceSubrange(row + column..<row + column + values.count, with: values)
          }
          let input = back.inputGates[t] * Reference.capSlope(capped: head.inputGates[t])
          let forget = back.forgetGates[t] * Reference.capSlope(capped: head.forgetGates[t])
          result[row + 38 + index] = input
          result[row + 40 + index] = forget
          biasGradient[biases.input + index] += input
          biasGradient[biases.forget + index] += forget
        }
      }
    }
    return (result, biasGradient)
  }

  /// Runs the kernel forward over poisoned buffers.
  func forward() -> (outputs: [Float], saved: MLSTMActivations) {
    var outputs = poisoned(count: shape.rowCount * 14)
    var saved = MLSTMActivations(for: shape)
    var scratch = MLSTMScratch(for: shape)
    mlstm(
      inputs,
      columns,
      parameters,
      biases,
      shape,
      starts: starts,
      saving: &saved,
      scratch: &scratch,
      into: &outputs
    )
    return (outputs, saved)
  }

  /// Runs the kernel backward over poisoned buffers.
  func backward() -> (inputs: [Float], parameters: [Float]) {
    let (outputs, saved) = forward()
    var result = poisoned(count: shape.rowCount * 43)
    var biasGradient = [Float](repeating: 0, count: parameters.count)
    var scratch = MLSTMScratch(for: shape)
    mlstmBackward(
      inputs,
      columns,
      biases,
      shape,
      starts: starts,
      outputs: outputs,
      saved: saved,
      gradient: gradient,
      scratch: &scratch,
      into: &result,
      parameterGradient: &biasGradient
    )
    return (result, biasGradient)
  }

  /// The outputs step by step.
  func steps() -> [Float] {
    var result: [Float] = []
    var row = poisoned(count: 14)
    for window in 0..<2 {
      var state = MLSTMState(for: shape)
      for t in 0..<shape.stepCount {
        if documents.contains(t) { state.reset() }
        let start = (window * shape.stepCount + t) * 43
        mlstmStep(
          Array(inputs[start..<start + 43]),
          columns,
          parameters,
          biases,
          shape,
          state: &state,
          into: &row
        )
        result += row
      }
    }
    return result
  }
}

@Suite struct MLSTMTests {
  /// Steps, chunk length and where documents begin: at borders, within chunks, several in a chunk,
  /// right after one another, and none for several chunks.
  static let isolated: [(steps: Int, chunk: Int, documents: [Int])] = [
    (1, 16, [0]), (63, 16, [5]), (64, 16, [16, 32]), (100, 16, [15, 17, 18, 90]),
    (257, 64, [1, 2, 200]), (100, 64, [99]), (129, 64, [64]), (70, 16, [0, 3]),
  ]

  @Test(arguments: isolated)
  func `all forms agree where documents are isolated`(
    example: (steps: Int, chunk: Int, documents: [Int])
  ) {
    let isolated = MLSTMCase(
      steps: example.steps,
      chunk: example.chunk,
      seed: 21,
      documents: example.documents
    )
    let definition = isolated.outputs { $0.definition() }
    #expect(relativeDifference(definition, isolated.outputs { $0.recurrence() }) < 1e-4)
    #expect(relativeDifference(definition, isolated.forward().outputs) < 1e-4)
    #expect(relativeDifference(definition, isolated.steps()) < 1e-4)
  }

  @Test(arguments: isolated)
  func `every gradient equals the reference where documents are isolated`(
    example: (steps: Int, chunk: Int, documents: [Int])
  ) {
    let isolated = MLSTMCase(
      steps: example.steps,
      chunk: example.chunk,
      seed: 22,
      documents: example.documents
    )
    let expected = isolated.gradients()
    let actual = isolated.backward()
    for (first, count) in [(1, 10), (12, 10), (23, 14), (38, 4)] {
      let places = (0..<isolated.shape.rowCount).flatMap { row in
        (0..<count).map { row * 43 + first + $0 }
      }
      let difference = relativeDifference(
        places.map { expected.inputs[$0] },
        places.map { actual.inputs[$0] }
      )
      #expect(difference < 1e-4, "columns from \(first): \(difference)")
    }
    #expect(relativeDifference(expected.parameters, actual.parameters) < 1e-4)
  }

  @Test(arguments: [1, 63, 64, 100, 257], [16, 64])
  func `definition, chunks and single steps agree`(steps: Int, chunk: Int) {
    let example = MLSTMCase(steps: steps, chunk: chunk, seed: UInt64(steps))
    let definition = example.outputs { $0.definition() }
    #expect(relativeDifference(definition, example.forward().outputs) < 1e-4)
    #expect(relativeDifference(definition, example.steps()) < 1e-4)
  }

  @Test(arguments: [1, 63, 64, 100, 257], [16, 64])
  func `every gradient equals the reference`(steps: Int, chunk: Int) {
    let example = MLSTMCase(steps: steps, chunk: chunk, seed: UInt64(steps))
    let expected = example.gradients()
    let actual = example.backward()
    let columns = example.columns
    var parts = [
      ("query", columns.query, 10), ("key", columns.key, 10), ("value", columns.value, 14),
      ("gates", columns.gates, 4),
    ]
    // One step has no past: its forget gate's gradient is zero, which has no relative difference.
    if steps > 1 {
      parts += [("input gate", columns.gates, 2), ("forget gate", columns.gates + 2, 2)]
    }
    for (name, first, count) in parts {
      let places = (0..<example.shape.rowCount).flatMap { row in
        (0..<count).map { row * 43 + first + $0 }
      }
      let difference = relativeDifference(
        places.map { expected.inputs[$0] },
        places.map { actual.inputs[$0] }
      )
      #expect(difference < 1e-4, "\(name): \(difference)")
    }
    #expect(relativeDifference(expected.parameters, actual.parameters) < 1e-4)
    let unused = actual.inputs.indices.filter { expected.inputs[$0].isNaN }
    #expect(unused.allSatisfy { actual.inputs[$0].isNaN })
  }

  // A gate near 15 is itself only good to 1e-6 in float32, and sums of both signs magnify that.
  @Test func `gates at their caps neither overflow nor lose the form`() {
    let example = MLSTMCase(steps: 150, chunk: 64, seed: 3, gateSpread: 60)
    let definition = example.outputs { $0.definition() }
    #expect(relativeDifference(definition, example.forward().outputs) < 1e-3)
    #expect(relativeDifference(definition, example.steps()) < 1e-3)
    #expect(example.backward().parameters.allSatisfy { $0.isFinite })
  }

  // With input gates near their cap e^{-m} is about 1e-6 and the sum under the division far less, so
  // that the epsilon is a good part of the denominator and the maximum has a gradient of its own.
  @Test(arguments: [[], [0, 9, 33]])
  func `a head whose sum all but vanishes has the reference's gradients`(documents: [Int]) {
    let example = MLSTMCase(
      steps: 70,
      chunk: 16,
      seed: 5,
      queryScale: 1e-7,
      inputBias: 18,
      documents: documents
    )
    let definition = example.outputs { $0.definition() }
    #expect(relativeDifference(definition, example.forward().outputs) < 1e-4)
    let expected = example.gradients()
    let actual = example.backward()
    for (first, count) in [(1, 10), (12, 10), (23, 14), (38, 2), (40, 2)] {
      let places = (0..<example.shape.rowCount).flatMap { row in
        (0..<count).map { row * 43 + first + $0 }
      }
      let difference = relativeDifference(
        places.map { expected.inputs[$0] },
        places.map { actual.inputs[$0] }
      )
      #expect(difference < 1e-4, "columns from \(first): \(difference)")
    }
  }

  // The epsilon under the division is measured by the running maximum, which begins anew with each
  // document: here that of the first is e³⁰ times that of the second.
  @Test(arguments: [1, 7, 16, 20, 33])
  func `a document's outputs owe nothing to the gates of the one before it`(first: Int) {
    let example = MLSTMCase(steps: 40, chunk: 16, seed: 9, documents: [first], closedFrom: first)
    let definition = example.outputs { $0.definition() }
    let outputs = example.forward().outputs
    let steps = example.steps()
    // Of the second document alone, whose numbers are a millionth of the first's.
    let places = definition.indices.filter { $0 / 14 % 40 >= first }
    let expected = places.map { definition[$0] }
    #expect(relativeDifference(expected, places.map { outputs[$0] }) < 1e-3)
    #expect(relativeDifference(expected, places.map { steps[$0] }) < 1e-3)
  }

  @Test func `the form holds over thousands of steps`() {
    let example = MLSTMCase(steps: 4_096, chunk: 64, seed: 6)
    let expected = example.outputs { $0.recurrence() }
    #expect(relativeDifference(expected, example.forward().outputs) < 1e-4)
    #expect(relativeDifference(expected, example.steps()) < 1e-4)
    let whole = MLSTMCase(steps: 4_096, chunk: 1_024, seed: 6).backward()
    let chunks = example.backward()
    let used = whole.inputs.indices.filter { !whole.inputs[$0].isNaN }
    #expect(
      relativeDifference(used.map { Double(whole.inputs[$0]) }, used.map { chunks.inputs[$0] })
        < 1e-4
    )
  }

  @Test func `the chunk length is a matter of speed alone`() {
    let expected = MLSTMCase(steps: 70, chunk: 70, seed: 8).backward().parameters
    for chunk in [1, 7, 32, 100] {
      let actual = MLSTMCase(steps: 70, chunk: chunk, seed: 8).backward().parameters
      #expect(relativeDifference(expected.map(Double.init), actual) < 1e-4)
    }
  }
}
