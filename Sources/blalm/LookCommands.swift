// Looking at what is in a workspace: a document, a token's origin, the schema of the index.

import ArgumentParser
import Documents
import Pipeline
import Storage

/// `blalm show`: a document with all that is known of it.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a document with all that the workspace knows of it."
  )

  @Argument(help: "The document's id, or as many of its first digits as tell it from all others.")
  var id: String

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print the text alone, as it is stored.")
  var text = false

  @Flag(help: "Say how its readability came about: scores, hard words, long sentences.")
  var why = false

  @Option(
    name: .customLong("word-list"),
    help: ArgumentHelp("A word list for --why, as often as needed.", valueName: "name=path")
  )
  var wordLists: [String] = []

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func validate() throws {
    guard !(text && json) else { throw ValidationError("--text and --json exclude each other.") }
    guard !(text && why) else { throw ValidationError("--text and --why exclude each other.") }
    guard why || wordLists.isEmpty else { throw ValidationError("--word-list belongs to --why.") }
    _ = try namedValues(wordLists, option: "--word-list")
  }

  func run() throws {
    if why {
      let lists = try namedValues(wordLists, option: "--word-list")
      let document = try ExplainedDocument(
        id,
        in: try Workspace.openForReading(workspace),
        wordLists: Dictionary(uniqueKeysWithValues: lists)
      )
      let output = TerminalOutput()
      return try output.write { write in
        if json { return try write(document.json) }
        try document.lines(width: output.width).forEach(write)
      }
    }
    let document = try InspectedDocument(id, in: try Workspace.openForReading(workspace))
    if text { return try writeToOutput(Array(document.text.utf8)) }
    print(json ? document.json : document.summary)
  }
}

/// `blalm trace`: where a token comes from.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Say which document, source line and bytes a token of a token shard comes from."
  )

  @Argument(help: "The token's place in the split, from 0.")
  var token: Int

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Option(help: "The tokens: selection and tokenizer with -- between them.")
  var tokens = "main--main"

  @Option(help: "The split: train, dev or test.")
  var split = Split.train

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    let context = StageContext(workspace: try Workspace.openForReading(workspace))
    let trace = try context.trace(token: token, of: tokens, split: split)
    print(json ? trace.json : trace.summary)
  }
}

/// `blalm index`: the index as other programs see it.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Describe the index for other programs.",
    subcommands: [Schema.self]
  )

  /// `blalm index schema`.
  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the tables, columns, views and example queries of the index as Markdown."
    )

    @Option(
      name: .shortAndLong,
      help: "A workspace, whose sources have added columns (default: an empty one)."
    )
    var workspace: String?

    func run() throws {
      let index = try workspace.map { try Workspace.openForReading($0).index }
      try writeToOutput(Array(try schemaPage(of: index, metrics: MetricTable.all).utf8))
    }
  }
}

extension InspectedDocument {
  /// The document for people.
  var summary: String {
    var lines = ["document \(id)", ""]
    lines += columns.columns.filter { $0.name != "id" && $0.name != "preview" }
      .map { "  " + padded($0.name, 23) + " " + $0.value.summary }
    // The scalars among them are columns already.
    let own = Set(columns.columns.map(\.name))
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where !own.contains(name) {
      lines.append("  " + padded(name, 23) + " " + value.summary)
    }
    func section(_ title: String, _ rows: [IndexRow]) {
      guard !rows.isEmpty else { return }
      lines += ["", title]
      for row in rows {
        lines.append(
          "  " + row.columns.map { "\($0.name) \($0.value.summary)" }.joined(separator: ", ")
        )
      }
    }
    section("duplicates", cluster.map { [$0] } ?? [])
    section("contamination", contamination)
    section("selections", selections)
    section("tokens", tokens)
    section("not kept of the same file", rejectionsInFile)
    return (lines + ["", text]).joined(separator: "\n")
  }
}

extension TokenTrace {
  /// The trace for people.
  var summary: String {
    func row(_ name: String, _ value: String) -> String { "  " + padded(name, 12) + value }
    return [
      "token \(position) of \(tokens), \(split.rawValue): \(name) (id \(token))",
      "",
      (before + "[[" + text + "]]" + after).split(separator: "\n", omittingEmptySubsequences: false)
        .map { "    " + $0 }.joined(separator: "\n"),
      "",
      row("document", document.description),
      row("source", "\(source), \(key)"),
      row("read from", file + (line.map { ", record at line \($0)" } ?? "")),
      row("shard", "shards/\(shard), frame at byte \(frameOffset), line \(frameLine) of it"),
      row("in the text", "bytes \(byteStart)..<\(byteEnd), line \(textLine)"),
      row("in tokens", "\(position - firstToken) of \(tokenCount) that begin at \(firstToken)"),
    ].joined(separator: "\n")
  }
}
