// Batches of windows from the train shard. What a step reads is a function of the step alone, so a
// resumed run needs no state from here.

internal import Evaluation
import Files
internal import Tokenization

/// The windows of one step.
struct Batch {
  /// The rows of ids, [windowCount, T + 1] in the first elements; −1 is padding.
  var ids: [Int32]
  /// The number of rows.
  var windowCount = 0
  /// The targets in them.
  var targetCount = 0
  /// The words that begin in them.
  var words = 0
  /// The epoch, from 0.
  var epoch = 0
}

/// Reads the batch of any step.
struct BatchLoader {
  /// The steps of one epoch.
  let stepsPerEpoch: Int

  private var reader: WindowReader
  private let batchWindows: Int
  private let seed: UInt64
  private var order: [Int32] = []
  private var orderEpoch = -1

  /// Opens a shard for training.
  ///
  /// - Throws: `Failure` where the shard has no pair of ids.
  init(
    shard: TokenShardReader,
    path: String,
    contextLength: Int,
    batchWindows: Int,
    seed: UInt64
  ) throws {
    reader = WindowReader(shard: shard, contextLength: contextLength)
    guard reader.windows.count > 0 else {
      throw Failure(
        what: "the token shard has \(shard.tokenCount) tokens; training needs at least 2",
        place: path + ".bin",
        remedy: "select more documents, then run `blalm tokenize` again"
      )
    }
    self.batchWindows = batchWindows
    self.seed = seed
    stepsPerEpoch = (reader.windows.count + batchWindows - 1) / batchWindows
  }

  /// An empty batch of the right size.
  func makeBatch() -> Batch {
    let width = reader.windows.contextLength + 1
    return Batch(ids: [Int32](repeating: 0, count: batchWindows * width))
  }

  /// Reads the windows of a step, from 1.
  mutating func load(step: Int, into batch: inout Batch) throws {
    batch.epoch = (step - 1) / stepsPerEpoch
    if batch.epoch != orderEpoch {
      order = windowOrder(count: reader.windows.count, seed: seed, epoch: batch.epoch)
      orderEpoch = batch.epoch
    }
    let start = (step - 1) % stepsPerEpoch * batchWindows
    batch.windowCount = min(batchWindows, order.count - start)
    (batch.targetCount, batch.words) = (0, 0)
    for row in 0..<batch.windowCount {
      let window = Int(order[start + row])
      batch.targetCount += try reader.read(window, into: &batch.ids, row: row)
      batch.words += reader.shard.words(inTokens: reader.windows.seen(inWindow: window))
    }
  }
}
