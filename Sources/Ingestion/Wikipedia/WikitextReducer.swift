/// The first pass over wikitext: everything that nests or crosses lines becomes flat text.
///
/// A pushdown machine that writes as it reads. An opening bracket is written and a frame is pushed;
/// at the closing bracket the bytes written since are replaced by their plain reading, so that inner
/// markup is resolved before outer, nothing is read twice, and no recursion can overflow. A frame
/// that never closes leaves its text, as MediaWiki does (`Preprocessor_Hash::preprocessToObj`), but
/// not its brackets. What a kept reading costs is the copy of its bytes; past
/// ``greatestHeight`` levels of kept readings it is dropped, which keeps the whole linear.
struct WikitextReducer {
  /// An open bracket: templates and parameters `{{`, links `[[`, external links `[`.
  struct Frame {
    enum Kind { case template, link, externalLink }
    var kind: Kind
    /// Where the brackets begin in the output.
    var start: Int
    /// How many brackets are still open.
    var bracketCount: Int
    /// Where the positions of this frame's pipes begin in `pipes`.
    var firstPipe: Int
    /// The levels of kept readings inside.
    var height = 0
    /// Whether the link's target, once complete, was found to show nothing.
    var showsNothing: Bool?

    /// Where the content begins in the output.
    var contentStart: Int { start + bracketCount }
  }

  /// An HTML table that has been opened.
  struct OpenTable {
    var start: Int
    var frameCount: Int
  }

  /// The levels of nested markup that are rendered (MediaWiki's own limit for templates is 40).
  static let greatestHeight = 40

  /// A template that was dropped.
  struct DroppedUse {
    var name: String
    /// The characters of prose in its arguments.
    var characters: Int
    /// Whether words stand on its line.
    var isInline: Bool
    /// Where it stood in the output.
    var start: Int
  }

  let source: [UInt8]
  let page: WikitextPage
  let namespaces: WikitextNamespaces
  let rules: WikitextRules
  /// The bytes that may be markup.
  private let stops = ByteSet("{}[]|<&_", withControls: true)
  /// The bytes that mean something to the second pass.
  let literalBytes = ByteSet("=*#:;{}|![]'-,()")
  /// The flat text, with ``WikitextMark``s.
  var output: [UInt8] = []
  var isDisambiguation = false
  /// The categories of the page, without their prefix.
  var categories: [String] = []
  /// The templates that were dropped, those inside a dropped one left out.
  var droppedUses: [DroppedUse] = []
  /// What else was dropped in this pass.
  var otherLosses = WikitextLosses()

  var index = 0
  var frames: [Frame] = []
  var templateFrameCount = 0
  /// Positions in the output of the pipes that belong to open frames.
  var pipes: [Int] = []
  var tables: [OpenTable] = []
  /// Tags for which no closing tag stands in the rest of the source.
  var tagsWithoutEnd: Set<String> = []
  /// Whether the text stands in a poem, whose lines are lines.
  var isPoem = false
  /// Where the last end of a poem stands, once it was looked for.
  var lastPoemEnd: Int?

  init(
    source: [UInt8],
    page: WikitextPage,
    namespaces: WikitextNamespaces,
    rules: WikitextRules
  ) {
    self.source = source
    self.page = page
    self.namespaces = namespaces
    self.rules = rules
    output.reserveCapacity(source.count)
  }

  /// Reads the whole source.
  mutating func reduce() {
    while index < source.count {
      let end = endOfPlainRun(in: source, from: index, stops: stops)
      if end > index {
        output.append(contentsOf: source[index..<end])
        index = end
        continue
      }
      step()
    }
    while !frames.isEmpty { abandonFrame() }
  }

  /// Handles one byte that may be markup.
  private mutating func step() {
    switch source[index] {
    case UInt8(ascii: "{"): openBraces()
    case UInt8(ascii: "}"): closeBraces()
    case UInt8(ascii: "["): openBrackets()
    case UInt8(ascii: "]"): closeBrackets()
    case UInt8(ascii: "|"):
      if let kind = frames.last?.kind, kind != .externalLink { pipes.append(output.count) }
      output.append(UInt8(ascii: "|"))
      index += 1
    case UInt8(ascii: "<"): readTag()
    case UInt8(ascii: "&"): readEntity()
    case UInt8(ascii: "\n"): readNewline()
    case UInt8(ascii: "_"): readBehaviourSwitch()
    case UInt8(ascii: "\t"):
      output.append(UInt8(ascii: " "))
      index += 1
    default: index += 1
    }
  }

