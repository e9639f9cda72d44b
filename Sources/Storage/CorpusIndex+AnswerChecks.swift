// Whether judges' answers are what they can be, and columns of scores what the answers say; what
// repair does where they are not, and what it takes from an index that is damaged.
//
// Answers were paid for and stand in the index alone, so that whatever can be read of them is kept.

import Documents
import Files
import GRDB

/// Something wrong with rows of a judge, with the first text that it is wrong of.
package struct AnswerFault: Sendable, Equatable {
  /// The rows.
  package let count: Int
  /// The hash of the first text.
  package let firstText: String
}

/// The scores that a rubric allows; those of any rubric where it is not known.
private let widestScale = -1_000...1_000

extension CorpusIndex {
  /// The judges that have answered, with their numbers.
  ///
  /// - Returns: The judges, by number.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func judges() throws -> [(id: Int, record: JudgeRecord)] {
    try read(judgeRows(in:))
  }

  /// The rows in which a column of scores says something else than the judge whose scores it shows.
  ///
  /// - Parameter column: The column.
  /// - Returns: The rows; `nil` where all agree.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func faults(ofScores column: ScoreColumnRecord) throws -> AnswerFault? {
    let name = quotedName(column.column.name)
    return try fault(
      """
      SELECT r.textHash AS text FROM rubricScore r LEFT JOIN judgment j
        ON j.judge = ?1 AND j.textHash = r.textHash AND j.repetition = 0
        WHERE r.\(name) IS NOT j.score
      UNION ALL
      SELECT j.textHash FROM judgment j LEFT JOIN rubricScore r ON r.textHash = j.textHash
        WHERE j.judge = ?1 AND j.repetition = 0 AND j.score IS NOT NULL AND r.textHash IS NULL
      """,
      [column.judgeID]
    )
  }

  /// The answers of a judge that no judge can have given.
  ///
  /// - Parameters:
  ///   - judge: The judge's number.
  ///   - scale: The scores of its rubric, or `nil` where they are not known.
  /// - Returns: The answers; `nil` where all can be.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func faults(ofAnswersOf judge: Int, scale: ClosedRange<Int>?) throws -> AnswerFault? {
    let (condition, arguments) = impossibleAnswers(of: judge, scale)
    return try fault("SELECT textHash AS text FROM judgment WHERE \(condition)", arguments)
  }

  /// Strikes the answers of a judge that no judge can have given, so that they are asked for again.
  ///
  /// - Parameters:
  ///   - judge: The judge's number.
  ///   - scale: The scores of its rubric, or `nil` where they are not known.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func strikeImpossibleAnswers(of judge: Int, scale: ClosedRange<Int>?) throws {
    let (condition, arguments) = impossibleAnswers(of: judge, scale)
    try write { database in
      try database.execute(sql: "DELETE FROM judgment WHERE \(condition)", arguments: arguments)
    }
    for column in try scoreColumns() where column.judgeID == judge {
      try show(column.column, of: judge)
    }
  }

  private func fault(_ texts: String, _ arguments: StatementArguments) throws -> AnswerFault? {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: "SELECT count(*), min(text) FROM (\(texts))",
        arguments: arguments
      )
      guard let row, row[0] as Int > 0 else { return nil }
      return AnswerFault(count: row[0], firstText: row[1])
    }
  }
}

/// What is true of answers that cannot be; half a point beyond the scale is what a distilled model may
/// say, whose scores are no whole numbers.
private func impossibleAnswers(
  of judge: Int,
  _ scale: ClosedRange<Int>?
) -> (condition: String, arguments: StatementArguments) {
  let scale = scale ?? widestScale
  let (lowest, highest) = (Double(scale.lowerBound) - 0.5, Double(scale.upperBound) + 0.5)
  return (
    """
    judge = ?1 AND (score NOT BETWEEN ?2 AND ?3 OR expectedScore NOT BETWEEN ?2 AND ?3
      OR seconds NOT BETWEEN 0 AND 1e12 OR textHash GLOB '*[^0-9a-f]*')
    """,
    [judge, lowest, highest]
  )
}

