import ArgumentParser
import Foundation
import Pipeline

/// `blalm build`: every stage that a recipe names, in order.
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Do every stage that a recipe names, in order.",
    discussion: """
      A stage that was done with the same inputs and settings is not done again. A build that was \
      stopped goes on where it stopped.
      """
  )

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(name: .shortAndLong, help: "The workspace's folder (default: workspace/<recipe's name>).")
  var workspace: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let recipe = try Recipe(path: recipe)
    let folder = workspace ?? "workspace/\(recipe.name)"
    let session = try StageSession(workspace: folder, output: output)
    var reports: [StageReport] = []
    try session.context.build(recipe, judge: makeJudge) { report in
      reports.append(report)
      session.end()
      if !output.json { print(report.summary) }
    }
    if output.json { return print(buildJSON(recipe: recipe.name, folder, reports)) }
    if reports.allSatisfy({ $0.status == .upToDate }) {
      print("Nothing to do: every stage in \(folder) is up to date.")
    }
  }

  private func buildJSON(recipe: String, _ folder: String, _ reports: [StageReport]) -> String {
    struct Build: Encodable {
      let recipe: String
      let workspace: String
      let stages: [StageReport]
    }
    return canonicalJSON(Build(recipe: recipe, workspace: folder, stages: reports))
  }
}
