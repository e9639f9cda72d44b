// Rows as a table that fits a terminal, or as records where even narrow columns do not fit.

/// A table whose columns are as wide as their content, cut where the terminal is narrower.
///
/// Numbers are never cut: half a number is another number.
struct TextTable {
  /// A cell's text, on one line and without control characters.
  struct Cell {
    let text: String
    let isNumber: Bool
  }

  /// The narrowest that a column of text is cut to.
  private static let narrowest = 8
  /// The blanks between two columns.
  private static let gap = 2

  private let names: [String]
  private let isRight: [Bool]
  /// The columns' widths, or `nil` where rows are shown as records.
  private let widths: [Int]?
  private let width: Int

  /// Lays a table out.
  ///
  /// - Parameters:
  ///   - names: The columns' names.
  ///   - rows: The rows that decide the widths.
  ///   - width: The cells of a line.
  init(_ names: [String], rows: [[Cell]], width: Int) {
    self.names = names
    self.width = max(1, width)
    var wanted = names.map { displayWidth($0) }
    var least: [Int] = []
    var isRight: [Bool] = []
    for column in names.indices {
      let cells = rows.map { $0[column] }
      let isNumbers = cells.contains(where: \.isNumber)
      isRight.append(isNumbers)
      wanted[column] = max(wanted[column], cells.map { displayWidth($0.text) }.max() ?? 0)
      let number = cells.filter(\.isNumber).map { displayWidth($0.text) }.max() ?? 0
      least.append(max(number, min(wanted[column], TextTable.narrowest)))
    }
    self.isRight = isRight
    let room = self.width - TextTable.gap * (names.count - 1)
    widths = least.reduce(0, +) <= room ? TextTable.fit(wanted, least, room) : nil
  }

  /// The widest columns give way first, so that all that must be cut end up alike.
  private static func fit(_ wanted: [Int], _ least: [Int], _ room: Int) -> [Int] {
    var most = wanted.max() ?? 0
    func widths(_ most: Int) -> [Int] { zip(wanted, least).map { max($1, min($0, most)) } }
    while most > 0, widths(most).reduce(0, +) > room { most -= 1 }
    var result = widths(most)
    // What is left over goes to the last column that was cut, usually the longest text.
    let left = room - result.reduce(0, +)
    if let last = result.indices.last(where: { result[$0] < wanted[$0] }), left > 0 {
      result[last] = min(wanted[last], result[last] + left)
    }
    return result
  }

  /// The heading, or `nil` where rows are shown as records.
  var heading: String? {
    widths.map { line(names.map { Cell(text: $0, isNumber: false) }, $0) }
  }

  /// A row as a line, or as a line a column and an empty line.
  func lines(_ row: [Cell]) -> [String] {
    if let widths { return [line(row, widths)] }
    let name = min(names.map { displayWidth($0) }.max() ?? 0, max(1, width / 2 - 1))
    return zip(names, row).map { column, cell in
      let text = aligned(clipped(column, name), name, right: false) + " "
      return text + (cell.isNumber ? cell.text : clipped(cell.text, max(1, width - name - 1)))
    } + [""]
  }

  private func line(_ row: [Cell], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in row.enumerated() {
      let text = cell.isNumber ? cell.text : clipped(cell.text, widths[column])
      line += aligned(text, widths[column], right: isRight[column])
      if column < row.count - 1 { line += String(repeating: " ", count: TextTable.gap) }
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
