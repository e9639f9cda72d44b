// Runs side by side: `blalm runs` and `blalm sweep`.

import ArgumentParser
import Foundation
import Pipeline
import Storage

/// `blalm runs`: the runs of a workspace in a table.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Compare the runs of a workspace in a table."
  )

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON array on standard output.")
  var json = false

  func run() throws {
    let runs = try StageContext(workspace: try Workspace.openForReading(workspace)).runs()
    if json { return print(canonicalJSON(runs)) }
    guard !runs.isEmpty else { return print("no runs yet: run `blalm train` or `blalm build`") }
    let settings = Set(runs.flatMap(\.differences.keys)).sorted()
    var table = TextTable(
      ["run", "parameters", "steps", "words", "loss", "dev perplexity", "bits/byte", "tokens/s"]
        + settings.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    )
    for run in runs {
      table.add(
        [
          run.name, grouped(run.parameters),
          grouped(run.steps) + (run.stepCount.map { " of \(grouped($0))" } ?? ""),
          grouped(run.words), run.loss.map { rounded($0, 3) } ?? "",
          run.devPerplexity.map { rounded($0, 3) } ?? "",
          run.devBitsPerByte.map { rounded($0, 4) } ?? "",
          run.tokensPerSecond.map { grouped(Int($0)) } ?? "",
        ] + settings.map { run.differences[$0] ?? "" }
      )
    }
    print(table.text)
    for run in runs {
      for warning in run.warnings { print("warning: \(run.name): \(warning)") }
    }
  }
}

/// `blalm sweep`: a grid over recipe fields and seeds.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a grid over a recipe's fields and over seeds, and print means and deviations.",
    discussion: """
      The recipe's `sweep:` says what to try: `grid:` with a list of values for each field, and \
      `seeds:`. A sweep that was stopped goes on where it stopped; runs that are done are not done \
      again. A field that comes before `model:` makes its stages anew at each change.
      """
  )

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(
    help: ArgumentHelp("A field and the values to try.", valueName: "field=first,second")
  )
  var grid: [String] = []

  @Option(help: ArgumentHelp("The seeds of the training.", valueName: "1,2,3"))
  var seeds: String?

  @Option(help: "What the runs' names begin with.")
  var name: String?

  @Option(name: .shortAndLong, help: "The workspace's folder (default: workspace/<recipe's name>).")
  var workspace: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let sweep = try Sweep(
      path: recipe,
      grid: grid,
      seeds: try seedList(),
      name: name
    )
    let folder = workspace ?? "workspace/\(sweep.points[0].recipe.name)"
    let session = try StageSession(workspace: folder, output: output)
    let report = try session.context.run(sweep) { stage in
      session.end()
      if !output.json && stage.status != .upToDate { print(stage.summary) }
    }
    print(output.json ? canonicalJSON(report) : report.summary)
  }

  private func seedList() throws -> [Int] {
    guard let seeds else { return [] }
    return try seeds.split(separator: ",").map { text in
      guard let seed = Int(text.trimmingCharacters(in: .whitespaces)), seed >= 0 else {
        throw ValidationError("`\(text)` is no seed; write --seeds 1,2,3")
      }
      return seed
    }
  }
}

extension SweepReport {
  /// The report as a table for people.
  var summary: String {
    var table = TextTable(fields + ["runs", "words", "dev perplexity", "bits/byte", "last loss"])
    for row in rows {
      table.add(
        fields.map { row.values[$0] ?? "" } + [
          "\(row.runs.count)", grouped(row.words), row.devPerplexity?.summary(3) ?? "",
          row.devBitsPerByte?.summary(4) ?? "", row.lastLoss?.summary(3) ?? "",
        ]
      )
    }
    return table.text
  }
}

extension SweepReport.Figure {
  /// Mean ± deviation.
  fileprivate func summary(_ decimals: Int) -> String {
    rounded(mean, decimals) + (deviation.map { " ± \(rounded($0, decimals))" } ?? "")
  }
}

/// Rows of texts in columns as wide as their widest text.
struct TextTable {
  private var rows: [[String]]

  /// Creates a table with its headings.
  init(_ headings: [String]) { rows = [headings] }

  /// Adds a row of as many texts as there are headings.
  mutating func add(_ row: [String]) { rows.append(row) }

  /// The table, a line a row.
  var text: String {
    let widths = rows[0].indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).map { padded($0, $1) }.joined(separator: "  ")
      return cells.replacing(/\ +$/, with: "")
    }.joined(separator: "\n")
  }
}
