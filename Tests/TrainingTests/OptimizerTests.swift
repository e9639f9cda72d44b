import Foundation
import Kernels
import Modeling
import TestSupport
import Testing
import Training

@Suite struct OptimizerTests {
  private let layout = ParameterLayout(packing: [
    ("wide", [6, 10], .muon), ("tall", [12, 5], .muon), ("square", [7, 7], .muon),
    ("embedding", [9, 4], .adamWithDecay), ("gain", [4], .adam),
  ])

  /// The sequence of `Fixtures/optimizer.py`.
  private func sample(_ count: Int, seed: Int) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = (1_103_515_245 * state + 12_345) % (1 << 31)
      return Float(Double(state) / Double(1 << 30) - 1)
    }
  }

  private func buffer(seed: Int, scale: Float = 1) -> ParameterBuffer {
    var buffer = ParameterBuffer(zerosFor: layout)
    for (index, tensor) in layout.tensors.enumerated() {
      buffer.values.replaceSubrange(
        tensor.range,
        with: sample(tensor.count, seed: seed + index).map { $0 * scale }
      )
    }
    return buffer
  }

  /// `Fixtures/optimizer.json` comes from the independent program `Fixtures/optimizer.py`.
  @Test(arguments: TrainingSettings.OptimizerChoice.allCases)
  func `five steps equal those of the numpy program`(
    choice: TrainingSettings.OptimizerChoice
  ) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/optimizer.json")
    let goldens = try JSONDecoder().decode(
      [String: [String: [Float]]].self,
      from: Data(contentsOf: path)
    )
    var settings = TrainingSettings(preset: .nano)
    settings.optimizer = choice
    var optimizer = Optimizer(layout: layout, settings: settings, workers: workers)
    var parameters = buffer(seed: 100)
    for (index, rate) in [0.01, 0.02, 0.03, 0.02, 0.01].enumerated() {
      optimizer.step(
        &parameters,
        gradient: buffer(seed: 1_000 * (index + 1), scale: 0.5),
        learningRate: rate
      )
    }
    for tensor in layout.tensors {
      let expected = try #require(goldens[choice.rawValue]?[tensor.name])
      #expect(expected.count == tensor.count)
      let worst = zip(expected, parameters.values[tensor.range]).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 3e-6, "\(tensor.name): \(worst)")
    }
  }

  @Test(arguments: [(8, 8), (8, 20), (20, 8), (1, 5), (5, 1), (64, 64)])
  func `singular values at or above 0.002 of the norm end within 0.68 to 1.21`(
    rows: Int,
    columns: Int
  ) {
    // U and V are products of reflections, so the singular values are known: they fall evenly in
    // logarithm from 1 to 0.0025 and are then divided by the Frobenius norm.
    let side = min(rows, columns)
    let raw = (0..<side).map { side == 1 ? 1 : pow(0.0025, Double($0) / Double(side - 1)) }
    let norm = raw.map { $0 * $0 }.reduce(0, +).squareRoot()
    let values = raw.map { max($0 / norm, 0.002) }
    let left = reflection(rows, seed: 5)
    let right = reflection(columns, seed: 6)
    var matrix = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for k in 0..<side { sum += left[row][k] * values[k] * right[column][k] }
        matrix[row * columns + column] = Float(37 * sum)
      }
    }
    var scratch = OrthogonalizationScratch(elementCount: matrix.count, shortSide: side)
    orthogonalize(&matrix, rows: rows, columns: columns, scratch: &scratch)
    for k in 0..<side {
      var found = 0.0
      for row in 0..<rows {
        for column in 0..<columns {
          found += left[row][k] * Double(matrix[row * columns + column]) * right[column][k]
        }
      }
      #expect((0.68...1.21).contains(found), "\(values[k]) became \(found)")
    }
  }

  /// A Householder reflection I − 2vvᵀ/‖v‖², an orthogonal matrix.
  private func reflection(_ size: Int, seed: Int) -> [[Double]] {
    let v = sample(size, seed: seed).map(Double.init)
    let square = v.map { $0 * $0 }.reduce(0, +)
    return (0..<size).map { row in
      (0..<size).map { (row == $0 ? 1 : 0) - 2 * v[row] * v[$0] / square }
    }
  }

  private let workers = Parallel(threadCount: 2)

  @Test func `a zero gradient moves nothing but the decay`() {
    var settings = TrainingSettings(preset: .nano)
    var optimizer = Optimizer(layout: layout, settings: settings, workers: workers)
    let start = buffer(seed: 3)
    var parameters = start
    let zero = ParameterBuffer(zerosFor: layout)
    optimizer.step(&parameters, gradient: zero, learningRate: 0.5)
    for tensor in layout.tensors {
      let kept: Float = tensor.rule == .adam ? 1 : 1 - 0.5 * 0.1
      for index in tensor.range { #expect(parameters.values[index] == kept * start.values[index]) }
    }
    settings.weightDecay = 0
    var still = Optimizer(layout: layout, settings: settings, workers: workers)
    parameters = start
    still.step(&parameters, gradient: zero, learningRate: 0.5)
    #expect(parameters == start)
  }

  @Test func `the second moment is kept for AdamW's tensors alone`() {
    let optimizer = Optimizer(
      layout: layout,
      settings: TrainingSettings(preset: .nano),
      workers: workers
    )
    #expect(optimizer.keptSecond.layout.tensors.map(\.name) == ["embedding", "gain"])
    #expect(optimizer.first.layout == layout)
  }

  @Test func `the number of threads changes no bit, and a restored optimiser goes on`() {
    let settings = TrainingSettings(preset: .nano)
    var results: [ParameterBuffer] = []
    for threads in 1...3 {
      let workers = Parallel(threadCount: threads)
      var optimizer = Optimizer(layout: layout, settings: settings, workers: workers)
      var parameters = buffer(seed: 4)
      for step in 0..<6 {
        if step == 3 {
          var restored = Optimizer(layout: layout, settings: settings, workers: workers)
          restored.restore(
            first: optimizer.first,
            keptSecond: optimizer.keptSecond,
            stepCount: optimizer.stepCount
          )
          if threads == 2 { optimizer = restored }
        }
        optimizer.step(&parameters, gradient: buffer(seed: 50 + step), learningRate: 0.01)
      }
      results.append(parameters)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
