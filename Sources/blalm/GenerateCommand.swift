// `blalm generate`: a run's newest checkpoint continues prompts.

import ArgumentParser
import Files
import Foundation
import Pipeline
import Storage

/// `blalm generate`: a run's newest checkpoint continues a prompt, or several.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue prompts with a run's newest checkpoint.",
    discussion: """
      One prompt is printed with its continuation as it comes. Several, given one after another or \
      in a file with one a line, are continued side by side and printed with a line between them.
      """
  )

  @Argument(help: "The texts to continue; none begins a new text.")
  var prompts: [String] = []

  @Option(help: ArgumentHelp("A file with a prompt on each line.", valueName: "path"))
  var promptFile: String?

  @Option(name: .customLong("run"), help: "The run's name.")
  var runName = "main"

  @Option(help: "The most tokens to generate.")
  var tokens = 100

  @Option(help: "0 takes the likeliest token each time; 1 samples the model's own distribution.")
  var temperature = 0.8

  @Option(help: "The number of likeliest tokens to sample from.")
  var topK: Int?

  @Option(help: "The share of probability that the sampled tokens make up together.")
  var topP = 0.95

  @Option(help: "Above 1, makes tokens that stand in the text already less likely.")
  var repetitionPenalty = 1.0

  @Option(
    name: .customLong("stop"),
    help: ArgumentHelp("A string that ends the text.", valueName: "text")
  )
  var stopStrings: [String] = []

  @Option(help: "Decides the sampling; the second prompt has the next seed, and so on.")
  var seed: UInt64 = 1

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object a prompt on standard output.")
  var json = false

  func run() throws {
    var settings = GenerationSettings(
      tokens: tokens,
      temperature: temperature,
      topK: topK,
      topP: topP,
      repetitionPenalty: repetitionPenalty,
      stop: stopStrings,
      seed: seed
    )
    try settings.validate()
    let prompts = try allPrompts()
    let stop = Interruption.signal
    let context = StageContext(
      workspace: try Workspace.openForReading(workspace),
      stop: stop
    )
    let generator = try context.openGenerator(run: runName)
    for warning in generator.warnings { tell("warning: \(warning)\n") }
    if json || prompts.count > 1 {
      let texts = try generator.continuePrompts(prompts, settings, stop: stop)
      for (index, text) in texts.enumerated() {
        if json {
          print(canonicalJSON(text))
          continue
        }
        if index > 0 { print("---") }
        print(text.prompt + text.text)
      }
      return
    }
    settings.prompt = prompts[0]
    try writeToOutput(Array(settings.prompt.utf8))
    try generator.continuePrompt(settings, stop: stop, emit: writeToOutput)
    try writeToOutput([10])
  }

  /// The prompts of the arguments and of the file; an empty one where there is none.
  private func allPrompts() throws -> [String] {
    var all = prompts
    if let promptFile {
      do {
        let text = try String(contentsOfFile: promptFile, encoding: .utf8)
        all += text.split(whereSeparator: \.isNewline).map(String.init)
      } catch {
        throw Failure(
          what: "cannot be read as UTF-8 text (\(error.localizedDescription))",
          place: promptFile,
          remedy: "give a text file with a prompt on each line"
        )
      }
      guard !all.isEmpty else {
        throw Failure(
          what: "the file has no prompt",
          place: promptFile,
          remedy: "write a prompt on each line"
        )
      }
    }
    return all.isEmpty ? [""] : all
  }
}
