// What a scoring would take, before anything is sent.

import Documents
import Files
import Foundation
import Rubrics
import Storage

/// What a scoring would take.
public struct ScoreEstimate: Sendable, Codable, Equatable {
  /// The documents that meet the filter.
  public let documents: Int
  /// The different texts among them.
  public let texts: Int
  /// The texts that the judge has answered already.
  public let answered: Int
  /// The texts to ask about.
  public let toAsk: Int
  /// The tokens that the judge would read.
  public let inputTokens: Int
  /// The tokens that it would write: as on average so far, else as many as it may.
  public let outputTokens: Int
  /// Whether they are as on average so far.
  public let outputIsMean: Bool
  /// The dollars, or `nil` where the model's price is not known.
  public let cost: Double?
  /// The seconds at the rate of its answers so far, or `nil` where there are none.
  public let seconds: Double?
  /// What to know of the model before a corpus is submitted to BabyLM.
  public let warning: String?

  /// The tokens of one request: four bytes of a prompt to a token, and an answer of full length.
  static func tokens(ofTextBytes bytes: Int, _ settings: ScoreSettings) -> (Int, Int) {
    let empty = settings.rubric.prompt(
      [],
      form: settings.endpoint.structured == .never ? .text : .structured,
      cut: SampleCut()
    )
    return ((empty.bytes + bytes) / 4, settings.endpoint.longestAnswer)
  }
}

extension StageContext {
  /// Estimates a scoring without sending anything.
  ///
  /// - Parameters:
  ///   - settings: What would be asked of whom.
  ///   - limits: The table of prices, and whether texts without a score are asked again.
  /// - Returns: The estimate.
  /// - Throws: ``Failure`` where the filter cannot be used; ``Interrupted``.
  public func estimateScore(
    _ settings: ScoreSettings,
    limits: ScoreLimits = ScoreLimits()
  ) throws -> ScoreEstimate {
    try settings.validate(place: settings.place)
    let index = workspace.index
    let judge = try index.judge(like: settings.record, of: settings.column)?.id
    let chosen = try chosen(settings.sample, filter: settings.filter, place: settings.place)
    let queue = try index.unjudgedTexts(
      filter: settings.filter,
      place: settings.place,
      judge: judge,
      asksAgain: limits.retriesFailures,
      among: chosen,
      longest: settings.endpoint.longest,
      check: stop.check
    )
    let asked = queue.texts.count
    let (perRequest, longestAnswer) = ScoreEstimate.tokens(ofTextBytes: 0, settings)
    let input = perRequest * asked + queue.bytes / 4
    var output = longestAnswer * asked
    var outputIsMean = false
    var seconds: Double?
    if let judge {
      let summary = try index.summary(ofJudge: judge)
      if summary.judgments > 0 {
        // What an index holds may be beyond all numbers of tokens.
        let mean = Double(summary.outputTokens) / Double(summary.judgments)
        output = Int(min(Double(asked) * mean, 1e18))
        outputIsMean = true
        seconds =
          summary.seconds / Double(summary.judgments) * Double(asked)
          / Double(settings.endpoint.concurrency)
      }
    }
    return ScoreEstimate(
      documents: queue.documents,
      texts: queue.differentTexts,
      answered: queue.differentTexts - asked,
      toAsk: asked,
      inputTokens: input,
      outputTokens: output,
      outputIsMean: outputIsMean,
      cost: try limits.price(of: settings.endpoint)?.cost(input: input, output: output),
      seconds: seconds,
      warning: try babyLMWarning(of: settings.endpoint.model)
    )
  }
}
