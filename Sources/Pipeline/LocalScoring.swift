// Scores from judges on this machine: computed by the batch on all cores, entered by the batch.
//
// The judge `heuristic` reads columns and computes all scores again whenever columns have changed; a
// distilled model reads texts, each once, like any judge.

import Documents
import Files
import Foundation
public import Rubrics
import Settings
import Storage

/// A judge on this machine.
public enum LocalJudgeChoice: Sendable, Equatable {
  /// The rubric's rules over metrics.
  case heuristic
  /// A model of `blalm score train`, by its name in the workspace or its path.
  case distilled(String)

  /// The usual name of the judge.
  var judgeName: String {
    switch self {
    case .heuristic: HeuristicJudge.name
    case .distilled: DistilledJudge.name
    }
  }
}

extension LocalJudgeChoice {
  /// The judge of a recipe's entry: a distilled model, else `heuristic` where nothing of an endpoint is
  /// named, else `nil`.
  ///
  /// - Parameters:
  ///   - setting: The entry.
  ///   - path: Makes a path of one that is relative to the recipe's folder.
  /// - Throws: ``Failure`` where a key does not go with a distilled model, or its name is no text.
  init?(yaml setting: Setting, path: (String) -> String) throws {
    if let model = try setting.splitting(off: "distilled").value {
      _ = try setting.entries(known: ScoreSettings.ownKeys)
      let name = try model.text()
      self = .distilled(name.contains("/") ? path(name) : name)
    } else if try setting.entries().allSatisfy({ ScoreSettings.ownKeys.contains($0.key) }) {
      self = .heuristic
    } else {
      return nil
    }
  }
}

/// What to tell of a judge that BabyLM may count as a tool trained on language.
///
/// - Parameter judge: The judge.
/// - Returns: A warning, or `nil` where its model is on the list, or it has learnt nothing.
/// - Throws: ``Failure`` where the program was built with a damaged list.
func babyLMWarning(of judge: JudgeRecord) throws -> String? {
  switch judge.kind {
  case HeuristicJudge.name: return nil
  case DistilledJudge.name:
    let teacher = try? JSONDecoder().decode(Teacher.self, from: Data(judge.endpointModel.utf8))
    guard let teacher, teacher.kind != HeuristicJudge.name else {
      return teacher == nil
        ? "`\(judge.model)` has learnt scores whose judge is not known; the model that gave them "
          + "must be on BabyLM's list" : nil
    }
    return try babyLMWarning(of: teacher.model)
  default: return try babyLMWarning(of: judge.model)
  }
}

/// Whose scores a distilled model has learnt, as its description has it.
struct Teacher: Codable {
  let kind: String
  let model: String
}

extension Workspace {
  /// Where a distilled model lies.
  ///
  /// - Parameter name: A model's name, or a path, which has a `/` in it.
  /// - Returns: The path.
  /// - Throws: ``Failure`` of usage where the name cannot be one.
  func pathOfJudge(_ name: String) throws -> String {
    if name.contains("/") { return name }
    try checkName(name, of: "judge")
    return path(of: "judges/\(name).judge")
  }
}

extension StageContext {
  /// The texts that are judged between two commits, and their bytes.
  private static let textsOfBatch = 4_096
  private static let bytesOfBatch = 16_777_216

  /// Makes a judge on this machine.
  ///
  /// - Parameters:
  ///   - choice: Which one.
  ///   - rubric: What is asked.
  /// - Returns: The judge.
  /// - Throws: ``Failure`` where the rubric has no rules, or the model cannot be read or has learnt
  ///   another rubric's scores.
  public func localJudge(_ choice: LocalJudgeChoice, _ rubric: Rubric) throws -> any LocalJudge {
    switch choice {
    case .heuristic:
      guard let judge = HeuristicJudge(rubric) else {
        throw Failure(
          .usage,
          what: "the rubric `\(rubric.name)` states no rules for the judge `heuristic`",
          place: "the rubric",
          remedy: "add `heuristic:` to its file, or name an endpoint or a distilled model"
        )
      }
      return judge
    case .distilled(let name):
      let path = try workspace.pathOfJudge(name)
      let file = try DistilledModelFile(path: path)
      let learnt = file.model.description
      if learnt.rubric == rubric.name, learnt.rubricHash != rubric.identity {
        throw Failure(
          .usage,
          what: "the model has learnt scores by another text of the rubric `\(rubric.name)`",
          place: path,
          remedy: "name the rubric that it has learnt, whose identity begins with "
            + "\(learnt.rubricHash.prefix(12)), or train a model of this one with "
            + "`blalm score train`"
        )
      }
      guard file.model.scale == rubric.scale, learnt.rubric == rubric.name else {
        throw Failure(
          .usage,
          what: "the model has learnt the rubric `\(learnt.rubric)` and not "
            + "`\(rubric.name)`",
          place: path,
          remedy: "name that rubric, or train a model of this one with `blalm score train`"
        )
      }
      return DistilledJudge(file)
    }
  }

