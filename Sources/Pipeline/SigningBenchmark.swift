// How fast this machine turns stored texts into what duplicates are found by.

import Curation
public import Storage

/// What signing some of a workspace's texts took on one thread.
public struct SigningBenchmark: Sendable, Encodable {
  /// The documents that were signed.
  public let documents: Int
  /// Their texts' bytes.
  public let bytes: Int
  /// The best time to decompress, decode and sign them all.
  public let seconds: Double
  /// Millions of bytes of text a second on one core.
  public let megabytesPerSecond: Double

  /// The frames that are signed: some 64 MB of text.
  private static let mostFrames = 256

  /// Signs the first texts of a workspace's sources, read beforehand.
  ///
  /// - Parameters:
  ///   - workspace: The workspace.
  ///   - settings: How duplicates are found.
  ///   - rounds: How often to sign all of them, at least once; the best time counts.
  /// - Throws: ``Failure`` where the workspace cannot be read.
  public init(
    _ workspace: Workspace,
    settings: DedupeSettings = DedupeSettings(),
    rounds: Int = 3
  ) throws {
    var frames: [ShardFrame] = []
    for source in try workspace.index.sourceNames() where frames.count < SigningBenchmark.mostFrames
    {
      var scanner = try ShardScanner(workspace, source: source)
      frames += try scanner.next(SigningBenchmark.mostFrames - frames.count)
    }
    let functions = MinHash(bands: settings.bands, rows: settings.rows)
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<max(1, rounds) {
      let start = clock.now
      for frame in frames {
        _ = try SignedFrame(frame, functions, paragraphWords: settings.paragraphWords)
      }
      best = min(best, (clock.now - start) / .seconds(1))
    }
    let texts = try frames.flatMap { try $0.texts().map(\.text.count) }
    documents = texts.count
    bytes = texts.reduce(0, +)
    seconds = best
    megabytesPerSecond = Double(bytes) / 1e6 / max(best, 1e-9)
  }
}
