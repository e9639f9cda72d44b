import Documents

/// The second pass over wikitext: flat lines become headings, list items and paragraphs.
///
/// It knows lines alone: headings, lists, tables, indents, preformatted lines, and which sections and
/// paragraphs to drop. What stands inside a line is ``WikitextLine``'s.
struct WikitextBlocks {
  /// A heading, perhaps waiting for something to stand below it.
  private struct Heading {
    var level: Int
    var text: [UInt8]
    var isWritten = false
  }

  private enum Block { case paragraph, item, cell }

  let flat: [UInt8]
  let rules: WikitextRules
  /// What has been written.
  private(set) var text: [UInt8] = []
  /// Where sections begin, by the blocks written.
  private(set) var sections: [Wikitext.Section] = []
  /// What was dropped.
  private(set) var losses = WikitextLosses()

  /// The headings above the line, from the outermost in.
  private var headings: [Heading] = []
  /// The level of the section that is being dropped.
  private var droppedLevel: Int?
  private var line = WikitextLine()
  private var lastBlock: Block?
  private var blockCount = 0
  /// Whether a heading has come since the last block.
  private var isNewSection = false
  /// Whether the last line began with a blank, which keeps lines apart.
  private var isPreformatted = false
  /// Whether a table that never ends has been opened, and no blank line or heading has come since.
  private var isInBrokenTable = false
  private var itemCount = 0
  private var itemBytes = 0
  private var paragraphBytes = 0

  init(flat: [UInt8], rules: WikitextRules) {
    self.flat = flat
    self.rules = rules
    text.reserveCapacity(flat.count)
  }

  /// Whether the page is a list of names: hardly a sentence outside its items, or in them.
  var isBareList: Bool {
    itemCount >= 5 && paragraphBytes * 10 < itemBytes && itemBytes < 60 * itemCount
  }

  /// Reads every line.
  mutating func render() {
    let tables = outermostTables(in: flat)
    var nextTable = 0
    var start = 0
    while start < flat.count {
      if nextTable < tables.count, tables[nextTable].lowerBound == start {
        endBlock(.paragraph)
        readTable(tables[nextTable])
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
    if droppedLevel != nil {
      losses.characters[.sections, default: 0] += scalarCount(in: flat[range])
      return
    }
    if isInBrokenTable { return }
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
  ///
  /// A line that begins with a blank is preformatted: it stays a line.
  private mutating func readText(_ range: Range<Int>) {
    let isIndented = range.lowerBound < range.upperBound && flat[range.lowerBound] == 0x20
    if !line.isEmpty, isIndented != isPreformatted { endBlock(.paragraph) }
    if isIndented { line.appendLineBreak() } else { line.appendSpace() }
    isPreformatted = isIndented
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
    guard isIndent || rules.options.lists else {
      losses.characters[.lists, default: 0] += scalarCount(in: flat[first..<range.upperBound])
      return
    }
    line.mendsFirstColon = isTerm
    appendLines(first..<range.upperBound)
    line.mendsFirstColon = false
    endBlock(isIndent ? .paragraph : .item)
  }

  /// Adds a part of the text in which the ends of paragraphs only end lines.
  private mutating func appendLines(_ range: Range<Int>) {
    var start = range.lowerBound
    while let end = paragraphBreak(in: flat, start..<range.upperBound) {
      line.append(flat, start..<end)
      line.appendLineBreak()
      start = end + 1
    }
    line.append(flat, start..<range.upperBound)
  }

  // MARK: Tables

  /// Drops a table, or makes a line of each cell.
  private mutating func readTable(_ range: Range<Int>) {
    let keepsCells = rules.options.tables == .cells && droppedLevel == nil
    if !keepsCells { losses.tables += 1 }
    forEachCell(in: flat, range) { cell in
      guard keepsCells else {
        losses.characters[.tables, default: 0] += scalarCount(in: flat[cell])
        return
      }
      appendCell(cell)
      endBlock(.cell)
    }
  }

  /// Adds a cell's text as one line, but for the items of a list in it.
  private mutating func appendCell(_ cell: Range<Int>) {
    var start = cell.lowerBound
    while start < cell.upperBound {
      let end = min(endOfLine(in: flat, from: start), cell.upperBound)
      var first = start
      while first < end, isItemMarker(flat[first]), start > cell.lowerBound { first += 1 }
      if first > start { line.appendLineBreak() } else { line.appendSpace() }
      appendLines(first..<end)
      start = end + 1
    }
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
    isNewSection = true
    if rules.droppedSections.contains(String(decoding: text, as: UTF8.self).lowercased()) {
      droppedLevel = heading.level
    } else if !text.isEmpty {
      headings.append(Heading(level: heading.level, text: text))
    }
  }

  /// Writes the headings that are due, and notes where the section begins.
  private mutating func beginSection() {
    isNewSection = false
    sections.append(
      Wikitext.Section(
        block: blockCount,
        path: headings.map { String(decoding: $0.text, as: UTF8.self) }
      )
    )
    guard rules.options.headings else { return }
    for index in headings.indices where !headings[index].isWritten {
      separate()
      text.append(contentsOf: headings[index].text)
      headings[index].isWritten = true
    }
  }

  // MARK: Blocks

  /// Writes what has been gathered as one block, if it has words enough.
  private mutating func endBlock(_ kind: Block) {
    isPreformatted = false
    if line.isEmpty { return }
    let block = line.finish()
    guard hasLetterOrDigit(block) else { return }
    if rules.options.minimumWordsPerParagraph > 1,
      WordCount.words(in: block.span) < rules.options.minimumWordsPerParagraph
    {
      losses.characters[.paragraphs, default: 0] += scalarCount(in: block)
      return
    }
    if isNewSection { beginSection() }
    if kind == .paragraph {
      paragraphBytes += block.count
    } else if kind == .item {
      itemCount += 1
      itemBytes += block.count
    }
    if kind != .paragraph, lastBlock == kind {
      text.append(UInt8(ascii: "\n"))
    } else {
      separate()
    }
    text.append(contentsOf: block)
    lastBlock = kind
  }

  /// Begins a block.
  private mutating func separate() {
    if !text.isEmpty { text.append(contentsOf: [UInt8(ascii: "\n"), UInt8(ascii: "\n")]) }
    blockCount += 1
  }
}
