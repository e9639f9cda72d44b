// Columns of `corpus` for people to look at: chosen, filtered, sorted.

package import Documents
import Files
import GRDB

/// What to show of `corpus`.
package struct CorpusQuery: Sendable {
  /// The columns, by their exact names.
  package var columns: [String]
  /// The sources to show; all where there are none.
  package var sources: [String]
  /// An SQLite expression that documents must meet, or `nil`.
  package var filter: String?
  /// The column to sort by, or `nil` for the sources' order.
  ///
  /// Documents without a value come last.
  package var sort: (column: String, descending: Bool)?
  /// The most documents to show, or `nil` for all.
  package var limit: Int?
  /// What asks, for messages.
  package var place: String

  /// Creates a query.
  package init(
    columns: [String],
    sources: [String] = [],
    filter: String? = nil,
    sort: (column: String, descending: Bool)? = nil,
    limit: Int? = nil,
    place: String
  ) {
    self.columns = columns
    self.sources = sources
    self.filter = filter
    self.sort = sort
    self.limit = limit
    self.place = place
  }
}

extension CorpusIndex {
  /// Hands out documents, each with its values in the order of the columns.
  ///
  /// The filter runs on a connection that can do nothing but read `corpus`.
  ///
  /// - Parameters:
  ///   - query: What to show.
  ///   - body: Receives each document's values, `nil` where there is none.
  /// - Throws: ``Failure`` where the filter is not allowed, fails or takes too long, or the index
  ///   cannot be read; what `body` throws.
  package func forEachDocument(
    of query: CorpusQuery,
    _ body: ([MetadataValue?]) throws -> Void
  ) throws {
    let documents = try read { database in
      try Int.fetchOne(database, sql: "SELECT coalesce(sum(documents), 0) FROM shard") ?? 0
    }
    let connection = try RestrictedConnection(path: path, address: readingAddress)
    var conditions: [String] = []
    if !query.sources.isEmpty {
      let parameters = query.sources.indices.map { "?\($0 + 1)" }
      conditions.append("source IN (\(parameters.joined(separator: ", ")))")
    }
    if let filter = query.filter {
      _ = try filterColumns(filter, place: query.place, on: connection)
      conditions.append("(\(filter))")
    }
    let order =
      query.sort.map { sort in
        let name = quotedName(sort.column)
        return "\(name) IS NULL, \(name)\(sort.descending ? " DESC" : ""), id"
      } ?? "source, ordinal"
    let sql = """
      SELECT \(query.columns.map(quotedName).joined(separator: ", ")) FROM corpus
      \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
      ORDER BY \(order) \(query.limit.map { "LIMIT \($0)" } ?? "")
      """
    try connection.forEachRow(of: sql, binding: query.sources, documents: documents) { row in
      try body(query.columns.indices.map { row.value($0) })
    }
  }

  /// The names of columns of `corpus` as it has them.
  ///
  /// - Parameters:
  ///   - names: What the user wrote, in any case of letters.
  ///   - place: Where, for the message.
  ///   - nearest: The known name that an unknown one may have been meant for.
  /// - Returns: The names.
  /// - Throws: ``Failure`` of usage that names the columns for one that is not there.
  package func columns(
    named names: [String],
    place: String,
    nearest: (_ name: String, _ known: [String]) -> String? = { _, _ in nil }
  ) throws -> [String] {
    let known = try corpusColumns()
    return try names.map { name in
      guard let column = known.first(where: { $0.lowercased() == name.lowercased() }) else {
        throw Failure(
          .usage,
          what: "`corpus` has no column `\(name)`",
          place: place,
          remedy: nearest(name, known).map { "did you mean `\($0)`?" }
            ?? "name one of \(known.joined(separator: ", ")); `blalm measure` adds those of metrics, "
            + "`blalm score` those of judges"
        )
      }
      return column
    }
  }
}
