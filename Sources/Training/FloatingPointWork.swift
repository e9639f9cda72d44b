// The floating-point operations that training takes, counted from the shape of the network, and the
// most that this machine does a second, measured. Their ratio says how well a run uses the machine.

internal import Kernels
internal import Modeling

extension ModelConfiguration {
  /// The operations of products in the forward and backward pass of one token of a full window.
  ///
  /// A product takes 2 operations a multiplication forward and twice that backward (Kaplan et al.,
  /// arXiv 2001.08361, appendix B). Norms, gates and other element-wise work are not counted.
  var trainingOperationsPerToken: Double {
    let hidden = Double(hiddenSize)
    let heads = Double(headCount)
    let isCell = mixer == .mlstm
    var block = (isCell ? 5 : 4) * hidden * hidden + 3 * hidden * Double(feedForwardSize)
    if isCell {
      block += 2 * heads * hidden
      // Scores and weighted values inside a chunk, the state's reading and writing between chunks.
      let chunk = Double(min(chunkLength, contextLength))
      let key = Double(keySize)
      let value = Double(headSize)
      block += heads * (chunk * (key + value) + 2 * key * value)
    }
    if featureMap == .hedgehog { block += 2 * hidden * Double(headSize) }
    if !isCell || slidingWindow != .none {
      // Scores and weighted values over the steps that a token sees, half the window on average.
      let visible =
        isCell
        ? Double(min(slidingWindowLength, contextLength) + slidingWindowMemory)
        : Double(contextLength + 1) / 2
      block += 2 * visible * hidden
    }
    return 6 * (Double(blockCount) * block + Double(vocabularySize) * hidden)
  }
}

/// Measures the most operations a second of products that fit into a core's cache.
///
/// - Parameter workers: The threads that train.
/// - Returns: The operations a second of all threads together, the best of several rounds.
/// - Complexity: About a tenth of a second.
func measuredPeak(_ workers: Parallel) -> Double {
  let size = 384
  let rounds = 5
  var jobs = (0..<workers.threadCount).map { _ in ProductJob(size: size) }
  let clock = ContinuousClock()
  var best = Duration.seconds(1_000)
  for _ in 0..<rounds {
    let start = clock.now
    workers.forEach(&jobs) { _, job in job.run() }
    best = min(best, clock.now - start)
  }
  let operations = 2 * Double(size * size * size * ProductJob.repetitions * jobs.count)
  return operations / (best / .seconds(1))
}

/// The operands of one thread's products.
private struct ProductJob: Sendable {
  static let repetitions = 4

  let size: Int
  let left: [Float]
  var result: [Float]

  init(size: Int) {
    self.size = size
    left = (0..<size * size).map { Float($0 % 17) / 17 }
    result = [Float](repeating: 0, count: size * size)
  }

  mutating func run() {
    for _ in 0..<Self.repetitions {
      multiply(
        left,
        MatrixView(stride: size),
        left,
        MatrixView(stride: size),
        into: &result,
        MatrixView(stride: size),
        rows: size,
        columns: size,
        inner: size
      )
    }
  }
}
