// What the index says of one document, with whatever columns it has.

public import Documents
import GRDB

/// A row of the index: its columns by name, in the table's order, without those that are NULL.
public struct IndexRow: Sendable, Equatable, Encodable {
  /// A column and its value.
  public struct Column: Sendable, Equatable {
    /// The column's name.
    public let name: String
    /// Its value.
    public let value: MetadataValue
  }

  /// The columns.
  public let columns: [Column]

  init(_ row: Row) {
    columns = row.compactMap { name, value in
      switch value.storage {
      case .null, .blob: nil
      case .int64(let number): Column(name: name, value: .integer(Int(number)))
      case .double(let number): Column(name: name, value: .number(number))
      case .string(let text): Column(name: name, value: .text(text))
      }
    }
  }

  /// The value of a column, or `nil` where it is NULL.
  public subscript(name: String) -> MetadataValue? {
    columns.first { $0.name == name }?.value
  }

  /// The text of a column, or `nil` where it holds none.
  package func text(_ name: String) -> String? {
    if case .text(let text) = self[name] { text } else { nil }
  }

  /// The whole number of a column, or `nil` where it holds none.
  package func integer(_ name: String) -> Int? {
    if case .integer(let number) = self[name] { number } else { nil }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Writes an object with a member for each column.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for column in columns {
      try container.encode(column.value, forKey: Key(stringValue: column.name))
    }
  }
}

/// What the index says of a document.
package struct DocumentRecord: Sendable {
  /// Its row of the view `corpus`: place, counts, attributes.
  package let corpus: IndexRow
  /// The cluster of like documents that it belongs to.
  package let cluster: IndexRow?
  /// Its overlaps with evaluation files.
  package let contamination: [IndexRow]
  /// What became of it in each selection.
  package let selections: [IndexRow]
  /// Its tokens in token shards.
  package let tokens: [IndexRow]
  /// The records of its file that were not kept, by reason.
  package let rejections: [IndexRow]

  /// Where its text lies.
  package let place: ShardPlace
}

extension CorpusIndex {
  /// The documents whose ids begin with some digits.
  ///
  /// - Parameters:
  ///   - prefix: Lower-case hexadecimal digits.
  ///   - limit: The most documents to return.
  /// - Returns: Their rows of `document`, by id.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func documents(withPrefix prefix: String, limit: Int) throws -> [IndexRow] {
    try read { database in
      try Row.fetchAll(
        database,
        // `g` follows every digit that an id may have.
        sql: "SELECT * FROM document WHERE id >= ? AND id < ? || 'g' ORDER BY id LIMIT ?",
        arguments: [prefix, prefix, limit]
      ).map(IndexRow.init)
    }
  }

  /// Everything that the index says of a document.
  ///
  /// - Parameter id: The id.
  /// - Returns: The record, or `nil` where there is no such document.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func record(of id: DocumentID) throws -> DocumentRecord? {
    let id = id.description
    return try read { database in
      func rows(_ sql: String, _ arguments: StatementArguments = [id]) throws -> [IndexRow] {
        try Row.fetchAll(database, sql: sql, arguments: arguments).map(IndexRow.init)
      }
      let row = try Row.fetchOne(
        database,
        sql: "SELECT * FROM corpus WHERE id = ?",
        arguments: [id]
      )
      guard let row else { return nil }
      return DocumentRecord(
        corpus: IndexRow(row),
        cluster: try rows(
          """
          SELECT d.kind, d.similarity, c.* FROM duplicate d
          JOIN duplicateCluster c ON c.keeper = d.keeper WHERE d.document = ?
          """
        ).first,
        contamination: try rows(
          "SELECT evaluation, kind, hits, example FROM contamination WHERE document = ?"
        ),
        selections: try rows(
          """
          SELECT selection, split, position, words, bytes, reason
          FROM selection JOIN selectedDocument ON selection = name AND document = ?
          ORDER BY selection
          """
        ),
        tokens: try rows(
          """
          SELECT tokens, split, firstToken, tokenCount FROM tokenRange WHERE document = ?
          ORDER BY tokens, split
          """
        ),
        rejections: try rows(
          """
          SELECT reason, count(*) AS records FROM rejection WHERE source = ? AND file = ?
          GROUP BY reason ORDER BY reason
          """,
          [row["source"], row["file"]]
        ),
        place: ShardPlace(
          shard: row["shard"],
          frameOffset: row["frameOffset"],
          frameLength: row["frameLength"],
          line: row["frameLine"]
        )
      )
    }
  }

  /// The bytes of a document that a selection keeps.
  ///
  /// - Parameters:
  ///   - selection: The selection's name.
  ///   - document: The document.
  /// - Returns: The bytes, a prefix of the text, or `nil` where the selection does not have it.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func keptBytes(in selection: String, of document: DocumentID) throws -> Int? {
    try read { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT bytes FROM selectedDocument
          WHERE selection = ? AND document = ? AND split IS NOT NULL
          """,
        arguments: [selection, document.description]
      )
    }
  }
}
