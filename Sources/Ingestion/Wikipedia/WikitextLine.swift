/// The text of one block while it is written: quotes resolved, white space collapsed, gaps mended.
///
/// Where something was dropped, the run of blanks and `,` `;` `:` around it is mended: "Rome (; born
/// 1950) , a" becomes "Rome (born 1950), a", and brackets left empty go. Text where nothing was
/// dropped keeps its punctuation as it stands, so that `f()` stays `f()`.
struct WikitextLine {
  private var bytes: [UInt8] = []
  /// Gaps, quotes, brackets, sentence ends and marks: the bytes that are looked at.
  private let stops = ByteSet(" ,;:'()[].!?", withControls: true)
  /// Where the run of blanks and `,` `;` `:` at the end of `bytes` begins.
  private var gapStart = 0
  /// Whether something was dropped in that run.
  private var gapHasDrop = false
  /// Whether that were words, perhaps the number of a measure.
  private var gapMissesWords = false
  /// Whether the next colon separates a term from its definition.
  var mendsFirstColon = false

  /// Whether nothing has been written.
  var isEmpty: Bool { bytes.isEmpty && !gapHasDrop }

  /// Adds a blank between two source lines of one paragraph.
  mutating func appendSpace() {
    if let last = bytes.last, last != UInt8(ascii: " "), last != UInt8(ascii: "\n") {
      bytes.append(UInt8(ascii: " "))
    }
  }

  /// Ends a line inside the block.
  mutating func appendLineBreak() {
    mendGap(before: UInt8(ascii: "\n"))
    while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    if let last = bytes.last, last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    gapStart = bytes.count
  }

  /// Hands over the block and starts the next.
  mutating func finish() -> [UInt8] {
    mendGap(before: UInt8(ascii: "\n"))
    while let last = bytes.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\n") {
      bytes.removeLast()
    }
    let block = bytes
    bytes = []
    gapStart = 0
    return block
  }

  /// Adds a part of the flat text.
  mutating func append(_ flat: [UInt8], _ range: Range<Int>) {
    let apostrophe = misreadBold(in: flat, range)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = flat[index]
      switch byte {
      case UInt8(ascii: " "):
        appendSpace()
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"):
        if byte == UInt8(ascii: ":"), mendsFirstColon {
          gapHasDrop = true
          mendsFirstColon = false
        }
        bytes.append(byte)
        index += 1
      case UInt8(ascii: "'"):
        var end = index + 1
        while end < range.upperBound, flat[end] == byte { end += 1 }
        for _ in 0..<shownApostrophes(end - index) + (index == apostrophe ? 1 : 0) {
          appendVisible(byte, next: 0)
        }
        index = end
      case WikitextMark.literal:
        if index + 1 < range.upperBound { appendVisible(flat[index + 1], next: 0) }
        index += 2
      case WikitextMark.lineBreak:
        appendLineBreak()
        index += 1
      case WikitextMark.dropped, WikitextMark.missing:
        gapHasDrop = true
        gapMissesWords = gapMissesWords || byte == WikitextMark.missing
        index += 1
      case WikitextMark.deleted, WikitextMark.paragraphBreak: index += 1
      case 0xc2 where index + 1 < range.upperBound && isBlankOrControl(flat[index + 1]):
        if flat[index + 1] == 0xa0 || flat[index + 1] == 0x85 { appendSpace() }
        index += 2
      case UInt8(ascii: ")"), UInt8(ascii: "]"):
        appendVisible(byte, next: 0)
        index += 1
      default:
        if gapMissesWords {
          gapMissesWords = false
          if let end = endOfOrphan(in: flat, index..<range.upperBound) {
            index = end
            continue
          }
        }
        let end = endOfVisibleRun(in: flat, index..<range.upperBound, stops: stops)
        appendVisible(byte, next: index + 1 < range.upperBound ? flat[index + 1] : 0)
        bytes.append(contentsOf: flat[index + 1..<end])
        gapStart = bytes.count
        index = end
      }
    }
  }

  /// The end of a unit of measure that has lost its number: "is {{x}} km long".
  private func endOfOrphan(in flat: [UInt8], _ range: Range<Int>) -> Int? {
    guard bytes.count > gapStart, bytes[gapStart...].allSatisfy({ $0 == UInt8(ascii: " ") }),
      gapStart == 0 || !isASCIIDigit(bytes[gapStart - 1])
    else { return nil }
    var end = range.lowerBound
    while end < range.upperBound, end < range.lowerBound + 12, isUnitByte(flat[end]) { end += 1 }
    guard end > range.lowerBound, end == range.upperBound || !isUnitByte(flat[end]) else {
      return nil
    }
    return orphans.contains(String(decoding: flat[range.lowerBound..<end], as: UTF8.self))
      ? end : nil
  }

  /// Adds a byte that ends the gap.
  private mutating func appendVisible(_ byte: UInt8, next: UInt8) {
    if gapHasDrop, mendGap(before: byte, next: next) { return }
    bytes.append(byte)
    gapStart = bytes.count
  }

  /// Mends the gap in front of a byte.
  ///
  /// - Returns: Whether the byte is gone too: it closed brackets that were left empty, or ended a
  ///   sentence that was dropped.
  @discardableResult
  private mutating func mendGap(before byte: UInt8, next: UInt8 = 0) -> Bool {
    guard gapHasDrop else { return false }
    gapHasDrop = false
    gapMissesWords = false
    let previous = gapStart > 0 ? bytes[gapStart - 1] : UInt8(ascii: "\n")
    let mark = bytes[gapStart...].first { $0 != UInt8(ascii: " ") }
    let hasSpace = bytes[gapStart...].contains(UInt8(ascii: " "))
    bytes.removeLast(bytes.count - gapStart)
    let closing = closingBracket(of: previous)
    if let closing, byte == closing {
      bytes.removeLast()
      gapStart = bytes.count
      while gapStart > 0, isGap(bytes[gapStart - 1]) { gapStart -= 1 }
      gapHasDrop = true
      return true
    }
    if previous == UInt8(ascii: "\n") {
      gapHasDrop = isSentenceEnd(byte) && !isWordByte(next) && next != byte
      return gapHasDrop
    }
    if closing != nil { return false }
    if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") { return false }
    if byte == UInt8(ascii: "\n") {
      if mark == UInt8(ascii: ":") { bytes.append(UInt8(ascii: ":")) }
      return false
    }
    if isSentenceEnd(byte), !isWordByte(next) { return false }
    if let mark { bytes.append(mark) }
    if hasSpace { bytes.append(UInt8(ascii: " ")) }
    return false
  }
}

