import Documents

/// The second pass over wikitext: flat lines become headings, list items and paragraphs.
///
/// It knows lines alone: headings, lists, tables, indents, preformatted lines, and which sections and
/// paragraphs to drop. What stands inside a line is ``WikitextLine``'s.
struct WikitextBlocks {
  /// A heading that waits for something to stand below it.
  private struct Heading {
    var level: Int
    var text: [UInt8]
  }

  private enum Block { case paragraph, item }

  let flat: [UInt8]
  let rules: WikitextRules
  /// What has been written.
  var text: [UInt8] = []

  private var headings: [Heading] = []
  /// The level of the section that is being dropped.
  private var droppedLevel: Int?
  private var line = WikitextLine()
  private var lastBlock: Block?
  /// Whether a table that never ends has been opened, and no blank line or heading has come since.
  private var isInBrokenTable = false

  init(flat: [UInt8], rules: WikitextRules) {
    self.flat = flat
    self.rules = rules
    text.reserveCapacity(flat.count)
  }

  /// Reads every line.
  mutating func render() {
    let tables = outermostTables(in: flat)
    var nextTable = 0
    var start = 0
    while start < flat.count {
      if nextTable < tables.count, tables[nextTable].lowerBound == start {
        endBlock(.paragraph)
        start = tables[nextTable].upperBound
        nextTable += 1
        continue
      }
      let end = endOfLine(in: flat, from: start)
      readLine(start..<end)
      start = end + 1
    }
    endBlock(.paragraph)
  }

  private mutating func readLine(_ range: Range<Int>) {
    let first = startOfMarkup(in: flat, range)
    guard first < range.upperBound else {
      isInBrokenTable = false
      endBlock(.paragraph)
      return
    }
    if let heading = heading(in: flat, first..<range.upperBound) {
      isInBrokenTable = false
      endBlock(.paragraph)
      begin(heading)
      return
    }
    if isInBrokenTable || droppedLevel != nil { return }
    switch flat[first] {
    case UInt8(ascii: "|"): readCell(first..<range.upperBound)
    case UInt8(ascii: "*"), UInt8(ascii: "#"), UInt8(ascii: ":"), UInt8(ascii: ";"):
      readItem(first..<range.upperBound)
    case UInt8(ascii: "{") where isTableStart(in: flat, first..<range.upperBound):
      endBlock(.paragraph)
      isInBrokenTable = true
    case UInt8(ascii: "-") where isRule(first..<range.upperBound):
      endBlock(.paragraph)
      let rest = (first..<range.upperBound).first { flat[$0] != UInt8(ascii: "-") }
      if let rest { readText(rest..<range.upperBound) }
    default: readText(range)
    }
  }

  private func isRule(_ range: Range<Int>) -> Bool {
    range.count >= 4 && range.prefix(4).allSatisfy { flat[$0] == UInt8(ascii: "-") }
  }

  // MARK: Lines

  /// Adds a line to the paragraph; breaks inside it end the paragraph.
  private mutating func readText(_ range: Range<Int>) {
    line.appendSpace()
    var start = range.lowerBound
    while let end = paragraphBreak(in: flat, start..<range.upperBound) {
      line.append(flat, start..<end)
      endBlock(.paragraph)
      start = end + 1
    }
    line.append(flat, start..<range.upperBound)
  }

  /// A line that begins with a pipe outside a table is what is left of a broken one.
  private mutating func readCell(_ range: Range<Int>) {
    let next = range.lowerBound + 1
    guard next < range.upperBound, flat[next] == UInt8(ascii: "}") else { return }
    endBlock(.paragraph)
    readText(next + 1..<range.upperBound)
  }

  /// A list item; a line that is only indented counts as a paragraph.
  private mutating func readItem(_ range: Range<Int>) {
    endBlock(.paragraph)
    var first = range.lowerBound
    var isIndent = true
    var isTerm = false
    while first < range.upperBound, isItemMarker(flat[first]) {
      isIndent = isIndent && flat[first] == UInt8(ascii: ":")
      isTerm = flat[first] == UInt8(ascii: ";")
      first += 1
    }
    if first < range.upperBound,
      isTableStart(in: flat, startOfMarkup(in: flat, first..<range.upperBound)..<range.upperBound)
    {
      isInBrokenTable = true
      return
    }
    guard isIndent || rules.options.lists else { return }
    line.mendsFirstColon = isTerm
    var start = first
    while let end = paragraphBreak(in: flat, start..<range.upperBound) {
      line.append(flat, start..<end)
      line.appendLineBreak()
      start = end + 1
    }
    line.append(flat, start..<range.upperBound)
    line.mendsFirstColon = false
    endBlock(isIndent ? .paragraph : .item)
  }

  // MARK: Sections

  private mutating func begin(_ heading: (level: Int, text: Range<Int>)) {
    line.append(flat, heading.text)
    let text = line.finish()
    if let level = droppedLevel {
      if heading.level > level { return }
      droppedLevel = nil
    }
    while let last = headings.last, last.level >= heading.level { headings.removeLast() }
    lastBlock = nil
    if rules.droppedSections.contains(String(decoding: text, as: UTF8.self).lowercased()) {
      droppedLevel = heading.level
    } else if rules.options.headings, !text.isEmpty {
      headings.append(Heading(level: heading.level, text: text))
    }
  }

  // MARK: Blocks

  /// Writes what has been gathered as one block, if it has words enough.
  private mutating func endBlock(_ kind: Block) {
    if line.isEmpty { return }
    let block = line.finish()
    guard hasLetterOrDigit(block) else { return }
    if rules.options.minimumWordsPerParagraph > 1,
      WordCount.words(in: block.span) < rules.options.minimumWordsPerParagraph
    {
      return
    }
    for heading in headings {
      separate()
      text.append(contentsOf: heading.text)
    }
    headings.removeAll(keepingCapacity: true)
    if kind == .item, lastBlock == .item {
      text.append(UInt8(ascii: "\n"))
    } else {
      separate()
    }
    text.append(contentsOf: block)
    lastBlock = kind
  }

  private mutating func separate() {
    if !text.isEmpty { text.append(contentsOf: [UInt8(ascii: "\n"), UInt8(ascii: "\n")]) }
  }
}
