import ArgumentParser
import Curation
import Files
import Pipeline
import Storage

/// `blalm select`: a corpus of an exact number of words.
struct SelectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Choose a corpus of an exact number of words from the workspace's sources.",
    discussion: """
      What holds for one source alone is set with --for: its filter, order and limit, as \
      `--for childes.filter='words > 50'`.
      """
  )

  @Argument(
    help: ArgumentHelp(
      """
      A source with its words of train, as `childes=500000`, with its share of --words, as \
      `childes=30%`, or alone to take all of it.
      """,
      valueName: "source=words"
    )
  )
  var sources: [String]

  @Option(help: "The selection's name.")
  var name = "main"

  @Option(help: "The words of train over all sources, for shares.")
  var words: String?

  @Option(help: "An SQLite expression over the columns of `corpus` that documents must meet.")
  var filter: String?

  @Option(
    help: """
      The order in which documents are taken and trained on: random (seeded), source, a column \
      (small first), or - and a column (large first).
      """
  )
  var order = TakingOrder.random

  @Option(
    help: ArgumentHelp(
      "The most documents of a group, as `file=3`, `key/2=5` or `host(url)=10`.",
      valueName: "column=documents"
    )
  )
  var limit: String?

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("A source's own filter, order or limit.", valueName: "source.key=value")
  )
  var own: [String] = []

  @Option(help: "The share of documents held back for dev, from 0 to below 1.")
  var devShare = 0.05

  @Option(help: "The share of documents held back for test, from 0 to below 1.")
  var testShare = 0.0

  @Option(help: "What becomes of copies of other documents: drop or keep.")
  var duplicates = SelectSettings.Marked.drop

  @Option(help: "What becomes of documents that overlap with evaluation files: drop or keep.")
  var contaminated = SelectSettings.Marked.drop

  @Option(
    help: """
      What to do where a source has too few words: error, or share, which takes the missing words \
      from the others.
      """
  )
  var shortfall = SelectSettings.Shortfall.error

  @Option(help: "Decides the random order.")
  var seed: UInt64 = 1

  @Flag(help: "Write nothing; print what would be chosen.")
  var dryRun = false

  @Option(help: "With --dry-run: a column of numbers whose thresholds to try.")
  var by: String?

  @Option(help: "With --by: the thresholds, as `1,2,3` (default: the column's tenths).")
  var at: String?

  @Flag(help: "With --by: keep documents up to a threshold, and not from it on.")
  var atMost = false

  @OptionGroup var stage: StageOptions

  func validate() throws {
    guard by == nil || dryRun else { throw ValidationError("--by needs --dry-run.") }
    guard by != nil || (at == nil && !atMost) else {
      throw ValidationError("--at and --at-most need --by.")
    }
  }

  func run() throws {
    let settings = try settings()
    guard dryRun else { return try stage.run { try $0.select(settings) } }
    let context = StageContext(
      workspace: try Workspace.openForReading(stage.workspace),
      stop: Interruption.signal
    )
    let preview = try context.previewSelection(settings, grid: try grid())
    print(stage.output.json ? preview.json : preview.summary)
  }

  private func settings() throws -> SelectSettings {
    var settings = SelectSettings(
      name: name,
      sources: try sources.map(source),
      order: order,
      devShare: devShare,
      seed: seed
    )
    settings.words = try words.map { try wordCount($0, "--words") }
    settings.filter = filter
    settings.limit = try limit.map { try groupLimit($0, "--limit") }
    settings.testShare = testShare
    settings.duplicates = duplicates
    settings.contaminated = contaminated
    settings.shortfall = shortfall
    for text in own { try apply(text, to: &settings.sources) }
    return settings
  }

  private func source(_ text: String) throws -> SelectSettings.Source {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return SelectSettings.Source(name: text) }
    let name = String(parts[0])
    if parts[1].hasSuffix("%"), let percent = Double(parts[1].dropLast()), percent.isFinite {
      return SelectSettings.Source(name: name, share: percent / 100)
    }
    return SelectSettings.Source(
      name: name,
      words: try wordCount(String(parts[1]), "the argument `\(text)`")
    )
  }

  private func wordCount(_ text: String, _ place: String) throws -> Int {
    guard let words = Int(text.replacing("_", with: "")) else {
      throw Failure(
        .usage,
        what: "`\(text)` is no number of words",
        place: place,
        remedy: "write it as 500000; a source may have a share, as childes=30%"
      )
    }
    return words
  }

  private func groupLimit(_ text: String, _ place: String) throws -> GroupLimit {
    guard let sign = text.lastIndex(of: "="), sign > text.startIndex,
      let documents = Int(text[text.index(after: sign)...])
    else {
      throw Failure(
        .usage,
        what: "`\(text)` is no limit",
        place: place,
        remedy: "write a column and a number, as file=3"
      )
    }
    return GroupLimit(by: String(text[..<sign]), documents: documents)
  }

  /// Applies one `--for SOURCE.KEY=VALUE`.
  private func apply(_ text: String, to sources: inout [SelectSettings.Source]) throws {
    let sign = text.firstIndex(of: "=") ?? text.endIndex
    let dot = text[..<sign].lastIndex(of: ".") ?? text.startIndex
    guard sign < text.endIndex, dot > text.startIndex,
      let index = sources.firstIndex(where: { $0.name == text[..<dot] })
    else {
      throw Failure(
        .usage,
        what: "`\(text)` sets nothing of a source that is chosen from",
        place: "--for",
        remedy: "write it as source.key=value, with a source that the command names"
      )
    }
    let value = String(text[text.index(after: sign)...])
    switch text[text.index(after: dot)..<sign] {
    case "filter": sources[index].filter = value
    case "order":
      guard let order = TakingOrder(value) else {
        throw Failure(
          .usage,
          what: "`\(value)` is no order",
          place: "--for",
          remedy: "write random, source, a column, or - and a column"
        )
      }
      sources[index].order = order
    case "limit": sources[index].limit = try groupLimit(value, "--for")
    case let key:
      throw Failure(
        .usage,
        what: "`\(key)` is nothing that a source sets",
        place: "--for",
        remedy: "set filter, order or limit"
      )
    }
  }

  private func grid() throws -> ThresholdGrid? {
    try by.map { column in
      let texts = at?.split(separator: ",") ?? []
      let thresholds = try texts.map { text in
        guard let number = Double(text), number.isFinite else {
          throw Failure(
            .usage,
            what: "`\(text)` is no threshold",
            place: "--at",
            remedy: "write numbers with commas between them, as 1,2.5,3"
          )
        }
        return number
      }
      return ThresholdGrid(column: column, thresholds: thresholds, keepsSmall: atMost)
    }
  }
}

