// The values that causal softmax attention works on: its sizes, where its inputs lie, what the
// forward pass keeps, and the scratch of one head. A query sees a window of the last steps and, as
// an option, the first few steps of its text; a window as long as the text is full attention.

private import CKernels

/// The base of the rotary positions' angles, θ.
public let rotaryBase = 10_000.0

/// The sizes of one call: windows of tokens of equal length.
public struct AttentionShape: Sendable, Equatable {
  /// The number of windows of tokens.
  public var windowCount: Int
  /// The number of steps in each, T.
  public var stepCount: Int
  /// The number of heads.
  public var headCount: Int
  /// The size of a head, D; even, since positions rotate its halves.
  public var headSize: Int
  /// The steps that a query sees, its own included, W.
  public var visibleCount: Int
  /// The first steps of a text that stay visible besides.
  public var memoryCount: Int

  /// Creates the sizes.
  ///
  /// - Parameters:
  ///   - windowCount: The number of windows of tokens.
  ///   - stepCount: The steps in each.
  ///   - headCount: The number of heads.
  ///   - headSize: The size of a head, even.
  ///   - visibleCount: The steps that a query sees.
  ///   - memoryCount: The first steps of a text that stay visible besides.
  public init(
    windowCount: Int,
    stepCount: Int,
    headCount: Int,
    headSize: Int,
    visibleCount: Int,
    memoryCount: Int
  ) {
    self.windowCount = windowCount
    self.stepCount = stepCount
    self.headCount = headCount
    self.headSize = headSize
    self.visibleCount = visibleCount
    self.memoryCount = memoryCount
  }

  /// The number of queries handled at once.
  static let chunkLength = 64

  var rowCount: Int { windowCount * stepCount }
  var outputSize: Int { headCount * headSize }
  /// The most steps that the queries of one chunk see.
  var reach: Int { min(stepCount, visibleCount + min(Self.chunkLength, stepCount) - 1) }
  /// The factor of a score.
  var scale: Float { 1 / Float(headSize).squareRoot() }

  var isValid: Bool {
    windowCount >= 0 && stepCount >= 0 && headCount >= 1 && headSize >= 2 && headSize % 2 == 0
      && visibleCount >= 1 && memoryCount >= 0
  }
}

/// Where queries, keys and values lie in the rows of one buffer.
public struct AttentionColumns: Sendable, Equatable {
  /// The distance between rows.
  public var stride: Int
  /// The first column of the queries, [heads · headSize].
  public var query: Int
  /// The first column of the keys, likewise.
  public var key: Int
  /// The first column of the values, likewise.
  public var value: Int

  /// Creates the places.
  ///
  /// - Parameters:
  ///   - stride: The distance between rows.
  ///   - query: The first column of the queries.
  ///   - key: The first column of the keys.
  ///   - value: The first column of the values.
  public init(stride: Int, query: Int, key: Int, value: Int) {
    self.stride = stride
    self.query = query
    self.key = key
    self.value = value
  }

  func fits(_ shape: AttentionShape) -> Bool {
    min(query, key, value) >= 0 && max(query, key, value) + shape.outputSize <= stride
  }
}

/// What the forward pass keeps for the backward pass.
public struct AttentionActivations: Sendable {
  /// The logarithm of each query's summed exponentials, [windows, heads, steps].
  var logSums: [Float]

  /// Allocates for a shape; a call may use fewer windows.
  ///
  /// - Parameter shape: The largest shape to be used.
  public init(for shape: AttentionShape) {
    logSums = [Float](repeating: 0, count: shape.rowCount * shape.headCount)
  }
}

/// The buffers of one head, reused for every head; one a thread.
public struct AttentionScratch: Sendable {
  /// The angles' cosines and sines, [steps, headSize / 2].
  var cosines: [Float]
  var sines: [Float]
  /// Rotated queries, scaled, and keys, [steps, headSize], and their gradients.
  var queries: [Float]
  var keys: [Float]
  var queriesGradient: [Float]
  var keysGradient: [Float]
  /// Scores, then weights, of a chunk's queries, [chunk, reach], and the gradient of the scores.
  var weights: [Float]
  var products: [Float]
  /// The weights of the memory steps, [chunk, memory], and one number a query.
  var memoryWeights: [Float]
  var dots: [Float]

