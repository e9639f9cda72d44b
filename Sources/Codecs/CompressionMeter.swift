// How far a text can be compressed, as a measure of the text and not to store it.

private import Synchronization

/// Gives the sizes of zstd frames at level 1, one text after another, with memory that is used again.
package final class CompressionMeter: Sendable {
  private struct State: ~Copyable {
    let codec = Zstandard(level: 1)
    var scratch: [UInt8] = []
  }

  private let state = Mutex(State())

  /// Creates a meter.
  package init() {}

  /// The size of the frame that a text is compressed into.
  ///
  /// - Parameter text: The content.
  /// - Returns: The frame's bytes, header and checksum included.
  package func size(of text: Span<UInt8>) -> Int {
    state.withLock { $0.codec.frameSize(of: text, scratch: &$0.scratch) }
  }
}