extension SelectionPreview {
  /// The preview for people.
  var summary: String {
    var lines = [
      "select \(selection): \(grouped(documents)) in, \(grouped(chosenDocuments)) out, nothing "
        + "written"
    ]
    for source in sources {
      lines.append(
        "  " + padded(source.name, 16) + "\(grouped(source.trainWords)) words of train"
          + (source.wantedWords.map { " of \(grouped($0)) wanted" } ?? "")
          + ", \(grouped(source.availableWords)) there; \(grouped(source.devWords)) of dev, "
          + "\(grouped(source.testWords)) of test"
      )
      for (reason, count) in source.out.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        lines.append("    \(grouped(count)) not kept: \(reason)")
      }
    }
    guard let first = grid.first else { return lines.joined(separator: "\n") }
    lines += ["", "words to train on where \(first.column) is \(first.keeps)"]
    let names = sources.map(\.name)
    let widths = names.map { max(14, $0.count + 2) }
    lines.append(
      "  " + padded("", 12) + zip(names, widths).map { padded($0, $1) }.joined() + "all"
    )
    for row in grid {
      let words = names.map { row.words[$0] ?? 0 }
      lines.append(
        "  " + padded(rounded(row.threshold, 3), 12)
          + zip(words, widths).map { padded(grouped($0), $1) }.joined()
          + grouped(words.reduce(0, +))
      )
    }
    return lines.joined(separator: "\n")
  }
}
