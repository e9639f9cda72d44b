import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct OneDNNTests {
  /// Extents and distances as the network has them: whole matrices, heads inside wider rows.
  static let cases: [(rows: Int, columns: Int, inner: Int, extra: Int)] = [
    (64, 128, 64, 0), (64, 128, 64, 448), (61, 200, 47, 5), (256, 384, 128, 0), (33, 2_064, 512, 0),
  ]

  @Test(arguments: cases, [(false, false), (false, true), (true, false), (true, true)])
  func `a product equals OpenBLAS's, overwriting NaN, adding and scaling`(
    sizes: (rows: Int, columns: Int, inner: Int, extra: Int),
    transposes: (left: Bool, right: Bool)
  ) {
    var numbers = SeededNumbers(3)
    func random(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &numbers) }
    }
    let isTaken = ProductLibrary.oneDNN.takes(
      rows: sizes.rows,
      columns: sizes.columns,
      inner: sizes.inner,
      keep: 0
    )
    #expect(isTaken)
    let leftStride = (transposes.left ? sizes.rows : sizes.inner) + sizes.extra
    let rightStride = (transposes.right ? sizes.inner : sizes.columns) + sizes.extra
    let intoStride = sizes.columns + sizes.extra
    let left = random(7 + leftStride * max(sizes.rows, sizes.inner))
    let right = random(5 + rightStride * max(sizes.columns, sizes.inner))
    let old = random(3 + intoStride * sizes.rows)
    func product(_ library: ProductLibrary, scale: Float, keep: Float) -> [Float] {
      var result = keep == 0 ? poisoned(count: old.count) : old
      var span = result.mutableSpan
      multiply(
        left.span,
        MatrixView(offset: 7, stride: leftStride),
        transposeLeft: transposes.left,
        right.span,
        MatrixView(offset: 5, stride: rightStride),
        transposeRight: transposes.right,
        into: &span,
        MatrixView(offset: 3, stride: intoStride),
        rows: sizes.rows,
        columns: sizes.columns,
        inner: sizes.inner,
        scale: scale,
        keep: keep,
        library: library
      )
      return result
    }
    for (scale, keep) in [(1, 0), (1, 1), (0.125, 0), (0.125, 1)] as [(Float, Float)] {
      let expected = product(.openBLAS, scale: scale, keep: keep)
      let actual = product(.oneDNN, scale: scale, keep: keep)
      #expect(keep == 0 || actual == product(.oneDNN, scale: scale, keep: keep))
      for index in expected.indices where expected[index].isNaN || actual[index].isNaN {
        // Only what lies between the rows of the result is left as it was.
        #expect(expected[index].isNaN && actual[index].isNaN)
      }
      let pairs = zip(expected, actual).filter { !$0.0.isNaN }
      #expect(pairs.allSatisfy { abs($0.0 - $0.1) <= 2e-6 * Float(sizes.inner) })
    }
  }

  @Test func `threads that multiply at once each get their own numbers`() {
    struct Job: Sendable {
      var left: [Float]
      var first: [Float] = []
      var differences = 0
    }
    let size = 128
    let pool = Parallel(threadCount: 4)
    var jobs = (0..<8).map { job in
      Job(left: (0..<size * size).map { Float(($0 * 31 + job) % 17) - 8 })
    }
    pool.forEach(&jobs) { _, job in
      for round in 0..<20 {
        var result = [Float](repeating: 0, count: size * size)
        var span = result.mutableSpan
        multiply(
          job.left.span,
          MatrixView(stride: size),
          transposeLeft: true,
          job.left.span,
          MatrixView(stride: size),
          transposeRight: false,
          into: &span,
          MatrixView(stride: size),
          rows: size,
          columns: size,
          inner: size,
          scale: 1,
          keep: 0,
          library: .oneDNN
        )
        if round == 0 { job.first = result }
        job.differences += result == job.first ? 0 : 1
      }
    }
    for job in jobs {
      #expect(job.differences == 0)
      var expected: Float = 0
      for row in 0..<size { expected += job.left[row * size + 3] * job.left[row * size + 5] }
      #expect(job.first[3 * size + 5] == expected)
    }
  }
}
