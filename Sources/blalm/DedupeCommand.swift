import ArgumentParser
import Pipeline

/// `blalm dedupe`: duplicates within and across the workspace's sources.
struct DedupeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dedupe",
    abstract: "Find exact and near duplicates within and across the workspace's sources.",
    discussion: """
      Nothing is removed: the index learns which document of each cluster stays and why, and a \
      selection leaves the others out.
      """
  )

  @Option(help: "The bands of a signature.")
  var bands = DedupeSettings().bands

  @Option(help: "The minima of a band.")
  var rows = DedupeSettings().rows

  @Option(help: "Join only documents whose estimated similarity is at least this, from 0 to 1.")
  var threshold: Double?

  @Option(help: "Which document stays: longest, first, or the highest value of a column.")
  var keep = DedupeSettings().keep

  @Option(
    name: [.customLong("source")],
    help: "A preferred source; give the option once for each, the most preferred first."
  )
  var sources: [String] = []

  @Option(help: "The fewest words of a line that counts as a paragraph.")
  var paragraphWords = DedupeSettings().paragraphWords

  @OptionGroup var stage: StageOptions

  func run() throws {
    let settings = DedupeSettings(
      bands: bands,
      rows: rows,
      threshold: threshold,
      keep: keep,
      sources: sources,
      paragraphWords: paragraphWords
    )
    try settings.check(place: "the options of `dedupe`")
    try stage.run { try $0.dedupe(settings) }
  }
}
