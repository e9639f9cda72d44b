// `blalm score` and what belongs to it: training a local judge, and judging judges.

import ArgumentParser
import Files
import Foundation
import Pipeline
import Rubrics
import Storage

/// `blalm score`: a judge's scores, and how good they are.
struct ScoreCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Let a judge score documents, teach a local one, compare judges.",
    subcommands: [
      ScoreCommand.self, ScoreTrainCommand.self, ScoreAgreeCommand.self,
      ScoreRepeatCommand.self,
    ],
    defaultSubcommand: ScoreCommand.self
  )
}

/// The sample of a scoring.
struct SampleOptions: ParsableArguments {
  @Option(help: "Score so many documents alone, as even over the strata of --by as there are any.")
  var sample: Int?

  @Option(
    help: """
      Columns to divide a sample by, with commas between: texts by value, numbers by bins \
      (default: source).
      """
  )
  var by: String?

  @Option(help: "The bins of a column of numbers (default: 5).")
  var bins: Int?

  @Option(help: "Decides which documents of a stratum are in the sample (default: 1).")
  var sampleSeed: Int?

  func validate() throws {
    guard sample == nil else { return }
    let given = [("by", by != nil), ("bins", bins != nil), ("sample-seed", sampleSeed != nil)]
    guard let option = given.first(where: \.1)?.0 else { return }
    throw ValidationError("--\(option) belongs to --sample.")
  }

  /// The sample, or `nil` for all documents.
  var settings: ScoreSample? {
    sample.map { count in
      var sample = ScoreSample(count: count)
      if let by {
        sample.by = by.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      sample.bins = bins ?? sample.bins
      sample.seed = sampleSeed ?? sample.seed
      return sample
    }
  }
}

/// `blalm score train`: a local judge from another judge's scores.
struct ScoreTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Teach a local model a judge's scores.",
    discussion: """
      The model learns which words and characters go with which scores, is tested on texts held out by \
      their documents' ids, and becomes judges/NAME.judge in the workspace. Score with it by \
      `blalm score --distilled NAME`.
      """
  )

  @Option(help: "The rubric's name, or its YAML file.", completion: .file())
  var rubric: String

  @Option(help: "The judge to learn from, by its name.")
  var from: String?

  @Option(help: "The column to learn from, such as FineWeb-Edu's own `score`.")
  var column: String?

  @Option(help: "The model's name.")
  var name = DistilledJudge.name

  @Option(help: "An SQLite expression that documents must meet (default: all).")
  var filter: String?

  @Option(help: "The share of the texts that is held out to test on.")
  var heldOut = DistillationSettings().heldOut

  @Option(help: "The lowest score that counts as a yes in the test.")
  var threshold = DistillationSettings().threshold

  @Option(help: "The texts to learn from at most.")
  var mostTexts = DistillationSettings().mostTexts

  @Option(help: "The logarithm of the number of buckets that words share, 10 to 22.")
  var bits = DistillationSettings().bits

  @Option(help: "Decides which texts are held out, and the order of learning.")
  var seed = DistillationSettings().seed

  @OptionGroup var stage: StageOptions

  func validate() throws {
    guard (from == nil) != (column == nil) else {
      throw ValidationError("Name a judge with --from or a column with --column.")
    }
    guard heldOut >= 0, heldOut < 1 else {
      throw ValidationError("--held-out must be at least 0 and below 1.")
    }
    guard (10...22).contains(bits) else { throw ValidationError("--bits must be 10 to 22.") }
    guard mostTexts > 0 else { throw ValidationError("--most-texts must be above 0.") }
    guard (-1_000...1_000).contains(threshold) else {
      throw ValidationError("--threshold must be a score of the rubric.")
    }
  }

  func run() throws {
    let rubric = try Rubric(named: rubric)
    var settings = DistillSettings(
      rubric: rubric,
      column: column ?? "\(rubric.name)_\(from ?? "")",
      name: name,
      filter: filter
    )
    settings.distillation.heldOut = heldOut
    settings.distillation.threshold = threshold
    settings.distillation.mostTexts = mostTexts
    settings.distillation.bits = bits
    settings.distillation.seed = seed
    try stage.run { try $0.distill(settings) }
  }
}

/// `blalm score agree`: how far two judges agree.
struct ScoreAgreeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agree",
    abstract: "Compare a judge's scores with another judge's, or with a gold file."
  )

  @Argument(help: "The judge's column, such as educational_distilled.")
  var column: String

  @Argument(help: "The column to compare with, the truth for F1.")
  var other: String?

  @Option(
    help: "A file of scores to compare with, JSON Lines or .csv with id and score.",
    completion: .file()
  )
  var gold: String?

  @Option(help: "An SQLite expression that documents must meet (default: all).")
  var filter: String?

  @Option(help: "The lowest score that counts as a yes for F1.")
  var threshold = 3

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func validate() throws {
    guard (other == nil) != (gold == nil) else {
      throw ValidationError("Name a second column, or a file with --gold.")
    }
    guard (-1_000...1_000).contains(threshold) else {
      throw ValidationError("--threshold must be a score.")
    }
  }

  func run() throws {
    let context = StageContext(
      workspace: try Workspace.openForReading(workspace),
      stop: Interruption.signal
    )
    let report = try context.agreement(
      of: column,
      with: try gold.map { .gold(try GoldScores(path: $0)) } ?? .column(other ?? ""),
      filter: filter,
      threshold: threshold
    )
    print(json ? canonicalJSON(report) : report.summary)
  }
}

