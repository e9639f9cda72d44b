// Judges' answers, and the columns of scores that filters read.

import Files
import Foundation
import Rubrics
import Storage

extension Verification {
  /// Holds answers against what a judge can say, and columns of scores against the answers.
  mutating func checkScores() throws {
    let scales = try scalesOfBuiltInRubrics()
    for (id, record) in try index.judges() {
      try context.stop.check()
      let fault = try index.faults(ofAnswersOf: id, scale: scales[record.rubricHash])
      guard let fault else { continue }
      add(
        "answers of the judge `\(record.model)` hold what no judge can have said",
        fault,
        damage: .answers(judge: id)
      )
    }
    for column in try index.scoreColumns() {
      try context.stop.check()
      guard let fault = try index.faults(ofScores: column) else { continue }
      add(
        "the column `\(column.column.name)` does not have the scores that its judge has given",
        fault,
        damage: .scores(column: column.column.name)
      )
    }
  }

  private mutating func add(_ what: String, _ fault: AnswerFault, damage: Finding.Damage) {
    add(what, file: "corpus.sqlite", detail: "text \(fault.firstText)", damage: damage)
    report.findings[report.findings.count - 1].count = fault.count
  }
}

/// The scales of the rubrics that come with the program, by what identifies them; those of others are
/// in files that the workspace does not have.
func scalesOfBuiltInRubrics() throws -> [String: ClosedRange<Int>] {
  var scales: [String: ClosedRange<Int>] = [:]
  for (name, _) in BuiltInFile.rubrics {
    let rubric = try Rubric(named: name)
    scales[rubric.identity] = rubric.scale
  }
  return scales
}
