// Columns of `corpus` as values, for judges that go by them, samples and comparisons.

package import Documents
import Files
import GRDB

/// A document with some of its columns.
package struct DocumentValues: Sendable {
  /// The identity.
  package let id: DocumentID
  /// The SHA-256 of the text, in hexadecimal.
  package let textHash: String
  /// The values of the columns of text, empty where there is none.
  package let names: [String]
  /// The values of the columns of numbers; `nil` where there is none, or no number.
  package let values: [Double?]
}

extension CorpusIndex {
  /// Hands out the documents that meet a filter with some of their columns, in the order of
  /// identities.
  ///
  /// - Parameters:
  ///   - names: Columns of text, by the names that `corpus` has.
  ///   - values: Columns of numbers.
  ///   - filter: An SQLite expression over the columns of `corpus`, or `nil` for all documents.
  ///   - place: Whose filter it is, for messages.
  ///   - body: Receives each document.
  /// - Throws: ``Failure`` where the filter cannot be used or the index not be read; what `body`
  ///   throws.
  package func forEachValues(
    names: [String] = [],
    values: [String],
    filter: String?,
    place: String,
    _ body: (DocumentValues) throws -> Void
  ) throws {
    let documents = try read { database in
      try Int.fetchOne(database, sql: "SELECT coalesce(sum(documents), 0) FROM shard") ?? 0
    }
    let connection = try RestrictedConnection(path: path, address: readingAddress, mapped: false)
    if let filter { _ = try filterColumns(filter, place: place, on: connection) }
    let columns = ["id", "textHash"] + (names + values).map(quotedName)
    let condition = filter.map { " WHERE (\($0))" } ?? ""
    try connection.forEachRow(
      of: "SELECT \(columns.joined(separator: ", ")) FROM corpus\(condition) ORDER BY id",
      binding: [],
      documents: documents
    ) { row in
      guard let id = row.id(0) else { return }
      var texts: [String] = []
      for column in 0..<names.count { texts.append(row.text(column + 2)) }
      var numbers: [Double?] = []
      for column in names.count + 2..<columns.count { numbers.append(row.numberOrNil(column)) }
      try body(DocumentValues(id: id, textHash: row.text(1), names: texts, values: numbers))
    }
  }
}

extension CorpusRow {
  /// A text; empty for NULL.
  fileprivate func text(_ column: Int) -> String {
    withBytes(column) { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
  }

  /// A number, or `nil` where there is none.
  fileprivate func numberOrNil(_ column: Int) -> Double? {
    kind(column) == .number ? number(column) : nil
  }
}
