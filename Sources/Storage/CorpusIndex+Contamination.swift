package import Documents
import GRDB

/// A document's overlap with an evaluation file.
package struct ContaminationRow: Sendable, Equatable {
  /// The document.
  package let document: DocumentID
  /// The evaluation file, with the member of a zip after `!`.
  package let evaluation: String
  /// `sentence` or `ngram`.
  package let kind: String
  /// The places of the document where an overlap begins.
  package let hits: Int
  /// The first overlap, as the document has it.
  package let example: String

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - document: The document.
  ///   - evaluation: The evaluation file.
  ///   - kind: `sentence` or `ngram`.
  ///   - hits: The places of the document where an overlap begins.
  ///   - example: The first overlap, as the document has it.
  package init(document: DocumentID, evaluation: String, kind: String, hits: Int, example: String) {
    self.document = document
    self.evaluation = evaluation
    self.kind = kind
    self.hits = hits
    self.example = example
  }
}

/// What an evaluation file was found in, in sum.
package struct ContaminationSummary: Sendable, Equatable {
  /// The evaluation file.
  package let evaluation: String
  /// The documents that have something of it.
  package let documents: Int
  /// Their words.
  package let words: Int
  /// The places where an overlap begins.
  package let hits: Int
}

extension CorpusIndex {
  /// Replaces all that is known of overlaps with evaluation files.
  ///
  /// - Parameter rows: One row for each document, evaluation file and kind.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func replaceContamination(_ rows: [ContaminationRow]) throws {
    try write { database in
      try database.execute(sql: "DELETE FROM contamination")
      let insertion = try database.makeStatement(
        sql: "INSERT INTO contamination VALUES (?, ?, ?, ?, ?)"
      )
      for row in rows {
        try insertion.execute(arguments: [
          row.document.description, row.evaluation, row.kind, row.hits, row.example,
        ])
      }
    }
  }

  /// What each evaluation file was found in.
  ///
  /// - Returns: One summary for each file that was found, by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func contaminationSummaries() throws -> [ContaminationSummary] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT evaluation, documents, words, hits FROM contaminationSummary ORDER BY evaluation
          """
      ).map {
        ContaminationSummary(evaluation: $0[0], documents: $0[1], words: $0[2], hits: $0[3])
      }
    }
  }

  /// The number of documents that overlap with any evaluation file, and their words.
  ///
  /// - Returns: Both numbers.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func contaminatedDocuments() throws -> (documents: Int, words: Int) {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*), coalesce(sum(words), 0) FROM document
          WHERE id IN (SELECT document FROM contamination)
          """
      )
      return row.map { ($0[0], $0[1]) } ?? (0, 0)
    }
  }
}
