import ArgumentParser
import Pipeline
import Storage

/// `blalm compare`: two selections side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Put two selections side by side: documents, words, means of columns, overlap."
  )

  @Argument(help: "A selection's name.")
  var first: String

  @Argument(help: "Another selection's name.")
  var second: String

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func run() throws {
    let comparison = try Workspace.openForReading(workspace).index.compare(first, second)
    print(json ? canonicalJSON(comparison) : comparison.summary)
  }
}

extension SelectionComparison {
  /// The comparison for people.
  var summary: String {
    let names = means.map { "\($0.source ?? "all sources"): \($0.column)" }
    let width = max(34, (names.map(\.count).max() ?? 0) + 2)
    func line(_ name: String, _ left: String, _ right: String) -> String {
      padded(name, width) + padded(left, 34) + right
    }
    func amount(_ part: SelectionSummary?) -> String {
      part.map { "\(grouped($0.documents)) documents, \(grouped($0.words)) words" } ?? "–"
    }
    var lines = [line("", first, second)]
    var seen: Set<String> = []
    for part in parts {
      let name = "\(part.split) \(part.source)"
      guard seen.insert(name).inserted else { continue }
      func amounts(in selection: String) -> String {
        amount(
          parts.first {
            $0.name == selection && $0.split == part.split && $0.source == part.source
          }
        )
      }
      lines.append(line(name, amounts(in: first), amounts(in: second)))
    }
    lines.append("")
    for (name, overlap) in [
      ("both train on", both), ("only \(first)", onlyFirst), ("only \(second)", onlySecond),
    ] {
      lines.append(
        padded(name, width)
          + "\(grouped(overlap.documents)) documents, \(grouped(overlap.words)) words"
      )
    }
    lines += ["", "means over the documents of train"]
    for (name, mean) in zip(names, means) {
      lines.append(
        line(
          name,
          mean.first.map { rounded($0, 3) } ?? "–",
          mean.second.map { rounded($0, 3) } ?? "–"
        )
      )
    }
    return lines.joined(separator: "\n")
  }
}
