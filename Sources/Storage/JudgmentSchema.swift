// The tables of judges, their answers and the scores that filters read; the fourth migration.
//
// An answer belongs to a text and not to a document: it outlives the reading of a source, and a text
// that occurs twice is judged once. Answers are fat and scores are read with every selection, so that
// scores stand in a thin table of their own.

import GRDB

/// The fourth schema.
let judgmentSchema = """
  CREATE TABLE judge (
    id INTEGER NOT NULL PRIMARY KEY,
    rubricHash TEXT NOT NULL CHECK (length(rubricHash) = 64),
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    endpointModel TEXT NOT NULL,
    parameters TEXT NOT NULL CHECK (json_valid(parameters)),
    UNIQUE (rubricHash, kind, model, endpointModel, parameters)
  ) STRICT;

  CREATE TABLE judgment (
    judge INTEGER NOT NULL REFERENCES judge (id) ON DELETE CASCADE,
    textHash TEXT NOT NULL CHECK (length(textHash) = 64),
    repetition INTEGER NOT NULL CHECK (repetition >= 0),
    score REAL,
    reason TEXT,
    points TEXT CHECK (points IS NULL OR json_valid(points)),
    justification TEXT,
    expectedScore REAL,
    answer TEXT,
    form TEXT,
    leftOut INTEGER NOT NULL CHECK (leftOut >= 0),
    inputTokens INTEGER NOT NULL CHECK (inputTokens >= 0),
    outputTokens INTEGER NOT NULL CHECK (outputTokens >= 0),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    seconds REAL NOT NULL,
    answeredAt TEXT NOT NULL,
    PRIMARY KEY (judge, textHash, repetition),
    CHECK ((score IS NULL) = (reason IS NOT NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE scoreColumn (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    rubric TEXT NOT NULL,
    rubricVersion INTEGER NOT NULL,
    judgeName TEXT NOT NULL,
    judge INTEGER NOT NULL REFERENCES judge (id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rubricScore (
    textHash TEXT NOT NULL PRIMARY KEY CHECK (length(textHash) = 64)
  ) STRICT, WITHOUT ROWID;
  """

/// The columns of scores in the view `corpus`, and the join that they need.
///
/// A rubric's bare name stands for its column as long as it has one, and is no column once it has two.
///
/// - Parameters:
///   - database: The database, perhaps of an earlier schema.
///   - others: The columns that metadata has added; they keep their names.
/// - Returns: Parts of the view's text.
/// - Throws: `DatabaseError`.
func scoresOfView(
  in database: Database,
  besides others: [String]
) throws -> (columns: String, join: String) {
  guard try database.tableExists("scoreColumn") else { return ("", "") }
  let rows = try Row.fetchAll(
    database,
    sql: """
      SELECT name, rubric, count(*) OVER (PARTITION BY rubric COLLATE NOCASE) FROM scoreColumn
      ORDER BY name
      """
  )
  guard !rows.isEmpty else { return ("", "") }
  let taken = Set(others.map { $0.lowercased() })
  var columns = ""
  for row in rows {
    let name = quotedName(row[0])
    columns += "    rubricScore.\(name),\n"
    let rubric: String = row[1]
    if row[2] as Int == 1, !taken.contains(rubric.lowercased()) {
      columns += "    rubricScore.\(name) AS \(quotedName(rubric)),\n"
    }
  }
  return (columns, "\n  LEFT JOIN rubricScore ON rubricScore.textHash = d.textHash")
}