private func judgeRows(in database: Database) throws -> [(id: Int, record: JudgeRecord)] {
  try Row.fetchAll(
    database,
    sql: """
      SELECT id, rubricHash, kind, model, endpointModel, parameters FROM judge ORDER BY id
      """
  ).compactMap { row in
    guard let id = Int.fromDatabaseValue(row[0]), let hash = String.fromDatabaseValue(row[1]),
      let kind = String.fromDatabaseValue(row[2]), let model = String.fromDatabaseValue(row[3]),
      let endpointModel = String.fromDatabaseValue(row[4]),
      let parameters = String.fromDatabaseValue(row[5])
    else { return nil }
    return (
      id,
      JudgeRecord(
        rubricHash: hash,
        kind: kind,
        model: model,
        endpointModel: endpointModel,
        parameters: parameters
      )
    )
  }
}

// MARK: - What a damaged index still has

/// What was taken from a damaged index.
package struct SalvagedAnswers: Sendable, Equatable {
  /// The answers.
  package var answers = 0
  /// The judges that gave them.
  package var judges = 0
  /// Whether some part could not be read.
  package var hasGaps = false
}

extension CorpusIndex {
  /// Enters the judges, answers and columns of scores that can be read of a damaged index.
  ///
  /// The answers of a judge are read from either end as far as the damage lets it; those that cannot
  /// be are left out.
  ///
  /// - Parameters:
  ///   - path: The damaged index, which is only read.
  ///   - check: Called now and then; what it throws ends the reading.
  /// - Returns: What was entered.
  /// - Throws: ``Failure`` where this index cannot be written; what `check` throws.
  package func salvageAnswers(from path: String, check: () throws -> Void) throws -> SalvagedAnswers
  {
    var salvaged = SalvagedAnswers()
    var configuration = Configuration()
    configuration.readonly = true
    guard let damaged = try? DatabaseQueue(path: path, configuration: configuration),
      let judges = try? damaged.read(judgeRows(in:))
    else {
      salvaged.hasGaps = true
      return salvaged
    }
    var numbers: [Int: Int] = [:]
    for (old, record) in judges {
      guard let new = try? enterJudge(record) else {
        salvaged.hasGaps = true
        continue
      }
      numbers[old] = new
      let before = salvaged.answers
      let isWhole = try copyAnswers(of: old, from: damaged, to: new, "ASC", &salvaged, check)
      if !isWhole { _ = try copyAnswers(of: old, from: damaged, to: new, "DESC", &salvaged, check) }
      salvaged.hasGaps = salvaged.hasGaps || !isWhole
      if salvaged.answers > before { salvaged.judges += 1 }
      try strikeImpossibleAnswers(of: new, scale: nil)
    }
    let columns = try? damaged.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT rubric, rubricVersion, judgeName, judge FROM scoreColumn ORDER BY name"
      )
    }
    for row in columns ?? [] {
      guard let rubric = String.fromDatabaseValue(row[0]),
        let version = Int.fromDatabaseValue(row[1]),
        let judgeName = String.fromDatabaseValue(row[2]),
        let judge = Int.fromDatabaseValue(row[3]).flatMap({ numbers[$0] })
      else { continue }
      try show(
        ScoreColumn(rubric: rubric, rubricVersion: version, judgeName: judgeName),
        of: judge
      )
    }
    return salvaged
  }

  /// Copies a judge's answers from one end until there are no more, or one cannot be read.
  ///
  /// - Returns: Whether all could be read.
  private func copyAnswers(
    of old: Int,
    from damaged: DatabaseQueue,
    to new: Int,
    _ order: String,
    _ salvaged: inout SalvagedAnswers,
    _ check: () throws -> Void
  ) throws -> Bool {
    var isWhole = true
    try write { index in
      let insertion = try index.cachedStatement(
        sql: """
          INSERT OR IGNORE INTO judgment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      )
      let rows: (Database) throws -> Void = { database in
        let cursor = try Row.fetchCursor(
          database,
          sql: """
            SELECT textHash, repetition, score, reason, points, justification, expectedScore, answer,
              form, leftOut, inputTokens, outputTokens, attempts, seconds, answeredAt
            FROM judgment WHERE judge = ? ORDER BY textHash \(order), repetition \(order)
            """,
          arguments: [old]
        )
        while let row = try cursor.next() {
          var values: [DatabaseValue] = [new.databaseValue]
          for column in 0..<15 { values.append(row[column]) }
          do {
            try insertion.execute(arguments: StatementArguments(values))
            salvaged.answers += index.changesCount
          } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            // What is no answer any more.
            isWhole = false
          }
          if salvaged.answers & 0xfff == 0 { try check() }
        }
      }
      do {
        try damaged.read(rows)
      } catch let error as DatabaseError
        where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_IOERR]
        .contains(error.resultCode)
      {
        isWhole = false
      }
    }
    return isWhole
  }
}
