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
  /// The words that begin in them, by the shard's sources.
  var sourceWords: [Int]
  /// The epoch, from 0.
  var epoch = 0

  /// The words that begin in the batch.
  var words: Int { sourceWords.reduce(0, +) }
}

/// Reads the batch of any step, and knows how many steps there are until the exposure is used up.
struct BatchLoader {
  /// The steps of one epoch.
  let stepsPerEpoch: Int
  /// The steps until the epochs end or the next window would pass the cap on words.
  private(set) var stepCount = 0
  /// The names of the sources, in the order of a batch's words.
  var sourceNames: [String] { words.sourceNames }

  private var reader: WindowReader
  private let words: WindowWords
  private let settings: TrainingSettings
  /// The windows of the last step; fewer than a batch where the cap cuts it.
  private var lastStepWindows = 0
  private var order: [Int32] = []
  private var orderEpoch = -1

  /// Opens a shard for training.
  ///
  /// - Parameters:
  ///   - shard: The train shard.
  ///   - path: Its path, for messages.
  ///   - contextLength: The inputs of a window.
  ///   - settings: The batch, the order, the epochs and the seed.
  ///   - cap: The most words to be seen, or `nil`.
  /// - Throws: `Failure` where the shard has no pair of ids, or the first window alone passes the cap.
  init(
    shard: TokenShardReader,
    path: String,
    contextLength: Int,
    settings: TrainingSettings,
    cap: Int?
  ) throws {
    reader = WindowReader(shard: shard, contextLength: contextLength)
    guard reader.windows.count > 0 else {
      throw Failure(
        what: "the token shard has \(shard.tokenCount) tokens; training needs at least 2",
        place: path + ".bin",
        remedy: "select more documents, then run `blalm tokenize` again"
      )
    }
    self.settings = settings
    words = WindowWords(shard, windows: reader.windows)
    stepsPerEpoch = (reader.windows.count + settings.batchWindows - 1) / settings.batchWindows
    plan(cap: cap ?? .max, wordsPerEpoch: words.total)
    guard stepCount > 0 else {
      throw Failure(
        .usage,
        what: "the first window alone has more words than the \(cap ?? 0) that may be seen",
        place: "training.exposureCap",
        remedy: "raise it"
      )
    }
  }

  /// Finds the last step: whole epochs while they fit, then windows in their order.
  private mutating func plan(cap: Int, wordsPerEpoch: Int) {
    let windows = reader.windows.count
    let fitting = wordsPerEpoch == 0 ? settings.epochs : min(settings.epochs, cap / wordsPerEpoch)
    stepCount = fitting * stepsPerEpoch
    lastStepWindows = windows - (stepsPerEpoch - 1) * settings.batchWindows
    guard fitting < settings.epochs else { return }
    var left = cap - fitting * wordsPerEpoch
    var taken = 0
    for window in order(ofEpoch: fitting) {
      left -= words.words(inWindow: Int(window))
      if left < 0 { break }
      taken += 1
    }
    guard taken > 0 else { return }
    stepCount += (taken + settings.batchWindows - 1) / settings.batchWindows
    lastStepWindows = (taken - 1) % settings.batchWindows + 1
  }

  private func order(ofEpoch epoch: Int) -> [Int32] {
    switch settings.windowOrder {
    case .shuffled: windowOrder(count: reader.windows.count, seed: settings.seed, epoch: epoch)
    case .selection: (0..<Int32(reader.windows.count)).map(\.self)
    }
  }

  /// The words seen after a number of steps, from 1 to ``stepCount``.
  func words(afterSteps steps: Int) -> Int {
    let epochs = (steps - 1) / stepsPerEpoch
    let stepsOfEpoch = steps - epochs * stepsPerEpoch
    let windows =
      steps == stepCount
      ? (stepsOfEpoch - 1) * settings.batchWindows + lastStepWindows
      : stepsOfEpoch * settings.batchWindows
    return order(ofEpoch: epochs).prefix(windows).reduce(epochs * words.total) {
      $0 + words.words(inWindow: Int($1))
    }
  }

  /// An empty batch of the right size.
  func makeBatch() -> Batch {
    let width = reader.windows.contextLength + 1
    return Batch(
      ids: [Int32](repeating: 0, count: settings.batchWindows * width),
      sourceWords: [Int](repeating: 0, count: sourceNames.count)
    )
  }

  /// Reads the windows of a step, from 1 to ``stepCount``.
  mutating func load(step: Int, into batch: inout Batch) throws {
    batch.epoch = (step - 1) / stepsPerEpoch
    if batch.epoch != orderEpoch {
      order = order(ofEpoch: batch.epoch)
      orderEpoch = batch.epoch
    }
    let start = (step - 1) % stepsPerEpoch * settings.batchWindows
    batch.windowCount =
      step == stepCount ? lastStepWindows : min(settings.batchWindows, order.count - start)
    batch.targetCount = 0
    for source in batch.sourceWords.indices { batch.sourceWords[source] = 0 }
    for row in 0..<batch.windowCount {
      let window = Int(order[start + row])
      batch.targetCount += try reader.read(window, into: &batch.ids, row: row)
      words.add(window: window, to: &batch.sourceWords)
    }
  }
}
