import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct FeatureMapTests {
  @Test func `the reference's gradients equal central differences`() {
    var numbers = SeededNumbers(1)
    let u = numbers.doubles(4 * 3, spread: 2)
    let matrix = numbers.doubles(3 * 3)
    let pull = numbers.doubles(4 * 6)
    func value(_ u: [Double], _ matrix: [Double]) -> Double {
      let features = Reference.featureMap(rows(u, 3), matrix: rows(matrix, 3))
      return Reference.dot(Array(features.joined()), pull)
    }
    let back = Reference.featureMapBackward(
      rows(u, 3),
      matrix: rows(matrix, 3),
      gradient: rows(pull, 6)
    )
    let du = centralDifferences(u) { value($0, matrix) }
    let dmatrix = centralDifferences(matrix) { value(u, $0) }
    #expect(relativeDifference(du, Array(back.u.joined())) < 1e-5)
    #expect(relativeDifference(dmatrix, Array(back.matrix.joined())) < 1e-5)
  }

  @Test(arguments: [(1, 1), (5, 3), (7, 16), (33, 20)])
  func `outputs and gradients equal the reference`(sizes: (rowCount: Int, size: Int)) {
    let (rowCount, size) = sizes
    let shape = FeatureMapShape(
      rowCount: rowCount,
      headCount: 2,
      headSize: size,
      stride: 6 * size + 3,
      from: 1,
      to: 2 * size + 2
    )
    var numbers = SeededNumbers(UInt64(size))
    var buffer = poisoned(count: rowCount * shape.stride)
    var gradient = poisoned(count: buffer.count)
    for row in 0..<rowCount {
      for column in 0..<2 * size {
        buffer[row * shape.stride + 1 + column] = Float.random(in: -3...3, using: &numbers)
      }
      for column in 0..<4 * size {
        gradient[row * shape.stride + 2 * size + 2 + column] = Float.random(
          in: -1...1,
          using: &numbers
        )
      }
    }
    let parameters = numbers.doubles(3 + 2 * size * size).map(Float.init)
    var dparameters = [Float](repeating: 0, count: parameters.count)
    var scratch = poisoned(count: rowCount * size)
    featureMap(&buffer, parameters, matrixAt: 3, shape, scratch: &scratch)
    featureMapBackward(
      buffer,
      parameters,
      matrixAt: 3,
      shape,
      scratch: &scratch,
      gradient: &gradient,
      parameterGradient: &dparameters
    )
    for head in 0..<2 {
      func part(_ values: [Float], _ column: Int, _ count: Int) -> [[Double]] {
        (0..<rowCount).map { row in
          let at = row * shape.stride + column + head * count
          return values[at..<at + count].map(Double.init)
        }
      }
      let matrix = rows(
        parameters[(3 + head * size * size)..<(3 + (head + 1) * size * size)].map(Double.init),
        size
      )
      let u = part(buffer, 1, size)
      let expected = Array(Reference.featureMap(u, matrix: matrix).joined())
      let actual = Array(part(buffer, 2 * size + 2, 2 * size).joined())
      #expect(relativeDifference(expected, actual) < 1e-5)
      let back = Reference.featureMapBackward(
        u,
        matrix: matrix,
        gradient: part(gradient, 2 * size + 2, 2 * size)
      )
      let du = Array(part(gradient, 1, size).joined())
      #expect(relativeDifference(Array(back.u.joined()), du) < 1e-4)
      let dmatrix = Array(dparameters[(3 + head * size * size)..<(3 + (head + 1) * size * size)])
      #expect(relativeDifference(Array(back.matrix.joined()), dmatrix) < 1e-4)
    }
    #expect(buffer[0].isNaN && gradient[0].isNaN)
  }

  @Test func `with the identity the features are the softmax of both signs`() {
    let shape = FeatureMapShape(rowCount: 1, headCount: 1, headSize: 3, stride: 9, from: 0, to: 3)
    var row: [Float] = [0.5, -1, 2] + poisoned(count: 6)
    var scratch = poisoned(count: 3)
    featureMap(&row, [1, 0, 0, 0, 1, 0, 0, 0, 1], matrixAt: 0, shape, scratch: &scratch)
    let weights = [0.5, -1, 2, -0.5, 1, -2].map { exp($0) }
    let total = weights.reduce(0, +)
    #expect(relativeDifference(weights.map { $0 / total }, Array(row[3...])) < 1e-6)
  }

  @Test func `large inputs neither overflow nor lose the sum`() {
    let shape = FeatureMapShape(rowCount: 1, headCount: 1, headSize: 2, stride: 6, from: 0, to: 2)
    var row: [Float] = [1e4, -3, .nan, .nan, .nan, .nan]
    var scratch = poisoned(count: 2)
    featureMap(&row, [1, 0, 0, 1], matrixAt: 0, shape, scratch: &scratch)
    #expect(Array(row[2...]) == [1, 0, 0, 0])
  }
}
