// How many words begin in each window of a shard, source by source: read once, so that the ledger and
// the plan of a run are sums of small tables.

internal import Evaluation
internal import Tokenization

/// The words that begin in each window, by source.
struct WindowWords {
  /// The names of the sources, in the shard's order.
  let sourceNames: [String]
  /// The words, [windows, sources].
  private var counts: [Int32]

  /// Counts the words of every window.
  ///
  /// - Complexity: O(tokens + documents), once a run.
  init(_ shard: TokenShardReader, windows: TokenWindows) {
    sourceNames = shard.sourceNames
    counts = [Int32](repeating: 0, count: windows.count * sourceNames.count)
    var position = 0
    for window in 0..<windows.count {
      let seen = windows.seen(inWindow: window)
      var token = seen.lowerBound
      while token < seen.upperBound {
        var document = shard.document(position)
        while token >= document.firstToken + document.tokenCount {
          position += 1
          document = shard.document(position)
        }
        let end = min(seen.upperBound, document.firstToken + document.tokenCount)
        counts[window * sourceNames.count + document.sourceIndex] +=
          Int32(shard.words(inTokens: token..<end))
        token = end
      }
    }
  }

  /// The words of all windows together.
  var total: Int { counts.reduce(0) { $0 + Int($1) } }

  /// The words that begin in a window.
  func words(inWindow window: Int) -> Int {
    counts[window * sourceNames.count..<(window + 1) * sourceNames.count]
      .reduce(0) { $0 + Int($1) }
  }

  /// Adds the words that begin in a window to the sums of the sources.
  func add(window: Int, to sums: inout [Int]) {
    for source in sourceNames.indices {
      sums[source] += Int(counts[window * sourceNames.count + source])
    }
  }
}
