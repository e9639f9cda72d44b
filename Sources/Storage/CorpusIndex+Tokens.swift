package import Documents
import GRDB

extension CorpusIndex {
  /// Enters a trained tokenizer.
  ///
  /// - Parameters:
  ///   - name: The tokenizer's name.
  ///   - selection: The selection it was trained on.
  ///   - vocabularySize: Its number of ids.
  ///   - trainingWords: The words it was trained on, which count against a budget.
  ///   - sha256: The digest of its `tokenizer.json`.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func recordTokenizer(
    _ name: String,
    selection: String,
    vocabularySize: Int,
    trainingWords: Int,
    sha256: String
  ) throws {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO tokenizer VALUES (?, ?, ?, ?, ?)",
        arguments: [name, selection, vocabularySize, trainingWords, sha256]
      )
    }
  }

  /// The name of the tokenizer whose `tokenizer.json` has a digest.
  ///
  /// - Parameter hash: The SHA-256.
  /// - Returns: The name, or `nil`.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func tokenizer(withHash hash: String) throws -> String? {
    try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT name FROM tokenizer WHERE sha256 = ? ORDER BY name",
        arguments: [hash]
      )
    }
  }

  /// Replaces the token ranges of a folder of token shards, so that a token traces to its document.
  ///
  /// - Parameters:
  ///   - tokens: The folder's name inside `tokens/`.
  ///   - ranges: Per split, each document's first token and number of tokens, in order.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func replaceTokenRanges(
    _ tokens: String,
    ranges: [(split: Split, id: DocumentID, firstToken: Int, tokenCount: Int)]
  ) throws {
    try write { database in
      try database.execute(sql: "DELETE FROM tokenRange WHERE tokens = ?", arguments: [tokens])
      try BulkInsertion(database, table: "tokenRange", columns: 5).insert(ranges) { range, values in
        values.text(tokens)
        values.text(range.split.rawValue)
        values.integer(range.firstToken)
        values.integer(range.tokenCount)
        values.id(range.id)
      }
    }
  }
}
