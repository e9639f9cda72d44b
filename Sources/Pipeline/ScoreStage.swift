// Documents get scores: each text that no answer of the judge is known of is asked about, once.

import Documents
import Files
import Foundation
public import Rubrics
import Storage

extension ScoreSettings {
  /// The column that the scores fill.
  var column: ScoreColumn {
    ScoreColumn(rubric: rubric.name, rubricVersion: rubric.version, judgeName: judgeName)
  }

  /// The endpoint as the index knows judges, before it has said what it serves.
  var record: JudgeRecord {
    JudgeRecord(
      rubricHash: rubric.identity,
      kind: "endpoint",
      model: endpoint.model,
      endpointModel: "",
      parameters: endpoint.parameters
    )
  }

  /// Whose filter it is, for messages.
  var place: String { "the scoring `\(column.name)`" }
}

extension StageContext {
  /// Scores the documents that meet a filter.
  ///
  /// - Parameters:
  ///   - settings: What is asked of whom.
  ///   - limits: When to stop before the end; those of the settings where it is `nil`.
  ///   - make: Makes the judge; called where there is work alone.
  /// - Returns: The report: the documents that meet the filter, of the sample where there is one; those
  ///   with a score; those without one by reason. Its status is `stopped` where a limit was met.
  /// - Throws: ``Failure`` where the endpoint refuses all requests or stays down, a filter cannot be
  ///   used, or a shard is damaged; ``Interrupted``. What was answered is kept in each case.
  public func score(
    _ settings: ScoreSettings,
    limits: ScoreLimits? = nil,
    judge make: (ScoreSettings) throws -> any Judge
  ) throws -> StageReport {
    let limits = try limits ?? settings.limits()
    try settings.validate(place: settings.place)
    if let local = settings.local { return try scoreLocally(settings, local) }
    let name = "score \(settings.column.name)"
    let chosen = try chosen(settings.sample, filter: settings.filter, place: settings.place)
    let price = try limits.price(of: settings.endpoint)
    if limits.mostCost != nil, price == nil { throw unknownPrice(settings) }
    if limits.retriesFailures { try workspace.index.forgetStage(name) }
    return try run(try identity(of: settings, chosen, name: name), outputs: []) { replacing in
      let judge = try make(settings)
      defer { try? awaited { await judge.close() } }
      let index = workspace.index
      let (id, warning) = try enter(judge, settings)
      let wasShown = try index.show(settings.column, of: id, isDone: false)
      try replacing()
      let queue = try index.unjudgedTexts(
        filter: settings.filter,
        place: settings.place,
        judge: id,
        asksAgain: limits.retriesFailures,
        among: chosen,
        longest: settings.endpoint.longest,
        check: stop.check
      )
      if let drift = limits.driftCheck, !queue.texts.isEmpty {
        try checkDrift(settings, of: (judge, id), drift)
      }
      var run = ScoreRun(self, settings, limits, price: price, judge: judge, judgeID: id)
      let stoppedBy = try run.judge(queue, stage: name)
      try stop.check()
      // What is entered goes into a column that shows the judge already.
      let isShown =
        try wasShown || index.show(settings.column, of: id, isDone: stoppedBy == nil)
      var report = try report(settings, id, queue, stage: name, stoppedBy: stoppedBy, run)
      report.details["endpoint"] = warning.map { .text($0) }
      if !isShown {
        report.details["column"] = .text(
          "\(settings.column.name) has the former judge's scores until all texts are answered"
        )
      }
      return report
    }
  }

  /// Enters a judge behind an endpoint, or finds it.
  ///
  /// An endpoint that does not say now what it serves, for whatever moment, is taken for the one that
  /// did: otherwise all would be asked, and paid for, once more.
  ///
  /// - Parameters:
  ///   - judge: The judge.
  ///   - settings: What is asked of it.
  /// - Returns: Its number in the index, and a warning where it is taken for one that said more.
  /// - Throws: ``Failure`` where the endpoint does not answer, or the index cannot be written.
  func enter(
    _ judge: any Judge,
    _ settings: ScoreSettings
  ) throws -> (id: Int, warning: String?) {
    let identity = try awaited(stop: stop) { try await judge.identity() }
    let record = JudgeRecord(identity, settings.rubric)
    if record.endpointModel.isEmpty,
      let known = try workspace.index.judge(like: record, of: settings.column)
    {
      guard !known.endpointModel.isEmpty else { return (known.id, nil) }
      return (
        known.id,
        "it does not say what it serves now; its answers are taken for those of the model that it "
          + "stated before: \(known.endpointModel)"
      )
    }
    return (try workspace.index.enterJudge(record), nil)
  }