extension JudgeAgreementReport {
  /// The figures for people.
  fileprivate var summary: String {
    var lines = [
      "\(grouped(asked)) texts; without a score: \(grouped(withoutFirst)) of the first, "
        + "\(grouped(withoutSecond)) of the second"
    ]
    if let agreement { lines += agreement.lines }
    return lines.joined(separator: "\n")
  }
}

extension ScoreAgreement {
  /// The figures and the table for people.
  var lines: [String] {
    func shown(_ value: Double?) -> String { value.map { rounded($0, 3) } ?? "none" }
    let labels = confusion.counts.indices.map { "\(confusion.lowest + $0)" }
    let width = (labels + confusion.counts.joined().map { "\($0)" }).map(\.count).max() ?? 1
    func row(_ label: String, _ cells: [String]) -> String {
      ([label] + cells).map { String(repeating: " ", count: max(width - $0.count, 0)) + $0 }
        .joined(separator: "  ")
    }
    return [
      "compared: \(grouped(texts)); the same score: \(shown(exact))",
      "quadratic weighted kappa: \(shown(quadraticWeightedKappa))",
      "Spearman's correlation: \(shown(spearman))",
      "F1 from \(threshold) on: \(shown(f1))",
      "the first's scores downwards, the second's across:", row("", labels),
    ] + zip(labels, confusion.counts).map { row($0, $1.map { "\($0)" }) }
  }
}

/// `blalm score repeat`: how far a judge agrees with itself.
struct ScoreRepeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repeat",
    abstract: "Ask a judge about the same texts several times, and see how steady it is."
  )

  @Option(help: "A built-in rubric's name, or a YAML file.", completion: .file())
  var rubric: String

  @OptionGroup var endpoint: EndpointOptions

  @Option(name: .customLong("judge"), help: "The judge's name (default: made of the model's).")
  var judgeName: String?

  @Option(help: "An SQLite expression that documents must meet (default: all).")
  var filter: String?

  @OptionGroup var sample: SampleOptions

  @Option(help: "The answers on each text; those that are there already count.")
  var times = 3

  @Option(help: "Stop after so many requests.")
  var maxRequests: Int?

  @Option(help: "Stop before more dollars than these are spent.")
  var maxCost: Double?

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (2...100).contains(times) else { throw ValidationError("--times must be 2 to 100.") }
    guard sample.sample ?? 0 > 0 else {
      throw ValidationError("Name the number of documents with --sample.")
    }
    guard maxRequests ?? 1 > 0 else { throw ValidationError("--max-requests must be above 0.") }
    guard maxCost ?? 1 >= 0, maxCost?.isFinite ?? true else {
      throw ValidationError("--max-cost must be a number from 0 on.")
    }
    guard endpoint.endpoint != nil, endpoint.model != nil else {
      throw ValidationError("Name the judge with --endpoint and --model.")
    }
  }

  func run() throws {
    guard let asked = try endpoint.settings() else { return }
    var settings = ScoreSettings(
      rubric: try Rubric(named: rubric),
      judgeName: judgeName,
      filter: filter,
      endpoint: asked
    )
    settings.sample = sample.settings
    let session = try StageSession(workspace: workspace, output: output, mayCreate: false)
    let (rate, stoppedBy, warning) = try session.context.repeatScoring(
      settings,
      times: times,
      limits: ScoreLimits(mostRequests: maxRequests, mostCost: maxCost),
      judge: makeJudge
    )
    session.end()
    print(output.json ? canonicalJSON(rate) : rate.summary)
    if let warning { tell("blalm: warning: the endpoint: \(warning)\n") }
    if let stoppedBy {
      tell("blalm: stopped at \(stoppedBy); the figures are of the texts that are done\n")
      throw Interrupted()
    }
  }
}

extension RepeatRate {
  /// The figures for people.
  fileprivate var summary: String {
    func shown(_ value: Double?) -> String { value.map { rounded($0, 3) } ?? "none" }
    return """
      \(grouped(texts)) texts, \(times) answers on each
      all answers the same: \(shown(steady))
      mean range of a text's scores: \(shown(meanRange))
      answers without a score: \(shown(withoutScore))
      quadratic weighted kappa between rounds: \(shown(quadraticWeightedKappa))
      """
  }
}
