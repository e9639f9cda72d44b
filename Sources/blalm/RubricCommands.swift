// Looking at rubrics: whether a file is one, and what a judge would see.

import ArgumentParser
import Pipeline
import Rubrics
import Storage

/// `blalm rubric`: rubrics, without asking anybody.
struct RubricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rubric",
    abstract: "Check a rubric, and see what a judge would see.",
    subcommands: [Check.self, Show.self]
  )

  /// `blalm rubric check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a rubric's file and say what it asks."
    )

    @Argument(help: "A YAML file, or a built-in rubric's name.", completion: .file())
    var rubric: String

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func run() throws {
      let rubric = try Rubric(named: rubric)
      if json { return print(canonicalJSON(RubricFigures(rubric))) }
      print("rubric \(rubric.name), version \(rubric.version)")
      print(
        "  " + padded("scores", 14) + "\(rubric.scale.lowerBound) to \(rubric.scale.upperBound)"
      )
      if !rubric.points.isEmpty {
        print("  " + padded("points", 14) + rubric.points.map(\.name).joined(separator: ", "))
      }
      print("  " + padded("score's line", 14) + tamed(rubric.scoreLine))
      print("  " + padded("identity", 14) + rubric.identity)
      print("  " + padded("purpose", 14) + tamed(rubric.purpose))
    }
  }

  /// `blalm rubric show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print exactly what a judge would see of a document."
    )

    @Argument(help: "A YAML file, or a built-in rubric's name.", completion: .file())
    var rubric: String

    @Option(
      help: "The document's id, or as many of its first digits as tell it from all others."
    )
    var document: String

    @Option(name: .shortAndLong, help: "The workspace's folder.")
    var workspace: String

    @Option(help: "The form of the answer: text or structured.")
    var form = Rubric.Form.structured

    @Option(help: "What of a long text the judge sees: head or headAndTail.")
    var cut = SampleCut.Rule.head

    @Option(help: "The bytes of a text that the judge sees at most.")
    var longest = SampleCut().longest

    func validate() throws {
      guard longest >= 100 else { throw ValidationError("--longest must be at least 100.") }
    }

    func run() throws {
      let rubric = try Rubric(named: rubric)
      let document = try InspectedDocument(document, in: try Workspace.openForReading(workspace))
      let prompt = rubric.prompt(
        Array(document.text.utf8),
        form: form,
        cut: SampleCut(rule: cut, longest: longest)
      )
      let system = prompt.system.isEmpty ? "" : prompt.system + "\n"
      try writeToOutput(Array((system + prompt.user + "\n").utf8))
    }
  }
}

/// What a rubric is, for programs.
private struct RubricFigures: Encodable {
  let name: String
  let version: Int
  let purpose: String
  let points: [String]
  let lowest: Int
  let highest: Int
  let identity: String

  init(_ rubric: Rubric) {
    name = rubric.name
    version = rubric.version
    purpose = rubric.purpose
    points = rubric.points.map(\.name)
    lowest = rubric.scale.lowerBound
    highest = rubric.scale.upperBound
    identity = rubric.identity
  }
}
