// Scoring documents with a judge, and looking at rubrics.

import ArgumentParser
import Documents
import Files
import Foundation
import Pipeline
import Rubrics
import ScoringClient
import Storage

/// Makes the judge that settings name.
///
/// - Parameter settings: What is asked of whom.
/// - Returns: The judge.
/// - Throws: ``Failure`` where its key is missing or its settings cannot work.
func makeJudge(_ settings: ScoreSettings) throws -> any Judge {
  let endpoint = settings.endpoint
  return try EndpointJudge(
    endpoint,
    rubric: settings.rubric,
    key: APIKey.find(variable: endpoint.keyEnvironment, file: endpoint.keyFile)
  )
}

/// `blalm score`: a judge's score for every document.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "documents",
    abstract: "Let a judge score documents by a rubric; what `blalm score` alone does.",
    discussion: """
      Each text is asked about once, ever: answers are kept in the index, whatever ends the command, \
      and survive it when sources are read again. The scores become the column RUBRIC_JUDGE, which \
      filters and orders can name. A text without a score has the reason instead.

      Without --endpoint the judge is `heuristic`: the rubric's rules of thumb over metrics. With \
      --distilled it is a model of `blalm score train`. Both work on this machine alone.
      """
  )

  @Option(help: "A built-in rubric's name, or a YAML file.", completion: .file())
  var rubric: String

  @OptionGroup var endpoint: EndpointOptions

  @Option(help: "A model of `blalm score train`, by name or path, to ask in place of an endpoint.")
  var distilled: String?

  @OptionGroup var sample: SampleOptions

  @Option(
    name: .customLong("judge"),
    help: "The judge's name in the column's (default: made of the model's)."
  )
  var judgeName: String?

  @Option(help: "An SQLite expression that documents must meet (default: all).")
  var filter: String?

  @Flag(help: "Only say what it would take.")
  var dryRun = false

  @Option(help: "Stop before more dollars than these are spent.")
  var maxCost: Double?

  @Option(help: "Stop after so many requests.")
  var maxRequests: Int?

  @Option(help: "A table of prices (default: the one of the program).", completion: .file())
  var prices: String?

  @Option(
    help: "Before a run goes on, ask again about so many scored texts, and stop if scores changed."
  )
  var driftCheck: Int?

  @Option(
    help: "The mean distance of scores that --drift-check takes for the same judge (default: 0.25)."
  )
  var mostDrift: Double?

  @Flag(help: "Ask again about texts that have no score.")
  var again = false

  @OptionGroup var stage: StageOptions

  func validate() throws {
    guard maxRequests ?? 1 > 0 else { throw ValidationError("--max-requests must be above 0.") }
    guard endpoint.endpoint == nil || distilled == nil else {
      throw ValidationError("Name an endpoint or a distilled model, not both.")
    }
    guard driftCheck ?? 1 > 0, mostDrift ?? 0 >= 0 else {
      throw ValidationError("--drift-check must be above 0, and --most-drift at least 0.")
    }
    guard mostDrift == nil || driftCheck != nil else {
      throw ValidationError("--most-drift belongs to --drift-check.")
    }
    guard driftCheck == nil || endpoint.endpoint != nil else {
      throw ValidationError("--drift-check is for endpoints; other judges do not change.")
    }
    guard
      endpoint.endpoint != nil
        || (maxRequests == nil && maxCost == nil && prices == nil && !again)
    else {
      throw ValidationError(
        "--max-requests, --max-cost, --prices and --again are for endpoints; other judges cost nothing."
      )
    }
    guard !dryRun || endpoint.endpoint != nil else {
      throw ValidationError("--dry-run is for endpoints; other judges cost nothing.")
    }
    guard maxCost ?? 1 >= 0, maxCost?.isFinite ?? true else {
      throw ValidationError("--max-cost must be a number from 0 on.")
    }
  }

  func run() throws {
    let settings = try settings()
    try settings.validate(place: "the options")
    var limits = ScoreLimits(
      mostRequests: maxRequests,
      mostCost: maxCost,
      retriesFailures: again,
      prices: try prices.map(PriceTable.init(path:))
    )
    limits.driftCheck = driftCheck.map { DriftCheck(texts: $0) }
    if let mostDrift { limits.driftCheck?.mostDistance = mostDrift }
    if dryRun { return try estimate(settings, limits) }
    try stage.run { context in
      let report = try context.score(settings, limits: limits, judge: makeJudge)
      for (name, subject) in [("warning", ""), ("endpoint", "the endpoint: ")] {
        guard case .text(let warning)? = report.details[name] else { continue }
        tell("blalm: warning: \(subject)\(warning)\n")
      }
      return report
    }
  }

  private func settings() throws -> ScoreSettings {
    let rubric = try Rubric(named: rubric)
    var settings =
      try endpoint.settings().map {
        ScoreSettings(rubric: rubric, judgeName: judgeName, filter: filter, endpoint: $0)
      }
      ?? ScoreSettings(
        rubric: rubric,
        judgeName: judgeName,
        filter: filter,
        local: distilled.map { .distilled($0) } ?? .heuristic
      )
    settings.sample = sample.settings
    return settings
  }

  private func estimate(_ settings: ScoreSettings, _ limits: ScoreLimits) throws {
    let context = StageContext(
      workspace: try Workspace.openForReading(stage.workspace),
      stop: Interruption.signal
    )
    let estimate = try context.estimateScore(settings, limits: limits)
    print(stage.output.json ? canonicalJSON(estimate) : estimate.summary)
  }
}

/// How a model behind an endpoint is asked.
struct EndpointOptions: ParsableArguments {
  @Option(
    help: "The base address of an OpenAI-compatible server, such as http://127.0.0.1:8080/v1."
  )
  var endpoint: String?

