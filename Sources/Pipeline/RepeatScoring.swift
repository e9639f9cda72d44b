// The same texts to the same judge several times: is it steady, and is it still the judge it was?
//
// Each answer is kept as a repetition of its own, so that rounds that were interrupted go on; filters
// see the first answer alone.

import Documents
import Files
import Foundation
public import Rubrics
import Storage

extension StageContext {
  /// Asks a judge about the same texts several times.
  ///
  /// - Parameters:
  ///   - settings: What is asked of whom, with a sample.
  ///   - times: The answers on each text; those that the index has count.
  ///   - limits: When to stop before the end.
  ///   - make: Makes the judge.
  /// - Returns: The figures, the limit that ended the run before its end, if one did, and what to know
  ///   of the endpoint, if anything.
  /// - Throws: ``Failure`` as of any scoring; ``Interrupted``.
  public func repeatScoring(
    _ settings: ScoreSettings,
    times: Int,
    limits: ScoreLimits = ScoreLimits(),
    judge make: (ScoreSettings) throws -> any Judge
  ) throws -> (rate: RepeatRate, stoppedBy: String?, warning: String?) {
    try settings.validate(place: settings.place)
    let chosen = try chosen(settings.sample, filter: settings.filter, place: settings.place)
    guard settings.local == nil else {
      throw Failure(
        .usage,
        what: "a judge on this machine gives the same answer each time",
        place: settings.place,
        remedy: "name an endpoint with --endpoint and --model"
      )
    }
    let judge = try make(settings)
    defer { try? awaited { await judge.close() } }
    let index = workspace.index
    let (id, warning) = try enter(judge, settings)
    try index.show(settings.column, of: id, isDone: false)
    var limits = limits
    var stoppedBy: String?
    for repetition in 0..<times where stoppedBy == nil {
      let queue = try index.unjudgedTexts(
        filter: settings.filter,
        place: settings.place,
        judge: id,
        repetition: repetition,
        among: chosen,
        longest: settings.endpoint.longest,
        check: stop.check
      )
      var run = ScoreRun(
        self,
        settings,
        limits,
        price: try limits.price(of: settings.endpoint),
        judge: judge,
        judgeID: id,
        repetition: repetition
      )
      stoppedBy = try run.judge(queue, stage: "score repeat, round \(repetition + 1)")
      try stop.check()
      limits.mostRequests = limits.mostRequests.map { max($0 - run.control.requests, 0) }
      limits.mostCost = limits.mostCost.map { max($0 - run.spent, 0) }
    }
    // Texts of another sample, asked about as often, do not count.
    var hashes: Set<String> = []
    try index.forEachValues(values: [], filter: settings.filter, place: settings.place) { row in
      if chosen?.contains(row.id) ?? true { hashes.insert(row.textHash) }
    }
    let answers = try index.repeatedScores(ofJudge: id, times: times)
      .filter { hashes.contains($0.textHash) }
    return (RepeatRate(answers.map(\.scores)), stoppedBy, warning)
  }

  /// Asks a judge again about texts that it has scored, and stops a resumed run where it says
  /// something else now.
  ///
  /// The texts are the same at each check: those with the lowest hashes. Nothing is entered. A text
  /// that gets no score now is as far from its score as the rubric's scale is long.
  ///
  /// - Parameters:
  ///   - settings: What is asked of whom.
  ///   - judge: The judge, and its number in the index.
  ///   - check: The texts, and the mean distance of scores that is still the same judge.
  /// - Throws: ``Failure`` where the distance is greater, or fewer than half of the texts get a score;
  ///   what the judge throws.
  func checkDrift(
    _ settings: ScoreSettings,
    of judge: (judge: any Judge, id: Int),
    _ check: DriftCheck
  ) throws {
    let known = try workspace.index.scoredTexts(ofJudge: judge.id, count: check.texts)
    let ids = Set(known.compactMap { DocumentID($0.document) })
    let queue = try workspace.index.unjudgedTexts(
      filter: nil,
      place: settings.place,
      judge: nil,
      among: ids,
      check: stop.check
    )
    let scores = Dictionary(known.map { ($0.textHash, $0.score) }) { $1 }
    let control = JudgingRun()
    let scale = settings.rubric.scale
    var distances: [Double] = []
    var unread: [String: Int] = [:]
    let found = try ShardGathering(workspace).documents(
      queue.texts.indices.map(queue.request),
      withMetadata: false
    )
    for found in found {
      let sample = Sample(textHash: SHA256.hash(found.text).description, text: found.text)
      guard let before = scores[sample.textHash] else { continue }
      let asked = judge.judge
      let judgment = try awaited(stop: stop) { try await asked.judgment(of: sample, in: control) }
      guard let judgment else { continue }
      if let now = judgment.score {
        distances.append(abs(now - before))
      } else {
        distances.append(Double(scale.upperBound - scale.lowerBound))
        unread[judgment.reason ?? "", default: 0] += 1
      }
    }
    guard !distances.isEmpty else { return }
    let failures = unread.values.reduce(0, +)
    if 2 * failures > distances.count, let reason = unread.max(by: { $0.value < $1.value })?.key {
      throw Failure(
        what: "the judge has changed: of \(distances.count) texts that it has scored before, "
          + "\(failures) get no score now (\(reason))",
        place: settings.place,
        remedy: "look what the endpoint serves; score by another --judge name, "
          + "or leave --drift-check out to go on"
      )
    }
    let mean = distances.reduce(0, +) / Double(distances.count)
    guard mean > check.mostDistance else { return }
    throw Failure(
      what:
        "the judge has changed: on \(distances.count) texts that it has scored before, its scores "
        + "are \(String(format: "%.2f", mean)) from them in the mean",
      place: settings.place,
      remedy: "look what the endpoint serves; score by another --judge name, "
        + "or leave --drift-check out to go on"
    )
  }
}

/// What a resumed run is held to.
public struct DriftCheck: Sendable, Equatable {
  /// The texts to ask about again.
  public var texts: Int
  /// The mean distance of scores that is still the same judge.
  public var mostDistance: Double

  /// Creates a check.
  ///
  /// - Parameters:
  ///   - texts: The texts to ask about again.
  ///   - mostDistance: The mean distance of scores that is still the same judge.
  public init(texts: Int, mostDistance: Double = 0.25) {
    self.texts = texts
    self.mostDistance = mostDistance
  }
}
