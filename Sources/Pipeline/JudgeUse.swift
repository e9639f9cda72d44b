// What scores a selection goes by: part of its identity, and of what its manifest owns up to.

import Curation
import Documents
import Foundation
import Rubrics
import Storage

/// A judge whose scores decide what is in a selection.
struct JudgeUse: Encodable {
  /// The column of scores.
  let column: String
  let rubric: String
  let rubricVersion: Int
  let rubricHash: String
  let kind: String
  let model: String
  let endpointModel: String
  let parameters: MetadataValue
  /// The texts that it was asked about.
  let judgments: Int
  /// The share of them without a score.
  let shareWithoutScore: Double
  /// What to know before the corpus is submitted to BabyLM.
  let warning: String?
}

extension SelectSettings {
  /// Everything in the settings that may name a column.
  var expressions: [String] {
    [filter, order.column, limit?.column].compactMap(\.self)
      + sources.flatMap { [$0.filter, $0.order?.column, $0.limit?.column].compactMap(\.self) }
  }
}

extension StageContext {
  /// The columns of scores that expressions may name.
  ///
  /// - Parameter expressions: Filters and names of columns.
  /// - Returns: The columns whose rubric's name occurs in one of them, by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  private func scoreColumns(in expressions: [String]) throws -> [ScoreColumnRecord] {
    let words = expressions.joined(separator: " ").lowercased()
    return try workspace.index.scoreColumns().filter {
      words.contains($0.column.rubric.lowercased())
    }
  }

  /// What tells whether scores that expressions may name have changed.
  ///
  /// - Parameter expressions: Filters and names of columns.
  /// - Returns: Each column's name with a digest of its scores.
  /// - Throws: ``Failure`` where the index cannot be read.
  func digests(ofScoresIn expressions: [String]) throws -> [String] {
    try scoreColumns(in: expressions).map {
      "\($0.column.name)=\(try workspace.index.digest(ofScores: $0.column.name))"
    }
  }

  /// The judges whose scores a selection goes by.
  ///
  /// - Parameter settings: The selection.
  /// - Returns: The judges, by column.
  /// - Throws: ``Failure`` where the index cannot be read.
  func judges(usedBy settings: SelectSettings) throws -> [JudgeUse] {
    try scoreColumns(in: settings.expressions).map { record in
      let summary = try workspace.index.summary(ofJudge: record.judgeID)
      return JudgeUse(
        column: record.column.name,
        rubric: record.column.rubric,
        rubricVersion: record.column.rubricVersion,
        rubricHash: record.judge.rubricHash,
        kind: record.judge.kind,
        model: record.judge.model,
        endpointModel: record.judge.endpointModel,
        parameters: (try? JSONDecoder().decode(
          MetadataValue.self,
          from: Data(record.judge.parameters.utf8)
        )) ?? .text(record.judge.parameters),
        judgments: summary.judgments,
        shareWithoutScore: summary.judgments == 0
          ? 0 : Double(summary.failures) / Double(summary.judgments),
        warning: try babyLMWarning(of: record.judge.model)
      )
    }
  }
}

extension JudgmentRow {
  /// A judgment as the index keeps it.
  init(_ judgment: Judgment, of textHash: String, _ rubric: Rubric) {
    self.init(textHash: textHash)
    score = judgment.score
    reason = judgment.reason
    points = judgment.points.map { points in
      canonicalJSON(
        Dictionary(uniqueKeysWithValues: zip(rubric.points.map(\.name), points))
      )
    }
    justification = judgment.justification
    expectedScore = judgment.expectedScore
    answer = judgment.answer
    form = judgment.form?.rawValue
    leftOut = judgment.leftOut
    inputTokens = judgment.inputTokens
    outputTokens = judgment.outputTokens
    attempts = judgment.attempts
    seconds = judgment.seconds
  }
}
