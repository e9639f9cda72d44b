// One block's mixer in float64, for ReferenceModel: projections, convolution, feature map, the mLSTM
// by its definition, attention by its, their mix, and the gradient of it all.

private import Foundation
import Kernels

/// The mixer of one block in its plainest form.
struct ReferenceMixer {
  typealias Rows = [[Double]]

  let model: ReferenceModel
  /// What stands before the names of its tensors.
  let name: String
  /// The first step that each step sees.
  let starts: [Int]

  /// What the mixer computed.
  struct Trace {
    var starts: [Int]
    var normalized: Rows
    /// Projected queries, keys and values, and queries and keys after the convolution.
    var queries: Rows
    var keys: Rows
    var values: Rows
    var shortQueries: Rows
    var shortKeys: Rows
    var outputGates: Rows = []
    var cells: [ReferenceMLSTM] = []
    var mixed: Rows = []
    var headNormalized: Rows = []
    var attentions: [ReferenceAttention] = []
    var attended: Rows = []
    /// What goes through the output gate, and what comes out of it or of attention alone.
    var joined: Rows = []
    var gated: Rows = []
    var output: Rows = []
  }

  private var configuration: ModelConfiguration { model.model.configuration }
  private var heads: Range<Int> { 0..<configuration.headCount }
  private func tensor(_ part: String) -> Rows { model.tensor("\(name).\(part)") }

  private func columns(_ head: Int, _ size: Int? = nil) -> Range<Int> {
    let size = size ?? configuration.headSize
    return head * size..<(head + 1) * size
  }

  private func part(_ rows: Rows, _ head: Int, _ size: Int? = nil) -> Rows {
    rows.map { Array($0[columns(head, size)]) }
  }

  /// The rows of every head side by side.
  private func joined(_ parts: [Rows]) -> Rows {
    (parts.first ?? []).indices.map { t in parts.flatMap { $0[t] } }
  }

  /// One head's square of a tensor [heads, D, D].
  private func matrix(_ part: String, _ head: Int) -> Rows { Array(tensor(part)[columns(head)]) }

  private func shares() -> (cell: Double, attention: Double) {
    switch configuration.slidingWindow {
    case .none: (1, 0)
    case .average: (0.5, 0.5)
    case .modulated: (1, tensor("slidingWindow.alpha")[0][0])
    case .bounded: (1, tanh(tensor("slidingWindow.alpha")[0][0]))
    }
  }

  func forward(_ normalized: Rows) -> Trace {
    func project(_ part: String) -> Rows {
      Reference.linear(normalized, tensor("\(part).weight"))
    }
    var trace = Trace(
      starts: starts,
      normalized: normalized,
      queries: project("query"),
      keys: project("key"),
      values: project("value"),
      shortQueries: [],
      shortKeys: []
    )
    (trace.shortQueries, trace.shortKeys) = (trace.queries, trace.keys)
    if configuration.convolutionWidth > 0 {
      let kernels = (tensor("queryConvolution.weight"), tensor("keyConvolution.weight"))
      trace.shortQueries = Reference.shortConvolution(
        trace.queries,
        kernel: kernels.0,
        starts: starts
      )
      trace.shortKeys = Reference.shortConvolution(trace.keys, kernel: kernels.1, starts: starts)
    }
    if configuration.mixer == .attention || configuration.slidingWindow != .none {
      trace.attentions = heads.map { attention(trace, $0) }
      trace.attended = joined(trace.attentions.map { $0.outputs() })
    }
    if configuration.mixer == .mlstm {
      runCells(&trace, project)
    } else {
      trace.gated = trace.attended
    }
    trace.output = Reference.linear(trace.gated, tensor("out.weight"))
    return trace
  }

  private func attention(_ trace: Trace, _ head: Int) -> ReferenceAttention {
    ReferenceAttention(
      queries: part(trace.shortQueries, head),
      keys: part(trace.shortKeys, head),
      values: part(trace.values, head),
      visibleCount: configuration.mixer == .attention
        ? trace.queries.count : configuration.slidingWindowLength,
      memoryCount: configuration.slidingWindowMemory,
      starts: starts
    )
  }

