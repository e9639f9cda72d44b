// The whole network once more, slow and obvious, in float64, window by window: what the float32
// passes are tested against. Its own gradient is tested against central differences of every tensor.
// The mixer stands in ReferenceMixer.swift.

import Kernels

/// The network in its plainest form.
package struct ReferenceModel {
  package let model: Model
  /// The parameters, laid out as the model's.
  package var values: [Double]

  /// Creates the network from parameters in the model's layout.
  package init(_ model: Model, _ values: [Double]) {
    self.model = model
    self.values = values
  }

  typealias Rows = [[Double]]

  /// One tensor as rows; a vector is one row.
  func tensor(_ name: String) -> Rows {
    guard let tensor = model.layout.tensors.first(where: { $0.name == name }) else {
      preconditionFailure("no tensor \(name)")
    }
    let columns = tensor.shape.last ?? 1
    return stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: columns).map {
      Array(values[$0..<$0 + columns])
    }
  }

  private var unembedding: String {
    model.configuration.tiesOutput ? "embedding.weight" : "unembedding.weight"
  }

  /// What one block computed.
  private struct Trace {
    var input: Rows
    var mixer: ReferenceMixer.Trace
    var middle: Rows
    var middleNormalized: Rows
    var gates: Rows
    var ups: Rows
    var activated: Rows
    var output: Rows
  }

  private func forwardBlock(_ name: String, _ input: Rows, _ starts: [Int]) -> Trace {
    let normalized = Reference.rmsNorm(input, gain: tensor("\(name).mixerNorm.gain")[0])
    let mixer = ReferenceMixer(model: self, name: "\(name).mixer", starts: starts)
    let trace = mixer.forward(normalized)
    let middle = add(input, trace.output)
    let middleNormalized = Reference.rmsNorm(
      middle,
      gain: tensor("\(name).feedForwardNorm.gain")[0]
    )
    let gates = Reference.linear(middleNormalized, tensor("\(name).feedForward.gate.weight"))
    let ups = Reference.linear(middleNormalized, tensor("\(name).feedForward.up.weight"))
    let activated = zip(gates, ups).map { zip($0, $1).map { Reference.gatedSiLU($0, $1) } }
    let down = Reference.linear(activated, tensor("\(name).feedForward.down.weight"))
    return Trace(
      input: input,
      mixer: trace,
      middle: middle,
      middleNormalized: middleNormalized,
      gates: gates,
      ups: ups,
      activated: activated,
      output: add(middle, down)
    )
  }

  func add(_ x: Rows, _ y: Rows) -> Rows {
    zip(x, y).map { zip($0, $1).map { $0 + $1 } }
  }

  /// The first step that each step sees: the first of the text, or of its document; id −1 is
  /// padding, and where documents are isolated id 0 begins one.
  private func starts(_ inputs: [Int]) -> [Int] {
    var start = inputs.firstIndex { $0 >= 0 } ?? 0
    return inputs.indices.map { step in
      if step < start { return 0 }
      if model.configuration.isolateDocuments && inputs[step] == 0 { start = step }
      return start
    }
  }

  private func forward(_ inputs: [Int]) -> (traces: [Trace], normalized: Rows, logits: Rows) {
    let embedding = tensor("embedding.weight")
    let starts = starts(inputs)
    var stream = inputs.map { embedding[max($0, 0)] }
    var traces: [Trace] = []
    for index in 0..<model.configuration.blockCount {
      traces.append(forwardBlock("blocks.\(index)", stream, starts))
      stream = traces[index].output
    }
    let normalized = Reference.rmsNorm(stream, gain: tensor("finalNorm.gain")[0])
    return (traces, normalized, Reference.linear(normalized, tensor(unembedding)))
  }

  /// The logits after every token, [steps][V].
  package func logits(_ inputs: [Int]) -> [[Double]] { forward(inputs).logits }

  /// The outputs of every block's mLSTM before the head norm, [blocks][steps][d].
  package func mixed(_ inputs: [Int]) -> [[[Double]]] { forward(inputs).traces.map(\.mixer.mixed) }

  /// The mean loss over windows of inputs and their shifted targets, each of any length.
  package func loss(_ windows: [[Int]]) -> Double {
    var total = 0.0
    for window in windows {
      let logits = forward(Array(window.dropLast())).logits
      for (step, row) in logits.enumerated() where Self.hasLoss(window, step) {
        total += Reference.crossEntropy(row, target: window[step + 1])
      }
    }
    return total / Double(Self.targetCount(windows))
  }

  /// Whether both the input and the target of a step are of the text.
  private static func hasLoss(_ window: [Int], _ step: Int) -> Bool {
    window[step] >= 0 && window[step + 1] >= 0
  }

  private static func targetCount(_ windows: [[Int]]) -> Int {
    windows.reduce(0) { sum, window in
      sum + (0..<window.count - 1).count { hasLoss(window, $0) }
    }
  }

  /// The gradient of ``loss(_:)``, laid out as the parameters.
  package func gradient(_ windows: [[Int]]) -> [Double] {
    var result = [Double](repeating: 0, count: values.count)
    let weight = 1 / Double(Self.targetCount(windows))
    for window in windows { addGradient(window, weight, &result) }
    return result
  }

  private func addGradient(_ window: [Int], _ weight: Double, _ result: inout [Double]) {
    let inputs = Array(window.dropLast())
    let (traces, normalized, logits) = forward(inputs)
    let logitsGradient = logits.enumerated().map { step, row in
      Self.hasLoss(window, step)
        ? Reference.crossEntropyBackward(row, target: window[step + 1]).map { $0 * weight }
        : row.map { _ in 0 }
    }
    let head = Reference.linearBackward(
      normalized,
      tensor(unembedding),
      gradient: logitsGradient
    )
    accumulate(head.weight, unembedding, &result)
    let last = traces.last?.output ?? []
    let norm = Reference.rmsNormBackward(
      last,
      gain: tensor("finalNorm.gain")[0],
      gradient: head.x
    )
    accumulate([norm.gain], "finalNorm.gain", &result)
    var flow = norm.x
    for index in traces.indices.reversed() {
      flow = feedForwardBackward("blocks.\(index)", traces[index], flow, &result)
      flow = mixerBackward("blocks.\(index)", traces[index], flow, &result)
    }
    var embedding = Reference.zeros(
      model.configuration.vocabularySize,
      model.configuration.hiddenSize
    )
    for (t, id) in inputs.enumerated() {
      for column in flow[t].indices { embedding[max(id, 0)][column] += flow[t][column] }
    }
    accumulate(embedding, "embedding.weight", &result)
  }

  func accumulate(_ rows: Rows, _ name: String, _ result: inout [Double]) {
    guard let tensor = model.layout.tensors.first(where: { $0.name == name }) else {
      preconditionFailure("no tensor \(name)")
    }
    for (index, value) in zip(tensor.range, rows.joined()) { result[index] += value }
  }

  private func feedForwardBackward(
    _ name: String,
    _ trace: Trace,
    _ flow: Rows,
    _ result: inout [Double]
  ) -> Rows {
    let down = Reference.linearBackward(
      trace.activated,
      tensor("\(name).feedForward.down.weight"),
      gradient: flow
    )
    accumulate(down.weight, "\(name).feedForward.down.weight", &result)
    var gateGradient = trace.gates
    var upGradient = trace.ups
    for t in flow.indices {
      for column in trace.gates[t].indices {
        (gateGradient[t][column], upGradient[t][column]) = Reference.gatedSiLUBackward(
          trace.gates[t][column],
          trace.ups[t][column],
          gradient: down.x[t][column]
        )
      }
    }
    var normalizedGradient = Reference.zeros(flow.count, flow[0].count)
    for (part, gradient) in [("gate", gateGradient), ("up", upGradient)] {
      let back = Reference.linearBackward(
        trace.middleNormalized,
        tensor("\(name).feedForward.\(part).weight"),
        gradient: gradient
      )
      accumulate(back.weight, "\(name).feedForward.\(part).weight", &result)
      normalizedGradient = add(normalizedGradient, back.x)
    }
    let norm = Reference.rmsNormBackward(
      trace.middle,
      gain: tensor("\(name).feedForwardNorm.gain")[0],
      gradient: normalizedGradient
    )
    accumulate([norm.gain], "\(name).feedForwardNorm.gain", &result)
    return add(flow, norm.x)
  }

  private func mixerBackward(
    _ name: String,
    _ trace: Trace,
    _ flow: Rows,
    _ result: inout [Double]
  ) -> Rows {
    let mixer = ReferenceMixer(model: self, name: "\(name).mixer", starts: trace.mixer.starts)
    let norm = Reference.rmsNormBackward(
      trace.input,
      gain: tensor("\(name).mixerNorm.gain")[0],
      gradient: mixer.backward(trace.mixer, flow, &result)
    )
    accumulate([norm.gain], "\(name).mixerNorm.gain", &result)
    return add(flow, norm.x)
  }
}
