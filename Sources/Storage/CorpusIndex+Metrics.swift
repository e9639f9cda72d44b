// The tables of metrics: made, remade and dropped; which documents they lack; what they say in sum.

package import Documents
import GRDB

/// A document of which some metrics have no numbers.
package struct UnmeasuredDocument: Sendable {
  /// The identity.
  package let id: DocumentID
  /// The file that it was read from.
  package let file: String
  /// The bytes of the text.
  package let bytes: Int
  /// Where the text lies.
  package let place: ShardPlace
  /// Whether no metric has numbers of it.
  package let isNew: Bool
  /// The metrics that lack it, by their place among those asked for.
  package let lacking: [Int]
}

extension CorpusIndex {
  /// What the index holds of each metric.
  ///
  /// - Returns: The metrics by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func metricStates() throws -> [MetricState] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM metric ORDER BY name").map { row in
        MetricState(
          name: row["name"],
          version: row["version"],
          settings: row["settings"],
          segmentation: row["segmentation"],
          sources: row["sources"],
          columns: try metricColumns(of: row["name"], in: database).map(\.name)
        )
      }
    }
  }

  /// Makes the tables fit what is to be measured: drops those of metrics that are no more, makes those
  /// of new and changed ones, without rows.
  ///
  /// - Parameters:
  ///   - tables: The metrics to measure.
  ///   - known: The names of all metrics that there are.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func prepareMetrics(_ tables: [MetricTable], known: Set<String>) throws {
    let present = Dictionary(uniqueKeysWithValues: try metricStates().map { ($0.name, $0) })
    let gone = present.keys.filter { !known.contains($0) }.sorted()
    let changed = tables.filter { table in
      guard let state = present[table.name] else { return true }
      return state.version != table.version || state.settings != table.settings
        || state.columns != table.columns.map(\.name)
    }
    guard !gone.isEmpty || !changed.isEmpty else { return }
    try write { database in
      for name in gone + changed.map(\.name) {
        try database.execute(sql: "DROP TABLE IF EXISTS \(quotedName(name))")
        try database.execute(sql: "DELETE FROM metric WHERE name = ?", arguments: [name])
      }
      for table in changed { try makeTable(of: table, in: database) }
      try remakeCorpusView(in: database)
    }
  }

  /// How each file that has been measured was divided into sentences.
  ///
  /// - Returns: The files with their source and their segmentation, each pair once.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func measuredSegmentation() throws -> [(
    source: String, file: String, segmentation: String
  )] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT DISTINCT d.source, d.file, m.segmentation
          FROM measuredText m JOIN document d ON d.id = m.document
          """
      ).map { (source: $0[0], file: $0[1], segmentation: $0[2]) }
    }
  }

  /// Strikes the numbers of texts that are no more, or that are to be divided into sentences otherwise.
  ///
  /// - Parameter segmentation: How a file of a source is to be divided.
  /// - Returns: The number of documents that were struck.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func strikeOutdatedMeasurements(
    segmentation: (_ source: String, _ file: String) -> String
  ) throws -> Int {
    let others = try measuredSegmentation().filter {
      segmentation($0.source, $0.file) != $0.segmentation
    }
    let outdated = """
      SELECT m.document FROM measuredText m LEFT JOIN document d ON d.id = m.document
      WHERE d.id IS NULL OR d.textHash <> m.textHash
      """
    guard
      try !others.isEmpty
        || read({ try Row.fetchOne($0, sql: outdated + " LIMIT 1") != nil })
    else { return 0 }
    return try write { database in
      try database.execute(sql: "UPDATE metric SET sources = NULL, segmentation = NULL")
      try database.execute(sql: "DELETE FROM measuredText WHERE document IN (\(outdated))")
      var struck = database.changesCount
      for row in others {
        try database.execute(
          sql: """
            DELETE FROM measuredText WHERE segmentation = ?3 AND document IN
              (SELECT id FROM document WHERE source = ?1 AND file = ?2)
            """,
          arguments: [row.source, row.file, row.segmentation]
        )
        struck += database.changesCount
      }
      return struck
    }
  }

  /// The next documents of a source that some metrics have no numbers of, in source order.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - metrics: The metrics' names, whose tables are there.
  ///   - ordinal: The first place in the source's order to look at.
  ///   - documents: The most documents to return.
  ///   - bytes: The bytes of text after which no further document is returned.
  /// - Returns: The documents, and the place to go on at; `nil` at the end.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func unmeasured(
    of source: String,
    by metrics: [String],
    from ordinal: Int,
    documents: Int,
    bytes: Int
  ) throws -> (documents: [UnmeasuredDocument], next: Int?) {
    let lacks = metrics.map { "\(quotedName($0)).document IS NULL" }
    let joins = metrics.map {
      "LEFT JOIN \(quotedName($0)) ON \(quotedName($0)).document = d.id"
    }
    return try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT d.id, d.ordinal, d.file, d.bytes, d.shard, d.frameOffset, d.frameLength, d.frameLine,
            m.document IS NULL, \(lacks.joined(separator: ", "))
          FROM document d LEFT JOIN measuredText m ON m.document = d.id
          \(joins.joined(separator: "\n"))
          WHERE d.source = ? AND d.ordinal >= ? AND (\(lacks.joined(separator: " OR ")))
          ORDER BY d.ordinal
          """,
        arguments: [source, ordinal]
      )
      var found: [UnmeasuredDocument] = []
      var size = 0
      while let row = try rows.next() {
        if found.count >= documents || size >= bytes { return (found, row[1]) }
        guard let id = DocumentID(row[0] as String) else { continue }
        size += row[3] as Int
        found.append(
          UnmeasuredDocument(
            id: id,
            file: row[2],
            bytes: row[3],
            place: ShardPlace(
              shard: row[4],
              frameOffset: row[5],
              frameLength: row[6],
              line: row[7]
            ),
            isNew: row[8],
            lacking: metrics.indices.filter { row[9 + $0] }
          )
        )
      }
      return (found, nil)
    }
  }

  /// Enters numbers, in one transaction.
  ///
  /// - Parameters:
  ///   - batch: The numbers.
  ///   - tables: The metrics that they are of, in the batch's order.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func appendMeasurements(_ batch: MeasurementBatch, of tables: [MetricTable]) throws {
    precondition(batch.metrics.count == tables.count, "a batch has rows for each metric")
    let texts = batch.texts.sorted { $0.document < $1.document }
    try write { database in
      let text = try database.makeStatement(
        sql: "INSERT INTO measuredText SELECT id, textHash, ? FROM document WHERE id = ?"
      )
      for (document, segmentation) in texts {
        try text.execute(arguments: [segmentation, document.description])
      }
      for (index, table) in tables.enumerated() {
        try database.execute(
          sql: "UPDATE metric SET sources = NULL, segmentation = NULL WHERE name = ?",
          arguments: [table.name]
        )
        try insert(batch.metrics[index], into: table, database)
        let reason = try database.makeStatement(
          sql: "INSERT OR IGNORE INTO missingReason VALUES (?, ?, ?, ?)"
        )
        for (pattern, missing) in batch.patterns[index] {
          for value in missing {
            try reason.execute(arguments: [pattern, value.column, table.name, value.reason])
          }
        }
      }
    }
  }

  /// Notes that metrics have numbers of every document.
  ///
  /// - Parameters:
  ///   - metrics: The metrics' names.
  ///   - sources: The digest of the sources.
  ///   - segmentation: How each source was divided into sentences, as JSON.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func finishMetrics(
    _ metrics: [String],
    sources: String,
    segmentation: String
  ) throws {
    try write { database in
      for name in metrics {
        try database.execute(
          sql: """
            DELETE FROM missingReason WHERE metric = ? AND pattern NOT IN
              (SELECT missing FROM \(quotedName(name)) WHERE missing IS NOT NULL)
            """,
          arguments: [name]
        )
        try database.execute(
          sql: "UPDATE metric SET sources = ?, segmentation = ? WHERE name = ?",
          arguments: [sources, segmentation, name]
        )
      }
    }
  }

  /// How many documents have no value, by column and reason.
  ///
  /// - Parameter metrics: The metrics' names.
  /// - Returns: The numbers, by column and reason.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func missingValues(
    of metrics: [String]
  ) throws -> [(column: String, reason: String, documents: Int)] {
    try read { database in
      try metrics.flatMap { name in
        try Row.fetchAll(
          database,
          sql: """
            SELECT r.name, r.reason, sum(t.documents)
            FROM (SELECT missing, count(*) AS documents FROM \(quotedName(name)) GROUP BY missing) t
            JOIN missingReason r ON r.pattern = t.missing AND r.metric = ?
            GROUP BY r.name, r.reason ORDER BY r.name, r.reason
            """,
          arguments: [name]
        ).map { (column: $0[0], reason: $0[1], documents: $0[2]) }
      }
    }
  }

  /// What the index has no number of for a document.
  ///
  /// - Parameter document: The document.
  /// - Returns: The reasons by column.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func missingValues(ofDocument document: DocumentID) throws -> [String: String] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT name, reason FROM missingValue WHERE document = ?",
        arguments: [document.description]
      )
      return Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in first }
    }
  }

  /// Replaces the pool's most frequent words.
  ///
  /// - Parameter words: The words by rank, each with its number.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func replacePoolWords(_ words: [(word: String, count: Int)]) throws {
    try write { database in
      try database.execute(sql: "DELETE FROM poolWord")
      let insertion = try database.makeStatement(sql: "INSERT INTO poolWord VALUES (?, ?, ?)")
      for (index, word) in words.enumerated() {
        try insertion.execute(arguments: [index + 1, word.word, word.count])
      }
    }
  }

  /// The pool's most frequent words.
  ///
  /// - Returns: The words by rank.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func poolWords() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT word FROM poolWord ORDER BY rank") }
  }
}

