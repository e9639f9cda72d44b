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
    commandName: "score",
    abstract: "Let a judge score documents by a rubric.",
    discussion: """
      Each text is asked about once, ever: answers are kept in the index, whatever ends the command, \
      and survive it when sources are read again. The scores become the column RUBRIC_JUDGE, which \
      filters and orders can name. A text without a score has the reason instead.
      """
  )

  @Option(help: "A built-in rubric's name, or a YAML file.", completion: .file())
  var rubric: String

  @OptionGroup var endpoint: EndpointOptions

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

  @Flag(help: "Ask again about texts that have no score.")
  var again = false

  @OptionGroup var stage: StageOptions

  func validate() throws {
    guard maxRequests ?? 1 > 0 else { throw ValidationError("--max-requests must be above 0.") }
    guard maxCost ?? 1 >= 0, maxCost?.isFinite ?? true else {
      throw ValidationError("--max-cost must be a number from 0 on.")
    }
  }

  func run() throws {
    let settings = ScoreSettings(
      rubric: try Rubric(named: rubric),
      judgeName: judgeName,
      filter: filter,
      endpoint: try endpoint.settings()
    )
    try settings.validate(place: "the options")
    let limits = ScoreLimits(
      mostRequests: maxRequests,
      mostCost: maxCost,
      retriesFailures: again,
      prices: try prices.map(PriceTable.init(path:))
    )
    if dryRun { return try estimate(settings, limits) }
    try stage.run { context in
      let report = try context.score(settings, limits: limits, judge: makeJudge)
      if case .text(let warning)? = report.details["warning"] {
        tell("blalm: warning: \(warning)\n")
      }
      return report
    }
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
  var endpoint: String

  @Option(help: "The model's name at the endpoint.")
  var model: String

  @Option(help: "The environment variable that holds the key.")
  var keyEnvironment: String?

  @Option(help: "The file that holds the key.", completion: .file())
  var keyFile: String?

  @Option(help: "The temperature.")
  var temperature = EndpointSettings().temperature

  @Option(help: "The seed.")
  var seed = EndpointSettings().seed

  @Option(help: "The tokens of an answer at most.")
  var maxTokens = EndpointSettings().maxTokens

  @Option(help: "Whether to ask for JSON under a schema: auto, always or never.")
  var structured = EndpointSettings().structured

  @Flag(help: "Ask for the probabilities of the score's digits, and keep their mean.")
  var expectedScore = false

  @Option(help: "What of a long text the judge sees: head or headAndTail.")
  var cut = EndpointSettings().cut

  @Option(help: "The bytes of a text that the judge sees at most.")
  var longest = EndpointSettings().longest

  @Option(help: "More members of the request, as a JSON object.")
  var extra: String?

  @Option(help: "The requests under way at once.")
  var concurrency = EndpointSettings().concurrency

  @Option(help: "The requests of a minute at most (default: no limit).")
  var requestsPerMinute: Int?

  @Option(help: "The tokens of a minute at most, read and written (default: no limit).")
  var tokensPerMinute: Int?

  @Option(help: "The seconds that a request may take.")
  var timeout = EndpointSettings().timeout

  @Option(help: "The requests that may fail for one text.")
  var attempts = EndpointSettings().attempts

  @Option(help: "How often to ask again where an answer cannot be read.")
  var askAgain = EndpointSettings().askAgain

  @Option(
    help: "The longest pause after a first failure, in seconds; it doubles with each further."
  )
  var firstPause = EndpointSettings().firstPause

  @Option(help: "The longest pause of all, in seconds.")
  var longestPause = EndpointSettings().longestPause

  @Option(help: "The failures in a row after which the endpoint is left alone for a while.")
  var breakerFailures = EndpointSettings().breakerFailures

  func settings() throws -> EndpointSettings {
    var settings = EndpointSettings(endpoint: endpoint, model: model)
    settings.keyEnvironment = keyEnvironment
    settings.keyFile = keyFile
    settings.temperature = temperature
    settings.seed = seed
    settings.maxTokens = maxTokens
    settings.structured = structured
    settings.expectedScore = expectedScore
    settings.cut = cut
    settings.longest = longest
    settings.extra = try extraMembers()
    settings.concurrency = concurrency
    settings.requestsPerMinute = requestsPerMinute
    settings.tokensPerMinute = tokensPerMinute
    settings.timeout = timeout
    settings.attempts = attempts
    settings.askAgain = askAgain
    settings.firstPause = firstPause
    settings.longestPause = longestPause
    settings.breakerFailures = breakerFailures
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
      "to ask: \(grouped(toAsk)) requests, some \(grouped(inputTokens)) tokens to read and at most "
        + "\(grouped(outputTokens)) to write",
      cost.map { "cost: some $\(rounded($0, 4))" } ?? "cost: the model's price is not known",
      seconds.map { "time: some \(grouped(Int(min($0, 1e15)))) s at the rate so far" }
        ?? "time: not known before the first answers",
    ]
    if let warning { lines.append("warning: \(warning)") }
    return lines.joined(separator: "\n")
  }
}
