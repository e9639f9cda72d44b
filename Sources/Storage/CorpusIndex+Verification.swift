// What verification and repair ask of the index, and what repair strikes from it.

package import Documents
import Foundation
import GRDB

extension CorpusIndex {
  /// What makes an index file useless, so that it must be made anew.
  ///
  /// - Parameter path: The file.
  /// - Returns: SQLite's own words, or `nil` for a sound index.
  package static func damage(ofFile path: String) -> String? {
    // SQLite takes an empty file for a new database.
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard size != 0 else { return "it is empty" }
    do {
      return try CorpusIndex(readingFrom: path).integrityFaults().first
    } catch {
      // Opening fails for other reasons, too, such as an older schema; those are not damage.
      do {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration).read { database in
          try String.fetchAll(database, sql: "PRAGMA integrity_check(1)").first { $0 != "ok" }
        }
      } catch let error as DatabaseError {
        let isDamaged = [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
        return isDamaged ? error.message ?? "\(error.resultCode)" : nil
      } catch {
        return nil
      }
    }
  }

  /// The rejections of a source, in order.
  ///
  /// - Parameter source: The source's name.
  /// - Returns: The rejections.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func rejections(of source: String) throws -> [Rejection] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT reason, file, line, detail FROM rejection WHERE source = ? ORDER BY ordinal",
        arguments: [source]
      ).map {
        Rejection(reason: $0[0], origin: Origin(file: $0[1], line: $0[2]), detail: $0[3])
      }
    }
  }

  /// What SQLite finds wrong with the file, and rows that name others that are not there.
  ///
  /// - Returns: SQLite's own words, at most a hundred; none for a sound index.
  /// - Throws: ``Failure`` where the index cannot be read at all.
  package func integrityFaults() throws -> [String] {
    try read { database in
      let faults = try String.fetchAll(database, sql: "PRAGMA integrity_check(100)")
        .filter { $0 != "ok" }
      let foreign = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(100)
      return faults
        + foreign.map { row in
          "a row of \(row[0] as String? ?? "?") names a row of \(row[2] as String? ?? "?") "
            + "that is not there"
        }
    }
  }

  /// What the index says of a source's shard files.
  ///
  /// - Parameter source: The source's name.
  /// - Returns: The shards, in order.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func shardSummaries(of source: String) throws -> [ShardSummary] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT name, bytes, documents, sha256 FROM shard WHERE source = ? ORDER BY name",
        arguments: [source]
      ).map { ShardSummary(name: $0[0], bytes: $0[1], documents: $0[2], sha256: $0[3]) }
    }
  }

  /// Hands out a source's documents frame by frame, in source order.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - body: Receives each frame; what it throws ends the reading.
  /// - Throws: ``Failure`` where the index cannot be read; what `body` throws.
  package func forEachFrame(
    of source: String,
    _ body: (IndexedFrame) throws -> Void
  ) throws {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT id, key, file, line, license, words, bytes, textHash, preview,
            frameLine, shard, frameOffset, frameLength, ordinal
          FROM document WHERE source = ? ORDER BY ordinal
          """,
        arguments: [source]
      )
      var frame: IndexedFrame?
      while let row = try rows.next() {
        let document = IndexedDocument(
          id: row[0],
          key: row[1],
          file: row[2],
          line: row[3],
          license: row[4],
          words: row[5],
          bytes: row[6],
          textHash: row[7],
          preview: row[8],
          frameLine: row[9]
        )
        let shard: String = row[10]
        let offset: Int = row[11]
        if frame?.shard == shard, frame?.offset == offset {
          frame?.documents.append(document)
          frame?.lastOrdinal = row[13]
          continue
        }
        if let frame { try body(frame) }
        frame = IndexedFrame(
          shard: shard,
          offset: offset,
          length: row[12],
          firstOrdinal: row[13],
          lastOrdinal: row[13],
          documents: [document]
        )
      }
      if let frame { try body(frame) }
    }
  }

  /// The names of the selections.
  ///
  /// - Returns: The names, in order.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func selectionNames() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM selection ORDER BY name") }
  }

  /// What is wrong with a selection's rows beside the documents that they name.
  ///
  /// - Parameter selection: The selection's name.
  /// - Returns: Each kind of fault with the number of rows and the first document.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func faults(
    ofSelection selection: String
  ) throws -> [(what: String, count: Int, first: String)] {
    try read { database in
      let rows = "FROM selectedDocument s LEFT JOIN document d ON d.id = s.document"
      let questions = [
        ("rows name documents that the index does not have", "d.id IS NULL"),
        (
          "rows keep more words or bytes than the document has",
          "s.words > d.words OR s.bytes > d.bytes"
        ),
      ]
      var faults: [(what: String, count: Int, first: String)] = []
      for (what, condition) in questions {
        let row = try Row.fetchOne(
          database,
          sql: "SELECT count(*), min(s.document) \(rows) WHERE s.selection = ? AND (\(condition))",
          arguments: [selection]
        )
        if let row, row[0] as Int > 0 { faults.append((what, row[0], row[1])) }
      }
      let gaps = try Row.fetchAll(
        database,
        sql: """
          SELECT split, count(*) - max(position) - 1, min(document) FROM selectedDocument
          WHERE selection = ? AND split IS NOT NULL
          GROUP BY split HAVING count(*) <> max(position) + 1
          """,
        arguments: [selection]
      )
      return faults
        + gaps.map {
          ("the positions of \($0[0] as String) leave places out", abs($0[1] as Int), $0[2])
        }
    }
  }

  /// What the ledger's tables say of a tokenizer.
  package struct TokenizerRow: Sendable {
    /// The tokenizer's name.
    package let name: String
    /// Its number of ids.
    package let vocabularySize: Int
    /// The digest of its `tokenizer.json`.
    package let sha256: String
  }

  /// The tokenizers.
  ///
  /// - Returns: The rows, by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func tokenizers() throws -> [TokenizerRow] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT name, vocabularySize, sha256 FROM tokenizer ORDER BY name"
      ).map { TokenizerRow(name: $0[0], vocabularySize: $0[1], sha256: $0[2]) }
    }
  }

  /// The folders of token shards that the index has ranges of.
  ///
  /// - Returns: Their names inside `tokens/`.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func tokenFolders() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT DISTINCT tokens FROM tokenRange ORDER BY 1") }
  }

  /// Hands out the token ranges of a token shard, in order.
  ///
  /// - Parameters:
  ///   - tokens: The folder's name inside `tokens/`.
  ///   - split: The split.
  ///   - body: Receives each range; `nil` for an identity that is none.
  /// - Throws: ``Failure`` where the index cannot be read; what `body` throws.
  package func forEachTokenRange(
    of tokens: String,
    split: Split,
    _ body: (_ document: DocumentID?, _ firstToken: Int, _ tokenCount: Int) throws -> Void
  ) throws {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT document, firstToken, tokenCount FROM tokenRange
          WHERE tokens = ? AND split = ? ORDER BY firstToken
          """,
        arguments: [tokens, split.rawValue]
      )
      while let row = try rows.next() { try body(DocumentID(row[0] as String), row[1], row[2]) }
    }
  }

  /// Strikes a stage with the rows that it made.
  ///
  /// - Parameters:
  ///   - stage: The stage with its object.
  ///   - rows: What else to delete: a table, the column of its name, and the name.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func strike(
    _ stage: String,
    rows: (table: StageTable, name: String)? = nil
  ) throws {
    try write { database in
      try database.execute(sql: "DELETE FROM stage WHERE name = ?", arguments: [stage])
      guard let rows else { return }
      try database.execute(
        sql: "DELETE FROM \(rows.table.rawValue) WHERE \(rows.table.column) = ?",
        arguments: [rows.name]
      )
    }
  }

  /// A table whose rows a stage makes under the name of its object.
  package enum StageTable: String, Sendable {
    case source
    case selection
    case tokenizer
    case tokenRange

    fileprivate var column: String { self == .tokenRange ? "tokens" : "name" }
  }
}
