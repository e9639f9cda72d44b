import Kernels
import TestSupport
import Testing

/// A random call of attention with unused columns between its inputs, and what the reference says.
struct AttentionCase {
  let shape: AttentionShape
  let columns: AttentionColumns
  let inputs: [Float]
  let gradient: [Float]
  let windowStarts: [Int]

  init(steps: Int, visible: Int, memory: Int, documents: [Int] = [], seed: UInt64 = 1) {
    shape = AttentionShape(
      windowCount: 2,
      stepCount: steps,
      headCount: 2,
      headSize: 6,
      visibleCount: visible,
      memoryCount: memory
    )
    columns = AttentionColumns(stride: 41, query: 1, key: 14, value: 27)
    var numbers = SeededNumbers(seed)
    var inputs = poisoned(count: 2 * steps * 41)
    for row in 0..<2 * steps {
      for column in [1, 14, 27] {
        for offset in 0..<12 {
          inputs[row * 41 + column + offset] = Float.random(in: -2...2, using: &numbers)
        }
      }
    }
    self.inputs = inputs
    gradient = numbers.doubles(2 * steps * 12).map(Float.init)
    windowStarts = KernelsTests.windowStarts(steps, documents: documents.filter { $0 < steps })
  }

  var starts: [Int32] { (windowStarts + windowStarts).map(Int32.init) }

  func head(_ window: Int, _ head: Int) -> ReferenceAttention {
    func part(_ column: Int) -> [[Double]] {
      (0..<shape.stepCount).map { step in
        let at = (window * shape.stepCount + step) * 41 + column + head * 6
        return inputs[at..<at + 6].map(Double.init)
      }
    }
    return ReferenceAttention(
      queries: part(1),
      keys: part(14),
      values: part(27),
      visibleCount: shape.visibleCount,
      memoryCount: shape.memoryCount,
      starts: windowStarts
    )
  }

  /// Rows of a packed buffer, [rows, heads · headSize].
  func part(_ values: [Float], _ window: Int, _ head: Int) -> [[Double]] {
    (0..<shape.stepCount).map { step in
      let at = (window * shape.stepCount + step) * 12 + head * 6
      return values[at..<at + 6].map(Double.init)
    }
  }

  func expectedOutputs() -> [Double] {
    var result = [Double](repeating: .nan, count: gradient.count)
    for window in 0..<2 {
      for head in 0..<2 {
        for (step, row) in self.head(window, head).outputs().enumerated() {
          let at = (window * shape.stepCount + step) * 12 + head * 6
          result.replaceSubrange(at..<at + 6, with: row)
        }
      }
    }
    return result
  }

  func forward() -> (outputs: [Float], saved: AttentionActivations) {
    var outputs = poisoned(count: gradient.count)
    var saved = AttentionActivations(for: shape)
    var scratch = AttentionScratch(for: shape)
    attention(
      inputs,
      columns,
      shape,
      starts: starts,
      saving: &saved,
      scratch: &scratch,
      into: &outputs
    )
    return (outputs, saved)
  }

  func backward(keep: Float, into: [Float]) -> [Float] {
    let (outputs, saved) = forward()
    var result = into
    var scratch = AttentionScratch(for: shape)
    attentionBackward(
      inputs,
      columns,
      shape,
      starts: starts,
      outputs: outputs,
      saved: saved,
      gradient: gradient,
      keep: keep,
      scratch: &scratch,
      into: &result
    )
    return result
  }

  func steps() -> [Float] {
    var result: [Float] = []
    for window in 0..<2 {
      var state = AttentionState(for: shape)
      for step in 0..<shape.stepCount {
        if windowStarts[step] == step { state.reset() }
        let at = (window * shape.stepCount + step) * 41
        var output = poisoned(count: 12)
        attentionStep(
          Array(inputs[at..<at + 41]),
          columns,
          shape,
          state: &state,
          into: &output
        )
        result += output
      }
    }
    return result
  }
}

