// The values that the mLSTM's training form works on: the sizes, where its inputs lie, what the
// forward pass keeps for the backward pass, and the scratch of one chunk.
//
// Beck et al., "xLSTM: Extended Long Short-Term Memory", arXiv 2405.04517. The chunkwise form and
// its gradient are derived in Kernels.docc.

/// The number added to the mLSTM's denominator.
public let mlstmEpsilon: Float = 1e-6

/// The sizes of one call: windows of equal length, each begun from an empty state.
public struct MLSTMShape: Sendable, Equatable {
  /// The number of windows.
  public var windowCount: Int
  /// The number of steps in a window, T.
  public var stepCount: Int
  /// The number of heads, H.
  public var headCount: Int
  /// The size of a head's query and key, P.
  public var keySize: Int
  /// The size of a head's value and output, D.
  public var valueSize: Int
  /// The number of steps handled at once, L; the last chunk of a window may be shorter.
  public var chunkLength: Int

  /// Creates the sizes.
  ///
  /// - Parameters:
  ///   - windowCount: The number of windows.
  ///   - stepCount: The steps of a window.
  ///   - headCount: The number of heads.
  ///   - keySize: The size of a query and a key.
  ///   - valueSize: The size of a value.
  ///   - chunkLength: The steps of a chunk.
  public init(
    windowCount: Int,
    stepCount: Int,
    headCount: Int,
    keySize: Int,
    valueSize: Int,
    chunkLength: Int
  ) {
    self.windowCount = windowCount
    self.stepCount = stepCount
    self.headCount = headCount
    self.keySize = keySize
    self.valueSize = valueSize
    self.chunkLength = chunkLength
  }

  /// The number of rows of inputs and outputs.
  public var rowCount: Int { windowCount * stepCount }
  /// The number of chunks of a window.
  var chunkCount: Int { (stepCount + chunkLength - 1) / chunkLength }
  /// The states kept between the chunks of a window.
  var boundaryCount: Int { max(0, chunkCount - 1) }
  /// The size of a row of outputs.
  var outputSize: Int { headCount * valueSize }
}

/// Where queries, keys, values and gate preactivations lie in the rows of one buffer.
public struct MLSTMColumns: Sendable, Equatable {
  /// The distance between rows.
  public var stride: Int
  /// The first column of the queries, [heads · keySize].
  public var query: Int
  /// The first column of the keys, [heads · keySize].
  public var key: Int
  /// The first column of the values, [heads · valueSize].
  public var value: Int
  /// The first column of the gates: the heads' input gates, then their forget gates.
  public var gates: Int

  /// Creates the places.
  ///
  /// - Parameters:
  ///   - stride: The distance between rows.
  ///   - query: The first column of the queries.
  ///   - key: The first column of the keys.
  ///   - value: The first column of the values.
  ///   - gates: The first column of the gates.
  public init(stride: Int, query: Int, key: Int, value: Int, gates: Int) {
    self.stride = stride
    self.query = query
    self.key = key
    self.value = value
    self.gates = gates
  }
}

/// Where the two gate biases, [heads] each, lie in the buffer of all parameters.
public struct MLSTMBiases: Sendable, Equatable {
  /// The index of the first input gate bias.
  public var input: Int
  /// The index of the first forget gate bias.
  public var forget: Int

  /// Creates the places.
  ///
  /// - Parameters:
  ///   - input: The index of the first input gate bias.
  ///   - forget: The index of the first forget gate bias.
  public init(input: Int, forget: Int) {
    self.input = input
    self.forget = forget
  }
}

/// What the forward pass keeps for the backward pass.
public struct MLSTMActivations: Sendable {
  /// The capped gates, [windows, heads, steps].
  var cappedInput: [Float]
  var cappedForget: [Float]
  /// The input gate minus the summed log forget gates, and its running maximum.
  var position: [Double]
  var maximum: [Double]
  /// e^{−m}, the row sums of the weights, and the denominator made of both.
  var floors: [Float]
  var sums: [Float]
  var denominators: [Float]
  /// The state before every chunk but the first, [windows, heads, boundaries, keySize, valueSize],
  /// and its normalizer, [windows, heads, boundaries, keySize].
  var states: [Float]
  var normalizers: [Float]

  /// Allocates for a shape; a call may use fewer windows.
  ///
  /// - Parameter shape: The largest shape to be used.
  public init(for shape: MLSTMShape) {
    let steps = shape.windowCount * shape.headCount * shape.stepCount
    let boundaries = shape.windowCount * shape.headCount * shape.boundaryCount
    cappedInput = [Float](repeating: 0, count: steps)
    cappedForget = cappedInput
    position = [Double](repeating: 0, count: steps)
    maximum = position
    floors = cappedInput
    sums = cappedInput
    denominators = cappedInput
    states = [Float](repeating: 0, count: boundaries * shape.keySize * shape.valueSize)
    normalizers = [Float](repeating: 0, count: boundaries * shape.keySize)
  }

