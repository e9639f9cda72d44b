/// Where lines, tables and headings stand in the flat text of the first pass.

/// The end of the line that starts at `start`, without its newline.
func endOfLine(in flat: [UInt8], from start: Int) -> Int {
  var end = start
  while end < flat.count, flat[end] != UInt8(ascii: "\n") { end += 1 }
  return end
}

/// Where a line's own markup begins: past blanks and marks; the line's end where it is blank.
func startOfMarkup(in flat: [UInt8], _ line: Range<Int>) -> Int {
  var first = line.lowerBound
  while first < line.upperBound, isBlank(flat[first]) { first += 1 }
  var text = first
  while text < line.upperBound, isBlank(flat[text]) || WikitextMark.isDrop(flat[text]) {
    text += 1
  }
  return text == line.upperBound ? text : first
}

private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == WikitextMark.deleted || byte == WikitextMark.paragraphBreak
}

/// The level and the text of a heading, where the line is one: `== text ==`.
func heading(in flat: [UInt8], _ line: Range<Int>) -> (level: Int, text: Range<Int>)? {
  var (start, end) = (line.lowerBound, line.upperBound)
  guard flat[start] == UInt8(ascii: "=") else { return nil }
  while end > start, isBlank(flat[end - 1]) || WikitextMark.isDrop(flat[end - 1]) { end -= 1 }
  let most = min((end - start - 1) / 2, 6)
  var level = 0
  while level < most, flat[start + level] == UInt8(ascii: "="),
    flat[end - 1 - level] == UInt8(ascii: "="), !isLiteral(flat, end - 1 - level)
  {
    level += 1
  }
  guard level > 0 else { return nil }
  start += level
  end -= level
  return (level, start..<end)
}

private func isLiteral(_ flat: [UInt8], _ position: Int) -> Bool {
  position > 0 && flat[position - 1] == WikitextMark.literal
}

/// Whether a table starts at the beginning of a range.
func isTableStart(in flat: [UInt8], _ line: Range<Int>) -> Bool {
  line.count >= 2 && flat[line.lowerBound] == UInt8(ascii: "{")
    && flat[line.lowerBound + 1] == UInt8(ascii: "|")
}

/// The first mark in a range at which a paragraph ends.
func paragraphBreak(in flat: [UInt8], _ range: Range<Int>) -> Int? {
  for index in range where flat[index] == WikitextMark.paragraphBreak { return index }
  return nil
}

/// Whether a byte is one of the list markers `*`, `#`, `:`, `;`.
func isItemMarker(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: ":")
    || byte == UInt8(ascii: ";")
}

/// Whether a block says anything: it has an ASCII letter or digit, or a character of another script.
///
/// Bytes that begin Latin-1 signs (0xC2) and general punctuation and symbols (0xE2 up to 0xE2AF) do
/// not count.
func hasLetterOrDigit(_ block: [UInt8]) -> Bool {
  for index in block.indices {
    switch block[index] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0xc3...0xe1, 0xe3...0xff:
      return true
    case 0xe2 where index + 1 < block.count && block[index + 1] >= 0xb0: return true
    default: continue
    }
  }
  return false
}

/// The tables that stand in no other table, from the start of their first line to where the text
/// goes on, right after their `|}`; tables that never end are left out.
func outermostTables(in flat: [UInt8]) -> [Range<Int>] {
  var tables: [(start: Int, end: Int?)] = []
  var open: [Int] = []
  var start = 0
  while start < flat.count {
    let end = endOfLine(in: flat, from: start)
    var first = start
    while first < end, isBlank(flat[first]) || isItemMarker(flat[first]) { first += 1 }
    if isTableStart(in: flat, first..<end) {
      open.append(tables.count)
      tables.append((start, nil))
    } else if end - first >= 2, flat[first] == UInt8(ascii: "|"),
      flat[first + 1] == UInt8(ascii: "}"), let table = open.popLast()
    {
      tables[table].end = first + 2
    }
    start = end + 1
  }
  var outermost: [Range<Int>] = []
  for table in tables {
    guard let end = table.end, table.start >= outermost.last?.upperBound ?? 0 else { continue }
    outermost.append(table.start..<end)
  }
  return outermost
}

/// Calls a function with each cell of a table, its caption and those of tables inside it.
///
/// A cell goes from its mark (`|`, `!`, or `||` and `!!` on one line) to the next; what stands before a
/// single pipe in it are attributes.
func forEachCell(in flat: [UInt8], _ table: Range<Int>, _ body: (Range<Int>) -> Void) {
  let pipe = UInt8(ascii: "|")
  let bang = UInt8(ascii: "!")
  var cell: Int?
  var cellEnd = table.lowerBound
  func endCell() {
    guard let start = cell, start < cellEnd else { return }
    body(startOfContent(in: flat, start..<cellEnd)..<cellEnd)
  }
  var start = table.lowerBound
  while start < table.upperBound {
    let end = min(endOfLine(in: flat, from: start), table.upperBound)
    var first = start
    while first < end, isBlank(flat[first]) { first += 1 }
    let next = first + 1 < end ? flat[first + 1] : 0
    if isTableStart(in: flat, first..<end) {
      endCell()
      cell = nil
    } else if first < end, flat[first] == pipe || flat[first] == bang {
      endCell()
      cell = nil
      if flat[first] == bang || (next != UInt8(ascii: "-") && next != UInt8(ascii: "}")) {
        let isHeader = flat[first] == bang
        var position = first + (next == UInt8(ascii: "+") ? 2 : 1)
        cell = position
        while position + 1 < end {
          let isMark =
            flat[position] == flat[position + 1]
            && (flat[position] == pipe || (isHeader && flat[position] == bang))
            && !isLiteral(flat, position)
          if isMark {
            cellEnd = position
            endCell()
            cell = position + 2
            position += 2
          } else {
            position += 1
          }
        }
      }
    }
    cellEnd = end
    start = end + 1
  }
  endCell()
}

/// Where a cell's text begins: past its attributes, which end at a single pipe on the first line.
private func startOfContent(in flat: [UInt8], _ cell: Range<Int>) -> Int {
  for position in cell {
    if flat[position] == UInt8(ascii: "\n") { break }
    if flat[position] == UInt8(ascii: "|"), !isLiteral(flat, position) { return position + 1 }
  }
  return cell.lowerBound
}
