// The baseline that any trained model must pass: each token drawn by its frequency alone.

private import Glibc

/// An add-one unigram model: p(id) = (count(id) + 1) / (total + V).
public struct UnigramBaseline: Sendable, Equatable {
  /// How often each id was counted, [V].
  public private(set) var counts: [Int]
  /// The number of ids counted.
  public private(set) var total = 0

  /// Creates a model that has counted nothing.
  ///
  /// - Parameter vocabularySize: The number of ids, V.
  public init(vocabularySize: Int) {
    counts = [Int](repeating: 0, count: vocabularySize)
  }

  /// Counts ids.
  ///
  /// - Parameter ids: Ids in 0 ..< V; others, such as padding, are passed over.
  public mutating func count(_ ids: Span<Int32>) {
    total += add(ids, to: &counts)
  }

  /// The loss of one id, −ln p, in nats.
  ///
  /// - Parameter id: An id in 0 ..< V.
  /// - Returns: The loss; above 0.
  public func nats(of id: Int) -> Double {
    log(Double(total + counts.count)) - log(Double(counts[id] + 1))
  }

  /// The entropy rate against another count of ids, in nats per id.
  ///
  /// - Parameter other: Counts of the ids to predict, over the same vocabulary.
  /// - Returns: The mean loss; 0 where nothing was counted.
  public func meanNats(over other: UnigramBaseline) -> Double {
    precondition(counts.count == other.counts.count, "two vocabularies")
    guard other.total > 0 else { return 0 }
    var sum = 0.0
    for id in counts.indices where other.counts[id] > 0 {
      sum += Double(other.counts[id]) * nats(of: id)
    }
    return sum / Double(other.total)
  }
}

private func add(_ ids: Span<Int32>, to counts: inout [Int]) -> Int {
  var counts = counts.mutableSpan
  var added = 0
  for index in 0..<ids.count where ids[index] >= 0 && Int(ids[index]) < counts.count {
    counts[Int(ids[index])] += 1
    added += 1
  }
  return added
}
