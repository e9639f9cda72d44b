/// Comments, HTML tags and the tags of MediaWiki extensions.
extension WikitextReducer {
  /// What becomes of a tag and its content.
  enum TagRule {
    /// The tag goes, its content stays.
    case strip
    /// The tag ends a line.
    case lineBreak
    /// The tag begins or ends a block.
    case block
    /// The tag goes with all up to its closing tag.
    case drop
    /// The content is shown as it stands.
    case literal
    /// The content is shown as it stands, with its lines.
    case preformatted
    /// An HTML table: goes with everything in it.
    case table
    /// The tag begins a line of a table or an item of a list.
    case line
    /// A formula: goes, or is shown as TeX.
    case formula
    /// Lines that stay lines.
    case poem
  }

  /// Handles `<`: a comment, a known tag, or a plain less-than sign.
  mutating func readTag() {
    if matches(commentStart, at: index) {
      skipComment()
      return
    }
    guard let tag = tag(at: index), let rule = tagRules[tag.name] else {
      output.append(UInt8(ascii: "<"))
      index += 1
      return
    }
    switch rule {
    case .strip: index = tag.end
    case .lineBreak:
      output.append(WikitextMark.lineBreak)
      index = tag.end
    case .block:
      output.append(WikitextMark.paragraphBreak)
      index = tag.end
    case .line:
      output.append(WikitextMark.lineBreak)
      index = tag.end
    case .poem:
      index = tag.end
      output.append(WikitextMark.paragraphBreak)
      isPoem = !tag.closes && !tag.closesItself && hasPoemEnd
    case .table where rules.options.tables == .cells:
      output.append(WikitextMark.paragraphBreak)
      index = tag.end
    case .table:
      index = tag.end
      if tag.closes { closeTable() } else { openTable() }
    case .drop, .literal, .preformatted, .formula: readElement(tag, rule: rule)
    }
  }

  /// Whether a poem's end stands in the rest of the source.
  private var hasPoemEnd: Bool {
    mutating get {
      if lastPoemEnd == nil {
        let end = Array("</poem".utf8)
        var position = source.count - end.count
        while position >= 0, !matches(end, at: position) { position -= 1 }
        lastPoemEnd = position
      }
      return lastPoemEnd.map { $0 >= index } ?? false
    }
  }

  // MARK: Comments

  /// Skips a comment, and the whole line where nothing else stands on it; a comment that does not
  /// end takes the rest of the page, as in MediaWiki.
  private mutating func skipComment() {
    var end = index + 4
    while end < source.count, !matches(commentEnd, at: end) { end += 1 }
    end = min(end + 3, source.count)
    let startsLine = output.isEmpty || output.last == UInt8(ascii: "\n")
    if startsLine, end < source.count, source[end] == UInt8(ascii: "\n") { end += 1 }
    index = end
  }

  // MARK: Elements

  private mutating func readElement(_ tag: Tag, rule: TagRule) {
    index = tag.end
    if tag.closes { return }
    if tag.closesItself {
      if rule == .drop || rule == .formula { appendDropped() }
      return
    }
    guard let content = content(of: tag) else { return }
    switch rule {
    case .drop: appendDropped()
    case .formula where rules.options.formulas == .dropped:
      otherLosses.formulas += 1
      appendDropped()
    case .formula: appendLiteral(content.range, keepingLines: false)
    case .literal: appendLiteral(content.range, keepingLines: false)
    default:
      output.append(WikitextMark.paragraphBreak)
      appendLiteral(content.range, keepingLines: true)
      output.append(WikitextMark.paragraphBreak)
    }
    index = content.end
  }

  /// The content of an element and the end of its closing tag, or `nil` where it never closes.
  ///
  /// A note (`<ref>`) before whose end another opens has lost its end; only its tag is taken then.
  private mutating func content(of tag: Tag) -> (range: Range<Int>, end: Int)? {
    if tagsWithoutEnd.contains(tag.name) { return nil }
    var position = tag.end
    while position < source.count {
      guard source[position] == UInt8(ascii: "<"), let other = self.tag(at: position),
        other.name == tag.name
      else {
        position += 1
        continue
      }
      if other.closes { return (tag.end..<position, other.end) }
      if tag.name == "ref", !other.closesItself { return nil }
      position = other.end
    }
    tagsWithoutEnd.insert(tag.name)
    return nil
  }

