// Answers of judges: entered as they come, looked up before anything is asked, and never lost.

import Documents
import Files
import GRDB

/// What decides a judge's answers; two judges that differ in any of it share nothing.
package struct JudgeRecord: Sendable, Equatable {
  /// The rubric's identity.
  package let rubricHash: String
  /// What kind of judge it is.
  package let kind: String
  /// The model's name.
  package let model: String
  /// What the endpoint says of the model, as JSON, or nothing.
  package let endpointModel: String
  /// All parameters that decide answers, as JSON.
  package let parameters: String

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - rubricHash: The rubric's identity.
  ///   - kind: What kind of judge it is.
  ///   - model: The model's name.
  ///   - endpointModel: What the endpoint says of the model, as JSON, or nothing.
  ///   - parameters: All parameters that decide answers, as JSON.
  package init(
    rubricHash: String,
    kind: String,
    model: String,
    endpointModel: String,
    parameters: String
  ) {
    self.rubricHash = rubricHash
    self.kind = kind
    self.model = model
    self.endpointModel = endpointModel
    self.parameters = parameters
  }
}

/// A column of scores and whose they are.
package struct ScoreColumn: Sendable, Equatable {
  /// The column's name: rubric and judge with `_` between them.
  package let name: String
  /// The rubric's name.
  package let rubric: String
  /// The rubric's version.
  package let rubricVersion: Int
  /// The judge's name.
  package let judgeName: String

  /// Creates a column.
  ///
  /// - Parameters:
  ///   - rubric: The rubric's name.
  ///   - rubricVersion: The rubric's version.
  ///   - judgeName: The judge's name.
  package init(rubric: String, rubricVersion: Int, judgeName: String) {
    name = rubric + "_" + judgeName
    self.rubric = rubric
    self.rubricVersion = rubricVersion
    self.judgeName = judgeName
  }
}

/// An answer as the index keeps it.
package struct JudgmentRow: Sendable, Equatable {
  /// The SHA-256 of the text, in hexadecimal.
  package var textHash: String
  /// Which of several answers on the same text it is, from 0.
  package var repetition: Int
  /// The score, or `nil`.
  package var score: Double?
  /// Why there is none.
  package var reason: String?
  /// The points as a JSON object by name, or `nil`.
  package var points: String?
  /// The justification.
  package var justification: String?
  /// The mean score under the judge's probabilities.
  package var expectedScore: Double?
  /// The answer as it came.
  package var answer: String?
  /// The form in which it was asked for.
  package var form: String?
  /// The bytes of the text that the judge did not see.
  package var leftOut: Int
  /// The tokens read.
  package var inputTokens: Int
  /// The tokens written.
  package var outputTokens: Int
  /// The requests sent.
  package var attempts: Int
  /// From the first request to the last answer.
  package var seconds: Double

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - textHash: The SHA-256 of the text, in hexadecimal.
  ///   - repetition: Which of several answers on the same text it is, from 0.
  package init(textHash: String, repetition: Int = 0) {
    self.textHash = textHash
    self.repetition = repetition
    leftOut = 0
    inputTokens = 0
    outputTokens = 0
    attempts = 0
    seconds = 0
  }
}

/// What a judge has answered so far, in sum.
package struct JudgeSummary: Sendable, Equatable {
  /// The texts that it was asked about.
  package let judgments: Int
  /// Those without a score.
  package let failures: Int
  /// The tokens read.
  package let inputTokens: Int
  /// The tokens written.
  package let outputTokens: Int
  /// The requests.
  package let attempts: Int
  /// The seconds of all of them, in sum.
  package let seconds: Double
  /// The judgments without a score, by reason.
  package let reasons: [String: Int]
}