  @Option(help: "The model's name at the endpoint.")
  var model: String?

  @Option(help: "The environment variable that holds the key.")
  var keyEnvironment: String?

  @Option(help: "The file that holds the key.", completion: .file())
  var keyFile: String?

  @Option(help: "The temperature (default: 0).")
  var temperature: Double?

  @Option(help: "The seed (default: 1).")
  var seed: Int?

  @Option(help: "The tokens of an answer at most (default: 400).")
  var maxTokens: Int?

  @Option(help: "Whether to ask for JSON under a schema: auto, always or never (default: auto).")
  var structured: EndpointSettings.Structured?

  @Flag(help: "Ask for the probabilities of the score's digits, and keep their mean.")
  var expectedScore = false

  @Option(help: "What of a long text the judge sees: head or headAndTail (default: head).")
  var cut: SampleCut.Rule?

  @Option(help: "The bytes of a text that the judge sees at most (default: 12000).")
  var longest: Int?

  @Option(help: "More members of the request, as a JSON object.")
  var extra: String?

  @Option(help: "The requests under way at once (default: 8).")
  var concurrency: Int?

  @Option(help: "The requests of a minute at most (default: no limit).")
  var requestsPerMinute: Int?

  @Option(help: "The tokens of a minute at most, read and written (default: no limit).")
  var tokensPerMinute: Int?

  @Option(help: "The seconds that a request may take (default: 120).")
  var timeout: Double?

  @Option(help: "The requests that may fail for one text (default: 8).")
  var attempts: Int?

  @Option(help: "How often to ask again where an answer cannot be read (default: 2).")
  var askAgain: Int?

  @Option(
    help:
      "The longest pause after a first failure, in seconds; it doubles with each further (default: 1)."
  )
  var firstPause: Double?

  @Option(help: "The longest pause of all, in seconds (default: 60).")
  var longestPause: Double?

  @Option(
    help: "The failures in a row after which the endpoint is left alone for a while (default: 20)."
  )
  var breakerFailures: Int?

  func validate() throws {
    guard (endpoint == nil) == (model == nil) else {
      throw ValidationError("--endpoint and --model belong together.")
    }
    guard endpoint == nil, let option = ofEndpoint.first(where: \.isGiven)?.name else { return }
    throw ValidationError("--\(option) is for endpoints; name one with --endpoint and --model.")
  }

  /// The options that say something of an endpoint alone, and whether they are given.
  private var ofEndpoint: [(name: String, isGiven: Bool)] {
    [
      ("key-environment", keyEnvironment != nil), ("key-file", keyFile != nil),
      ("temperature", temperature != nil), ("seed", seed != nil),
      ("max-tokens", maxTokens != nil), ("structured", structured != nil),
      ("expected-score", expectedScore), ("cut", cut != nil), ("longest", longest != nil),
      ("extra", extra != nil), ("concurrency", concurrency != nil),
      ("requests-per-minute", requestsPerMinute != nil),
      ("tokens-per-minute", tokensPerMinute != nil), ("timeout", timeout != nil),
      ("attempts", attempts != nil), ("ask-again", askAgain != nil),
      ("first-pause", firstPause != nil), ("longest-pause", longestPause != nil),
      ("breaker-failures", breakerFailures != nil),
    ]
  }

  /// The settings, or `nil` where no endpoint is named.
  func settings() throws -> EndpointSettings? {
    guard let endpoint, let model else { return nil }
    var settings = EndpointSettings(endpoint: endpoint, model: model)
    settings.keyEnvironment = keyEnvironment
    settings.keyFile = keyFile
    settings.temperature = temperature ?? settings.temperature
    settings.seed = seed ?? settings.seed
    settings.maxTokens = maxTokens ?? settings.maxTokens
    settings.structured = structured ?? settings.structured
    settings.expectedScore = expectedScore
    settings.cut = cut ?? settings.cut
    settings.longest = longest ?? settings.longest
    settings.extra = try extraMembers()
    settings.concurrency = concurrency ?? settings.concurrency
    settings.requestsPerMinute = requestsPerMinute
    settings.tokensPerMinute = tokensPerMinute
    settings.timeout = timeout ?? settings.timeout
    settings.attempts = attempts ?? settings.attempts
    settings.askAgain = askAgain ?? settings.askAgain
    settings.firstPause = firstPause ?? settings.firstPause
    settings.longestPause = longestPause ?? settings.longestPause
    settings.breakerFailures = breakerFailures ?? settings.breakerFailures
    return settings
  }

  private func extraMembers() throws -> [String: MetadataValue] {
    guard let extra else { return [:] }
    let value = try? JSONDecoder().decode(MetadataValue.self, from: Data(extra.utf8))
    guard case .object(let members)? = value else {
      throw Failure(
        .usage,
        what: "this is no JSON object",
        place: "the option --extra",
        remedy: "write it as '{\"name\": value}'; null is not among the values it can hold"
      )
    }
    return members
  }
}

extension ScoreEstimate {
  /// The estimate for people.
  fileprivate var summary: String {
    var lines = [
      "\(grouped(documents)) documents, \(grouped(texts)) different texts, "
        + "\(grouped(answered)) of them answered already",
      "to ask: \(grouped(toAsk)) requests, some \(grouped(inputTokens)) tokens to read and "
        + (outputIsMean
          ? "some \(grouped(outputTokens)) to write, by the mean of its answers so far"
          : "at most \(grouped(outputTokens)) to write"),
      cost.map { "cost: some $\(rounded($0, 4))" } ?? "cost: the model's price is not known",
      seconds.map { "time: some \(grouped(Int(min($0, 1e15)))) s at the rate so far" }
        ?? "time: not known before the first answers",
    ]
    if let warning { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }
}
