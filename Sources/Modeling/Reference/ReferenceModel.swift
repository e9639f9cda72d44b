// The whole network once more, slow and obvious, in float64, window by window: what the float32
// passes are tested against. Its own gradient is tested against central differences of every tensor.

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

  private typealias Rows = [[Double]]

  /// One tensor as rows; a vector is one row.
  private func tensor(_ name: String) -> Rows {
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
    var normalized: Rows
    var queries: Rows
    var keys: Rows
    var values: Rows
    var outputGates: Rows
    var heads: [ReferenceMLSTM]
    var mixed: Rows
    var headNormalized: Rows
    var gated: Rows
    var middle: Rows
    var middleNormalized: Rows
    var gates: Rows
    var ups: Rows
    var activated: Rows
    var output: Rows
  }

  private func headColumns(_ head: Int) -> Range<Int> {
    let size = model.configuration.headSize
    return head * size..<(head + 1) * size
  }

  private func forwardBlock(_ name: String, _ input: Rows) -> Trace {
    let heads = 0..<model.configuration.headCount
    let normalized = Reference.rmsNorm(input, gain: tensor("\(name).mixerNorm.gain")[0])
    func project(_ part: String) -> Rows {
      Reference.linear(normalized, tensor("\(name).mixer.\(part).weight"))
    }
    func gates(_ part: String) -> Rows {
      let bias = tensor("\(name).mixer.\(part).bias")[0]
      return project(part).map { zip($0, bias).map { Reference.cap($0 + $1) } }
    }
    let (queries, keys, values) = (project("query"), project("key"), project("value"))
    let (inputGates, forgetGates) = (gates("inputGate"), gates("forgetGate"))
    let cells = heads.map { head in
      ReferenceMLSTM(
        queries: queries.map { Array($0[headColumns(head)]) },
        keys: keys.map { Array($0[headColumns(head)]) },
        values: values.map { Array($0[headColumns(head)]) },
        inputGates: inputGates.map { $0[head] },
        forgetGates: forgetGates.map { $0[head] }
      )
    }
    let outputs = cells.map { $0.definition() }
    let mixed = input.indices.map { t in heads.flatMap { outputs[$0][t] } }
    let gain = tensor("\(name).mixer.headNorm.gain")[0]
    let headNormalized = mixed.map { row in
      heads.flatMap { head in
        Reference.layerNorm(
          Array(row[headColumns(head)]),
          gain: Array(gain[headColumns(head)])
        )
      }
    }
    let outputGates = project("outputGate")
    let gated = zip(outputGates, headNormalized).map { gate, row in
      zip(gate, row).map { Reference.sigmoid($0) * $1 }
    }
    let middle = add(input, Reference.linear(gated, tensor("\(name).mixer.out.weight")))
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
      normalized: normalized,
      queries: queries,
      keys: keys,
      values: values,
      outputGates: outputGates,
      heads: cells,
      mixed: mixed,
      headNormalized: headNormalized,
      gated: gated,
      middle: middle,
      middleNormalized: middleNormalized,
      gates: gates,
      ups: ups,
      activated: activated,
      output: add(middle, down)
    )
  }

  private func add(_ x: Rows, _ y: Rows) -> Rows {
    zip(x, y).map { zip($0, $1).map { $0 + $1 } }
  }

  private func forward(_ inputs: [Int]) -> (traces: [Trace], normalized: Rows, logits: Rows) {
    let embedding = tensor("embedding.weight")
    var stream = inputs.map { embedding[$0] }
    var traces: [Trace] = []
    for index in 0..<model.configuration.blockCount {
      traces.append(forwardBlock("blocks.\(index)", stream))
      stream = traces[index].output
    }
    let normalized = Reference.rmsNorm(stream, gain: tensor("finalNorm.gain")[0])
    return (traces, normalized, Reference.linear(normalized, tensor(unembedding)))
  }

  /// The logits after every token, [steps][V].
  package func logits(_ inputs: [Int]) -> [[Double]] { forward(inputs).logits }

  /// The outputs of every block's mLSTM before the head norm, [blocks][steps][d].
  package func mixed(_ inputs: [Int]) -> [[[Double]]] { forward(inputs).traces.map(\.mixed) }

  /// The mean loss over windows of inputs and their shifted targets, each of any length.
  package func loss(_ windows: [[Int]]) -> Double {
    var total = 0.0
    for window in windows {
      let logits = forward(Array(window.dropLast())).logits
      for (row, target) in zip(logits, window.dropFirst()) {
        total += Reference.crossEntropy(row, target: target)
      }
    }
    return total / Double(windows.reduce(0) { $0 + $1.count - 1 })
  }

  /// The gradient of ``loss(_:)``, laid out as the parameters.
  package func gradient(_ windows: [[Int]]) -> [Double] {
    var result = [Double](repeating: 0, count: values.count)
    let targetCount = windows.reduce(0) { $0 + $1.count - 1 }
    for window in windows { addGradient(window, 1 / Double(targetCount), &result) }
    return result
  }

  private func addGradient(_ window: [Int], _ weight: Double, _ result: inout [Double]) {
    let inputs = Array(window.dropLast())
    let (traces, normalized, logits) = forward(inputs)
    let logitsGradient = zip(logits, window.dropFirst()).map { row, target in
      Reference.crossEntropyBackward(row, target: target).map { $0 * weight }
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
      for column in flow[t].indices { embedding[id][column] += flow[t][column] }
    }
    accumulate(embedding, "embedding.weight", &result)
  }

  private func accumulate(_ rows: Rows, _ name: String, _ result: inout [Double]) {
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
    let (steps, size) = (flow.count, flow[0].count)
    let headCount = model.configuration.headCount
    let out = Reference.linearBackward(
      trace.gated,
      tensor("\(name).mixer.out.weight"),
      gradient: flow
    )
    accumulate(out.weight, "\(name).mixer.out.weight", &result)
    var gateGradient = Reference.zeros(steps, size)
    var mixedGradient = Reference.zeros(steps, size)
    var gainGradient = [Double](repeating: 0, count: size)
    let gain = tensor("\(name).mixer.headNorm.gain")[0]
    for t in 0..<steps {
      var normGradient = out.x[t]
      for column in 0..<size {
        let open = Reference.sigmoid(trace.outputGates[t][column])
        gateGradient[t][column] =
          out.x[t][column] * trace.headNormalized[t][column] * open * (1 - open)
        normGradient[column] *= open
      }
      for head in 0..<headCount {
        let columns = headColumns(head)
        let back = Reference.layerNormBackward(
          Array(trace.mixed[t][columns]),
          gain: Array(gain[columns]),
          gradient: Array(normGradient[columns])
        )
        for (offset, column) in columns.enumerated() {
          mixedGradient[t][column] = back.x[offset]
          gainGradient[column] += back.gain[offset]
        }
      }
    }
    accumulate([gainGradient], "\(name).mixer.headNorm.gain", &result)

    let cells = (0..<headCount).map { head in
      trace.heads[head].definitionBackward(
        gradient: mixedGradient.map { Array($0[headColumns(head)]) }
      )
    }
    func joined(_ part: (ReferenceMLSTM) -> Rows) -> Rows {
      (0..<steps).map { t in cells.flatMap { part($0)[t] } }
    }
    func gate(
      _ values: (ReferenceMLSTM) -> [Double]
    ) -> Rows {
      (0..<steps).map { t in
        (0..<headCount).map { head in
          values(cells[head])[t] * Reference.capSlope(capped: values(trace.heads[head])[t])
        }
      }
    }
    let inputGradient = gate { $0.inputGates }
    let forgetGradient = gate { $0.forgetGates }
    for (part, gradient) in [("inputGate", inputGradient), ("forgetGate", forgetGradient)] {
      let bias = (0..<headCount).map { head in gradient.reduce(0) { $0 + $1[head] } }
      accumulate([bias], "\(name).mixer.\(part).bias", &result)
    }
    var normalizedGradient = Reference.zeros(steps, size)
    let parts = [
      ("query", joined(\.queries)), ("key", joined(\.keys)), ("value", joined(\.values)),
      ("outputGate", gateGradient), ("inputGate", inputGradient), ("forgetGate", forgetGradient),
    ]
    for (part, gradient) in parts {
      let back = Reference.linearBackward(
        trace.normalized,
        tensor("\(name).mixer.\(part).weight"),
        gradient: gradient
      )
      accumulate(back.weight, "\(name).mixer.\(part).weight", &result)
      normalizedGradient = add(normalizedGradient, back.x)
    }
    let norm = Reference.rmsNormBackward(
      trace.input,
      gain: tensor("\(name).mixerNorm.gain")[0],
      gradient: normalizedGradient
    )
    accumulate([norm.gain], "\(name).mixerNorm.gain", &result)
    return add(flow, norm.x)
  }
}
