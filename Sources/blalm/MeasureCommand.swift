import ArgumentParser
import Files
import Metrics
import Pipeline

/// `blalm measure`: metrics of every document become columns of the index.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure every document by metrics, which become columns to filter and order by.",
    discussion: """
      Only documents whose text, version or word list is new are measured. The metrics: \
      \(allMetrics.map(\.name).joined(separator: ", ")).
      """
  )

  @Argument(help: "The metrics to measure (default: all).")
  var metrics: [String] = []

  @Option(
    name: .customLong("word-list"),
    help: ArgumentHelp(
      "A word list that you may use, as often as needed; one word a line, where it has numbers with "
        + "a tab and the number.",
      valueName: "name=path"
    )
  )
  var wordLists: [String] = []

  @Option(
    name: .customLong("segmentation"),
    help: ArgumentHelp(
      "How a source is divided into sentences, as often as needed: prose; transcript, where each "
        + "line is an utterance; or format, by the source's format (default: as it was measured "
        + "last, else by its format).",
      valueName: "source=mode"
    )
  )
  var segmentations: [String] = []

  @OptionGroup var stage: StageOptions

  func validate() throws {
    _ = try namedValues(wordLists, option: "--word-list")
    _ = try namedValues(segmentations, option: "--segmentation")
  }

  func run() throws {
    var settings = MeasureSettings(metrics: metrics)
    settings.keepsSegmentation = true
    for (name, path) in try namedValues(wordLists, option: "--word-list") {
      settings.wordLists[name] = path
    }
    for (source, mode) in try namedValues(segmentations, option: "--segmentation") {
      if mode == "format" {
        settings.segmentationByFormat.insert(source)
      } else {
        settings.segmentation[source] = try Segmentation(named: mode, place: "--segmentation")
      }
    }
    try stage.run { try $0.measure(settings) }
  }
}

/// The two sides of each `name=value`, each name once.
///
/// - Parameters:
///   - values: What the user wrote.
///   - option: The option, for messages.
/// - Returns: The names with their values.
/// - Throws: `ValidationError`.
func namedValues(_ values: [String], option: String) throws -> [(String, String)] {
  var seen: Set<String> = []
  return try values.map { value in
    let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, seen.insert(parts[0]).inserted else {
      throw ValidationError(
        parts.count == 2
          ? "\(option) names `\(parts[0])` twice."
          : "\(option) takes a name, = and a value, not `\(value)`."
      )
    }
    return (parts[0], parts[1])
  }
}