/// The columns of a metric, in order.
func metricColumns(
  of metric: String,
  in database: Database
) throws -> [(name: String, summary: String)] {
  try Row.fetchAll(
    database,
    sql: "SELECT name, summary FROM metricColumn WHERE metric = ? ORDER BY ordinal",
    arguments: [metric]
  ).map { ($0[0], $0[1]) }
}

/// The names of the metrics that have a table, in order; none in an index of a schema without them.
func metricNames(in database: Database) throws -> [String] {
  guard try database.tableExists("metric") else { return [] }
  return try String.fetchAll(database, sql: "SELECT name FROM metric ORDER BY name")
}

/// Makes the table of a metric and says what it is.
func makeTable(of table: MetricTable, in database: Database) throws {
  try database.execute(
    sql: "INSERT INTO metric VALUES (?, ?, ?, NULL, NULL, ?)",
    arguments: [table.name, table.version, table.settings, table.summary]
  )
  for (ordinal, column) in table.columns.enumerated() {
    try database.execute(
      sql: "INSERT INTO metricColumn VALUES (?, ?, ?, ?, ?)",
      arguments: [
        table.name, ordinal, column.name, column.isInteger ? "integer" : "real", column.summary,
      ]
    )
  }
  try database.execute(sql: table.creation)
}

/// Inserts a metric's rows in the order of the identities, in which its table lies.
private func insert(
  _ rows: MeasurementBatch.Rows,
  into table: MetricTable,
  _ database: Database
) throws {
  let width = table.columns.count
  precondition(rows.values.count == rows.documents.count * width, "a row has a value a column")
  let order = rows.documents.indices.sorted { rows.documents[$0] < rows.documents[$1] }
  try BulkInsertion(database, table: quotedName(table.name), columns: width + 2)
    .insert(order) { index, binding in
      binding.id(rows.documents[index])
      for column in 0..<width {
        let value = rows.values[index * width + column]
        if table.columns[column].isInteger {
          binding.integer(value.isNaN ? nil : Int(value))
        } else {
          binding.real(value.isNaN ? nil : value)
        }
      }
      binding.integer(rows.patterns[index])
    }
}
