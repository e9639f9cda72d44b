import Kernels
import TestSupport
import Testing

@Suite struct BLASTests {
  @Test(arguments: [false, true], [false, true])
  func `a product equals the plain triple loop`(transposeLeft: Bool, transposeRight: Bool) {
    let (rows, columns, inner) = (5, 7, 3)
    let left = (0..<rows * inner).map { Float($0 % 11) - 5 }
    let right = (0..<columns * inner).map { Float($0 % 7) - 3 }
    var result = poisoned(count: rows * columns)
    var span = result.mutableSpan
    multiply(
      left.span,
      MatrixView(stride: transposeLeft ? rows : inner),
      transposeLeft: transposeLeft,
      right.span,
      MatrixView(stride: transposeRight ? inner : columns),
      transposeRight: transposeRight,
      into: &span,
      MatrixView(stride: columns),
      rows: rows,
      columns: columns,
      inner: inner,
      scale: 2
    )
    for row in 0..<rows {
      for column in 0..<columns {
        var sum: Float = 0
        for k in 0..<inner {
          let a = transposeLeft ? left[k * rows + row] : left[row * inner + k]
          let b = transposeRight ? right[column * inner + k] : right[k * columns + column]
          sum += a * b
        }
        #expect(result[row * columns + column] == 2 * sum)
      }
    }
  }

  @Test func `views address slices of wider matrices`() {
    let wide = (0..<24).map(Float.init)
    var result = poisoned(count: 12)
    var span = result.mutableSpan
    multiply(
      wide.span,
      MatrixView(offset: 1, stride: 6),
      wide.span,
      MatrixView(offset: 2, stride: 6),
      into: &span,
      MatrixView(offset: 3, stride: 4),
      rows: 2,
      columns: 2,
      inner: 2
    )
    #expect(result[3] == 1 * 2 + 2 * 8)
    #expect(result[8] == 7 * 3 + 8 * 9)
    #expect(result[0].isNaN && result[5].isNaN)
  }
}