extension CorpusIndex {
  /// Enters a judge, or finds it.
  ///
  /// - Parameter record: What decides its answers.
  /// - Returns: Its number in the index.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func enterJudge(_ record: JudgeRecord) throws -> Int {
    try write { database in
      if let id = try judgeID(record, in: database) { return id }
      try database.execute(
        sql: """
          INSERT INTO judge (rubricHash, kind, model, endpointModel, parameters)
          VALUES (?, ?, ?, ?, ?)
          """,
        arguments: [
          record.rubricHash, record.kind, record.model, record.endpointModel, record.parameters,
        ]
      )
      return Int(database.lastInsertedRowID)
    }
  }

  /// Finds a judge that has answered, whatever its endpoint said of the model.
  ///
  /// - Parameters:
  ///   - record: The judge; its `endpointModel` does not count.
  ///   - column: The column of scores; a judge like it whose scores it shows comes before others.
  /// - Returns: The number of the column's judge or of the last one entered that is like it, with what
  ///   its endpoint said then; `nil` where there is none.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func judge(
    like record: JudgeRecord,
    of column: ScoreColumn
  ) throws -> (id: Int, endpointModel: String)? {
    try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT id, endpointModel FROM judge
          WHERE rubricHash = ? AND kind = ? AND model = ? AND parameters = ?
          ORDER BY id = (SELECT judge FROM scoreColumn WHERE name = ?) DESC, id DESC LIMIT 1
          """,
        arguments: [
          record.rubricHash, record.kind, record.model, record.parameters, column.name,
        ]
      ).map { ($0[0], $0[1]) }
    }
  }

  private func judgeID(_ record: JudgeRecord, in database: Database) throws -> Int? {
    try Int.fetchOne(
      database,
      sql: """
        SELECT id FROM judge WHERE rubricHash = ? AND kind = ? AND model = ?
        AND endpointModel = ? AND parameters = ?
        """,
      arguments: [
        record.rubricHash, record.kind, record.model, record.endpointModel, record.parameters,
      ]
    )
  }

  /// Makes a column show a judge's scores, all that the index has.
  ///
  /// A column that shows another judge's scores keeps them until the new judge is done, so that no
  /// filter sees it half filled; then it is filled anew. The former judge's answers stay.
  ///
  /// - Parameters:
  ///   - column: The column.
  ///   - judge: The judge's number.
  ///   - isDone: Whether the judge has answered all that it is asked.
  /// - Returns: Whether the column shows the judge's scores now.
  /// - Throws: ``Failure`` where the name is taken, or the index cannot be written.
  @discardableResult
  package func show(_ column: ScoreColumn, of judge: Int, isDone: Bool = true) throws -> Bool {
    try write { database in
      let name = quotedName(column.name)
      let shown = try Row.fetchOne(
        database,
        sql: "SELECT rubric, judgeName, judge FROM scoreColumn WHERE name = ?",
        arguments: [column.name]
      )
      if let shown {
        try refuse(column, inColumnOf: (rubric: shown[0], judgeName: shown[1]))
        guard isDone || shown[2] as Int == judge else { return false }
      } else {
        try refuseTakenName(column.name, in: database)
        try database.execute(sql: "DROP VIEW corpus")
        try database.execute(sql: "ALTER TABLE rubricScore ADD COLUMN \(name) REAL")
      }
      try database.execute(
        sql: """
          INSERT INTO scoreColumn VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET rubricVersion = excluded.rubricVersion, judge = excluded.judge
          """,
        arguments: [column.name, column.rubric, column.rubricVersion, column.judgeName, judge]
      )
      if shown != nil {
        try database.execute(
          sql: """
            UPDATE rubricScore SET \(name) = NULL WHERE \(name) IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM judgment WHERE judgment.judge = ?
              AND judgment.textHash = rubricScore.textHash AND repetition = 0
              AND score IS NOT NULL
            )
            """,
          arguments: [judge]
        )
      }
      try database.execute(
        sql: """
          INSERT INTO rubricScore (textHash, \(name))
          SELECT textHash, score FROM judgment
          WHERE judge = ? AND repetition = 0 AND score IS NOT NULL
          ON CONFLICT (textHash) DO UPDATE SET \(name) = excluded.\(name)
          WHERE \(name) IS NOT excluded.\(name)
          """,
        arguments: [judge]
      )
      if shown == nil { try remakeCorpusView(in: database) }
      return true
    }
  }

  /// Refuses a column whose name another rubric's with another judge's name gives, too.
  private func refuse(
    _ column: ScoreColumn,
    inColumnOf other: (rubric: String, judgeName: String)
  ) throws {
    guard
      column.rubric.lowercased() != other.rubric.lowercased()
        || column.judgeName.lowercased() != other.judgeName.lowercased()
    else { return }
    throw Failure(
      .usage,
      what: "the column `\(column.name)` has the scores of the judge `\(other.judgeName)` by the "
        + "rubric `\(other.rubric)`",
      place: path,
      remedy: "give the judge another name"
    )
  }

  private func refuseTakenName(_ name: String, in database: Database) throws {
    let columns = try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('corpus')")
    guard columns.contains(where: { $0.lowercased() == name.lowercased() }) else { return }
    throw Failure(
      .usage,
      what: "`corpus` has a column `\(name)` already, which holds other things",
      place: path,
      remedy: "give the judge another name"
    )
  }

  /// Enters judgments, all of them or none, and their scores in every column that shows the judge's.
  ///
  /// - Parameters:
  ///   - rows: The judgments; a later one on the same text and repetition replaces an earlier, and what
  ///     both have cost is added up.
  ///   - judge: The judge's number.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func enter(_ rows: [JudgmentRow], of judge: Int) throws {
    try write { database in
      let insertion = try database.cachedStatement(
        sql: """
          INSERT INTO judgment VALUES
            (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'))
          ON CONFLICT DO UPDATE SET
            score = excluded.score, reason = excluded.reason, points = excluded.points,
            justification = excluded.justification, expectedScore = excluded.expectedScore,
            answer = excluded.answer, form = excluded.form, leftOut = excluded.leftOut,
            inputTokens = inputTokens + excluded.inputTokens,
            outputTokens = outputTokens + excluded.outputTokens,
            attempts = attempts + excluded.attempts, seconds = seconds + excluded.seconds,
            answeredAt = excluded.answeredAt
          """
      )
      let showing = try showingStatement(of: judge, in: database)
      for row in rows {
        try insertion.execute(arguments: [
          judge, row.textHash, row.repetition, row.score, row.reason, row.points,
          row.justification, row.expectedScore, row.answer, row.form, row.leftOut,
          row.inputTokens, row.outputTokens, row.attempts, row.seconds,
        ])
        guard row.repetition == 0 else { continue }
        try showing?.execute(arguments: [row.textHash, row.score])
      }
    }
  }

  /// What writes a text's score into all columns that show a judge's; `nil` where there are none.
  private func showingStatement(of judge: Int, in database: Database) throws -> Statement? {
    let columns = try String.fetchAll(
      database,
      sql: "SELECT name FROM scoreColumn WHERE judge = ? ORDER BY name",
      arguments: [judge]
    ).map(quotedName)
    guard !columns.isEmpty else { return nil }
    return try database.cachedStatement(
      sql: """
        INSERT INTO rubricScore (textHash, \(columns.joined(separator: ", ")))
        VALUES (?1\(columns.map { _ in ", ?2" }.joined()))
        ON CONFLICT (textHash) DO UPDATE SET
        \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        """
    )
  }

  /// What a judge has answered so far.
  ///
  /// - Parameter judge: The judge's number.
  /// - Returns: The sums over its first answers.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func summary(ofJudge judge: Int) throws -> JudgeSummary {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*), count(*) - count(score), total(inputTokens), total(outputTokens),
            total(attempts), total(seconds) FROM judgment WHERE judge = ? AND repetition = 0
          """,
        arguments: [judge]
      )
      let reasons = try Row.fetchAll(
        database,
        sql: """
          SELECT reason, count(*) FROM judgment
          WHERE judge = ? AND repetition = 0 AND score IS NULL GROUP BY reason
          """,
        arguments: [judge]
      )
      // A sum of what an index holds may be beyond all numbers of tokens.
      func sum(_ column: Int) -> Int { Int(min(row?[column] as Double? ?? 0, 1e18)) }
      return JudgeSummary(
        judgments: row?[0] ?? 0,
        failures: row?[1] ?? 0,
        inputTokens: sum(2),
        outputTokens: sum(3),
        attempts: sum(4),
        seconds: row?[5] ?? 0,
        reasons: Dictionary(reasons.map { ($0[0], $0[1]) }) { $1 }
      )
    }
  }
}

