import Documents
import GRDB

extension CorpusIndex {
  /// Replaces a selection.
  ///
  /// - Parameters:
  ///   - name: The selection's name.
  ///   - settings: Its settings as JSON.
  ///   - rows: One row a document of the sources it names, in any order.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func replaceSelection(_ name: String, settings: String, rows: [SelectionRow]) throws {
    // In the order of the primary key each row goes behind the last, and pages are filled once.
    let order = rows.indices.map { (rows[$0].id.high, rows[$0].id.low, $0) }.sorted(by: <).map(\.2)
    try write { database in
      try database.execute(
        sql: "DELETE FROM selectedDocument WHERE selection = ?",
        arguments: [name]
      )
      try database.execute(sql: "DELETE FROM selection WHERE name = ?", arguments: [name])
      try database.execute(sql: "INSERT INTO selection VALUES (?, ?)", arguments: [name, settings])
      try BulkInsertion(database, table: "selectedDocument", columns: 7)
        .insert(order) { index, values in
          let row = rows[index]
          values.text(name)
          values.id(row.id)
          values.text(row.split?.rawValue)
          values.integer(row.position)
          values.integer(row.words)
          values.integer(row.bytes)
          values.text(row.reason)
        }
    }
  }
}
