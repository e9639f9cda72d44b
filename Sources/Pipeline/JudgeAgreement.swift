// Judging the judge: does it agree with another one, with a gold file, and with itself?

import Documents
import Files
public import Rubrics
import Storage

/// What the scores of one column are compared with.
public enum ScoreReference: Sendable {
  /// Another column.
  case column(String)
  /// Scores from outside.
  case gold(GoldScores)
}

/// How far two judges agree.
public struct JudgeAgreementReport: Sendable, Codable {
  /// The different texts that meet the filter; with a gold file, its documents.
  public var asked = 0
  /// Those that the first judge has no score of.
  public var withoutFirst = 0
  /// Those that the second has none of; with a gold file, its documents that are not in the workspace
  /// or do not meet the filter.
  public var withoutSecond = 0
  /// The figures over those that both have scored.
  public var agreement: ScoreAgreement?
}

extension StageContext {
  /// Compares a judge's scores with others.
  ///
  /// - Parameters:
  ///   - column: The judge's column.
  ///   - reference: What it is compared with, which is the truth for F1.
  ///   - filter: What documents must meet, or `nil`.
  ///   - threshold: The lowest whole score that counts as a yes.
  /// - Returns: The figures; each text counts once, with a gold file each of its documents.
  /// - Throws: ``Failure`` where a column or the filter cannot be used, or scores are too far apart
  ///   for a table.
  public func agreement(
    of column: String,
    with reference: ScoreReference,
    filter: String? = nil,
    threshold: Int = 3
  ) throws -> JudgeAgreementReport {
    let place = "the comparison of `\(column)`"
    var columns = [column]
    var gold: [DocumentID: Double]?
    switch reference {
    case .column(let other): columns.append(other)
    case .gold(let file): gold = file.scores
    }
    columns = try workspace.index.columns(named: columns, place: place)
    var report = JudgeAgreementReport()
    var seen: Set<String> = []
    var (first, second): ([Double], [Double]) = ([], [])
    var found = 0
    try workspace.index.forEachValues(values: columns, filter: filter, place: place) { row in
      let other: Double?
      if let gold {
        guard let score = gold[row.id] else { return }
        found += 1
        other = score
      } else {
        guard seen.insert(row.textHash).inserted else { return }
        report.asked += 1
        other = row.values[1]
        if other == nil { report.withoutSecond += 1 }
      }
      guard let one = row.values[0] else {
        report.withoutFirst += 1
        return
      }
      guard let other else { return }
      first.append(one)
      second.append(other)
    }
    if let gold {
      report.asked = gold.count
      report.withoutSecond = gold.count - found
    }
    guard !first.isEmpty else { return report }
    guard let agreement = ScoreAgreement(first, second, threshold: threshold) else {
      throw Failure(
        .usage,
        what: "the scores are too far apart for a table",
        place: place,
        remedy: "name columns of scores on one scale"
      )
    }
    report.agreement = agreement
    return report
  }
}
