import Foundation
import Kernels
import TestSupport
import Testing

/// Random float32 numbers and the same in float64.
func randomPair(
  _ numbers: inout SeededNumbers,
  _ count: Int,
  centre: Double = 0,
  spread: Double = 1
) -> (single: [Float], double: [Double]) {
  let single = numbers.doubles(count, centre: centre, spread: spread).map(Float.init)
  return (single, single.map(Double.init))
}

/// Every element-wise operator against its reference, at sizes that no vector width divides.
@Suite struct OperatorTests {
  @Test(arguments: [(1, 1), (3, 7), (5, 67)])
  func `RMSNorm and its gradients equal the reference`(size: (rows: Int, columns: Int)) {
    let (rowCount, columns) = size
    var numbers = SeededNumbers(1)
    let x = randomPair(&numbers, rowCount * columns, spread: 3)
    let parameters = randomPair(&numbers, columns + 4, centre: 1)
    let gradient = randomPair(&numbers, rowCount * columns)
    let gain = Array(parameters.double[3..<3 + columns])
    var y = poisoned(count: rowCount * columns)
    var inverse = poisoned(count: rowCount)
    rmsNorm(
      x.single,
      parameters.single,
      gainAt: 3,
      rows: rowCount,
      columns: columns,
      inverseRMS: &inverse,
      into: &y
    )
    let expected = Reference.rmsNorm(rows(x.double, columns), gain: gain)
    #expect(relativeDifference(Array(expected.joined()), y) < 1e-5)

    var dx = [Float](repeating: 2, count: rowCount * columns)
    var dparameters = [Float](repeating: 3, count: columns + 4)
    rmsNormBackward(
      x.single,
      parameters.single,
      gainAt: 3,
      inverseRMS: inverse,
      gradient: gradient.single,
      rows: rowCount,
      columns: columns,
      into: &dx,
      parameterGradient: &dparameters
    )
    let back = Reference.rmsNormBackward(
      rows(x.double, columns),
      gain: gain,
      gradient: rows(gradient.double, columns)
    )
    #expect(relativeDifference(back.x.joined().map { $0 + 2 }, dx) < 1e-5)
    let gainGradient = Array(dparameters[3..<3 + columns])
    #expect(relativeDifference(back.gain.map { $0 + 3 }, gainGradient) < 1e-5)
    #expect(dparameters[2] == 3 && dparameters[3 + columns] == 3)
  }

  @Test(arguments: [3, 16, 33])
  func `the head norm and its gradients equal the reference`(headSize: Int) {
    let (rowCount, heads) = (4, 3)
    let columns = heads * headSize
    var numbers = SeededNumbers(2)
    let x = randomPair(&numbers, rowCount * columns, centre: 0.5)
    let parameters = randomPair(&numbers, columns + 2, centre: 1)
    let gradient = randomPair(&numbers, rowCount * columns)
    var y = poisoned(count: rowCount * columns)
    var dx = poisoned(count: rowCount * columns)
    var dparameters = [Float](repeating: 0, count: columns + 2)
    headNorm(
      x.single,
      parameters.single,
      gainAt: 1,
      rows: rowCount,
      heads: heads,
      headSize: headSize,
      into: &y
    )
    headNormBackward(
      x.single,
      parameters.single,
      gainAt: 1,
      gradient: gradient.single,
      rows: rowCount,
      heads: heads,
      headSize: headSize,
      into: &dx,
      parameterGradient: &dparameters
    )
    var expected: [Double] = []
    var expectedGradient: [Double] = []
    var expectedGain = [Double](repeating: 0, count: columns)
    for start in stride(from: 0, to: rowCount * columns, by: headSize) {
      let channel = start % columns
      let gain = Array(parameters.double[1 + channel..<1 + channel + headSize])
      let row = Array(x.double[start..<start + headSize])
      expected += Reference.layerNorm(row, gain: gain)
      let back = Reference.layerNormBackward(
        row,
        gain: gain,
        gradient: Array(gradient.double[start..<start + headSize])
      )
      expectedGradient += back.x
      for offset in 0..<headSize { expectedGain[channel + offset] += back.gain[offset] }
    }
    #expect(relativeDifference(expected, y) < 1e-5)
    #expect(relativeDifference(expectedGradient, dx) < 1e-4)
    #expect(relativeDifference(expectedGain, Array(dparameters[1..<1 + columns])) < 1e-5)
  }

  @Test func `the sigmoid gate and its gradients equal the reference`() {
    let (rowCount, columns, stride) = (3, 21, 30)
    var numbers = SeededNumbers(3)
    let gate = randomPair(&numbers, rowCount * stride, spread: 20)
    let x = randomPair(&numbers, rowCount * columns)
    let gradient = randomPair(&numbers, rowCount * columns)
    let view = MatrixView(offset: 5, stride: stride)
    var y = poisoned(count: rowCount * columns)
    var dx = poisoned(count: rowCount * columns)
    var dgate = poisoned(count: rowCount * stride)
    sigmoidGate(gate.single, view, x.single, rows: rowCount, columns: columns, into: &y)
    sigmoidGateBackward(
      gate.single,
      view,
      x.single,
      gradient: gradient.single,
      rows: rowCount,
      columns: columns,
      gateGradient: &dgate,
      into: &dx
    )
    for row in 0..<rowCount {
      for column in 0..<columns {
        let at = row * columns + column
        let open = Reference.sigmoid(gate.double[5 + row * stride + column])
        let slope = gradient.double[at] * x.double[at] * open * (1 - open)
        #expect(abs(Double(y[at]) - open * x.double[at]) < 1e-6)
        #expect(abs(Double(dx[at]) - open * gradient.double[at]) < 1e-6)
        #expect(abs(Double(dgate[5 + row * stride + column]) - slope) < 1e-6)
      }
    }
    #expect(dgate[4].isNaN && dgate[5 + columns].isNaN)
  }

