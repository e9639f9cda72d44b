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

extension StageContext {
  /// The columns of scores among columns that are read.
  ///
  /// - Parameter names: Columns of `corpus`; a rubric's name alone stands for its column.
  /// - Returns: The columns of scores, by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  private func scoreColumns(among names: [String]) throws -> [ScoreColumnRecord] {
    let read = Set(names.map { $0.lowercased() })
    return try workspace.index.scoreColumns().filter {
      read.contains($0.column.name.lowercased())
        || $0.hasBareName && read.contains($0.column.rubric.lowercased())
    }
  }

  /// What tells whether scores that are read have changed.
  ///
  /// - Parameter names: The columns of `corpus` that are read.
  /// - Returns: Each column of scores among them with a digest of its scores.
  /// - Throws: ``Failure`` where the index cannot be read.
  func digests(ofScores names: [String]) throws -> [String] {
    try scoreColumns(among: names).map {
      "\($0.column.name)=\(try workspace.index.digest(ofScores: $0.column.name))"
    }
  }

  /// The judges whose scores a selection goes by.
  ///
  /// - Parameter settings: The selection.
  /// - Returns: The judges, by column.
  /// - Throws: ``Failure`` where the index cannot be read.
  func judges(usedBy settings: SelectSettings) throws -> [JudgeUse] {
    try scoreColumns(among: settings.columns(in: workspace.index)).map { record in
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
        warning: try babyLMWarning(of: record.judge)
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
