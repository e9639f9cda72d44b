// A judge's scores become a model that scores the rest of a corpus on this machine.

import Documents
import Files
import Foundation
public import Rubrics
import Storage

/// What a model is to learn.
public struct DistillSettings: Sendable {
  /// The rubric whose scores they are.
  public var rubric: Rubric
  /// The column that holds them.
  public var column: String
  /// The model's name.
  public var name: String
  /// What documents must meet, or `nil`.
  public var filter: String?
  /// How it is learnt.
  public var distillation: DistillationSettings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - rubric: The rubric whose scores they are.
  ///   - column: The column that holds them.
  ///   - name: The model's name.
  ///   - filter: What documents must meet, or `nil`.
  ///   - distillation: How it is learnt.
  public init(
    rubric: Rubric,
    column: String,
    name: String = DistilledJudge.name,
    filter: String? = nil,
    distillation: DistillationSettings = DistillationSettings()
  ) {
    self.rubric = rubric
    self.column = column
    self.name = name
    self.filter = filter
    self.distillation = distillation
  }
}

extension StageContext {
  /// Learns a judge's scores.
  ///
  /// - Parameter settings: What to learn.
  /// - Returns: The report, with what the test on the texts held out has found.
  /// - Throws: ``Failure`` where the column or filter cannot be used, too few texts have a score, or a
  ///   shard is damaged; ``Interrupted``.
  public func distill(_ settings: DistillSettings) throws -> StageReport {
    try checkName(settings.name, of: "judge")
    let place = "the training of `\(settings.name)`"
    let index = workspace.index
    let column = try index.columns(named: [settings.column], place: place)[0]
    var scores: [DocumentID: Double] = [:]
    var hash = SHA256()
    try index.forEachValues(values: [column], filter: settings.filter, place: place) { row in
      guard let score = row.values[0], score.isFinite else { return }
      scores[row.id] = score
      hash.update("\(row.id) \(row.textHash) \(score)\n")
    }
    let teacher = try index.scoreColumns().first { $0.column.name == column }?.judge
    let output = "judges/\(settings.name).judge"
    let identity = StageIdentity(
      name: "distill \(settings.name)",
      version: 1,
      inputs: [hash.finish().description],
      settings: canonicalJSON([
        settings.rubric.name, settings.rubric.identity, column, teacher?.model ?? "",
        canonicalJSON(settings.distillation),
      ])
    )
    return try run(identity, outputs: [output]) { replacing in
      var training = DistilledTraining(settings.distillation, scale: settings.rubric.scale)
      let texts = try gather(scores, settings, into: &training, place: place)
      guard training.trainedTexts >= DistilledTraining.fewestTexts, training.hasDifferentScores
      else {
        throw Failure(
          what: "\(training.trainedTexts) texts to learn from have a score in `\(column)`, "
            + (training.hasDifferentScores ? "which is too few" : "all of them the same"),
          place: workspace.path,
          remedy: "let a judge score some hundreds of documents that differ, "
            + "such as a --sample by a metric"
        )
      }
      let description = DistilledModel.Description(
        rubric: settings.rubric.name,
        rubricHash: settings.rubric.identity,
        column: column,
        teacher: teacher.map { canonicalJSON(Teacher(kind: $0.kind, model: $0.model)) } ?? ""
      )
      let model = try training.model(description, check: stop.check)
      try replacing()
      try makeFolder(workspace.path(of: "judges"))
      _ = try DistilledModelFile.write(model, to: workspace.path(of: output))
      return StageReport(
        stage: identity.name,
        input: scores.count,
        output: texts,
        words: 0,
        details: ["model": .text(output), "column": .text(column)].merging(
          details(of: model.description.report)
        ) { $1 }
      )
    }
  }

  /// Reads the texts that are to be learnt from or held out.
  private func gather(
    _ scores: [DocumentID: Double],
    _ settings: DistillSettings,
    into training: inout DistilledTraining,
    place: String
  ) throws -> Int {
    let queue = try workspace.index.unjudgedTexts(
      filter: settings.filter,
      place: place,
      judge: nil,
      among: Set(scores.keys),
      check: stop.check
    )
    let seed = UInt64(bitPattern: Int64(settings.distillation.seed))
    let order = queue.texts.indices
      .map { (key: queue.texts[$0].id.mixed(seed: seed), place: $0) }
      .sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.place)
    let isTest = queue.texts.map { DistilledTraining.isHeldOut($0.id, settings.distillation) }
    let most = settings.distillation.mostTexts
    let chosen =
      (order.filter { !isTest[$0] }.prefix(most) + order.filter { isTest[$0] }.prefix(most))
      .sorted()
    let gathering = ShardGathering(workspace)
    for start in stride(from: 0, to: chosen.count, by: 256) {
      try stop.check()
      let part = chosen[start..<min(start + 256, chosen.count)]
      let found = try gathering.documents(part.map(queue.request), withMetadata: false)
      for (place, found) in zip(part, found) {
        let id = queue.texts[place].id
        guard let score = scores[id] else { continue }
        training.add(id, found.text, score: score)
      }
    }
    return chosen.count
  }

  private func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        what: "the folder cannot be made: \(error.localizedDescription)",
        place: path,
        remedy: "make the workspace writable"
      )
    }
  }
}

/// A training's figures as a report has them.
private func details(of report: DistillationReport) -> [String: MetadataValue] {
  var details: [String: MetadataValue] = [
    "trainedTexts": .integer(report.trainedTexts), "penalty": .number(report.penalty),
  ]
  details["meanAbsoluteError"] = report.meanAbsoluteError.map { .number($0) }
  details["meanAbsoluteErrorOfMean"] = report.meanAbsoluteErrorOfMean.map { .number($0) }
  guard let agreement = report.heldOut else { return details }
  return details.merging(agreement.details) { $1 }
}

extension ScoreAgreement {
  /// The figures as a report has them.
  var details: [String: MetadataValue] {
    var details: [String: MetadataValue] = [
      "texts": .integer(texts), "lowest": .integer(confusion.lowest),
      "confusion": .list(confusion.counts.map { .list($0.map { .integer($0) }) }),
      "threshold": .integer(threshold),
    ]
    details["exact"] = exact.map { .number($0) }
    details["quadraticWeightedKappa"] = quadraticWeightedKappa.map { .number($0) }
    details["spearman"] = spearman.map { .number($0) }
    details["f1"] = f1.map { .number($0) }
    return details
  }
}
