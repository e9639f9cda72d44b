// The model side as commands of their own: train and evaluate.

import ArgumentParser
import Documents
import Files
import Foundation
import Modeling
import Pipeline
import Settings
import Storage
import Training

/// `blalm train`: token shards into a model.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on token shards; stop it with Ctrl-C, and the same command goes on.",
    discussion: """
      Settings are a recipe's: --model contextLength=128 --training epochs=3. The guide of the \
      Training room lists them.
      """
  )

  @Option(help: "The model's size: \(ModelConfiguration.Preset.allNames).")
  var preset = ModelConfiguration.Preset.nano

  @Option(help: ArgumentHelp("A setting of the model's shape.", valueName: "key=value"))
  var model: [String] = []

  @Option(help: ArgumentHelp("A setting of the training.", valueName: "key=value"))
  var training: [String] = []

  @Option(help: "The run's name.")
  var name = "main"

  @Option(help: "The selection whose token shards to read.")
  var selection = "main"

  @Option(help: "The tokenizer that made them.")
  var tokenizer = "main"

  @Flag(help: "Print what the run will take, buffer by buffer, and train nothing.")
  var plan = false

  @OptionGroup var stage: StageOptions

  func run() throws {
    let shape = ["preset=\(preset.rawValue)"] + model
    let settings = try RunSettings(
      model: try settingTree(shape, option: "--model"),
      training: training.isEmpty ? nil : try settingTree(training, option: "--training"),
      name: name,
      selection: selection,
      tokenizer: tokenizer
    )
    if plan {
      let context = StageContext(workspace: try Workspace.openForReading(stage.workspace))
      return show(try context.planTraining(settings))
    }
    try stage.run { context in
      try context.train(settings)
    }
  }

  /// Prints a plan as a table, or as one JSON object.
  private func show(_ plan: TrainingPlan) {
    if stage.output.json { return print(canonicalJSON(plan)) }
    func line(_ name: String, _ bytes: Int) {
      print("  " + padded(name, 32) + "\(rounded(Double(bytes) / 1_048_576, 1)) MiB")
    }
    print("\(grouped(plan.parameters)) parameters")
    for buffer in plan.buffers { line(buffer.name, buffer.bytes) }
    line("all buffers", plan.bufferBytes)
    line("program and libraries", plan.baseBytes)
    print(
      "\(grouped(plan.stepCount)) steps of \(grouped(plan.tokensPerStep)) tokens, ",
      terminator: ""
    )
    print("\(grouped(plan.stepsPerEpoch)) an epoch; \(grouped(plan.words)) words seen")
    let isShort = plan.seconds < 120
    let time = rounded(isShort ? plan.seconds : plan.seconds / 60, 1)
    print(
      "\(grouped(Int(plan.tokensPerSecond))) tokens a second: \(time) \(isShort ? "seconds" : "minutes")"
    )
  }
}

/// `blalm evaluate`: how well a run's newest checkpoint predicts a split.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure the perplexity of a run's newest checkpoint."
  )

  @Option(name: .customLong("run"), help: "The run's name.")
  var runName = "main"

  @Option(help: "The selection whose token shards to read.")
  var selection = "main"

  @Option(help: "The tokenizer that made them.")
  var tokenizer = "main"

  @Option(help: "The split: train or dev.")
  var split = Split.dev

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    let context = StageContext(workspace: try Workspace.openForReading(workspace))
    let report = try context.evaluate(
      run: runName,
      selection: selection,
      tokenizer: tokenizer,
      split: split
    )
    for warning in report.warnings { tell("warning: \(warning)\n") }
    if json { return print(canonicalJSON(report)) }
    print("run \(report.run), step \(grouped(report.step)), on \(report.split.rawValue)")
    print("  tokens predicted     \(grouped(report.targets))")
    print("  perplexity           \(rounded(report.perplexity, 3))")
    if let bits = report.bitsPerByte { print("  bits per byte        \(rounded(bits, 4))") }
    print("  unigram perplexity   \(rounded(report.unigramPerplexity, 3))")
    guard report.sources.count > 1 else { return }
    for (name, source) in report.sources.sorted(by: { $0.key < $1.key }) {
      let bits = source.bitsPerByte.map { "   bits per byte \(rounded($0, 4))" } ?? ""
      print("  \(padded(name, 19)) perplexity \(rounded(source.perplexity, 3))\(bits)")
    }
  }
}

/// Options of the form `key=value` as a tree of settings, with the option as the place.
func settingTree(_ options: [String], option name: String) throws -> Setting {
  let lines = try options.map { option in
    guard let sign = option.firstIndex(of: "=") else {
      throw Failure(
        .usage,
        what: "`\(option)` is no key and value",
        place: name,
        remedy: "write it as key=value"
      )
    }
    return "\(option[..<sign]): \(option[option.index(after: sign)...])"
  }
  return try Setting.parse(lines.joined(separator: "\n"), file: name)
}