  /// Allocates for a shape, whatever its number of windows.
  ///
  /// - Parameter shape: The shape to be used.
  public init(for shape: AttentionShape) {
    precondition(shape.isValid)
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    let length = min(AttentionShape.chunkLength, shape.stepCount)
    cosines = zeros(shape.stepCount * shape.headSize / 2)
    sines = cosines
    queries = zeros(shape.stepCount * shape.headSize)
    keys = queries
    queriesGradient = queries
    keysGradient = queries
    weights = zeros(length * shape.reach)
    products = weights
    memoryWeights = zeros(length * shape.memoryCount)
    dots = zeros(length)
    // Unsafe because C takes pointers; the tables were just made for these sizes.
    unsafe ck_rotary_table(0, shape.stepCount, shape.headSize, rotaryBase, &cosines, &sines)
  }

  /// Whether a call of this shape fits.
  func holds(_ shape: AttentionShape) -> Bool {
    let length = min(AttentionShape.chunkLength, shape.stepCount)
    return queries.count == shape.stepCount * shape.headSize
      && cosines.count == shape.stepCount * shape.headSize / 2
      && weights.count >= length * shape.reach && dots.count >= length
      && memoryWeights.count >= length * shape.memoryCount
  }
}

/// Where one chunk of queries of one head lies in the buffers, for both passes.
struct AttentionChunk {
  /// The first query's step and the number of queries.
  let first: Int
  let length: Int
  /// The first step that any of them sees, and the number of steps from there to the last query's.
  let low: Int
  let width: Int
  /// The first of the chunk's log sums.
  let logSumsAt: Int
  /// The head's values in the window's first row, those of step `low`, and the chunk's outputs.
  let valuesAt: Int
  let visibleValues: MatrixView
  let output: MatrixView

  init(
    _ shape: AttentionShape,
    _ columns: AttentionColumns,
    _ starts: [Int32],
    window: Int,
    head: Int,
    first: Int
  ) {
    let row = window * shape.stepCount
    self.first = first
    length = min(AttentionShape.chunkLength, shape.stepCount - first)
    low = max(Int(starts[row + first]), first + 1 - shape.visibleCount)
    width = first + length - low
    logSumsAt = (window * shape.headCount + head) * shape.stepCount + first
    valuesAt = row * columns.stride + columns.value + head * shape.headSize
    visibleValues = MatrixView(
      offset: valuesAt + low * columns.stride,
      stride: columns.stride
    )
    output = MatrixView(
      offset: (row + first) * shape.outputSize + head * shape.headSize,
      stride: shape.outputSize
    )
  }

  /// The chunk's rows of packed rotated queries, and the rows of packed keys that it sees.
  func queries(_ shape: AttentionShape) -> MatrixView {
    MatrixView(offset: first * shape.headSize, stride: shape.headSize)
  }
  func keys(_ shape: AttentionShape) -> MatrixView {
    MatrixView(offset: low * shape.headSize, stride: shape.headSize)
  }
}

/// Rotates one head's queries and keys of one window into the scratch.
func rotateHead(
  _ inputs: [Float],
  _ columns: AttentionColumns,
  _ shape: AttentionShape,
  window: Int,
  head: Int,
  scratch: inout AttentionScratch
) {
  let row = window * shape.stepCount * columns.stride + head * shape.headSize
  // Unsafe because C takes pointers; the callers' shapes keep it inside the buffers.
  unsafe ck_rotate(
    inputs,
    row + columns.query,
    columns.stride,
    scratch.cosines,
    scratch.sines,
    shape.stepCount,
    shape.headSize,
    shape.scale,
    &scratch.queries
  )
  unsafe ck_rotate(
    inputs,
    row + columns.key,
    columns.stride,
    scratch.cosines,
    scratch.sines,
    shape.stepCount,
    shape.headSize,
    1,
    &scratch.keys
  )
}

/// The products of a chunk's queries with the keys of the steps it may see, into the weights.
func scoreChunk(_ chunk: AttentionChunk, _ shape: AttentionShape, scratch: inout AttentionScratch) {
  multiply(
    scratch.queries,
    chunk.queries(shape),
    scratch.keys,
    chunk.keys(shape),
    transposeRight: true,
    into: &scratch.weights,
    MatrixView(stride: chunk.width),
    rows: chunk.length,
    columns: chunk.width,
    inner: shape.headSize
  )
}
