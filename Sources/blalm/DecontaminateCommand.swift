import ArgumentParser
import Curation
import Pipeline

/// `blalm decontaminate`: documents that hold evaluation texts are marked.
struct DecontaminateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decontaminate",
    abstract: "Mark the documents that hold sentences or word runs of evaluation files.",
    discussion: """
      JSON Lines and JSON give every string value, text its lines and sentences; zips and folders \
      are looked through. Case, punctuation and white space do not count. Nothing is removed: a \
      selection decides what to do with marked documents.
      """
  )

  @Argument(
    help: "Evaluation files (.jsonl, .json, .txt; plain or compressed), zips and folders of them.",
    completion: .file()
  )
  var paths: [String]

  @Option(help: "The words of a run that counts wherever it comes from.")
  var ngram = OverlapSettings().ngram

  @Option(help: "The fewest words of a line, sentence or string that counts as a whole.")
  var minimumWords = OverlapSettings().minimumWords

  @Option(
    help: "The fewest words of a JSON string that ends as a sentence does (. ! ? or …)."
  )
  var minimumItemWords = OverlapSettings().minimumItemWords

  @Option(
    name: .customLong("field"),
    help: ArgumentHelp(
      "A JSON field to look for, as often as needed (default: all).",
      valueName: "name"
    )
  )
  var fields: [String] = []

  @OptionGroup var stage: StageOptions

  func run() throws {
    var overlap = OverlapSettings()
    overlap.ngram = ngram
    overlap.minimumWords = minimumWords
    overlap.minimumItemWords = minimumItemWords
    let settings = DecontaminateSettings(paths: paths, fields: fields, overlap: overlap)
    try settings.validate(place: "the options")
    try stage.run { try $0.decontaminate(settings) }
  }
}
