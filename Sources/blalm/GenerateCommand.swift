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

      --save-state keeps where one text stands, and --continue goes on from there as if it had never \
      stopped: prompts are appended to it, and options that are not given are those it was saved with. \
      Ctrl-C keeps it, too, where it has come to.
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

  @Option(
    help: "0 takes the likeliest token each time; 1 samples the model's own distribution; else 0.8."
  )
  var temperature: Double?

  @Option(help: "The number of likeliest tokens to sample from; else all.")
  var topK: Int?

  @Option(help: "The share of probability that the sampled tokens make up together; else 0.95.")
  var topP: Double?

  @Option(help: "Above 1, makes tokens that stand in the text already less likely; else 1.")
  var repetitionPenalty: Double?

  @Option(
    name: .customLong("stop"),
    help: ArgumentHelp("A string that ends the text.", valueName: "text")
  )
  var stopStrings: [String] = []

  @Option(help: "Decides the sampling; the second prompt has the next seed, and so on; else 1.")
  var seed: UInt64?

  @Option(help: ArgumentHelp("Keep where the text stands, to go on later.", valueName: "path"))
  var saveState: String?

  @Option(
    name: .customLong("continue"),
    help: ArgumentHelp("Go on with a text that --save-state kept.", valueName: "path")
  )
  var continuedPath: String?

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object a prompt on standard output.")
  var json = false

  func run() throws {
    try settings(over: GenerationSettings()).validate()
    let prompts = try allPrompts()
    if let saveState, prompts.count > 1 {
      throw Failure(
        .usage,
        what: "one file keeps one text, and there are \(prompts.count) prompts",
        place: "--save-state \(saveState)",
        remedy: "generate them one after another, each with a file of its own"
      )
    }
    let stop = Interruption.signal
    let context = StageContext(
      workspace: try Workspace.openForReading(workspace),
      stop: stop
    )
    let generator = try context.openGenerator(run: runName)
    for warning in generator.warnings { tell("warning: \(warning)\n") }
    var text = try begun(generator)
    if prompts.count > 1 {
      let texts = try generator.continuePrompts(
        prompts,
        after: text,
        tokens: tokens,
        seed: continuedPath == nil ? text.settings.seed : seed,
        stop: stop
      )
      for (index, text) in texts.enumerated() {
        if !json && index > 0 { print("---") }
        print(json ? canonicalJSON(text) : text.prompt + text.text)
      }
      return
    }
    let written = try generator.goOn(
      &text,
      with: prompts[0],
      tokens: tokens,
      keepsTail: saveState != nil,
      stop: stop,
      emit: { if !json { try writeToOutput($0) } }
    )
    if let saveState { try generator.save(text, to: saveState) }
    if json { print(canonicalJSON(written)) } else { try writeToOutput([10]) }
    if written.end == .interrupted {
      throw Interrupted(
        remedy: saveState.map { "`--continue \($0)` goes on" }
          ?? "the text is not kept, as --save-state would have it"
      )
    }
  }

  /// The text that is to go on: a new one, or the one that was saved.
  private func begun(_ generator: TextGenerator) throws -> TextInProgress {
    guard let continuedPath else {
      return try generator.begin(settings(over: GenerationSettings()))
    }
    var text = try generator.open(continuedPath)
    try text.change(settings(over: text.settings))
    if let seed { text.restartDraws(seed: seed) }
    return text
  }

  /// What the options say, and what other settings say where there are none.
  private func settings(over other: GenerationSettings) -> GenerationSettings {
    GenerationSettings(
      tokens: tokens,
      temperature: temperature ?? other.temperature,
      topK: topK ?? other.topK,
      topP: topP ?? other.topP,
      repetitionPenalty: repetitionPenalty ?? other.repetitionPenalty,
      stop: stopStrings.isEmpty ? other.stop : stopStrings,
      seed: seed ?? other.seed
    )
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
