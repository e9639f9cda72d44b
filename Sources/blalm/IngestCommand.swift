import ArgumentParser
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
    try stage.run(mayCreate: true) { try $0.ingest(settings) }
  }
}