  /// Whether a call of this shape fits.
  func holds(_ shape: MLSTMShape) -> Bool {
    let boundaries = shape.windowCount * shape.headCount * shape.boundaryCount
    return sums.count >= shape.windowCount * shape.headCount * shape.stepCount
      && states.count >= boundaries * shape.keySize * shape.valueSize
      && normalizers.count >= boundaries * shape.keySize
  }
}

/// The buffers of one chunk and of one window's gates, reused for every chunk; one a thread.
public struct MLSTMScratch: Sendable {
  /// [chunk, chunk] each.
  var decay: [Float]
  var weights: [Float]
  var weightsGradient: [Float]
  /// Rows of the chunk times a factor each, and the factors.
  var scaledQueries: [Float]
  var scaledKeys: [Float]
  var scaledValues: [Float]
  var queryFactors: [Float]
  var keyFactors: [Float]
  /// The gradient of the numerator, [chunk, valueSize], of the same scaled, and of the row sums.
  var numeratorGradient: [Float]
  var scaledGradient: [Float]
  var sumsGradient: [Float]
  /// The gradient of the state after the chunk.
  var stateGradient: [Float]
  var normalizerGradient: [Float]
  /// The gradients of one window's gate scalars, [heads, steps].
  var positionGradient: [Float]
  var maximumGradient: [Float]
  var sumGradient: [Float]

  /// Allocates for a shape, whatever its number of windows.
  ///
  /// - Parameter shape: The shape to be used.
  public init(for shape: MLSTMShape) {
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    let length = min(shape.chunkLength, shape.stepCount)
    decay = zeros(length * length)
    weights = zeros(length * length)
    weightsGradient = zeros(length * length)
    scaledQueries = zeros(length * shape.keySize)
    scaledKeys = zeros(length * shape.keySize)
    scaledValues = zeros(length * shape.valueSize)
    queryFactors = zeros(length)
    keyFactors = zeros(length)
    numeratorGradient = zeros(length * shape.valueSize)
    scaledGradient = zeros(length * shape.valueSize)
    sumsGradient = zeros(length)
    stateGradient = zeros(shape.keySize * shape.valueSize)
    normalizerGradient = zeros(shape.keySize)
    positionGradient = zeros(shape.headCount * shape.stepCount)
    maximumGradient = zeros(shape.headCount * shape.stepCount)
    sumGradient = zeros(shape.headCount * shape.stepCount)
  }

  /// Whether a call of this shape fits.
  func holds(_ shape: MLSTMShape) -> Bool {
    let length = min(shape.chunkLength, shape.stepCount)
    return decay.count >= length * length && scaledKeys.count >= length * shape.keySize
      && scaledValues.count >= length * shape.valueSize
      && stateGradient.count >= shape.keySize * shape.valueSize
      && normalizerGradient.count >= shape.keySize
      && sumGradient.count >= shape.headCount * shape.stepCount
  }
}

/// Where one chunk of one head lies in the buffers, for both passes.
struct MLSTMChunk {
  /// The number of steps, and the place of the first of them in its window.
  let length: Int
  let first: Int
  /// How many steps, from the first, see the state before the chunk; 0 where there is none.
  let readerCount: Int
  /// The first step of the chunk that the state after it holds.
  let firstKept: Int
  /// Whether that state also holds the one before.
  let carries: Bool
  /// Whether no state goes on.
  let isLast: Bool
  /// The first of the chunk's scalars in [windows, heads, steps], and in [heads, steps].
  let at: Int
  let windowAt: Int
  /// The states before and after.
  let stateBefore: Int
  let stateAfter: Int
  let normalizerBefore: Int
  let normalizerAfter: Int
  /// Queries, keys, values in the inputs, and the outputs.
  let query: MatrixView
  let key: MatrixView
  let value: MatrixView
  let output: MatrixView

  init(
    _ shape: MLSTMShape,
    _ columns: MLSTMColumns,
    _ starts: [Int32],
    window: Int,
    head: Int,
    chunk: Int
  ) {
    let start = chunk * shape.chunkLength
    let row = window * shape.stepCount + start
    let boundary =
      (window * shape.headCount + head) * shape.boundaryCount + chunk
    let stateSize = shape.keySize * shape.valueSize
    length = min(shape.chunkLength, shape.stepCount - start)
    first = start
    var readers = 0
    while readers < length && starts[row + readers] < start { readers += 1 }
    readerCount = readers
    let lastStart = Int(starts[row + length - 1])
    firstKept = max(0, lastStart - start)
    carries = lastStart < start
    isLast = chunk == shape.chunkCount - 1
    windowAt = head * shape.stepCount + start
    at = window * shape.headCount * shape.stepCount + windowAt
    stateBefore = (boundary - 1) * stateSize
    stateAfter = boundary * stateSize
    normalizerBefore = (boundary - 1) * shape.keySize
    normalizerAfter = boundary * shape.keySize
    func view(_ column: Int, _ size: Int) -> MatrixView {
      MatrixView(offset: row * columns.stride + column + head * size, stride: columns.stride)
    }
    query = view(columns.query, shape.keySize)
    key = view(columns.key, shape.keySize)
    value = view(columns.value, shape.valueSize)
    output = MatrixView(
      offset: row * shape.outputSize + head * shape.valueSize,
      stride: shape.outputSize
    )
  }
}