  private func features(_ rows: Rows, _ which: String, _ head: Int) -> Rows {
    let part = part(rows, head)
    guard configuration.featureMap == .hedgehog else { return part }
    return Reference.featureMap(part, matrix: matrix("\(which)Features.weight", head))
  }

  private func runCells(_ trace: inout Trace, _ project: (String) -> Rows) {
    func gates(_ part: String) -> Rows {
      let bias = tensor("\(part).bias")[0]
      return project(part).map { zip($0, bias).map { Reference.cap($0 + $1) } }
    }
    let (inputGates, forgetGates) = (gates("inputGate"), gates("forgetGate"))
    let (queries, keys, values) = (trace.shortQueries, trace.shortKeys, trace.values)
    trace.cells = heads.map { head in
      ReferenceMLSTM(
        queries: features(queries, "query", head),
        keys: features(keys, "key", head),
        values: part(values, head),
        inputGates: inputGates.map { $0[head] },
        forgetGates: forgetGates.map { $0[head] },
        starts: starts
      )
    }
    trace.mixed = joined(trace.cells.map { $0.definition() })
    let gain = tensor("headNorm.gain")[0]
    trace.headNormalized = trace.mixed.map { row in
      heads.flatMap { head in
        Reference.layerNorm(Array(row[columns(head)]), gain: Array(gain[columns(head)]))
      }
    }
    trace.joined = trace.headNormalized
    if configuration.slidingWindow != .none {
      let shares = shares()
      trace.joined = zip(trace.headNormalized, trace.attended).map { cell, attended in
        zip(cell, attended).map { shares.cell * $0 + shares.attention * $1 }
      }
    }
    trace.outputGates = project("outputGate")
    trace.gated = zip(trace.outputGates, trace.joined).map { gate, row in
      zip(gate, row).map { Reference.sigmoid($0) * $1 }
    }
  }

  /// Adds the gradients of the mixer's tensors; returns that of the normed rows.
  func backward(_ trace: Trace, _ flow: Rows, _ result: inout [Double]) -> Rows {
    let out = Reference.linearBackward(trace.gated, tensor("out.weight"), gradient: flow)
    accumulate(out.weight, "out.weight", &result)
    let zeros = Reference.zeros(flow.count, flow[0].count)
    var (queries, keys, values) = (zeros, zeros, zeros)
    var parts: [(String, Rows)] = []
    var attended = out.x
    if configuration.mixer == .mlstm {
      let (gate, joined) = gateBackward(trace, out.x)
      parts.append(("outputGate", gate))
      attended = mixBackward(trace, joined, &result)
      let shares = shares()
      let normGradient = joined.map { $0.map { $0 * shares.cell } }
      let cells = cellsBackward(trace, normGradient, &result)
      (queries, keys, values) = (cells.queries, cells.keys, cells.values)
      parts += [("inputGate", cells.inputGates), ("forgetGate", cells.forgetGates)]
    }
    if !trace.attentions.isEmpty {
      let backs = heads.map { trace.attentions[$0].backward(gradient: part(attended, $0)) }
      queries = model.add(queries, joined(backs.map(\.queries)))
      keys = model.add(keys, joined(backs.map(\.keys)))
      values = model.add(values, joined(backs.map(\.values)))
    }
    if configuration.convolutionWidth > 0 {
      queries = convolutionBackward(trace.queries, "queryConvolution.weight", queries, &result)
      keys = convolutionBackward(trace.keys, "keyConvolution.weight", keys, &result)
    }
    parts += [("query", queries), ("key", keys), ("value", values)]
    var normalizedGradient = zeros
    for (part, gradient) in parts {
      let back = Reference.linearBackward(
        trace.normalized,
        tensor("\(part).weight"),
        gradient: gradient
      )
      accumulate(back.weight, "\(part).weight", &result)
      normalizedGradient = model.add(normalizedGradient, back.x)
    }
    return normalizedGradient
  }

  private func accumulate(_ rows: Rows, _ part: String, _ result: inout [Double]) {
    model.accumulate(rows, "\(name).\(part)", &result)
  }

