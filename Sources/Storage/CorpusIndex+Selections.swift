public import Documents
import GRDB

/// What selection needs to know of a document.
public struct CandidateRow: Sendable {
  /// The identity.
  public let id: DocumentID
  /// The source's name.
  public let source: String
  /// The words of the text.
  public let words: Int
  /// The bytes of the text.
  public let bytes: Int
  /// Where the text lies.
  public let place: ShardPlace
}

/// What became of a document in a selection.
public struct SelectionRow: Sendable, Equatable {
  /// The identity.
  public var id: DocumentID
  /// The split, or `nil` where the document is out.
  public var split: Split?
  /// The place in its split's order, or `nil` where the document is out.
  public var position: Int?
  /// The words kept.
  public var words: Int
  /// The bytes kept, a prefix of the text.
  public var bytes: Int
  /// Why the document is in or out.
  public var reason: String

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - split: The split, or `nil`.
  ///   - position: The place in the split's order, or `nil`.
  ///   - words: The words kept.
  ///   - bytes: The bytes kept.
  ///   - reason: Why the document is in or out.
  public init(
    id: DocumentID,
    split: Split?,
    position: Int?,
    words: Int,
    bytes: Int,
    reason: String
  ) {
    self.id = id
    self.split = split
    self.position = position
    self.words = words
    self.bytes = bytes
    self.reason = reason
  }
}

extension CorpusIndex {
  /// Every document of a source, in source order.
  ///
  /// - Parameter source: The source's name.
  /// - Returns: One row a document.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func candidates(of source: String) throws -> [CandidateRow] {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT id, words, bytes, shard, frameOffset, frameLength, frameLine
          FROM document WHERE source = ? ORDER BY ordinal
          """,
        arguments: [source]
      )
      var candidates: [CandidateRow] = []
      while let row = try rows.next() {
        guard let id = DocumentID(row[0] as String) else { continue }
        candidates.append(
          CandidateRow(
            id: id,
            source: source,
            words: row[1],
            bytes: row[2],
            place: shardPlace(row, from: 3)
          )
        )
      }
      return candidates
    }
  }

  /// The settings that a selection was made with.
  ///
  /// - Parameter name: The selection's name.
  /// - Returns: The settings as JSON, or `nil` where there is no such selection.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func settings(ofSelection name: String) throws -> String? {
    try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT settings FROM selection WHERE name = ?",
        arguments: [name]
      )
    }
  }

  /// The documents of a split of a selection, in the selection's order.
  ///
  /// - Parameters:
  ///   - selection: The selection's name.
  ///   - split: The split.
  /// - Returns: Each document with its source, its place and the bytes kept.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func documents(
    in selection: String,
    split: Split
  ) throws -> [(row: CandidateRow, keptBytes: Int, keptWords: Int)] {
    try read { database in
      // Joined in the order of identities, in which both tables lie; the sign keeps SQLite from the
      // order of positions, in which each document would be another page.
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT d.id, d.source, d.words, d.bytes, d.shard, d.frameOffset, d.frameLength,
            d.frameLine, s.bytes, s.words, s.position
          FROM selectedDocument s CROSS JOIN document d ON d.id = s.document
          WHERE s.selection = ? AND +s.split = ?
          """,
        arguments: [selection, split.rawValue]
      )
      var result: [(row: CandidateRow, keptBytes: Int, keptWords: Int)] = []
      var positions: [Int] = []
      while let row = try rows.next() {
        guard let id = DocumentID(row[0] as String) else { continue }
        positions.append(row[10])
        result.append(
          (
            CandidateRow(
              id: id,
              source: row[1],
              words: row[2],
              bytes: row[3],
              place: shardPlace(row, from: 4)
            ),
            keptBytes: row[8], keptWords: row[9]
          )
        )
      }
      return result.indices.sorted { positions[$0] < positions[$1] }.map { result[$0] }
    }
  }
}

/// The place that four neighbouring columns name: shard, frame offset, frame length, frame line.
private func shardPlace(_ row: Row, from first: Int) -> ShardPlace {
  ShardPlace(
    shard: row[first],
    frameOffset: row[first + 1],
    frameLength: row[first + 2],
    line: row[first + 3]
  )
}