  private func identity(
    of settings: ScoreSettings,
    _ chosen: Set<DocumentID>?,
    name: String
  ) throws -> StageIdentity {
    let (_, fingerprints) = try ingestedSources()
    // What a filter may read beside the sources' own words.
    let marks =
      settings.filter == nil
      ? [] : try [fingerprintOfDeduplication() ?? "", fingerprintOfDecontamination() ?? ""]
    let read = try workspace.index.columns(
      ofFilters: workspace.index.sourceNames().prefix(1).map {
        CandidateQuery(source: $0, filter: settings.filter, place: settings.place)
      }
    )
    let scores = try digests(ofScores: read)
    return StageIdentity(
      name: name,
      version: 2,
      inputs: fingerprints + marks + [digest(of: chosen)]
        + scores + (try fingerprintsOfMetrics(with: read)),
      settings: canonicalJSON([
        settings.record.rubricHash, "\(settings.rubric.version)", settings.endpoint.model,
        settings.endpoint.endpoint, settings.endpoint.parameters, settings.filter ?? "",
        settings.rubric.name, settings.judgeName,
      ])
    )
  }

  private func unknownPrice(_ settings: ScoreSettings) -> Failure {
    Failure(
      .usage,
      what: "the price of `\(settings.endpoint.model)` is not known, so no cost can be kept to",
      place: settings.place,
      remedy:
        "add the model to a table of prices and name it with --prices, or leave --max-cost out"
    )
  }

  private func report(
    _ settings: ScoreSettings,
    _ judge: Int,
    _ queue: TextQueue,
    stage: String,
    stoppedBy: String?,
    _ run: ScoreRun
  ) throws -> StageReport {
    let summary = try workspace.index.summary(ofJudge: judge)
    let outcome = try workspace.index.outcome(of: queue, judge: judge)
    var details: [String: MetadataValue] = [
      "model": .text(settings.endpoint.model), "rubric": .text(settings.rubric.identity),
      "judgments": .integer(summary.judgments),
      "shareWithoutScore": .number(
        summary.judgments == 0 ? 0 : Double(summary.failures) / Double(summary.judgments)
      ),
      "inputTokens": .integer(summary.inputTokens),
      "outputTokens": .integer(summary.outputTokens),
    ]
    if let price = run.price {
      details["cost"] = .number(
        price.cost(input: summary.inputTokens, output: summary.outputTokens)
      )
    }
    if let warning = try babyLMWarning(of: settings.endpoint.model) {
      details["warning"] = .text(warning)
    }
    var report = StageReport(
      stage: stage,
      input: queue.documents,
      output: outcome.scored,
      rejected: outcome.reasons,
      words: outcome.words,
      details: details
    )
    if let stoppedBy {
      report.status = .stopped
      report.details["stoppedBy"] = .text(stoppedBy)
      report.details["requests"] = .integer(run.control.requests)
      // More than the answers that are kept have cost, where others could not be read.
      if run.price != nil { report.details["spent"] = .number(run.spent) }
      report.details["textsLeft"] = .integer(queue.texts.count - run.finished)
    }
    return report
  }
}

/// What to tell of a model that BabyLM does not list.
///
/// - Parameter model: The model's name.
/// - Returns: A warning, or `nil` where it is on the list.
/// - Throws: ``Failure`` where the program was built with a damaged list.
func babyLMWarning(of model: String) throws -> String? {
  let allowed = try AllowedModels()
  guard !allowed.contains(model) else { return nil }
  return "`\(model)` is not on the list of models that BabyLM \(allowed.year) lets one learn from"
}

extension JudgeRecord {
  /// A judge's record of what it said of itself.
  init(_ identity: JudgeIdentity, _ rubric: Rubric) {
    self.init(
      rubricHash: rubric.identity,
      kind: identity.kind,
      model: identity.model,
      endpointModel: identity.endpointModel,
      parameters: identity.parameters
    )
  }
}
