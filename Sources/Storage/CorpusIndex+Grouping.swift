// The values of columns of `corpus` for the documents of a selection, to group them by.

package import Documents
import Files
import GRDB

extension CorpusIndex {
  /// The values of a column for a selection's documents.
  ///
  /// - Parameters:
  ///   - column: A column of the view `corpus`.
  ///   - selection: The selection.
  ///   - split: The split.
  /// - Returns: The values; a document without one is absent.
  /// - Throws: ``Failure`` where there is no such column or the index cannot be read.
  package func values(
    of column: String,
    in selection: String,
    split: Split
  ) throws -> [DocumentID: MetadataValue] {
    guard try corpusColumns().contains(column) else {
      throw Failure(
        .usage,
        what: "`corpus` has no column \(column)",
        place: "--by",
        remedy: "name one of its columns: \(try corpusColumns().joined(separator: ", "))"
      )
    }
    return try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT c.id, c.\(quotedName(column)) FROM selectedDocument s
            CROSS JOIN corpus c ON c.id = s.document
          WHERE s.selection = ? AND +s.split = ?
          """,
        arguments: [selection, split.rawValue]
      )
      var values: [DocumentID: MetadataValue] = [:]
      while let row = try rows.next() {
        guard let id = DocumentID(row[0] as String) else { continue }
        switch (row[1] as DatabaseValue).storage {
        case .int64(let value): values[id] = .integer(Int(value))
        case .double(let value): values[id] = .number(value)
        case .string(let value): values[id] = .text(value)
        case .null, .blob: break
        }
      }
      return values
    }
  }
}