  /// The length of the run of one byte from `index`.
  private func runLength(of byte: UInt8) -> Int {
    var end = index + 1
    while end < source.count, source[end] == byte { end += 1 }
    return end - index
  }

  // MARK: Braces

  private mutating func openBraces() {
    let count = runLength(of: UInt8(ascii: "{"))
    if count >= 2 {
      frames.append(
        Frame(kind: .template, start: output.count, bracketCount: count, firstPipe: pipes.count)
      )
      templateFrameCount += 1
    }
    output.append(contentsOf: source[index..<index + count])
    index += count
  }

  /// Closes as many templates as the run of braces allows, three braces before two.
  ///
  /// Unlike MediaWiki it also closes a template across a link that was never closed.
  private mutating func closeBraces() {
    var left = runLength(of: UInt8(ascii: "}"))
    index += left
    while left >= 2, templateFrameCount > 0 {
      while let kind = frames.last?.kind, kind != .template { abandonFrame() }
      guard let frame = frames.last else { break }
      let used = min(left, frame.bracketCount, 3)
      closeTemplate(braceCount: used)
      left -= used
    }
    if left == 1 { output.append(UInt8(ascii: "}")) }
  }

  private mutating func closeTemplate(braceCount: Int) {
    let frame = frames[frames.count - 1]
    let start = frame.contentStart - braceCount
    let reading =
      braceCount == 3 ? parameterReading(of: frame) : templateReading(of: frame)
    replace(from: start, pipesFrom: frame.firstPipe, by: reading)
    let height = reading == .dropped || reading == .missing ? 0 : frame.height + 1
    let remaining = frame.bracketCount - braceCount
    if remaining >= 2 {
      frames[frames.count - 1].bracketCount = remaining
      frames[frames.count - 1].height = height
    } else {
      frames.removeLast()
      templateFrameCount -= 1
      raiseHeight(to: height)
    }
  }

  // MARK: Frames

  /// What takes the place of a frame's bytes.
  enum Reading: Equatable {
    case dropped
    /// Dropped, and words of the sentence with it.
    case missing
    case nothing
    /// A part of the output, which moves down.
    case part(Range<Int>)
    case text(String)
  }

  /// Puts a reading in place of everything written from `start`.
  mutating func replace(from start: Int, pipesFrom firstPipe: Int, by reading: Reading) {
    pipes.removeLast(pipes.count - firstPipe)
    while let table = tables.last, table.start >= start { tables.removeLast() }
    switch reading {
    case .nothing: output.removeLast(output.count - start)
    case .dropped:
      output.removeLast(output.count - start)
      appendDropped()
    case .missing:
      output.removeLast(output.count - start)
      if output.last == WikitextMark.dropped, !endsInLiteral { output.removeLast() }
      if output.last != WikitextMark.missing || endsInLiteral {
        output.append(WikitextMark.missing)
      }
    case .part(let range):
      for offset in 0..<range.count { output[start + offset] = output[range.lowerBound + offset] }
      output.removeLast(output.count - start - range.count)
    case .text(let text):
      output.removeLast(output.count - start)
      output.append(contentsOf: text.utf8)
    }
  }

  /// Notes that something was dropped; one mark serves for a row of drops.
  mutating func appendDropped() {
    if let last = output.last, WikitextMark.isDrop(last), !endsInLiteral { return }
    output.append(WikitextMark.dropped)
  }

  private var endsInLiteral: Bool {
    output.count >= 2 && output[output.count - 2] == WikitextMark.literal
  }

  mutating func raiseHeight(to height: Int) {
    if let last = frames.indices.last { frames[last].height = max(frames[last].height, height) }
  }

