package import Documents
import GRDB

/// A cluster of documents with the same or nearly the same text.
package struct DuplicateClusterRow: Sendable, Equatable {
  /// The document that stays.
  package var keeper: DocumentID
  /// The number of documents, the keeper among them.
  package var documents: Int
  /// The words of all of them.
  package var words: Int
  /// The rule that chose the keeper, in words.
  package var rule: String

  /// Creates a row.
  package init(keeper: DocumentID, documents: Int, words: Int, rule: String) {
    self.keeper = keeper
    self.documents = documents
    self.words = words
    self.rule = rule
  }
}

/// A document of a cluster.
package struct DuplicateRow: Sendable, Equatable {
  /// How a document is like its keeper.
  package enum Kind: String, Sendable {
    case keeper, exact, near
  }

  /// The identity.
  package var document: DocumentID
  /// The document that stays in its place.
  package var keeper: DocumentID
  /// How it is like the keeper.
  package var kind: Kind
  /// The Jaccard similarity to the keeper that the signatures let expect; 1 for equal texts.
  package var similarity: Double

  /// Creates a row.
  package init(document: DocumentID, keeper: DocumentID, kind: Kind, similarity: Double) {
    self.document = document
    self.keeper = keeper
    self.kind = kind
    self.similarity = similarity
  }
}

/// Replaces all that the index says of duplicates, row by row, in one transaction.
package struct DuplicateReplacement: ~Copyable {
  private let clusterInsertion: Statement
  private let duplicateInsertion: Statement
  private let paragraphInsertion: Statement

  fileprivate init(_ database: Database) throws {
    for table in ["duplicate", "duplicateCluster", "repeatedParagraph"] {
      try database.execute(sql: "DELETE FROM \(table)")
    }
    let clusterInsertion = try database.makeStatement(
      sql: "INSERT INTO duplicateCluster VALUES (?, ?, ?, ?)"
    )
    let duplicateInsertion = try database.makeStatement(
      sql: "INSERT INTO duplicate VALUES (?, ?, ?, ?)"
    )
    let paragraphInsertion = try database.makeStatement(
      sql: "INSERT INTO repeatedParagraph VALUES (?, ?, ?)"
    )
    self.clusterInsertion = clusterInsertion
    self.duplicateInsertion = duplicateInsertion
    self.paragraphInsertion = paragraphInsertion
  }

  /// Appends a cluster; its documents follow.
  package func append(_ row: DuplicateClusterRow) throws {
    try clusterInsertion.execute(
      arguments: [row.keeper.description, row.documents, row.words, row.rule]
    )
  }

  /// Appends a document of a cluster.
  package func append(_ row: DuplicateRow) throws {
    try duplicateInsertion.execute(arguments: [
      row.document.description, row.keeper.description, row.kind.rawValue, row.similarity,
    ])
  }

  /// Appends a document with paragraphs that other documents have, too.
  package func append(
    repeatedParagraphs paragraphs: Int,
    words: Int,
    of document: DocumentID
  ) throws {
    try paragraphInsertion.execute(arguments: [document.description, paragraphs, words])
  }
}

extension CorpusIndex {
  /// Replaces all that the index says of duplicates: all of it, or nothing.
  ///
  /// - Parameter body: Appends the rows.
  /// - Throws: ``Failure`` where the index cannot be written; what `body` throws.
  package func replaceDuplicates(_ body: (borrowing DuplicateReplacement) throws -> Void) throws {
    try write { try body(DuplicateReplacement($0)) }
  }

  /// The values of a column of the view `corpus` for some documents.
  ///
  /// - Parameters:
  ///   - column: One of ``corpusColumns()``.
  ///   - documents: The identities.
  ///   - body: Receives the value of each document in turn: a number, a text or nothing.
  /// - Throws: ``Failure`` where the index cannot be read; what `body` throws.
  package func forEachValue(
    of column: String,
    for documents: some Sequence<DocumentID>,
    _ body: (CorpusValue) throws -> Void
  ) throws {
    try read { database in
      let query = try database.makeStatement(
        sql: "SELECT \(quotedName(column)) FROM corpus WHERE id = ?"
      )
      for document in documents {
        let row = try Row.fetchOne(query, arguments: [document.description])
        switch row.map({ $0[0] as DatabaseValue })?.storage {
        case .int64(let value): try body(.number(Double(value)))
        case .double(let value): try body(.number(value))
        case .string(let value): try body(.text(value))
        case .blob, .null, nil: try body(.nothing)
        }
      }
    }
  }
}

/// A value of the view `corpus`.
package enum CorpusValue: Sendable, Equatable {
  case nothing
  case number(Double)
  case text(String)
}
