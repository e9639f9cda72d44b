import ArgumentParser
import Pipeline
import Storage

/// `blalm status`: what a workspace holds.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say what a workspace holds and which stages are done."
  )

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    let status = try WorkspaceStatus(try Workspace.openForReading(workspace))
    print(json ? status.json : status.summary)
  }
}

extension WorkspaceStatus {
  /// The status for people.
  var summary: String {
    var lines = ["workspace \(workspace)", "", "sources"]
    for source in sources {
      lines.append(
        "  " + padded(source.name, 16) + "\(grouped(source.documents)) documents, "
          + "\(grouped(source.words)) words, \(grouped(source.bytes)) bytes"
      )
      for (reason, count) in source.rejections.sorted(by: { $0.key < $1.key }) {
        lines.append("    \(grouped(count)) not kept: \(reason)")
      }
    }
    if sources.isEmpty { lines.append("  none yet: run `blalm ingest` or `blalm build`") }
    if !selections.isEmpty {
      lines += ["", "selections"]
      for part in selections {
        lines.append(
          "  " + padded(part.name, 12) + padded(part.split, 7) + padded(part.source, 16)
            + "\(grouped(part.documents)) documents, \(grouped(part.words)) words"
        )
      }
    }
    if !stages.isEmpty {
      lines += ["", "stages done"]
      lines += stages.map { "  " + padded($0.stage, 28) + "\(rounded($0.seconds, 1)) s" }
    }
    if !runs.isEmpty { lines += ["", "runs", "  " + runs.joined(separator: ", ")] }
    return lines.joined(separator: "\n")
  }
}