  /// Gives up the innermost frame: its text stays, its brackets go, and so does the first line of
  /// what would have shown nothing (an image link, a template that begins a line).
  mutating func abandonFrame() {
    let frame = frames.removeLast()
    pipes.removeLast(pipes.count - frame.firstPipe)
    raiseHeight(to: frame.height)
    if frame.kind == .template { templateFrameCount -= 1 }
    if frame.kind == .externalLink { return }
    for offset in frame.start..<frame.contentStart { output[offset] = WikitextMark.deleted }
    let startsLine = frame.start == 0 || output[frame.start - 1] == UInt8(ascii: "\n")
    guard frame.kind == .template ? startsLine : showsNothing(frame) else { return }
    var offset = frame.contentStart
    while offset < output.count, output[offset] != UInt8(ascii: "\n"),
      output[offset] != WikitextMark.deleted
    {
      output[offset] = WikitextMark.deleted
      offset += 1
    }
  }

  // MARK: Lines

  /// A newline ends an external link, a link's target, and with a blank line or a heading the text
  /// of any link but an image's caption.
  private mutating func readNewline() {
    var next = index + 1
    while next < source.count, source[next] == UInt8(ascii: " ") { next += 1 }
    let blank = next >= source.count || source[next] == UInt8(ascii: "\n")
    let heading =
      next + 1 < source.count && source[next] == UInt8(ascii: "=")
      && source[next + 1] == UInt8(ascii: "=")
    while let frame = frames.last {
      switch frame.kind {
      case .template: break
      case .externalLink:
        abandonFrame()
        continue
      case .link:
        let inTarget = pipes.count == frame.firstPipe
        if !inTarget, frame.showsNothing == nil {
          frames[frames.count - 1].showsNothing = showsNothing(frame)
        }
        if heading || inTarget || (blank && frames[frames.count - 1].showsNothing == false) {
          abandonFrame()
          continue
        }
      }
      break
    }
    if isPoem {
      output.append(blank ? WikitextMark.paragraphBreak : WikitextMark.lineBreak)
    } else {
      output.append(UInt8(ascii: "\n"))
    }
    index += 1
  }

  /// Removes `__NOTOC__` and its like.
  private mutating func readBehaviourSwitch() {
    if index + 1 < source.count, source[index + 1] == UInt8(ascii: "_") {
      var end = index + 2
      while end < source.count, end < index + 30, source[end] >= UInt8(ascii: "A"),
        source[end] <= UInt8(ascii: "Z")
      {
        end += 1
      }
      if end + 1 < source.count, source[end] == UInt8(ascii: "_"),
        source[end + 1] == UInt8(ascii: "_"), end > index + 2
      {
        let name = String(decoding: source[index + 2..<end], as: UTF8.self)
        if behaviourSwitches.contains(name) {
          if name == "DISAMBIG" { isDisambiguation = true }
          index = end + 2
          return
        }
      }
    }
    let count = runLength(of: UInt8(ascii: "_"))
    // A switch may follow other underscores: leave the last two of a run to be looked at again.
    let taken = count > 2 ? count - 2 : count == 2 ? 1 : count
    output.append(contentsOf: source[index..<index + taken])
    index += taken
  }
}

/// The double-underscore words of MediaWiki (mediawiki.org, Help:Magic words).
private let behaviourSwitches: Set<String> = [
  "NOTOC", "FORCETOC", "TOC", "NOEDITSECTION", "NEWSECTIONLINK", "NONEWSECTIONLINK", "NOGALLERY",
  "HIDDENCAT", "EXPECTUNUSEDCATEGORY", "EXPECTUNUSEDTEMPLATE", "NOCONTENTCONVERT", "NOCC",
  "NOTITLECONVERT", "NOTC", "START", "END", "INDEX", "NOINDEX", "STATICREDIRECT",
  "EXPECTWITHOUTSCANS", "NOGLOBAL", "DISAMBIG", "ARCHIVEDTALK", "NOTALK",
]

/// The end of the bytes from `start` that mean nothing to the first pass.
private func endOfPlainRun(in source: [UInt8], from start: Int, stops: ByteSet) -> Int {
  var index = start
  while index < source.count, !stops.contains(source[index]) { index += 1 }
  return index
}
