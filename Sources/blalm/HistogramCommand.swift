import ArgumentParser
import Pipeline
import Storage

/// `blalm histogram`: how the values of a column are spread.
struct HistogramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "histogram",
    abstract: "Show how the values of a column are spread in each source.",
    discussion: """
      The bins reach over all but the outermost hundredth of the values; what lies outside is counted \
      beside them, and so are documents without a value.
      """
  )

  @Argument(help: "The column of corpus.")
  var column: String

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Option(help: "The column that groups the documents.")
  var by = "source"

  @Option(help: "The most bins.")
  var bins = 20

  @Option(help: "An SQLite expression over the columns, as in a selection.")
  var filter: String?

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  func validate() throws {
    guard (1...1_000).contains(bins) else { throw ValidationError("--bins must be 1 to 1,000.") }
  }

  func run() throws {
    let histogram = try Histogram(
      of: column,
      by: by,
      bins: bins,
      filter: filter,
      in: try Workspace.openForReading(workspace)
    )
    let output = TerminalOutput()
    try output.write { write in
      if json { return try write(histogram.json) }
      try histogram.lines(width: output.width, heading: output.heading).forEach(write)
    }
  }
}

extension Histogram {
  /// The histogram for people.
  ///
  /// - Parameters:
  ///   - width: The cells of a line.
  ///   - heading: Emphasises a heading.
  /// - Returns: The lines.
  func lines(width: Int, heading: (String) -> String) -> [String] {
    guard !groups.isEmpty else { return ["no document"] }
    let decimals = decimals
    let labels = edges.dropLast().map { label($0, decimals) }
    let end = edges.last.map { label($0, decimals) } ?? ""
    var lines: [String] = []
    for group in groups {
      if !lines.isEmpty { lines.append("") }
      let name = "\(column), \(by) \(tamed(group.name))"
      lines.append(heading(clipped(name, width)))
      lines += group.summary.flatMap { wrapped($0, width) }
      var rows = zip(labels, group.counts).map { (label: $0, count: $1) }
      if group.below > 0, let first = labels.first {
        rows.insert(("< " + first, group.below), at: 0)
      }
      if group.above > 0 { rows.append(("≥ " + end, group.above)) }
      if group.noValue > 0 { rows.append(("no value", group.noValue)) }
      if group.texts > 0 { rows.append(("a text", group.texts)) }
      lines += bars(rows, width)
    }
    return lines
  }

  /// As many decimals as the edges have, at most nine; `nil` where nine do not tell them apart.
  private var decimals: Int? {
    let step = edges.count > 1 ? edges[1] - edges[0] : 1
    if step < 1e-9 { return nil }
    var most = 0
    for number in edges + [step] where abs(number) < 1e15 {
      var decimals = 0
      var scaled = abs(number)
      // What is left of a multiple of the step by rounding is no decimal.
      while decimals < 9, abs(scaled - scaled.rounded()) > 1e-9 * max(1, scaled) {
        scaled *= 10
        decimals += 1
      }
      most = max(most, decimals)
    }
    return most
  }

  /// An edge with so many decimals.
  private func label(_ edge: Double, _ decimals: Int?) -> String {
    guard let decimals, abs(edge) < 1e15 else { return "\(edge)" }
    let text = rounded(edge, decimals)
    return text.hasPrefix("-") && !text.contains { "123456789".contains($0) }
      ? String(text.dropFirst()) : text
  }

  private func bars(_ rows: [(label: String, count: Int)], _ width: Int) -> [String] {
    let labelWidth = rows.map { displayWidth($0.label) }.max() ?? 0
    let countWidth = rows.map { grouped($0.count).count }.max() ?? 0
    let room = width - labelWidth - countWidth - 4
    let most = rows.map(\.count).max() ?? 0
    return rows.map { row in
      let start = aligned(row.label, labelWidth, right: true) + "  "
      let count = aligned(grouped(row.count), countWidth, right: true)
      guard room >= 2 else { return start + count }
      let bar = bar(row.count, of: most, width: room)
      return (start + count + (bar.isEmpty ? "" : "  " + bar))
    }
  }
}

extension Histogram.Group {
  fileprivate var summary: [String] {
    var parts = [counted(documents, "document")]
    if let mean { parts.append("mean \(shortened(mean))") }
    if let median { parts.append("median \(shortened(median))") }
    if let minimum, let maximum {
      parts.append("from \(shortened(minimum)) to \(shortened(maximum))")
    }
    return [parts.joined(separator: ", ")]
  }
}

/// A bar of eighths of a cell; anything above nothing is seen.
private func bar(_ count: Int, of most: Int, width: Int) -> String {
  guard count > 0, most > 0 else { return "" }
  let share = Double(count) / Double(most)
  let eighths = max(1, Int((share * Double(width * 8)).rounded()))
  let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
}

/// A text in lines of a width, broken at blanks where there are any.
func wrapped(_ text: String, _ width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if displayWidth(line) + 1 + displayWidth(word) <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  return lines + (line.isEmpty ? [] : [line])
}
