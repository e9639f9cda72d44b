import Storage

extension StageContext {
  /// Applies a function to every frame of a source on all cores, and takes the results in order.
  ///
  /// Memory is that of some frames with their results; it does not grow with the source.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - transform: Called from several threads, once a frame.
  ///   - body: Receives each result on the caller's thread, in source order.
  /// - Throws: ``Failure`` where a shard is missing or damaged; ``Interrupted``; what the two
  ///   functions throw.
  func forEachFrame<Output: Sendable>(
    of source: String,
    _ transform: @Sendable (ShardFrame) throws -> Output,
    _ body: (Output) throws -> Void
  ) throws {
    var scanner = try ShardScanner(workspace, source: source)
    while true {
      try stop.check()
      let frames = try scanner.next(WorkerPool.width * framesPerWorker)
      guard !frames.isEmpty else { return }
      for output in try WorkerPool.map(frames, transform) { try body(output) }
    }
  }
}

/// The frames that each worker is given at once: some 4 MB of text.
private let framesPerWorker = 16