  /// Scores the documents that meet a filter with a judge on this machine.
  ///
  /// - Parameters:
  ///   - settings: What is asked.
  ///   - choice: The judge.
  /// - Returns: The report, as of any judge.
  /// - Throws: ``Failure`` where the judge or the filter cannot be used, or a shard is damaged;
  ///   ``Interrupted``.
  func scoreLocally(_ settings: ScoreSettings, _ choice: LocalJudgeChoice) throws -> StageReport {
    let judge = try localJudge(choice, settings.rubric)
    let columns = try workspace.index.columns(named: judge.columns, place: settings.place)
    let chosen = try chosen(settings.sample, filter: settings.filter, place: settings.place)
    let name = "score \(settings.column.name)"
    let record = JudgeRecord(judge.localIdentity, settings.rubric)
    let identity = StageIdentity(
      name: name,
      version: 2,
      inputs: try ingestedSources().fingerprints + [digest(of: chosen)]
        + [try digestOfValues(columns, settings)],
      settings: canonicalJSON([
        record.rubricHash, "\(settings.rubric.version)", record.kind, record.model,
        record.parameters, settings.filter ?? "", settings.rubric.name, settings.judgeName,
      ])
    )
    return try run(identity, outputs: []) { replacing in
      let index = workspace.index
      let id = try index.enterJudge(record)
      let isShown = try index.show(settings.column, of: id, isDone: false)
      try replacing()
      // A judge of columns computes all scores anew, since columns may have changed.
      let queue = try index.unjudgedTexts(
        filter: settings.filter,
        place: settings.place,
        judge: judge.readsText ? id : nil,
        among: chosen,
        check: stop.check
      )
      var pass = LocalPass(self, settings, judge, judgeID: id)
      if judge.readsText {
        try judgeTexts(of: queue, &pass)
      } else {
        try judgeValues(columns, chosen, &pass)
      }
      // What is entered goes into a column that shows the judge already.
      if !isShown { try index.show(settings.column, of: id) }
      let summary = try index.summary(ofJudge: id)
      let outcome = try index.outcome(of: queue, judge: id)
      var details: [String: MetadataValue] = [
        "model": .text(record.model), "rubric": .text(settings.rubric.identity),
        "judgments": .integer(summary.judgments),
        "shareWithoutScore": .number(
          summary.judgments == 0 ? 0 : Double(summary.failures) / Double(summary.judgments)
        ),
      ]
      details["warning"] = try babyLMWarning(of: record).map { .text($0) }
      return StageReport(
        stage: name,
        input: queue.documents,
        output: outcome.scored,
        rejected: outcome.reasons,
        words: outcome.words,
        details: details
      )
    }
  }

  /// What tells whether the columns that decide the scores, or the choice of documents, have changed.
  private func digestOfValues(_ columns: [String], _ settings: ScoreSettings) throws -> String {
    var hash = SHA256()
    try workspace.index.forEachValues(
      values: columns,
      filter: settings.filter,
      place: settings.place
    ) { row in
      hash.update("\(row.id) \(row.textHash)")
      for value in row.values { hash.update(value.map { " \($0)" } ?? " -") }
    }
    return hash.finish().description
  }

  private func judgeValues(
    _ columns: [String],
    _ chosen: Set<DocumentID>?,
    _ pass: inout LocalPass
  ) throws {
    var seen: Set<String> = []
    var batch: [Sample] = []
    try workspace.index.forEachValues(
      values: columns,
      filter: pass.settings.filter,
      place: pass.settings.place
    ) { row in
      guard chosen?.contains(row.id) ?? true else { return }
      // Of one text's documents the lowest identity counts.
      guard seen.insert(row.textHash).inserted else { return }
      batch.append(Sample(textHash: row.textHash, text: [], values: row.values))
      guard batch.count == StageContext.textsOfBatch else { return }
      try pass.judge(batch, total: nil)
      batch.removeAll(keepingCapacity: true)
    }
    try pass.judge(batch, total: nil)
  }

  private func judgeTexts(of queue: TextQueue, _ pass: inout LocalPass) throws {
    var next = 0
    while next < queue.texts.count {
      var end = next
      var bytes = 0
      while end < queue.texts.count, end - next < StageContext.textsOfBatch,
        end == next || bytes + Int(queue.texts[end].bytes) <= StageContext.bytesOfBatch
      {
        bytes += Int(queue.texts[end].bytes)
        end += 1
      }
      try pass.judgeTexts(of: queue, next..<end)
      next = end
    }
  }
}

/// One pass of a judge over many samples.
private struct LocalPass {
  let settings: ScoreSettings
  private let context: StageContext
  private let judge: any LocalJudge
  private let judgeID: Int
  private var finished = 0

  init(
    _ context: StageContext,
    _ settings: ScoreSettings,
    _ judge: any LocalJudge,
    judgeID: Int
  ) {
    self.context = context
    self.settings = settings
    self.judge = judge
    self.judgeID = judgeID
  }

  /// Judges samples and enters what comes of it.
  mutating func judge(_ samples: [Sample], total: Int?) throws {
    let rows = zip(samples, judge.judgments(of: samples)).map {
      JudgmentRow($1, of: $0.textHash, settings.rubric)
    }
    try enter(rows, total: total)
  }

  /// Judges a part of a queue on all cores.
  mutating func judgeTexts(of queue: TextQueue, _ range: Range<Int>) throws {
    let gathering = ShardGathering(context.workspace)
    let (judge, rubric) = (judge, settings.rubric)
    let pieces = min(WorkerPool.width * 2, range.count)
    let ranges = (0..<pieces).map { piece in
      range.lowerBound + range.count * piece / pieces..<range.lowerBound + range.count * (piece + 1)
        / pieces
    }
    let rows = try WorkerPool.map(ranges) { range in
      let samples = try gathering.documents(range.map(queue.request), withMetadata: false)
        .map { Sample(textHash: SHA256.hash($0.text).description, text: $0.text) }
      return zip(samples, judge.judgments(of: samples)).map {
        JudgmentRow($1, of: $0.textHash, rubric)
      }
    }
    try enter(rows.flatMap(\.self), total: queue.texts.count)
  }

  private mutating func enter(_ rows: [JudgmentRow], total: Int?) throws {
    try context.stop.check()
    if !rows.isEmpty {
      try context.workspace.index.enter(rows, of: judgeID)
    }
    finished += rows.count
    context.progress(
      StageProgress(
        stage: "score \(settings.column.name)",
        completed: finished,
        total: total,
        unit: "texts"
      )
    )
  }
}
