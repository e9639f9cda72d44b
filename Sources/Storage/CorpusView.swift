// The view `corpus` and the columns that metadata and metrics add to it.
//
// A source's scalar metadata (text, whole numbers, numbers, flags as 0 and 1) become columns of the
// table `attribute`, each value with its own type. Lists and objects stay in the shards alone.

import Documents
import GRDB

/// The most columns that metadata may add; SQLite itself stops at 2,000 in a view.
let mostAttributeColumns = 200

/// The longest name of metadata that becomes a column.
private let longestColumnName = 64

/// A name as SQL writes it, whatever its characters.
///
/// - Parameter name: A column's name.
/// - Returns: The name between double quotes.
func quotedName(_ name: String) -> String {
  "\"" + name.replacing("\"", with: "\"\"") + "\""
}

/// Makes the views `corpus` and `missingValue` anew from the columns that metadata has added, by name,
/// and those of the metrics that have a table.
///
/// A metric's column hides one of the same name that a source states. A metric's numbers are shown
/// where they are of the text that the document has now.
///
/// - Parameter database: The database, in a transaction.
/// - Throws: `DatabaseError`.
func remakeCorpusView(in database: Database) throws {
  let metrics = try metricNames(in: database)
  let measured = try metrics.map { metric in
    (metric: quotedName(metric), columns: try metricColumns(of: metric, in: database).map(\.name))
  }
  let hidden = Set(measured.flatMap(\.columns).map { $0.lowercased() })
  var columns = try attributeColumns(in: database).sorted()
    .filter { !hidden.contains($0.lowercased()) }
    .map { "attribute.\(quotedName($0))" }
  var joins: [String] = []
  for (metric, names) in measured {
    columns += names.map { "\(metric).\(quotedName($0))" }
    joins.append("LEFT JOIN \(metric) ON \(metric).document = measuredText.document")
  }
  if try database.tableExists("measuredText") {
    columns.append("measuredText.segmentation")
    joins.insert(
      "LEFT JOIN measuredText\n"
        + "    ON measuredText.document = d.id AND measuredText.textHash = d.textHash",
      at: 0
    )
    try remakeMissingValueView(of: metrics, in: database)
  }
  let scores = try scoresOfView(in: database, besides: attributeColumns(in: database))
  try database.execute(
    sql: """
      DROP VIEW IF EXISTS corpus;
      CREATE VIEW corpus AS
        SELECT d.*,
      \(columns.map { "    \($0),\n" }.joined())\(scores.columns)\
          CASE WHEN duplicate.kind <> 'keeper' THEN duplicate.keeper END AS duplicateOf,
          coalesce(repeatedParagraph.words, 0) AS repeatedWords,
          (SELECT coalesce(sum(hits), 0) FROM contamination WHERE contamination.document = d.id)
            AS contaminated
        FROM document d
        LEFT JOIN attribute ON attribute.document = d.id
      \(joins.map { "  \($0)\n" }.joined())\
        LEFT JOIN duplicate ON duplicate.document = d.id
        LEFT JOIN repeatedParagraph ON repeatedParagraph.document = d.id\(scores.join);
      """
  )
}

/// Makes the view of the values that metrics do not have, with the reasons.
private func remakeMissingValueView(of metrics: [String], in database: Database) throws {
  let tables = metrics.map { "SELECT document, missing FROM \(quotedName($0))" }
  let rows =
    tables.isEmpty
    ? "SELECT '' AS document, 0 AS missing WHERE 0" : tables.joined(separator: " UNION ALL ")
  try database.execute(
    sql: """
      DROP VIEW IF EXISTS missingValue;
      CREATE VIEW missingValue AS
        SELECT t.document, r.metric, r.name, r.reason
        FROM (\(rows)) t JOIN missingReason r ON r.pattern = t.missing
        JOIN measuredText m ON m.document = t.document
        JOIN document d ON d.id = t.document AND d.textHash = m.textHash;
      """
  )
}

/// The columns that metadata has added, in the order in which they came.
func attributeColumns(in database: Database) throws -> [String] {
  try String.fetchAll(
    database,
    sql: "SELECT name FROM pragma_table_info('attribute') WHERE name <> 'document'"
  )
}