  private mutating func appendLiteral(_ range: Range<Int>, keepingLines: Bool) {
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = source[position]
      switch byte {
      case UInt8(ascii: "\n"):
        output.append(keepingLines ? WikitextMark.lineBreak : UInt8(ascii: " "))
      case UInt8(ascii: "&"):
        let entity = WikitextEntities.entity(in: source, at: position)
        appendEntity(entity)
        position = entity?.end ?? position + 1
        continue
      case 0x00..<0x20, 0x7f: break
      default: appendText(byte)
      }
      position += 1
    }
  }

  /// Writes a byte that must not be read as markup.
  private mutating func appendText(_ byte: UInt8) {
    if literalBytes.contains(byte) { output.append(WikitextMark.literal) }
    output.append(byte)
  }

  // MARK: Tables

  private mutating func openTable() {
    tables.append(OpenTable(start: output.count, frameCount: frames.count))
  }

  private mutating func closeTable() {
    while let table = tables.last, table.frameCount > frames.count { tables.removeLast() }
    guard let table = tables.popLast(), table.frameCount == frames.count,
      table.start >= frames.last?.contentStart ?? 0
    else { return }
    otherLosses.tables += 1
    otherLosses.characters[.tables, default: 0] += scalarCount(in: output[table.start...])
    while let last = droppedUses.last, last.start >= table.start { droppedUses.removeLast() }
    output.removeLast(output.count - table.start)
    while let pipe = pipes.last, pipe >= output.count { pipes.removeLast() }
    appendDropped()
  }

  // MARK: Entities

  /// Handles `&`: a character reference, or a plain ampersand.
  mutating func readEntity() {
    let entity = WikitextEntities.entity(in: source, at: index)
    appendEntity(entity)
    index = entity?.end ?? index + 1
  }

  private mutating func appendEntity(_ entity: WikitextEntities.Entity?) {
    guard let entity else {
      output.append(UInt8(ascii: "&"))
      return
    }
    appendScalar(entity.scalar)
    if let second = entity.second { appendScalar(second) }
  }

  private mutating func appendScalar(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\n", "\r": output.append(WikitextMark.lineBreak)
    case "\t", "\u{a0}", "\u{2009}", "\u{200a}", "\u{202f}": output.append(UInt8(ascii: " "))
    case "\u{00}"..<" ", "\u{7f}"..<"\u{a0}", "\u{ad}", "\u{200b}", "\u{200e}", "\u{200f}",
      "\u{feff}":
      break
    default: for byte in UTF8.encode(scalar) ?? .init() { appendText(byte) }
    }
  }

  // MARK: Scanning

  /// A tag as it stands in the source.
  struct Tag {
    /// The lower-case name.
    var name: String
    /// Whether it is `</name>`.
    var closes: Bool
    /// Whether it is `<name/>`.
    var closesItself: Bool
    /// Past its `>`.
    var end: Int
  }

  /// The tag that starts at `position`; `nil` where the next `<` or the end comes before its `>`.
  private func tag(at position: Int) -> Tag? {
    var end = position + 1
    let closes = end < source.count && source[end] == UInt8(ascii: "/")
    if closes { end += 1 }
    let nameStart = end
    while end < source.count, end < nameStart + 20, isASCIILetterOrDigit(source[end]) { end += 1 }
    guard end > nameStart, end < source.count, !isASCIILetterOrDigit(source[end]),
      source[nameStart] > UInt8(ascii: "9")
    else { return nil }
    let nameEnd = end
    while end < source.count, source[end] != UInt8(ascii: ">") {
      if source[end] == UInt8(ascii: "<") { return nil }
      end += 1
    }
    guard end < source.count else { return nil }
    return Tag(
      name: String(decoding: source[nameStart..<nameEnd].map { lowercased($0) }, as: UTF8.self),
      closes: closes,
      closesItself: !closes && source[end - 1] == UInt8(ascii: "/"),
      end: end + 1
    )
  }

  private func matches(_ pattern: [UInt8], at position: Int) -> Bool {
    guard position + pattern.count <= source.count else { return false }
    for offset in pattern.indices where source[position + offset] != pattern[offset] {
      return false
    }
    return true
  }
}

private let commentStart = Array("<!--".utf8)
private let commentEnd = Array("-->".utf8)

/// Whether a byte is an ASCII letter or digit.
func isASCIILetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}

/// Every tag with a meaning; the others are text, as in MediaWiki.
private let tagRules: [String: WikitextReducer.TagRule] = {
  var rules: [String: WikitextReducer.TagRule] = [:]
  func add(_ rule: WikitextReducer.TagRule, _ names: String) {
    for name in names.split(separator: " ") { rules[String(name)] = rule }
  }
  add(
    .strip,
    """
    b i u s em strong small big sup sub span font abbr cite code kbd samp var tt dfn del ins strike \
    mark q bdi bdo ruby rb rp rt rtc time data wbr a noinclude onlyinclude nobr img \
    section phonos tvar translate languages
    """
  )
  add(.lineBreak, "br")
  add(
    .block,
    "p div center blockquote hr h1 h2 h3 h4 h5 h6 ul ol dl thead tbody tfoot"
  )
  add(.line, "li dt dd caption tr td th")
  add(.formula, "math chem ce")
  add(.poem, "poem")
  add(
    .drop,
    """
    ref references gallery timeline syntaxhighlight source score graph imagemap hiero \
    templatedata templatestyles mapframe maplink inputbox style script categorytree pagelist \
    indicator charinsert includeonly
    """
  )
  add(.literal, "nowiki")
  add(.preformatted, "pre")
  add(.table, "table")
  return rules
}()
