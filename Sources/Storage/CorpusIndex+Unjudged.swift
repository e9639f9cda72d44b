// The texts that a judge has yet to see: a queue of places, a few dozen bytes a text.

package import Documents
import Files
import GRDB

/// The place of a text in a queue.
package struct QueuedText: Sendable {
  /// A document with the text: of several the one of the lowest identity.
  package let id: DocumentID
  /// The leading half of the text's SHA-256.
  fileprivate let hashHigh: UInt64
  fileprivate let hashLow: UInt64
  fileprivate let frameOffset: Int
  fileprivate let frameLength: Int32
  fileprivate let line: Int32
  fileprivate let shard: Int32
  /// The bytes of the text.
  package let bytes: Int32
  fileprivate let words: Int32
  /// The documents with the text that meet the filter.
  fileprivate var documents: Int32

  fileprivate var hash: DocumentID { DocumentID(high: hashHigh, low: hashLow) }
}

/// What has become of the documents of a queue.
package struct QueueOutcome: Sendable, Equatable {
  /// The documents whose text has a score.
  package var scored = 0
  /// Their words.
  package var words = 0
  /// The documents whose text has none, by the reason.
  package var reasons: [String: Int] = [:]

  /// Adds a text that has been judged.
  fileprivate mutating func add(_ text: QueuedText, reason: String?) {
    if let reason {
      reasons[reason, default: 0] += Int(text.documents)
    } else {
      scored += Int(text.documents)
      words += Int(text.documents) * Int(text.words)
    }
  }
}

/// The texts to be judged, in the order of shards, frames and lines.
package struct TextQueue: Sendable {
  /// The texts.
  package fileprivate(set) var texts: [QueuedText] = []
  /// The documents that meet the filter.
  package fileprivate(set) var documents = 0
  /// The different texts among them.
  package fileprivate(set) var differentTexts = 0
  /// The bytes of the texts of the queue, each counted up to a bound.
  package fileprivate(set) var bytes = 0
  fileprivate var shards: [String] = []
  /// What the judge had said when the queue was made of the texts that are not in it.
  fileprivate var known = QueueOutcome()

  /// Where a text is to be read.
  ///
  /// - Parameter index: Its place in the queue.
  /// - Returns: What to ask ``ShardGathering`` for.
  package func request(_ index: Int) -> ShardGathering.Request {
    let text = texts[index]
    return ShardGathering.Request(
      id: text.id,
      place: ShardPlace(
        shard: shards[Int(text.shard)],
        frameOffset: text.frameOffset,
        frameLength: Int(text.frameLength),
        line: Int(text.line)
      ),
      bytes: .max
    )
  }
}

extension CorpusIndex {
  /// The texts of the documents that meet a filter and that a judge has not judged.
  ///
  /// - Parameters:
  ///   - filter: An SQLite expression over the columns of `corpus`, or `nil` for all documents.
  ///   - place: Whose filter it is, for messages.
  ///   - judge: The judge's number, or `nil` for one that has judged nothing.
  ///   - repetition: Which of several answers on a text is meant, from 0.
  ///   - asksAgain: Whether a text that the judge gave no score is among them.
  ///   - chosen: The documents that come into question, or `nil` for all.
  ///   - longest: The bytes of a text that count in the queue's sum at most.
  ///   - check: Called now and then; what it throws ends the reading.
  /// - Returns: The queue, each text once.
  /// - Throws: ``Failure`` where the filter cannot be used or the index not be read; what `check`
  ///   throws.
  /// - Complexity: 64 bytes of memory a document.
  package func unjudgedTexts(
    filter: String?,
    place: String,
    judge: Int?,
    repetition: Int = 0,
    asksAgain: Bool = false,
    among chosen: Set<DocumentID>? = nil,
    longest: Int = .max,
    check: () throws -> Void
  ) throws -> TextQueue {
    var queue = try matchingTexts(filter: filter, place: place, check: check)
    if let chosen { queue.texts.removeAll { !chosen.contains($0.id) } }
    queue.documents = queue.texts.count
    // Of one text's documents the lowest identity; then those that the judge has seen go.
    queue.texts.sort { ($0.hashHigh, $0.hashLow, $0.id) < ($1.hashHigh, $1.hashLow, $1.id) }
    keepFirsts(of: &queue.texts)
    queue.differentTexts = queue.texts.count
    if let judge { try removeJudged(from: &queue, by: judge, repetition, asksAgain) }
    queue.texts.sort {
      ($0.shard, $0.frameOffset, $0.line) < ($1.shard, $1.frameOffset, $1.line)
    }
    queue.bytes = queue.texts.reduce(0) { $0 + min(Int($1.bytes), longest) }
    return queue
  }

