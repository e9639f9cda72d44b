// Windows of a token shard as rows of ids for the network, and the counts of a shard's targets.

private import Glibc
public import Tokenization

/// Reads windows of a shard into rows of T + 1 ids, short ones padded.
package struct WindowReader: Sendable {
  package let shard: TokenShardReader
  package let windows: TokenWindows
  private var tokens: [Int32]

  package init(shard: TokenShardReader, contextLength: Int) {
    self.shard = shard
    windows = TokenWindows(tokenCount: shard.tokenCount, contextLength: contextLength)
    tokens = [Int32](repeating: 0, count: contextLength + 1)
  }

  /// Reads a window into a row of `ids`, [rows, T + 1].
  ///
  /// - Returns: The number of the window's targets.
  /// - Throws: `Failure` where an id lies beyond the vocabulary.
  package mutating func read(_ window: Int, into ids: inout [Int32], row: Int) throws -> Int {
    let range = windows.tokens(ofWindow: window)
    try copyTokens(of: shard, range, into: &tokens)
    place(tokens.span, count: range.count, into: &ids, row: row)
    return range.count - 1
  }
}

private func copyTokens(
  of shard: TokenShardReader,
  _ range: Range<Int>,
  into tokens: inout [Int32]
) throws {
  var span = tokens.mutableSpan
  try shard.copyTokens(range, into: &span)
}

private func place(_ tokens: Span<Int32>, count: Int, into ids: inout [Int32], row: Int) {
  var ids = ids.mutableSpan
  let start = row * tokens.count
  for index in 0..<tokens.count {
    ids[start + index] = index < count ? tokens[index] : TokenWindows.padding
  }
}

extension UnigramBaseline {
  /// Counts the ids of a shard.
  ///
  /// - Parameters:
  ///   - shard: The shard.
  ///   - skipped: How many ids at its beginning to pass over: 0 to learn from the shard, 1 for the
  ///     ids that are targets of its windows.
  /// - Throws: `Failure` where an id lies beyond the vocabulary.
  public init(shard: TokenShardReader, skipping skipped: Int = 0) throws {
    self.init(vocabularySize: shard.header.vocabularySize)
    var buffer = [Int32](repeating: 0, count: 65_536)
    var start = skipped
    while start < shard.tokenCount {
      let end = min(start + buffer.count, shard.tokenCount)
      try copyTokens(of: shard, start..<end, into: &buffer)
      count(Array(buffer[..<(end - start)]).span)
      start = end
    }
  }

  /// The perplexity of a train shard's add-one unigram model on a dev shard's targets.
  ///
  /// The targets are those of ``Perplexity``: every id but the shard's first.
  ///
  /// - Parameters:
  ///   - train: The shard that is counted.
  ///   - dev: The shard that is predicted; of the same vocabulary.
  /// - Returns: exp of the mean loss in nats.
  /// - Throws: `Failure` where an id lies beyond the vocabulary.
  public static func perplexity(
    train: TokenShardReader,
    dev: TokenShardReader
  ) throws -> Double {
    exp(
      try UnigramBaseline(shard: train).meanNats(over: UnigramBaseline(shard: dev, skipping: 1))
    )
  }
}
