import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  @Test func `three AdamW steps equal the textbook in float64`() {
    let count = 37
    var numbers = SeededNumbers(1)
    var parameters = numbers.doubles(count).map(Float.init)
    let untouched = parameters
    var expected = parameters.map(Double.init)
    var first = [Float](repeating: 0, count: count)
    var second = first
    var m = [Double](repeating: 0, count: count)
    var v = m
    let range = 3..<count - 2
    for step in 1...3 {
      let gradient = numbers.doubles(count).map(Float.init)
      adamW(
        &parameters,
        gradient: gradient,
        firstMoment: &first,
        secondMoment: &second,
        range: range,
        AdamWStep(learningRate: 0.01, decay: 0.1, step: step)
      )
      for index in range {
        let g = Double(gradient[index])
        m[index] = 0.9 * m[index] + 0.1 * g
        v[index] = 0.95 * v[index] + 0.05 * g * g
        let corrected = m[index] / (1 - pow(0.9, Double(step)))
        let root = (v[index] / (1 - pow(0.95, Double(step)))).squareRoot()
        expected[index] -= 0.01 * 0.1 * expected[index] + 0.01 * corrected / (root + 1e-8)
      }
    }
    #expect(relativeDifference(expected, parameters) < 1e-5)
    #expect(parameters[..<3] == untouched[..<3])
    #expect(parameters[(count - 2)...] == untouched[(count - 2)...])
  }

  @Test func `the sum of squares keeps what float32 would lose`() {
    let values = [Float](repeating: 1e-4, count: 10_001) + [1e4]
    let sum = sumOfSquares(values, range: 1..<10_002)
    #expect(abs(sum - (1e8 + 10_000 * Double(Float(1e-4)) * Double(Float(1e-4)))) < 1e-7)
  }

  @Test func `scaled sums touch their range alone and can overwrite NaN`() {
    let x: [Float] = [1, 2, 3, 4, 5]
    var y = poisoned(count: 5)
    scaledAdd(x, range: 1..<4, scale: 2, keep: 0, into: &y)
    #expect(y[0].isNaN && y[4].isNaN && y[1...3] == [4, 6, 8])
    scaledAdd(x, range: 1..<3, scale: 1, keep: 0.5, into: &y)
    #expect(y[1...3] == [4, 6, 8])
  }

  @Test(arguments: [(1, 1), (5, 33), (17, 64)])
  func `a matrix times a vector equals the plain loop`(size: (rows: Int, columns: Int)) {
    var numbers = SeededNumbers(2)
    let parameters = numbers.doubles(2 + size.rows * size.columns).map(Float.init)
    let x = numbers.doubles(size.columns).map(Float.init)
    var y = poisoned(count: size.rows)
    multiply(parameters, weightAt: 2, x, into: &y, rows: size.rows, columns: size.columns)
    let expected = (0..<size.rows).map { row in
      (0..<size.columns).reduce(0.0) {
        $0 + Double(parameters[2 + row * size.columns + $1]) * Double(x[$1])
      }
    }
    #expect(relativeDifference(expected, y) < 1e-5)
    multiply(parameters, weightAt: 2, x, into: &y, rows: size.rows, columns: size.columns, keep: 1)
    #expect(relativeDifference(expected.map { 2 * $0 }, y) < 1e-5)
  }
}