  private func matchingTexts(
    filter: String?,
    place: String,
    check: () throws -> Void
  ) throws -> TextQueue {
    let (documents, shards) = try read { database in
      (
        try Int.fetchOne(database, sql: "SELECT coalesce(sum(documents), 0) FROM shard") ?? 0,
        try String.fetchAll(database, sql: "SELECT name FROM shard ORDER BY source, name")
      )
    }
    var queue = TextQueue()
    queue.shards = shards
    queue.texts.reserveCapacity(documents)
    let numbers = Dictionary(uniqueKeysWithValues: shards.enumerated().map { ($1, Int32($0)) })
    // Unmapped, since a map of a large index would count as this program's memory.
    let connection = try RestrictedConnection(path: path, address: readingAddress, mapped: false)
    if let filter { _ = try filterColumns(filter, place: place, on: connection) }
    let condition = filter.map { " WHERE (\($0))" } ?? ""
    var seen = 0
    // The shard that most rows name is that of the row before.
    var shard: (name: [UInt8], number: Int32) = ([], -1)
    try connection.forEachRow(
      of: """
        SELECT id, textHash, frameOffset, frameLength, frameLine, bytes, shard, words
        FROM corpus\(condition) ORDER BY id
        """,
      binding: [],
      documents: documents
    ) { row in
      if seen & 0xfff == 0 { try check() }
      seen += 1
      guard let id = row.id(0),
        let hash = row.withBytes(1, { DocumentID(hexadecimal: $0, at: 0) })
      else { return }
      row.withBytes(6) { bytes in
        guard !isEqual(shard.name, bytes) else { return }
        let name = (bytes.indices).map { bytes[$0] }
        shard = (name, numbers[String(decoding: name, as: UTF8.self)] ?? -1)
      }
      guard shard.number >= 0 else { return }
      queue.texts.append(
        QueuedText(
          id: id,
          hashHigh: hash.high,
          hashLow: hash.low,
          frameOffset: row.integer(2),
          frameLength: Int32(clamping: row.integer(3)),
          line: Int32(clamping: row.integer(4)),
          shard: shard.number,
          bytes: Int32(clamping: row.integer(5)),
          words: Int32(clamping: row.integer(7)),
          documents: 1
        )
      )
    }
    return queue
  }

  /// The columns that a filter reads; of a rubric's bare name it says whose scores it could mean.
  func filterColumns(
    _ filter: String,
    place: String,
    on connection: borrowing RestrictedConnection
  ) throws -> [String] {
    let columns = Dictionary(grouping: try scoreColumns().map(\.column)) { $0.rubric.lowercased() }
    return try connection.columns(
      ofFilter: filter,
      place: place,
      several: columns.filter { $0.value.count > 1 }.mapValues { $0.map(\.name) }
    )
  }

  private func removeJudged(
    from queue: inout TextQueue,
    by judge: Int,
    _ repetition: Int,
    _ asksAgain: Bool
  ) throws {
    var texts = queue.texts
    var known = QueueOutcome()
    queue.texts = []
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT substr(textHash, 1, 32), reason FROM judgment
          WHERE judge = ? AND repetition = ? AND (score IS NOT NULL OR NOT ?) ORDER BY textHash
          """,
        arguments: [judge, repetition, asksAgain]
      )
      func next() throws -> (hash: DocumentID, reason: String?)? {
        try rows.next().flatMap { row in DocumentID(row[0] as String).map { ($0, row[1]) } }
      }
      var judged = try next()
      var kept = 0
      for index in texts.indices {
        let hash = texts[index].hash
        while let other = judged, other.hash < hash { judged = try next() }
        if let judged, judged.hash == hash {
          known.add(texts[index], reason: judged.reason)
          continue
        }
        texts[kept] = texts[index]
        kept += 1
      }
      texts.removeLast(texts.count - kept)
    }
    queue.texts = texts
    queue.known = known
  }
}

/// Keeps the first text of each hash, which counts the documents.
private func keepFirsts(of texts: inout [QueuedText]) {
  var kept = 0
  for index in texts.indices {
    if kept > 0, texts[kept - 1].hashHigh == texts[index].hashHigh,
      texts[kept - 1].hashLow == texts[index].hashLow
    {
      texts[kept - 1].documents += 1
      continue
    }
    texts[kept] = texts[index]
    kept += 1
  }
  texts.removeLast(texts.count - kept)
}

private func isEqual(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}

extension CorpusIndex {
  /// What a judge has said so far of the documents of a queue, those included that it had judged when
  /// the queue was made.
  ///
  /// - Parameters:
  ///   - queue: The queue.
  ///   - judge: The judge's number.
  /// - Returns: The documents with a score, and those without one by reason.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func outcome(of queue: TextQueue, judge: Int) throws -> QueueOutcome {
    let texts = queue.texts
    var order = texts.indices.map { Int32($0) }
    order.sort { texts[Int($0)].hash < texts[Int($1)].hash }
    return try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT substr(textHash, 1, 32), reason FROM judgment
          WHERE judge = ? AND repetition = 0 ORDER BY textHash
          """,
        arguments: [judge]
      )
      var outcome = queue.known
      var next = 0
      while let row = try rows.next() {
        guard let hash = DocumentID(row[0] as String) else { continue }
        while next < order.count, texts[Int(order[next])].hash < hash { next += 1 }
        guard next < order.count else { break }
        let text = texts[Int(order[next])]
        if text.hash == hash { outcome.add(text, reason: row[1]) }
      }
      return outcome
    }
  }
}
