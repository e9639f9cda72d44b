// The page of the guide that describes the index, made from a real database.

import GRDB

/// Describes the index as Markdown: tables, columns with types, views, example queries.
///
/// - Parameters:
///   - index: A workspace's index, whose sources may have added columns, or `nil` for that of an empty
///     workspace.
///   - metrics: The metrics whose tables an empty workspace is given.
/// - Returns: The page.
/// - Throws: ``Failure`` where the index cannot be read.
public func schemaPage(of index: CorpusIndex?, metrics: [MetricTable]) throws -> String {
  if let index { return try index.read(page) }
  let empty = try DatabaseQueue()
  try migrations.migrate(empty)
  try empty.write { database in
    for metric in metrics { try makeTable(of: metric, in: database) }
    try remakeCorpusView(in: database)
  }
  return try empty.read(page)
}

private func page(of database: Database) throws -> String {
  let objects = try Row.fetchAll(
    database,
    sql: """
      SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')
      AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
      """
  )
  var sections: [String: [String]] = [:]
  for object in objects.sorted(by: { order(of: $0["name"]) < order(of: $1["name"]) }) {
    let name: String = object["name"]
    let type: String = object["type"]
    sections[type, default: []].append(try section(name, isView: type == "view", in: database))
  }
  let queries = exampleQueries.map { "-- \($0.question)\n\($0.sql)" }
  return """
    # Schema of the index

    Every table, column and view of `corpus.sqlite`, and what to ask of them.

    This page is printed by `blalm index schema` from a database that was just made, and a test holds
    it against that. `blalm index schema -w DIR` prints the same for a workspace, with the columns that
    its sources and judges have added to `attribute`, `rubricScore` and `corpus`, and with the metrics
    that were measured there; here are all that there are.

    Texts are not in the index: `blalm show ID -w DIR` prints one. Times and durations stand in `stage`,
    `inputFile` and `judgment` alone. The index asks for SQLite 3.38 or newer:

    ```sh
    sqlite3 -box DIR/corpus.sqlite 'SELECT * FROM sourceSummary'
    datasette DIR/corpus.sqlite
    duckdb -c "INSTALL sqlite; ATTACH 'DIR/corpus.sqlite' AS c (TYPE sqlite); FROM c.sourceSummary"
    ```

    ## Tables

    \((sections["table"] ?? []).joined(separator: "\n\n"))

    ## Views

    Views hold nothing of their own; they join and sum up what the tables hold.

    \((sections["view"] ?? []).joined(separator: "\n\n"))

    ## Questions

    ```sql
    \(queries.joined(separator: "\n\n"))
    ```

    """
}

/// The place on the page: as described, then by name.
private func order(of name: String) -> (Int, String) {
  (schemaDescriptions.firstIndex { $0.name == name } ?? schemaDescriptions.count, name)
}

private func section(_ name: String, isView: Bool, in database: Database) throws -> String {
  let description = schemaDescriptions.first { $0.name == name }
  let meanings = try metricMeanings(of: name, in: database)
  let row = description?.row ?? (meanings == nil ? "not described" : "a document")
  var lines = ["### \(name)", "", "A row is \(row).", ""]
  if description == nil,
    let summary = try String.fetchOne(
      database,
      sql: "SELECT summary FROM metric WHERE name = ?",
      arguments: [name]
    )
  {
    lines += [summary, ""]
  }
  lines +=
    isView
    ? ["| column | meaning |", "| --- | --- |"]
    : ["| column | type | meaning |", "| --- | --- | --- |"]
  let scores = try String.fetchSet(
    database,
    sql: "SELECT name FROM scoreColumn UNION SELECT rubric FROM scoreColumn"
  )
  for column in try Row.fetchAll(
    database,
    sql: #"SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid"#,
    arguments: [name]
  ) {
    let column = SchemaColumn(column)
    let type = isView ? "" : "| \(column.type) "
    let isScore = ["rubricScore", "corpus"].contains(name) && scores.contains(column.name)
    let meaning =
      isScore
      ? "A judge's score." : meanings?[column.name] ?? meaning(of: column.name, in: description)
    lines.append("| `\(column.name)` \(type)| \(meaning) |")
  }
  return lines.joined(separator: "\n")
}

/// What metrics say of the columns of `corpus`, or of a metric's own table; `nil` for other tables.
private func metricMeanings(of name: String, in database: Database) throws -> [String: String]? {
  if name == "corpus" {
    let rows = try Row.fetchAll(database, sql: "SELECT name, summary FROM metricColumn")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
  }
  guard try metricNames(in: database).contains(name) else { return nil }
  let columns = try metricColumns(of: name, in: database)
  return Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.summary) })
    .merging([
      "document": "The document's id.",
      "missing":
        "Why columns have no value: a pattern of `missingReason`; NULL where all have one.",
    ]) { first, _ in first }
}

/// A column as the database describes it.
private struct SchemaColumn {
  let name: String
  /// The type, with what more is promised of the values.
  let type: String

  init(_ row: Row) {
    name = row["name"]
    let isKey = row["pk"] as Int > 0
    let mayBeNull = row["notnull"] as Int == 0
    type = (row["type"] as String).lowercased() + (isKey ? ", key" : mayBeNull ? " or NULL" : "")
  }
}

private func meaning(of column: String, in description: SchemaDescription?) -> String {
  if let sentence = description?[column] { return sentence }
  guard let description, ["attribute", "corpus"].contains(description.name) else {
    return "Not described."
  }
  let document = schemaDescriptions.first { $0.name == "document" }
  return document.flatMap { $0[column] } ?? "What the source says under this name."
}
