// One pass over `corpus` that gives a selection all that it needs, filters included.

import Files
import GRDB

extension CorpusIndex {
  /// The columns of `corpus`: what filters, orders and limits may name.
  ///
  /// - Returns: The names, in the view's order.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func corpusColumns() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM pragma_table_info('corpus')") }
  }

  /// The columns of `corpus` that filters read.
  ///
  /// - Parameter queries: The sources with their filters.
  /// - Returns: The names, as `corpus` has them, some of them more than once.
  /// - Throws: ``Failure`` where a filter is not allowed, or the index cannot be read.
  package func columns(ofFilters queries: [CandidateQuery]) throws -> [String] {
    guard queries.contains(where: { $0.filter != nil }) else { return [] }
    let connection = try RestrictedConnection(path: path, address: readingAddress)
    return try queries.flatMap { query in
      try query.filter.map { try filterColumns($0, place: query.place, on: connection) } ?? []
    }
  }

  /// Every document of some sources with what a selection asks of it, in the order of identities.
  ///
  /// Filters run on a connection of their own that can do nothing but read `corpus`.
  ///
  /// - Parameters:
  ///   - queries: The sources, each named once.
  ///   - values: Columns of `corpus` to compare by.
  ///   - names: Columns of `corpus` to group by.
  ///   - check: Called now and then; what it throws ends the reading.
  /// - Returns: The documents.
  /// - Throws: ``Failure`` where a filter is not allowed, fails or takes too long, or the index
  ///   cannot be read; what `check` throws.
  package func candidates(
    _ queries: [CandidateQuery],
    values: [String] = [],
    names: [String] = [],
    check: () throws -> Void
  ) throws -> CandidateTable {
    // In the order of identities, the tables that the view joins are read from end to end, which is
    // ten times as fast as looking each document up.
    let documents = try read { database in
      try Int.fetchOne(database, sql: "SELECT coalesce(sum(documents), 0) FROM shard") ?? 0
    }
    let connection = try RestrictedConnection(path: path, address: readingAddress)
    var table = CandidateTable(
      values: values.map { _ in ColumnValues() },
      names: names.map { _ in ColumnNames() },
      verdictKinds: [.passes, .fails, .noResult]
    )
    var verdicts = ""
    for (index, query) in queries.enumerated() {
      guard let filter = query.filter else { continue }
      let columns = try filterColumns(filter, place: query.place, on: connection)
      verdicts +=
        " WHEN \(index) THEN CASE WHEN (\(filter)) THEN 0 WHEN (\(filter)) IS NOT NULL THEN 1"
      for column in columns {
        verdicts += " WHEN \(quotedName(column)) IS NULL THEN \(table.verdictKinds.count)"
        table.verdictKinds.append(.noValue(column))
      }
      verdicts += " ELSE 2 END"
    }
    let parameters = queries.indices.map { "?\($0 + 1)" }
    let number =
      "CASE source "
      + parameters.enumerated().map { "WHEN \($1) THEN \($0)" }.joined(separator: " ")
      + " END"
    let columns =
      [
        "id", number, "ordinal", "words", "bytes", "shard", "frameOffset", "frameLength",
        "frameLine", "duplicateOf", "contaminated",
        verdicts.isEmpty ? "0" : "CASE \(number)\(verdicts) ELSE 0 END",
      ] + (values + names).map(quotedName)
    // The sign keeps SQLite from going by the sources' index.
    let sql = """
      SELECT \(columns.joined(separator: ", ")) FROM corpus
      WHERE +source IN (\(parameters.joined(separator: ", "))) ORDER BY id
      """
    let sources = queries.map(\.source)
    var shards = ShardNames()
    try connection.forEachRow(of: sql, binding: sources, documents: documents) { row in
      if table.rows.count & 0xfff == 0 { try check() }
      table.append(row, sources: sources, shards: &shards)
    }
    return table
  }
}

/// The shards' names, each made once.
private struct ShardNames {
  private var codes = ColumnNames()
  private var names: [String] = []

  mutating func name(_ bytes: Span<UInt8>) -> String {
    let code = Int(codes.code(of: bytes))
    if code == names.count { names.append(String(decoding: codes.names[code], as: UTF8.self)) }
    return names[code]
  }
}

extension CandidateTable {
  /// Appends a row of the query above.
  fileprivate mutating func append(
    _ row: borrowing CorpusRow,
    sources names: [String],
    shards: inout ShardNames
  ) {
    guard let id = row.id(0) else { return }
    let source = row.integer(1)
    if row.kind(9) != .null, let keeper = row.id(9) { keepers[rows.count] = keeper }
    rows.append(
      CandidateRow(
        id: id,
        source: names[source],
        words: row.integer(3),
        bytes: row.integer(4),
        place: ShardPlace(
          shard: row.withBytes(5) { shards.name($0) },
          frameOffset: row.integer(6),
          frameLength: row.integer(7),
          line: row.integer(8)
        )
      )
    )
    sources.append(Int32(source))
    ordinals.append(row.integer(2))
    contaminated.append(row.integer(10) > 0)
    verdicts.append(Int16(row.integer(11)))
    for index in values.indices { values[index].append(row, 12 + index) }
    for index in self.names.indices {
      self.names[index].append(row, 12 + values.count + index)
    }
  }
}
