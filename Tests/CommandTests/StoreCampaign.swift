import Foundation
import GRDB
import Pipeline
import TestSupport
import Testing

/// A corpus and a recipe that go through every stage of the store, and what a build of it must leave.
struct StoreCampaign {
  let folder: TemporaryFolder
  /// The recipe whose outputs are compared.
  let recipe: String
  /// A recipe over the same names with other inputs and settings, so that every output is replaced.
  let other: String
  /// What an undisturbed build leaves.
  let expected: Outcome
  /// When each stage began and ended in the undisturbed build, in seconds since the program's start.
  let windows: [Range<Double>]

  /// The sources and stages; each key is a stage of the build.
  static func text(_ files: [String], words: Int, seed: Int, vocabularySize: Int) -> String {
    """
    name: campaign
    seed: \(seed)
    sources:
      web:
        format: fineweb-edu
        paths: [\(files.joined(separator: ", "))]
        words: \(words)
      childes:
        paths: \(Program.root)/data/childes
    measure: {}
    dedupe: {}
    decontaminate:
      paths: evaluation.txt
    selection:
      devShare: 0.1
      contaminated: keep
    tokenizer:
      vocabularySize: \(vocabularySize)
    """
  }

  /// Makes the corpus, its larger source of so many words, and builds it undisturbed.
  init(words: Int = 120_000) throws {
    folder = try TemporaryFolder()
    for (seed, name) in ["a.jsonl", "b.jsonl"].enumerated() {
      var pool = SyntheticPool(words: words / 2, seed: UInt64(seed) + 1)
      _ = try pool.write(to: folder(name))
      // Ids must differ between the files.
      pool.seed = 0
      let lines = try String(contentsOfFile: folder(name), encoding: .utf8)
      try folder.write(name, lines.replacing("\"synthetic-", with: "\"\(name)-"))
    }
    try folder.write("evaluation.txt", "Where did you find him?\n")
    recipe = try folder.write(
      "recipe.yaml",
      StoreCampaign.text(["a.jsonl", "b.jsonl"], words: words / 2, seed: 1, vocabularySize: 1_500)
    )
    other = try folder.write(
      "other.yaml",
      StoreCampaign.text(["b.jsonl"], words: words / 3, seed: 2, vocabularySize: 600)
        .replacing("data/childes", with: "data/childes/Sample")
    )
    let workspace = folder("undisturbed")
    let result = try Program.run(["build", recipe, "-w", workspace, "--json", "--quiet"])
    try #require(result.status == 0, "\(result.errors)")
    struct Build: Decodable {
      struct Stage: Decodable { let seconds: Double }
      let stages: [Stage]
    }
    let build = try JSONDecoder().decode(Build.self, from: Data(result.output.utf8))
    var start = 0.02
    windows = build.stages.map { stage in
      defer { start += stage.seconds }
      return start..<start + stage.seconds
    }
    expected = try Outcome(of: workspace)
  }

  /// Builds and holds the outcome against the undisturbed one; verifies it, too.
  func expectUndisturbed(
    _ workspace: String,
    _ note: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(["build", recipe, "-w", workspace, "--quiet"])
    #expect(result.status == 0, "\(note): \(result.errors)", sourceLocation: sourceLocation)
    let differences = try Outcome(of: workspace).differences(from: expected)
    #expect(differences.isEmpty, "\(note)", sourceLocation: sourceLocation)
    try expectSound(workspace, note, sourceLocation: sourceLocation)
  }

  /// Verifies a workspace.
  func expectSound(
    _ workspace: String,
    _ note: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(["verify", "-w", workspace, "--quiet"])
    #expect(
      result.status == 0,
      "\(note): \(result.output)\(result.errors)",
      sourceLocation: sourceLocation
    )
  }

  /// Runs the program by a shell command in which `"$@"` stands for program and arguments.
  func shell(_ script: String, _ arguments: [String]) throws -> (status: Int32, errors: String) {
    let errors = folder("errors")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script + " >/dev/null 2>\"$0\"", errors, Program.path] + arguments
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationReason == .exit ? process.terminationStatus : -1,
      try String(contentsOfFile: errors, encoding: .utf8)
    )
  }
}

/// What a build left: its files' bytes, and the index's rows but for times and paths of inputs.
struct Outcome {
  private var files: [String: Data] = [:]
  private var rows: [String: [String]] = [:]

  /// Columns that tell times, or where the inputs lay.
  private static let passedOver: Set = [
    "stage.seconds", "stage.finishedAt", "stage.report", "inputFile.path", "inputFile.modified",
  ]

  init(of workspace: String) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: workspace) {
      let isOutput = ["shards/", "selections/", "tokenizers/", "tokens/"].contains {
        name.hasPrefix($0)
      }
      let path = workspace + "/" + name
      let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      guard isOutput, kind == .typeRegular else { continue }
      files[name] = try Data(contentsOf: URL(filePath: path))
    }
    rows = try Outcome.rows(of: workspace + "/corpus.sqlite")
  }

  private static func rows(of path: String) throws -> [String: [String]] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.read { database in
      var rows: [String: [String]] = [:]
      let tables = try String.fetchAll(
        database,
        sql: """
          SELECT name FROM sqlite_master
          WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
          """
      )
      for table in tables {
        let columns = try database.columns(in: table).map(\.name).sorted()
          .filter { !passedOver.contains("\(table).\($0)") }
        let list = columns.map { "quote(\"\($0)\")" }.joined(separator: " || '|' || ")
        rows[table] = try String.fetchAll(database, sql: "SELECT \(list) FROM \"\(table)\"")
          .sorted()
      }
      // A report but for its seconds.
      rows["stage.report"] = try String.fetchAll(
        database,
        sql: "SELECT json_remove(report, '$.seconds') FROM stage ORDER BY name"
      )
      return rows
    }
  }

  /// The rows of all tables.
  var rowCount: Int { rows.values.reduce(0) { $0 + $1.count } }

  /// The names of the files.
  var fileNames: [String] { files.keys.sorted() }

  /// What differs, in words.
  func differences(from other: Outcome) -> [String] {
    var differences: [String] = []
    for name in Set(files.keys).union(other.files.keys).sorted()
    where files[name] != other.files[name] {
      differences.append(
        "\(name): \(files[name]?.count ?? -1) bytes, \(other.files[name]?.count ?? -1)"
      )
    }
    for table in Set(rows.keys).union(other.rows.keys).sorted() {
      let mine = Set(rows[table] ?? [])
      let theirs = Set(other.rows[table] ?? [])
      if let row = mine.subtracting(theirs).min() {
        differences.append("only here: \(table): \(row)")
      }
      if let row = theirs.subtracting(mine).min() {
        differences.append("missing: \(table): \(row)")
      }
    }
    return differences
  }
}
