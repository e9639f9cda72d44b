// The cut of a token stream into windows, shared by training and perplexity: no overlap, stride T,
// T + 1 ids read, a last short window padded.

/// How a stream of ids falls into windows of `contextLength` inputs and as many shifted targets.
///
/// Window w reads the ids from w·T up to and including w·T + T, so every id but the stream's first
/// is a target exactly once.
public struct TokenWindows: Sendable, Equatable {
  /// The id that pads a short window; it carries no loss.
  public static let padding: Int32 = -1

  /// The number of ids of the stream.
  public let tokenCount: Int
  /// The inputs of a window, T.
  public let contextLength: Int

  /// Creates the cut of a stream.
  ///
  /// - Parameters:
  ///   - tokenCount: The number of ids.
  ///   - contextLength: The inputs of a window, at least 1.
  public init(tokenCount: Int, contextLength: Int) {
    precondition(tokenCount >= 0 && contextLength >= 1)
    self.tokenCount = tokenCount
    self.contextLength = contextLength
  }

  /// The number of windows; 0 for a stream without a pair of ids.
  public var count: Int {
    tokenCount < 2 ? 0 : (tokenCount - 1 + contextLength - 1) / contextLength
  }

  /// The number of targets of all windows together.
  public var targetCount: Int { max(0, tokenCount - 1) }

  /// The ids that a window reads.
  ///
  /// - Parameter window: 0 ..< ``count``.
  /// - Returns: Two to T + 1 places in the stream.
  public func tokens(ofWindow window: Int) -> Range<Int> {
    precondition(window >= 0 && window < count)
    let start = window * contextLength
    return start..<min(start + contextLength + 1, tokenCount)
  }

  /// The ids that count as seen with a window: its inputs, and the stream's last id with the last.
  ///
  /// The ranges of all windows cover the stream once, so an epoch's words add up exactly.
  ///
  /// - Parameter window: 0 ..< ``count``.
  /// - Returns: The places in the stream.
  public func seen(inWindow window: Int) -> Range<Int> {
    let tokens = tokens(ofWindow: window)
    return window == count - 1 ? tokens : tokens.lowerBound..<tokens.upperBound - 1
  }
}