@Suite struct AttentionTests {
  @Test(arguments: [(9, 0), (4, 0), (3, 2)], [[], [4]])
  func `the reference's gradients equal central differences`(
    sizes: (visible: Int, memory: Int),
    documents: [Int]
  ) {
    let head = AttentionCase(
      steps: 9,
      visible: sizes.visible,
      memory: sizes.memory,
      documents: documents
    ).head(0, 1)
    var numbers = SeededNumbers(9)
    let pull = rows(numbers.doubles(9 * 6), 6)
    let back = head.backward(gradient: pull)
    for part in [\ReferenceAttention.queries, \.keys, \.values] {
      let difference = centralDifferences(Array(head[keyPath: part].joined())) {
        var shifted = head
        shifted[keyPath: part] = rows($0, 6)
        return Reference.dot(Array(shifted.outputs().joined()), Array(pull.joined()))
      }
      #expect(relativeDifference(difference, Array(back[keyPath: part].joined())) < 1e-5)
    }
  }

  @Test(
    arguments: [
      (1, 1, 0), (7, 3, 2), (65, 1_000, 0), (65, 64, 0), (130, 64, 4), (150, 20, 4), (131, 1, 1),
      (130, 129, 3), (100, 5, 90),
    ],
    [[], [1], [3, 4, 70], [64, 128]]
  )
  func `outputs, every gradient and single steps equal the reference`(
    sizes: (steps: Int, visible: Int, memory: Int),
    documents: [Int]
  ) {
    let example = AttentionCase(
      steps: sizes.steps,
      visible: sizes.visible,
      memory: sizes.memory,
      documents: documents
    )
    let expected = example.expectedOutputs()
    #expect(relativeDifference(expected, example.forward().outputs) < 1e-5)
    #expect(relativeDifference(expected, example.steps()) < 1e-5)
    let fresh = example.backward(keep: 0, into: poisoned(count: example.inputs.count))
    let ones = [Float](repeating: 1, count: example.inputs.count)
    let added = example.backward(keep: 1, into: ones)
    for window in 0..<2 {
      for head in 0..<2 {
        let back = example.head(window, head).backward(
          gradient: example.part(example.gradient, window, head)
        )
        // One step has a softmax of one weight, which nothing moves.
        for (column, gradient) in [(1, back.queries), (14, back.keys), (27, back.values)] {
          let places = (0..<sizes.steps).flatMap { step in
            let at = (window * sizes.steps + step) * 41 + column + head * 6
            return Array(at..<at + 6)
          }
          let values = Array(gradient.joined())
          let scale = values.reduce(1e-2) { max($0, abs($1)) }
          let difference = zip(values, places).reduce(0) {
            max($0, abs($1.0 - Double(fresh[$1.1])))
          }
          #expect(difference < 1e-5 * scale, "column \(column)")
          let sums = zip(values, places).reduce(0) {
            max($0, abs($1.0 + 1 - Double(added[$1.1])))
          }
          #expect(sums < 1e-5 * max(1, scale), "column \(column), added")
        }
      }
    }
    #expect(fresh[0].isNaN && fresh[13].isNaN && fresh[40].isNaN && added[0] == 1)
  }

  @Test func `a window that covers the text is full attention`() {
    let steps = 100
    let covering = AttentionCase(steps: steps, visible: steps, memory: 0)
    let far = AttentionCase(steps: steps, visible: 5_000, memory: 0)
    let remembering = AttentionCase(steps: steps, visible: steps, memory: 4)
    #expect(covering.forward().outputs == far.forward().outputs)
    #expect(covering.forward().outputs == remembering.forward().outputs)
    let poison = poisoned(count: covering.inputs.count)
    let bits = covering.backward(keep: 0, into: poison).map(\.bitPattern)
    #expect(bits == far.backward(keep: 0, into: poison).map(\.bitPattern))
    #expect(bits == remembering.backward(keep: 0, into: poison).map(\.bitPattern))
  }
}
