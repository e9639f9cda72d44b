import ArgumentParser
import Documents
import Foundation
import Pipeline
import Storage

/// `blalm samples`: documents as rows of columns.
struct SamplesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "samples",
    abstract: "Print documents as a table of any columns, filtered and sorted.",
    discussion: """
      On a terminal the table goes through $PAGER (default: less -R). Ids may be cut: `blalm show` \
      takes their first digits.
      """
  )

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Option(help: "The columns of corpus, with commas between them.")
  var columns = SampleQuery.usualColumns.joined(separator: ",")

  @Option(help: "An SQLite expression over the columns, as in a selection.")
  var filter: String?

  @Option(
    parsing: .unconditional,
    help: "A column to sort by, small values first; with - before it, large values first."
  )
  var sort: String?

  @Option(help: "A source, as often as needed (default: all).")
  var source: [String] = []

  @Option(help: "The most documents.")
  var limit = 20

  @Flag(help: "Print every document.")
  var all = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @Flag(help: "Print comma-separated values.")
  var csv = false

  func validate() throws {
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1.") }
    guard !(json && csv) else { throw ValidationError("--json and --csv exclude each other.") }
  }

  func run() throws {
    let names = columns.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !names.isEmpty else { throw ValidationError("--columns names no column.") }
    let query = SampleQuery(
      columns: names,
      sources: source,
      filter: filter,
      sort: sort,
      limit: all ? nil : limit
    )
    let workspace = try Workspace.openForReading(workspace)
    let output = TerminalOutput()
    if json { return try printJSON(query, workspace, output) }
    if csv { return try printCSV(query, workspace, output) }
    try output.write { write in
      var printer = TablePrinter(output: output)
      try workspace.forEachSample(of: query, begin: { printer.names = $0 }) { row in
        try printer.append(row).forEach(write)
      }
      try printer.finish().forEach(write)
    }
  }

  private func printJSON(
    _ query: SampleQuery,
    _ workspace: Workspace,
    _ output: TerminalOutput
  ) throws {
    try output.write { write in
      var columns: [String] = []
      var before = ""
      try workspace.forEachSample(
        of: query,
        begin: {
          columns = $0
          before = "{\"columns\":\(canonicalJSON($0)),\"samples\":["
        }
      ) { row in
        try write(before + canonicalJSON(Dictionary(zip(columns, row)) { first, _ in first }))
        before = ","
      }
      try write((before == "," ? "" : before) + "]}")
    }
  }

  private func printCSV(
    _ query: SampleQuery,
    _ workspace: Workspace,
    _ output: TerminalOutput
  ) throws {
    func field(_ text: String) -> String {
      let isPlain = !text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
      return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
    try output.write { write in
      try workspace.forEachSample(
        of: query,
        begin: { try write($0.map(field).joined(separator: ",")) }
      ) { row in
        try write(row.map { field($0?.plainText ?? "") }.joined(separator: ","))
      }
    }
  }
}

/// Makes the lines of a table, whose widths the first rows decide.
private struct TablePrinter {
  var names: [String] = []
  private let output: TerminalOutput
  private var waiting: [[TextTable.Cell]] = []
  private var table: TextTable?

  /// The rows that decide the widths.
  private static let measuredRows = 500

  init(output: TerminalOutput) { self.output = output }

  /// Takes a row, and returns the lines that can be written.
  mutating func append(_ row: [MetadataValue?]) -> [String] {
    let cells = row.map { value in
      TextTable.Cell(text: value.map(\.cellText) ?? "–", isNumber: value?.isNumber ?? false)
    }
    if let table { return table.lines(cells) }
    waiting.append(cells)
    return waiting.count >= TablePrinter.measuredRows ? begin() : []
  }

  /// The lines that are left.
  mutating func finish() -> [String] { table == nil ? begin() : [] }

  private mutating func begin() -> [String] {
    let table = TextTable(names, rows: waiting, width: output.width)
    defer { waiting = [] }
    self.table = table
    return (table.heading.map { [output.heading($0)] } ?? []) + waiting.flatMap { table.lines($0) }
  }
}

extension MetadataValue {
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// The value in a table: numbers short, texts on one line.
  fileprivate var cellText: String {
    switch self {
    case .integer(let value): grouped(value)
    case .number(let value): shortened(value)
    default: tamed(plainText)
    }
  }

  /// The value with all its digits.
  fileprivate var plainText: String {
    switch self {
    case .text(let text): text
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .list, .object: canonicalJSON(self)
    }
  }
}

/// A number in few characters: a whole one whole, others with three decimals or digits.
func shortened(_ value: Double) -> String {
  switch abs(value) {
  case let magnitude where magnitude < 1e15 && value == value.rounded(): grouped(Int(value))
  case 0.001..<100_000: rounded(value, 3)
  default: String(format: "%.3g", value)
  }
}