// MARK: Bytes

private func isGap(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    || byte == UInt8(ascii: ":")
}

/// Whether a byte after 0xC2 makes a control character, a no-break space or a soft hyphen.
private func isBlankOrControl(_ byte: UInt8) -> Bool {
  byte <= 0xa0 || byte == 0xad
}

private func isUnitByte(_ byte: UInt8) -> Bool {
  isWordByte(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%")
}

/// Units that say nothing without a number; words that are something else besides are left out.
private let orphans: Set<String> = [
  "km", "cm", "mm", "m", "kg", "g", "mg", "mi", "ft", "lb", "lbs", "oz", "yd", "km²", "m²", "km2",
  "ha", "mph", "km/h", "m/s", "hp", "kW", "MW", "°C", "°F", "%", "kilometres", "kilometers",
  "centimetres", "centimeters", "millimetres", "millimeters", "metres", "meters", "kilograms",
  "hectares", "km/s", "kPa", "psi", "kJ", "Hz", "MHz", "GHz",
]

private func closingBracket(of byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "("): UInt8(ascii: ")")
  case UInt8(ascii: "["): UInt8(ascii: "]")
  default: nil
  }
}

private func isSentenceEnd(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
}

private func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: byte >= 0x80
  }
}

/// The end of the bytes that are written as they stand, at least one past the start.
private func endOfVisibleRun(in flat: [UInt8], _ range: Range<Int>, stops: ByteSet) -> Int {
  var end = range.lowerBound + 1
  while end < range.upperBound {
    let byte = flat[end]
    if stops.contains(byte) || byte == 0xc2 { break }
    end += 1
  }
  return end
}

// MARK: Quotes

/// The apostrophes that a run shows: one alone is text, two are italics, three bold, four a text
/// apostrophe and bold, five both, and what is more is text.
private func shownApostrophes(_ count: Int) -> Int {
  switch count {
  case 1, 4: 1
  case 2, 3, 5: 0
  default: count - 5
  }
}

/// The bold mark that is an apostrophe and an italic mark, as in `l'''amour''`.
///
/// Where a line has an odd number of both marks, MediaWiki (`Parser::doQuotes`) takes the first bold
/// mark after a one-letter word for it, else the first after a longer word, else the first after a
/// blank.
private func misreadBold(in flat: [UInt8], _ range: Range<Int>) -> Int? {
  var bold = 0
  var italic = 0
  var (afterLetter, afterWord, afterBlank): (Int?, Int?, Int?) = (nil, nil, nil)
  var index = range.lowerBound
  while index < range.upperBound {
    if flat[index] != UInt8(ascii: "'") {
      index += flat[index] == WikitextMark.literal ? 2 : 1
      continue
    }
    let start = index
    while index < range.upperBound, flat[index] == UInt8(ascii: "'") { index += 1 }
    switch index - start {
    case 1: continue
    case 2: italic += 1
    case 3, 4: bold += 1
    default:
      bold += 1
      italic += 1
    }
    guard index - start == 3 else { continue }
    let before = start > range.lowerBound ? flat[start - 1] : 0
    let twoBefore = start > range.lowerBound + 1 ? flat[start - 2] : 0
    if before == UInt8(ascii: " ") {
      afterBlank = afterBlank ?? start
    } else if twoBefore == UInt8(ascii: " ") {
      afterLetter = afterLetter ?? start
    } else {
      afterWord = afterWord ?? start
    }
  }
  guard bold % 2 == 1, italic % 2 == 1 else { return nil }
  return afterLetter ?? afterWord ?? afterBlank
}
