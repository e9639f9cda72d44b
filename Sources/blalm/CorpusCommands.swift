// The corpus side as commands of their own: ingest and select.

import ArgumentParser
import Curation
import Files
import Pipeline

/// `blalm ingest`: one source's files into the workspace.
struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Read one source's files into a workspace, replacing what it held of that source."
  )

  @Argument(
    help: ArgumentHelp(
      "The format: \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "source"
    )
  )
  var format: String

  @Argument(help: "Files, and folders of files.", completion: .file())
  var paths: [String]

  @Option(help: "The source's name in the workspace (default: the format's).")
  var name: String?

  @Option(
    name: [.customShort("o"), .customLong("option")],
    help: ArgumentHelp("A reader's option, as `labels=none`.", valueName: "key=value")
  )
  var options: [String] = []

  @Flag(help: "Fail at the first fault instead of counting it; the same as `-o strict=true`.")
  var strict = false

  @OptionGroup var stage: StageOptions

  func run() throws {
    let options = strict ? options + ["strict=true"] : options
    let format = try SourceFormat(named: format, place: "the argument SOURCE")
    let settings = IngestSettings(
      name: name ?? format.rawValue,
      format: format,
      paths: paths,
      reader: try ConfiguredReader(
        format,
        source: name ?? format.rawValue,
        options: options.isEmpty ? nil : try settingTree(options, option: "--option")
      )
    )
    try stage.run { try $0.ingest(settings) }
  }
}

/// `blalm select`: a corpus of an exact number of words.
struct SelectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Choose a corpus of an exact number of words from the workspace's sources."
  )

  @Argument(
    help: ArgumentHelp(
      "A source with its words of train, as `childes=500000`, or alone to take all of it.",
      valueName: "source=words"
    )
  )
  var sources: [String]

  @Option(help: "The selection's name.")
  var name = "main"

  @Option(help: "The order in which documents are taken: random (seeded) or source.")
  var order = SourceBudget.Order.random

  @Option(help: "The share of documents held back for dev, from 0 to below 1.")
  var devShare = 0.05

  @Option(help: "Decides the random order.")
  var seed: UInt64 = 1

  @OptionGroup var stage: StageOptions

  func run() throws {
    let sources = try sources.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return SelectSettings.Source(name: text, words: nil) }
      guard let words = Int(parts[1].replacing("_", with: "")) else {
        throw Failure(
          .usage,
          what: "`\(parts[1])` is no number of words",
          place: "the argument `\(text)`",
          remedy: "write it as source=500000"
        )
      }
      return SelectSettings.Source(name: String(parts[0]), words: words)
    }
    let settings = SelectSettings(
      name: name,
      sources: sources,
      order: order,
      devShare: devShare,
      seed: seed
    )
    try stage.run { try $0.select(settings) }
  }
}
