// Documents read from the shards in a selection's order, window by window.
//
// A selection's order is random to the shards. So a window of documents, as much as memory is meant
// to hold, is read in the order of the shards, each frame once and on all cores, and handed out in the
// selection's order.

import Documents
import Storage

/// A document as it is trained on: the kept prefix of its text.
struct SelectedDocument: Sendable {
  let id: DocumentID
  let source: String
  let text: [UInt8]
  let words: Int
}

/// The bytes of text that are read at once: 10 million words of English fit in.
private let windowBytes = 100_663_296

/// The bytes of text that are handed out at once.
private let batchBytes = 8_388_608

/// What a document costs beside its text, so that many tiny documents make smaller windows.
private let documentBytes = 256

extension StageContext {
  /// Hands out a split of a selection in order, some megabytes at a time.
  ///
  /// - Parameters:
  ///   - selection: The selection's name.
  ///   - split: The split.
  ///   - stage: The stage that reads, for progress.
  ///   - body: Receives each batch.
  /// - Throws: ``Failure`` where a shard is damaged; ``Interrupted``; what `body` throws.
  func forEachBatch(
    of selection: String,
    split: Split,
    stage: String,
    _ body: ([SelectedDocument]) throws -> Void
  ) throws {
    let rows = try workspace.index.documents(in: selection, split: split)
    let requests = rows.map {
      ShardGathering.Request(id: $0.row.id, place: $0.row.place, bytes: $0.keptBytes)
    }
    try forEachBatch(of: requests, withMetadata: false) { range, found in
      try body(
        zip(rows[range], found).map { selected, document in
          SelectedDocument(
            id: selected.row.id,
            source: selected.row.source,
            text: document.text,
            words: selected.keptWords
          )
        }
      )
      progress(
        StageProgress(
          stage: stage,
          completed: range.upperBound,
          total: rows.count,
          unit: "documents",
          note: split.rawValue
        )
      )
    }
  }

  /// Reads documents and hands them out in the order of the requests, some megabytes at a time.
  ///
  /// - Parameters:
  ///   - requests: What to read, in any order.
  ///   - withMetadata: Whether metadata is wanted too.
  ///   - body: Receives each batch: where it stands among the requests, and what was read.
  /// - Throws: ``Failure`` where a shard is damaged; ``Interrupted``; what `body` throws.
  func forEachBatch(
    of requests: [ShardGathering.Request],
    withMetadata: Bool,
    _ body: (Range<Int>, ArraySlice<ShardGathering.Found>) throws -> Void
  ) throws {
    var window = 0..<0
    while window.upperBound < requests.count {
      window = range(of: requests[...], from: window.upperBound, bytes: windowBytes)
      try stop.check()
      let found = try gather(requests[window], withMetadata: withMetadata)
      var batch = window.lowerBound..<window.lowerBound
      while batch.upperBound < window.upperBound {
        batch = range(of: requests[..<window.upperBound], from: batch.upperBound, bytes: batchBytes)
        try stop.check()
        let first = batch.lowerBound - window.lowerBound
        try body(batch, found[first..<first + batch.count])
      }
    }
  }

  /// Reads a window in the order of the shards.
  private func gather(
    _ requests: ArraySlice<ShardGathering.Request>,
    withMetadata: Bool
  ) throws -> [ShardGathering.Found] {
    let ranks = Dictionary(
      uniqueKeysWithValues: Set(requests.map(\.place.shard)).sorted().enumerated()
        .map { ($1, $0) }
    )
    let order = requests.indices
      .map { index in
        let place = requests[index].place
        return (ranks[place.shard] ?? 0, place.frameOffset, place.line, index)
      }
      .sorted(by: <).map(\.3)
    let gathering = ShardGathering(workspace)
    // More pieces than cores: frames of unlike texts take unlike times.
    let pieces = WorkerPool.pieces(of: order[...], count: WorkerPool.width * 8)
    let found = try WorkerPool.map(pieces) { piece in
      try stop.check()
      return try gathering.documents(piece.map { requests[$0] }, withMetadata: withMetadata)
    }
    var window: [ShardGathering.Found?] = Array(repeating: nil, count: requests.count)
    for (index, document) in zip(order, found.joined()) {
      window[index - requests.startIndex] = document
    }
    return window.compactMap(\.self)
  }
}

/// The requests from one on whose texts make up some bytes; at least one where there is one.
private func range(
  of requests: ArraySlice<ShardGathering.Request>,
  from start: Int,
  bytes limit: Int
) -> Range<Int> {
  var end = start
  var bytes = 0
  while end < requests.endIndex, bytes < limit {
    bytes += requests[end].bytes + documentBytes
    end += 1
  }
  return start..<end
}

extension WorkerPool {
  /// Cuts items into one run of neighbours a core.
  ///
  /// - Parameter items: The items.
  /// - Returns: At most ``width`` runs, none of them empty.
  static func pieces<Item>(of items: [Item]) -> [ArraySlice<Item>] {
    pieces(of: items[...], count: width)
  }

  /// Cuts items into runs of neighbours.
  ///
  /// - Parameters:
  ///   - items: The items.
  ///   - count: The runs wanted.
  /// - Returns: At most `count` runs, none of them empty.
  static func pieces<Item>(of items: ArraySlice<Item>, count: Int) -> [ArraySlice<Item>] {
    let first = items.startIndex
    let count = min(count, items.count)
    return (0..<count).map {
      items[first + items.count * $0 / count..<first + items.count * ($0 + 1) / count]
    }
  }
}