/// A column of scores with all that is known of it.
package struct ScoreColumnRecord: Sendable, Equatable {
  /// The column.
  package let column: ScoreColumn
  /// Whose scores it shows.
  package let judge: JudgeRecord
  /// The judge's number.
  package let judgeID: Int
  /// Whether the rubric's name alone is this column in `corpus`, too.
  package let hasBareName: Bool
}

extension CorpusIndex {
  /// The columns of scores, by name.
  ///
  /// - Returns: The columns.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func scoreColumns() throws -> [ScoreColumnRecord] {
    try read { database in
      let others = Set(try attributeColumns(in: database).map { $0.lowercased() })
      return try Row.fetchAll(
        database,
        sql: """
          SELECT rubric, rubricVersion, judgeName, rubricHash, kind, model, endpointModel,
            parameters, judge, count(*) OVER (PARTITION BY rubric COLLATE NOCASE)
          FROM scoreColumn JOIN judge ON judge.id = scoreColumn.judge ORDER BY name
          """
      ).map { row in
        ScoreColumnRecord(
          column: ScoreColumn(rubric: row[0], rubricVersion: row[1], judgeName: row[2]),
          judge: JudgeRecord(
            rubricHash: row[3],
            kind: row[4],
            model: row[5],
            endpointModel: row[6],
            parameters: row[7]
          ),
          judgeID: row[8],
          hasBareName: row[9] as Int == 1 && !others.contains((row[0] as String).lowercased())
        )
      }
    }
  }

  /// The SHA-256 over all scores of a column, in the order of the texts' hashes.
  ///
  /// - Parameter column: The column's name.
  /// - Returns: The digest, the same whenever the scores are.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func digest(ofScores column: String) throws -> String {
    try read { database in
      var hash = SHA256()
      let name = quotedName(column)
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT textHash, \(name) FROM rubricScore WHERE \(name) IS NOT NULL ORDER BY textHash
          """
      )
      while let row = try rows.next() {
        hash.update("\(row[0] as String) \(row[1] as Double)\n")
      }
      return hash.finish().description
    }
  }
}
