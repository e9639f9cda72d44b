// The documents of a selection, read from the shards in the selection's order, batch by batch.

import Documents
import Storage

/// A document as it is trained on: the kept prefix of its text.
struct SelectedDocument: Sendable {
  let id: DocumentID
  let source: String
  let text: [UInt8]
  let words: Int
}

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
    var reader = ShardReader(workspace)
    var batch: [SelectedDocument] = []
    var bytes = 0
    for (index, selected) in rows.enumerated() {
      let text = Array(
        try reader.document(selected.row.id, at: selected.row.place)
          .text.utf8.prefix(selected.keptBytes)
      )
      bytes += text.count
      batch.append(
        SelectedDocument(
          id: selected.row.id,
          source: selected.row.source,
          text: text,
          words: selected.keptWords
        )
      )
      guard bytes >= 8_388_608 || index == rows.count - 1 else { continue }
      try stop.check()
      try body(batch)
      batch.removeAll(keepingCapacity: true)
      bytes = 0
      progress(
        StageProgress(
          stage: stage,
          completed: index + 1,
          total: rows.count,
          unit: "documents",
          note: split.rawValue
        )
      )
    }
  }
}

extension WorkerPool {
  /// Cuts items into one run of neighbours a core.
  ///
  /// - Parameter items: The items.
  /// - Returns: At most ``width`` runs, none of them empty.
  static func pieces<Item>(of items: [Item]) -> [ArraySlice<Item>] {
    let count = min(width, items.count)
    return (0..<count).map { items[items.count * $0 / count..<items.count * ($0 + 1) / count] }
  }
}
