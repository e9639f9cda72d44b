import Kernels
import TestSupport
import Testing

/// Where documents begin in a window of steps, as the first step that each step sees.
func windowStarts(_ steps: Int, documents: [Int]) -> [Int] {
  (0..<steps).map { step in documents.last { $0 <= step } ?? 0 }
}

@Suite struct ShortConvolutionTests {
  @Test(arguments: [[], [2, 3]])
  func `the reference's gradients equal central differences`(documents: [Int]) {
    var numbers = SeededNumbers(1)
    let starts = windowStarts(7, documents: documents)
    let x = numbers.doubles(7 * 3, spread: 2)
    let kernel = numbers.doubles(4 * 3)
    let pull = numbers.doubles(7 * 3)
    func value(_ x: [Double], _ kernel: [Double]) -> Double {
      let y = Reference.shortConvolution(rows(x, 3), kernel: rows(kernel, 3), starts: starts)
      return Reference.dot(Array(y.joined()), pull)
    }
    let back = Reference.shortConvolutionBackward(
      rows(x, 3),
      kernel: rows(kernel, 3),
      starts: starts,
      gradient: rows(pull, 3)
    )
    let dx = centralDifferences(x) { value($0, kernel) }
    let dkernel = centralDifferences(kernel) { value(x, $0) }
    #expect(relativeDifference(dx, Array(back.x.joined())) < 1e-5)
    #expect(relativeDifference(dkernel, Array(back.kernel.joined())) < 1e-5)
  }

  // 300 channels pass the size of a block of channels.
  @Test(
    arguments: [(1, 5, 4), (2, 300, 4), (13, 7, 1), (13, 300, 4), (9, 3, 12)],
    [[], [1, 2], [5]]
  )
  func `outputs, gradients and single steps equal the reference`(
    sizes: (steps: Int, channels: Int, width: Int),
    documents: [Int]
  ) {
    let (steps, channels, width) = sizes
    let windowed = windowStarts(steps, documents: documents.filter { $0 < steps })
    let shape = ConvolutionShape(
      windowCount: 2,
      stepCount: steps,
      channelCount: channels,
      width: width,
      stride: 2 * channels + 5,
      from: 1,
      to: channels + 3
    )
    var numbers = SeededNumbers(UInt64(steps + channels))
    var buffer = poisoned(count: 2 * steps * shape.stride)
    var gradient = poisoned(count: buffer.count)
    let parameters = numbers.doubles(2 + width * channels).map(Float.init)
    for row in 0..<2 * steps {
      for channel in 0..<channels {
        buffer[row * shape.stride + 1 + channel] = Float.random(in: -2...2, using: &numbers)
        gradient[row * shape.stride + channels + 3 + channel] = Float.random(
          in: -1...1,
          using: &numbers
        )
      }
    }
    var dparameters = [Float](repeating: 0, count: parameters.count)
    let starts = windowed.map(Int32.init) + windowed.map(Int32.init)
    shortConvolution(&buffer, parameters, kernelAt: 2, shape, starts: starts)
    shortConvolutionBackward(
      buffer,
      parameters,
      kernelAt: 2,
      shape,
      starts: starts,
      gradient: &gradient,
      parameterGradient: &dparameters
    )
    let kernel = rows(parameters[2...].map(Double.init), channels)
    var expectedKernel = [Double](repeating: 0, count: width * channels)
    for window in 0..<2 {
      func part(_ values: [Float], _ column: Int) -> [[Double]] {
        (0..<steps).map { step in
          let at = (window * steps + step) * shape.stride + column
          return values[at..<at + channels].map(Double.init)
        }
      }
      let x = part(buffer, 1)
      let expected = Reference.shortConvolution(x, kernel: kernel, starts: windowed)
      let actual = part(buffer, channels + 3)
      #expect(relativeDifference(Array(expected.joined()), Array(actual.joined())) < 1e-5)
      let back = Reference.shortConvolutionBackward(
        x,
        kernel: kernel,
        starts: windowed,
        gradient: part(gradient, channels + 3)
      )
      let dx = Array(part(gradient, 1).joined())
      #expect(relativeDifference(Array(back.x.joined()), dx) < 1e-5)
      for (index, value) in back.kernel.joined().enumerated() { expectedKernel[index] += value }

      var history = [Float](repeating: 0, count: 1 + width * channels)
      for step in 0..<steps {
        if windowed[step] == step {
          for index in history.indices { history[index] = 0 }
        }
        let at = (window * steps + step) * shape.stride
        var row = Array(buffer[at..<at + shape.stride])
        for channel in 0..<channels { row[channels + 3 + channel] = .nan }
        shortConvolutionStep(
          &row,
          parameters,
          kernelAt: 2,
          shape,
          history: &history,
          historyAt: 1
        )
        let output = Array(row[(channels + 3)..<(2 * channels + 3)])
        #expect(relativeDifference(expected[step], output) < 1e-5)
      }
    }
    #expect(relativeDifference(expectedKernel, Array(dparameters[2...])) < 1e-5)
    #expect(dparameters[..<2] == [0, 0])
    #expect(buffer[0].isNaN && buffer[channels + 1].isNaN && gradient[0].isNaN)
  }
}