  @Test func `the gated SiLU and its gradients equal the reference`() {
    let (rowCount, size) = (3, 19)
    var numbers = SeededNumbers(4)
    let x = randomPair(&numbers, 2 * rowCount * size, spread: 12)
    let gradient = randomPair(&numbers, rowCount * size)
    var y = poisoned(count: rowCount * size)
    var dx = poisoned(count: 2 * rowCount * size)
    gatedSiLU(x.single, rows: rowCount, size: size, into: &y)
    gatedSiLUBackward(
      x.single,
      gradient: gradient.single,
      rows: rowCount,
      size: size,
      into: &dx
    )
    var expected: [Double] = []
    var expectedGradient = [Double](repeating: 0, count: 2 * rowCount * size)
    for row in 0..<rowCount {
      for column in 0..<size {
        let at = row * 2 * size + column
        let (gate, up) = (x.double[at], x.double[at + size])
        expected.append(Reference.gatedSiLU(gate, up))
        (expectedGradient[at], expectedGradient[at + size]) = Reference.gatedSiLUBackward(
          gate,
          up,
          gradient: gradient.double[row * size + column]
        )
      }
    }
    #expect(relativeDifference(expected, y) < 1e-5)
    #expect(relativeDifference(expectedGradient, dx) < 1e-5)
  }

  @Test func `SiLU stays finite and right at the ends of the range`() {
    let gates: [Float] = [-1e30, -200, -88, -20, 0, 20, 88, 200, 1e30]
    var y = poisoned(count: gates.count)
    gatedSiLU(gates + [Float](repeating: 1, count: gates.count), rows: 1, size: 9, into: &y)
    #expect(y[0] == 0 || abs(y[0]) < 1e-7)
    #expect(abs(y[1]) < 1e-30 && abs(y[2]) < 1e-30 && y[4] == 0)
    #expect(y[5] == 20 && y[6] == 88 && y[7] == 200 && y[8] == 1e30)
  }

  @Test(arguments: [2, 15, 16, 101])
  func `the cross-entropy and its gradient equal the reference`(columns: Int) {
    let targets: [Int32] = [9, 1, -1, 0, Int32(columns - 1)]
    let rowCount = 4
    var numbers = SeededNumbers(5)
    let logits = randomPair(&numbers, rowCount * columns, spread: 30)
    var losses = poisoned(count: 5)
    crossEntropy(
      logits.single,
      targets: targets,
      targetsAt: 1,
      rows: rowCount,
      columns: columns,
      into: &losses
    )
    var gradient = logits.single
    var again = poisoned(count: 5)
    crossEntropyGradient(
      &gradient,
      targets: targets,
      targetsAt: 1,
      rows: rowCount,
      columns: columns,
      scale: 0.5,
      into: &again
    )
    #expect(losses[0].isNaN && again[0].isNaN)
    #expect(losses[1...] == again[1...])
    for row in 0..<rowCount {
      let target = Int(targets[1 + row])
      let actual = Array(gradient[row * columns..<(row + 1) * columns])
      if target < 0 {
        #expect(losses[1 + row] == 0)
        #expect(actual == [Float](repeating: 0, count: columns))
        continue
      }
      let values = Array(logits.double[row * columns..<(row + 1) * columns])
      let expected = Reference.crossEntropy(values, target: target)
      #expect(abs(Double(losses[1 + row]) - expected) < 1e-5 * max(1, expected))
      let slope = Reference.crossEntropyBackward(values, target: target).map { 0.5 * $0 }
      #expect(zip(slope, actual).allSatisfy { abs($0 - Double($1)) < 1e-6 })
    }
  }

  @Test func `a NaN goes through every operator`() {
    let broken: [Float] = [1, .nan, 2, 3]
    let ones = [Float](repeating: 1, count: 4)
    var y = [Float](repeating: 0, count: 4)
    var scalar: [Float] = [0]
    rmsNorm(broken, ones, gainAt: 0, rows: 1, columns: 4, inverseRMS: &scalar, into: &y)
    #expect(y[0].isNaN)
    headNorm(broken, ones, gainAt: 0, rows: 1, heads: 1, headSize: 4, into: &y)
    #expect(y[0].isNaN)
    sigmoidGate(broken, MatrixView(stride: 4), ones, rows: 1, columns: 4, into: &y)
    #expect(y[1].isNaN && !y[0].isNaN)
    gatedSiLU(broken, rows: 1, size: 2, into: &y)
    #expect(y[1].isNaN && !y[0].isNaN)
    crossEntropy(broken, targets: [0], targetsAt: 0, rows: 1, columns: 4, into: &scalar)
    #expect(scalar[0].isNaN)
    #expect(sumOfSquares(broken, range: 0..<4).isNaN)
  }
}
