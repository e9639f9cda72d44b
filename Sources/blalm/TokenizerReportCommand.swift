// Whether a vocabulary fits a selection.

import ArgumentParser
import Documents
import Files
import Pipeline
import Storage

extension TokenizerCommand {
  /// `blalm tokenizer report`.
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say how a vocabulary fits a selection: by source, by the child's age, by grade.",
      discussion: """
        A word that may be split is a run of letters; words a token are the budget's words.
        """
    )

    @Argument(help: "The tokenizer's name.")
    var tokenizer = "main"

    @Option(help: "The selection.")
    var selection = "main"

    @Option(help: "The split.")
    var split = Split.train

    @Option(
      help: """
        A column of `corpus` to group documents by; repeatable. Default: source, \
        targetChildAgeMonths and fleschKincaidGrade, as far as they are there.
        """
    )
    var by: [String] = []

    @Option(help: "A file of words, one a line, whose coverage to tell.", completion: .file())
    var words: String?

    @Option(help: "Another tokenizer of the workspace to hold against this one.")
    var compare: String?

    @Option(name: .shortAndLong, help: "The workspace's folder.")
    var workspace: String

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func run() throws {
      var settings = TokenizerReportSettings()
      settings.tokenizer = tokenizer
      settings.selection = selection
      settings.split = split
      settings.columns = by
      settings.wordList = words
      settings.other = compare
      let context = StageContext(
        workspace: try Workspace.openForReading(workspace),
        stop: Interruption.signal
      )
      let report = try context.reportTokenizer(settings)
      print(json ? canonicalJSON(report) : report.summary)
    }
  }
}

extension TokenizerReport {
  /// The report for people.
  var summary: String {
    var lines = [
      "\(tokenizer): \(grouped(vocabularySize)) ids on \(selection), \(split.rawValue)", "",
      padded("", 40) + padded("documents", 12) + padded("words", 14) + padded("tokens", 14)
        + padded("bytes/token", 13) + padded("words/token", 13) + "split words",
    ]
    for group in groups {
      let name = group.column.map { "\($0): \(group.value)" } ?? group.value
      lines.append(
        padded(name, 40) + padded(grouped(group.documents), 12) + padded(grouped(group.words), 14)
          + padded(grouped(group.tokens), 14) + padded(number(group.bytesPerToken), 13)
          + padded(number(group.wordsPerToken), 13) + share(group.splitShare)
      )
      if let other = comparison, group.otherBytesPerToken != nil {
        lines.append(
          padded("  with \(other.tokenizer)", 80) + padded(number(group.otherBytesPerToken), 26)
            + share(group.otherSplitShare)
        )
      }
    }
    lines += [
      "", "never used: \(grouped(unusedCount))  \(names(unused))",
      "used fewer than \(rareBelow) times: \(grouped(rareCount))  \(names(rare))",
      "longest: \(names(longest))",
    ]
    if let coverage {
      lines.append(
        "word list \(coverage.file): \(grouped(coverage.whole)) of \(grouped(coverage.words)) words "
          + "are one token (\(share(coverage.share))), \(number(coverage.tokensPerWord)) tokens a word; "
          + "split: \(coverage.split.joined(separator: " "))"
      )
    }
    if let comparison {
      lines.append(
        "\(comparison.tokenizer): \(grouped(comparison.vocabularySize)) ids; "
          + "\(grouped(comparison.shared)) tokens in both, \(grouped(comparison.onlyFirst)) only in "
          + "\(tokenizer), \(grouped(comparison.onlyOther)) only in \(comparison.tokenizer)"
      )
    }
    return lines.joined(separator: "\n")
  }

  private func number(_ value: Double?) -> String { value.map { rounded($0, 3) } ?? "–" }

  private func share(_ value: Double?) -> String {
    value.map { "\(rounded(100 * $0, 2)) %" } ?? "–"
  }

  private func names(_ tokens: [Token]) -> String {
    tokens.map { $0.count > 0 ? "\($0.name)×\($0.count)" : $0.name }.joined(separator: " ")
  }
}