  private func convolutionBackward(
    _ x: Rows,
    _ part: String,
    _ gradient: Rows,
    _ result: inout [Double]
  ) -> Rows {
    let back = Reference.shortConvolutionBackward(
      x,
      kernel: tensor(part),
      starts: starts,
      gradient: gradient
    )
    accumulate(back.kernel, part, &result)
    return back.x
  }

  /// The gradients of the output gate's preactivations and of what goes through it.
  private func gateBackward(_ trace: Trace, _ gradient: Rows) -> (gate: Rows, joined: Rows) {
    var (gate, joined) = (gradient, gradient)
    for t in gradient.indices {
      for column in gradient[t].indices {
        let open = Reference.sigmoid(trace.outputGates[t][column])
        gate[t][column] = gradient[t][column] * trace.joined[t][column] * open * (1 - open)
        joined[t][column] = gradient[t][column] * open
      }
    }
    return (gate, joined)
  }

  /// The gradient of attention's outputs, and of α.
  private func mixBackward(_ trace: Trace, _ joined: Rows, _ result: inout [Double]) -> Rows {
    let share = shares().attention
    let product = zip(joined, trace.attended).reduce(0) { $0 + Reference.dot($1.0, $1.1) }
    switch configuration.slidingWindow {
    case .none, .average: break
    case .modulated: accumulate([[product]], "slidingWindow.alpha", &result)
    case .bounded:
      accumulate([[product * (1 - share * share)]], "slidingWindow.alpha", &result)
    }
    return joined.map { $0.map { $0 * share } }
  }

  private struct CellGradients {
    var queries: Rows
    var keys: Rows
    var values: Rows
    var inputGates: Rows
    var forgetGates: Rows
  }

  /// Through the head norm, the mLSTM and the feature map.
  private func cellsBackward(
    _ trace: Trace,
    _ normGradient: Rows,
    _ result: inout [Double]
  ) -> CellGradients {
    let gain = tensor("headNorm.gain")[0]
    var gainGradient = gain.map { _ in 0.0 }
    var mixedGradient = normGradient
    for t in normGradient.indices {
      for head in heads {
        let back = Reference.layerNormBackward(
          Array(trace.mixed[t][columns(head)]),
          gain: Array(gain[columns(head)]),
          gradient: Array(normGradient[t][columns(head)])
        )
        for (offset, column) in columns(head).enumerated() {
          mixedGradient[t][column] = back.x[offset]
          gainGradient[column] += back.gain[offset]
        }
      }
    }
    accumulate([gainGradient], "headNorm.gain", &result)
    let cells = heads.map { trace.cells[$0].definitionBackward(gradient: part(mixedGradient, $0)) }
    func gates(_ values: (ReferenceMLSTM) -> [Double], _ name: String) -> Rows {
      let rows = normGradient.indices.map { t in
        heads.map { head in
          values(cells[head])[t] * Reference.capSlope(capped: values(trace.cells[head])[t])
        }
      }
      let bias = heads.map { head in rows.reduce(0) { $0 + $1[head] } }
      accumulate([bias], "\(name).bias", &result)
      return rows
    }
    func mapped(_ gradients: [Rows], _ inputs: Rows, _ which: String) -> Rows {
      guard configuration.featureMap == .hedgehog else { return joined(gradients) }
      let backs = heads.map { head in
        Reference.featureMapBackward(
          part(inputs, head),
          matrix: matrix("\(which)Features.weight", head),
          gradient: gradients[head]
        )
      }
      accumulate(backs.flatMap(\.matrix), "\(which)Features.weight", &result)
      return joined(backs.map(\.u))
    }
    return CellGradients(
      queries: mapped(cells.map(\.queries), trace.shortQueries, "query"),
      keys: mapped(cells.map(\.keys), trace.shortKeys, "key"),
      values: joined(cells.map(\.values)),
      inputGates: gates({ $0.inputGates }, "inputGate"),
      forgetGates: gates({ $0.forgetGates }, "forgetGate")
    )
  }
}
