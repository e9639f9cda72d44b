// What a batch engine will take of memory, told before any of it is taken.

import Kernels

/// One group of an engine's buffers.
public struct PlannedBuffer: Sendable, Equatable, Codable {
  /// What it holds.
  public var name: String
  /// Its size over all lanes.
  public var bytes: Int

  /// Creates a group.
  ///
  /// - Parameters:
  ///   - name: What it holds.
  ///   - bytes: Its size over all lanes.
  public init(name: String, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

extension BatchEngine {
  /// Tells the buffers of an engine that computes gradients, without making it.
  ///
  /// Parameters, their gradient and the optimiser's moments are the caller's and not among them.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - laneCount: The number of lanes.
  ///   - windowsPerPass: The windows a lane runs at a time; `nil` takes what the engine would.
  ///   - recomputesActivations: Whether the backward pass computes every block anew.
  /// - Returns: The groups, none empty.
  /// - Precondition: Every count is positive.
  public static func plan(
    model: Model,
    laneCount: Int = 2,
    windowsPerPass: Int? = nil,
    recomputesActivations: Bool = false
  ) -> [PlannedBuffer] {
    precondition(laneCount >= 1 && windowsPerPass ?? 1 >= 1)
    let configuration = model.configuration
    let windows = windowsPerPass ?? max(1, 1_024 / configuration.contextLength)
    let sizes = PassSizes(configuration, windowCapacity: windows)
    let blocks = configuration.blockCount
    let kept = recomputesActivations ? 1 : blocks
    let stream = recomputesActivations ? blocks * sizes.tokenCapacity * sizes.hiddenSize : 0
    let logits = min(headSliceRows, sizes.tokenCapacity) * sizes.vocabularySize
    return [
      ("gradients of the lanes", 4 * model.layout.count),
      ("activations of the blocks", kept * sizes.activationBytes),
      ("stream before each block", 4 * stream),
      ("logits", 4 * logits),
      ("gradients of activations", sizes.gradientBytes),
      ("scratch", sizes.scratchBytes),
    ].filter { $0.1 > 0 }.map { PlannedBuffer(name: $0.0, bytes: laneCount * $0.1) }
  }
}

extension PassSizes {
  private var hiddenIfCell: Int { hasCell ? hiddenSize : 0 }

  /// The bytes of ``BlockActivations``.
  fileprivate var activationBytes: Int {
    let shape = mlstmShape(windowCount: windowCapacity)
    let heads = windowCapacity * headCount
    let steps = heads * shape.stepCount
    let chunks = (shape.stepCount + shape.chunkLength - 1) / shape.chunkLength
    let states = heads * max(0, chunks - 1) * shape.keySize * (shape.valueSize + 1)
    let attention = attentionShape(windowCount: windowCapacity)
    let logSums = windowCapacity * attention.stepCount * attention.headCount
    let columns =
      2 * hiddenSize + 2 + rowStride + hiddenIfCell + (hasAttention ? hiddenSize : 0)
      + 2 * feedForwardSize
    // Of the mLSTM's scalars five are float32 and two are double.
    return 4 * (tokenCapacity * columns + 5 * steps + states + logSums) + 16 * steps
  }

  /// The bytes of ``PassGradients``.
  fileprivate var gradientBytes: Int {
    let columns =
      2 * hiddenSize + 2 * hiddenIfCell + (hasSlidingWindow ? hiddenSize : 0) + rowStride
      + 3 * feedForwardSize
    return 4 * tokenCapacity * columns
  }

  /// The bytes of ``PassScratch`` but the logits, and of the ids.
  fileprivate var scratchBytes: Int {
    let columns =
      2 * hiddenSize + 2 + 2 * hiddenIfCell + feedForwardSize + (hasFeatures ? headSize : 0)
    let ids = 3 * tokenCapacity
    return 4 * (tokenCapacity * columns + ids + cellScratch + attentionScratch)
  }

  /// The elements of the mLSTM's scratch.
  private var cellScratch: Int {
    let shape = mlstmShape(windowCount: 1)
    let length = min(shape.chunkLength, shape.stepCount)
    let rows = length * (3 * length + 2 * shape.keySize + 3 * shape.valueSize + 3)
    return rows + shape.keySize * (shape.valueSize + 1) + 3 * shape.headCount * shape.stepCount
  }

  /// The elements of attention's scratch.
  private var attentionScratch: Int {
    let shape = attentionShape(windowCount: 1)
    let length = min(64, shape.stepCount)
    let reach = min(shape.stepCount, shape.visibleCount + length - 1)
    return 5 * shape.stepCount * shape.headSize + 2 * length * reach
      + length * (shape.memoryCount + 1)
  }
}
