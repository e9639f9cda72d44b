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
    let context = StageContext(workspace: try Workspace.openForReading(workspace))
    let runs = try context.runs { tell("warning: \($0)\n") }
    if json { return print(canonicalJSON(runs)) }
    guard !runs.isEmpty else { return print("no runs yet: run `blalm train` or `blalm build`") }
    let settings = Set(runs.flatMap(\.differences.keys)).sorted()
    let headings = [
      "run", "parameters", "steps", "words", "loss", "dev perplexity", "bits/byte", "tokens/s",
    ]
    print(
      table(
        headings + settings.map { $0.split(separator: ".").last.map(String.init) ?? $0 },
        runs.map { run in figures(of: run) + settings.map { run.differences[$0] ?? "" } }
      )
    )
    for run in runs {
      for warning in run.warnings { print("warning: \(run.name): \(warning)") }
    }
  }
}

/// The figures of a run, in the table's order.
private func figures(of run: RunSummary) -> [String] {
  var figures = [run.name, grouped(run.parameters)]
  figures.append(grouped(run.steps) + (run.stepCount.map { " of \(grouped($0))" } ?? ""))
  figures.append(grouped(run.words))
  figures.append(run.loss.map { rounded($0, 3) } ?? "")
  figures.append(run.devPerplexity.map { rounded($0, 3) } ?? "")
  figures.append(run.devBitsPerByte.map { rounded($0, 4) } ?? "")
  figures.append(run.tokensPerSecond.map { grouped(Int($0)) } ?? "")
  return figures
}

/// `blalm sweep`: variants of a recipe, a grid over its fields, and seeds.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run variants of a recipe or a grid over its fields, and print means and deviations.",
    discussion: """
      The recipe's `sweep:` says what to try: `variants:`, each with the fields that it changes, \
      `grid:` with a list of values for each field, and `seeds:`. A sweep that was stopped goes on \
      where it stopped; runs that are done are not done again. A field that comes before `model:` \
      makes its stages anew at each change.
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
    let report = try session.context.run(sweep, judge: makeJudge) { stage in
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
    let rows = self.rows.map { row in
      var texts = fields.map { row.values[$0] ?? "" }
      let whole = row.runs.count - row.diverged.count
      texts += [row.diverged.isEmpty ? "\(whole)" : "\(whole) of \(row.runs.count)"]
      texts.append(grouped(row.words))
      texts.append(row.devPerplexity?.summary(3) ?? "")
      texts.append(row.devBitsPerByte?.summary(4) ?? "")
      texts.append(row.lastLoss?.summary(3) ?? "")
      return texts
    }
    let names = fields + ["runs", "words", "dev perplexity", "bits/byte", "last loss"]
    let divergences = self.rows.flatMap { row in
      row.diverged.sorted { $0.key < $1.key }.map { "\n\($0.key): \($0.value)" }
    }
    return table(names, rows) + divergences.joined()
  }
}

extension SweepReport.Figure {
  /// Mean ± deviation.
  fileprivate func summary(_ decimals: Int) -> String {
    rounded(mean, decimals) + (deviation.map { " ± \(rounded($0, decimals))" } ?? "")
  }
}

/// Rows of texts as a table; where nobody's terminal sets a width, as wide as they are.
private func table(_ names: [String], _ rows: [[String]]) -> String {
  let cells = rows.map { row in
    row.map { text in TextTable.Cell(text: text, isNumber: isFigure(text)) }
  }
  let output = TerminalOutput()
  let table = TextTable(names, rows: cells, width: output.isTerminal ? output.width : 10_000)
  return ((table.heading.map { [$0] } ?? []) + cells.flatMap { table.lines($0) })
    .joined(separator: "\n")
}

/// Whether a text is a figure, which is never cut.
private func isFigure(_ text: String) -> Bool {
  !text.isEmpty && text.allSatisfy { $0.isNumber || ",.± -".contains($0) }
}