/// A document's scalar metadata as the index holds it, by name.
///
/// - Parameter metadata: The metadata.
/// - Returns: Names that can name a column, in order, with their values.
func attributes(of metadata: [String: MetadataValue]) -> [(name: String, value: DatabaseValue)] {
  var result: [(name: String, value: DatabaseValue)] = []
  for (name, value) in metadata where isColumnName(name) {
    switch value {
    case .text(let text): result.append((name, text.databaseValue))
    case .integer(let number): result.append((name, number.databaseValue))
    case .number(let number): result.append((name, number.databaseValue))
    case .flag(let flag): result.append((name, flag.databaseValue))
    case .list, .object: continue
    }
  }
  return result.sorted { $0.name < $1.name }
}

/// Whether a filter could write the name without quotes.
private func isColumnName(_ name: String) -> Bool {
  let bytes = name.utf8
  guard let first = bytes.first, bytes.count <= longestColumnName else { return false }
  func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
  return isLetter(first)
    && bytes.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}

/// Writes the rows of `attribute` for one source, adding columns as names turn up.
///
/// A name that differs from an earlier one in case alone shares its column, since SQL does not tell
/// them apart; one that `corpus` has already gets none.
struct AttributeInsertion {
  private let database: Database
  /// The columns of `attribute`, by their names in lower case.
  private var known: [String: String]
  /// The names that `corpus` uses otherwise, in lower case.
  private let taken: Set<String>
  /// For each name of the metadata, the place of its value in a row; `nil` where it has no column.
  private var places: [String: Int?] = [:]
  /// The columns that this source's rows fill.
  private var columns: [String] = []
  private var hasNewColumns = false
  /// Whether rows of this source were there before, so that some of its columns may now be empty.
  private let isReplacement: Bool

  init(_ database: Database, isReplacement: Bool) throws {
    let columns = try attributeColumns(in: database)
    let view = try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('corpus')")
    self.database = database
    self.isReplacement = isReplacement
    known = Dictionary(columns.map { ($0.lowercased(), $0) }) { first, _ in first }
    // A metric that is measured sooner or later must not decide what `attribute` holds.
    let metrics = try String.fetchAll(database, sql: "SELECT lower(name) FROM metricColumn")
    taken = Set(view.map { $0.lowercased() }).subtracting(known.keys).subtracting(metrics)
      .union(["document", "rowid", "oid", "_rowid_"])
  }

  /// Inserts the attributes of documents.
  ///
  /// - Parameter documents: Documents that have some, best in the order of their ids.
  /// - Throws: `DatabaseError`.
  mutating func insert(_ documents: [PreparedDocument.Columns]) throws {
    for document in documents {
      for attribute in document.attributes where places[attribute.name] == nil {
        places[attribute.name] = .some(try place(of: attribute.name))
      }
    }
    let names = (["document"] + columns).map(quotedName).joined(separator: ", ")
    let insertion = BulkInsertion(
      database,
      table: "attribute (\(names))",
      columns: columns.count + 1
    )
    var row = [DatabaseValue](repeating: .null, count: columns.count)
    try insertion.insert(documents) { document, binding in
      for index in row.indices { row[index] = .null }
      for attribute in document.attributes {
        guard let place = places[attribute.name] ?? nil, row[place].isNull else { continue }
        row[place] = attribute.value
      }
      binding.id(document.id)
      for value in row { binding.value(value) }
    }
  }

  /// Drops columns in which no document has a value any more, and makes the view anew where columns
  /// came or went.
  ///
  /// - Throws: `DatabaseError`.
  func finish() throws {
    let dropped = isReplacement ? try emptyColumns() : []
    guard hasNewColumns || !dropped.isEmpty else { return }
    try database.execute(sql: "DROP VIEW corpus")
    for column in dropped {
      try database.execute(sql: "ALTER TABLE attribute DROP COLUMN \(quotedName(column))")
    }
    try remakeCorpusView(in: database)
  }

  private func emptyColumns() throws -> [String] {
    try known.values.filter { column in
      guard !columns.contains(column) else { return false }
      let name = quotedName(column)
      return try Bool.fetchOne(
        database,
        sql: "SELECT NOT EXISTS (SELECT 1 FROM attribute WHERE \(name) IS NOT NULL)"
      ) ?? false
    }.sorted()
  }

  private mutating func place(of name: String) throws -> Int? {
    let lowercased = name.lowercased()
    guard !taken.contains(lowercased) else { return nil }
    let column = known[lowercased] ?? name
    if let index = columns.firstIndex(of: column) { return index }
    if known[lowercased] == nil {
      guard known.count < mostAttributeColumns else { return nil }
      try database.execute(sql: "ALTER TABLE attribute ADD COLUMN \(quotedName(column)) ANY")
      known[lowercased] = column
      hasNewColumns = true
    }
    columns.append(column)
    return columns.count - 1
  }
}
