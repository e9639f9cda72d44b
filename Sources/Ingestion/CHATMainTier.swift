/// The words of one CHAT utterance as they were intended, as ordinary text.
///
/// Follows the CHAT manual (MacWhinney, "Tools for Analyzing Talk, Part 1", talkbank.org) under one
/// policy: what the speaker meant to say. Replacements are applied, shortenings filled, retraced
/// material, fragments, events and omissions dropped. It is one pass without recursion; it is not a
/// validator, and whatever it does not know it leaves out rather than let codes into the text.

/// Turns main tiers into text, one at a time; its buffers are kept between utterances.
struct CHATMainTier {
  /// The text of the utterance last read.
  private(set) var text: [UInt8] = []
  /// Utterances so far in which a bracket was never closed; their rest was dropped.
  private(set) var unclosedCount = 0

  /// Where the word or group that a following annotation refers to begins in `text`.
  private var itemStart = 0
  private var groupStarts: [Int] = []
  private var replacementStarts: [Int] = []
  private var isPlainQuoteOpen = false

  /// Reads one main tier, from after the speaker's code to before the next tier.
  ///
  /// - Parameters:
  ///   - bytes: A transcript, valid UTF-8.
  ///   - range: The tier's content; its line ends are white space.
  /// - Complexity: Linear in the length of the range.
  mutating func read(_ bytes: Span<UInt8>, in range: Range<Int>) {
    text.removeAll(keepingCapacity: true)
    groupStarts.removeAll(keepingCapacity: true)
    replacementStarts.removeAll(keepingCapacity: true)
    itemStart = 0
    isPlainQuoteOpen = false
    var index = range.lowerBound
    while index < range.upperBound { index = readItem(bytes, at: index, end: range.upperBound) }
    finishQuotes()
  }

  /// Reads what starts at `index` outside a word, and gives the index after it.
  private mutating func readItem(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let byte = bytes[index]
    switch byte {
    case 0x15: return endOfBullet(bytes, at: index, end: end)
    case 0...0x20, 0x7f: return index + 1
    case UInt8(ascii: "["): return readBracket(bytes, at: index, end: end)
    case UInt8(ascii: "]"):
      if let start = replacementStarts.popLast() { itemStart = min(start, text.count) }
      return index + 1
    case UInt8(ascii: "<"): return openGroup(index + 1)
    case UInt8(ascii: ">"): return closeGroup(index + 1)
    case UInt8(ascii: "\""):
      if isPlainQuoteOpen { closeQuote() } else { openQuote() }
      isPlainQuoteOpen.toggle()
      return index + 1
    case UInt8(ascii: "+"): return readLinker(bytes, at: index, end: end)
    case UInt8(ascii: ","), UInt8(ascii: ";"):
      appendSoft(byte)
      return index + 1
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"):
      return readTerminator(bytes, at: index, end: end)
    case UInt8(ascii: "("):
      if let next = endOfPause(bytes, at: index, end: end) { return next }
      return readWord(bytes, at: index, end: end)
    case UInt8(ascii: "&"): return readAmpersand(bytes, at: index, end: end)
    case UInt8(ascii: "0"): return readZero(bytes, at: index, end: end)
    case UInt8(ascii: "@"), UInt8(ascii: "#"): return endOfToken(bytes, at: index, end: end)
    case UInt8(ascii: "'"): return readWord(bytes, at: index, end: end)
    case 0..<0x80:
      return isLetterOrDigit(byte) ? readWord(bytes, at: index, end: end) : index + 1
    default: return readSymbol(bytes, at: index, end: end)
    }
  }

  // MARK: Groups, brackets, codes

  private mutating func openGroup(_ next: Int) -> Int {
    groupStarts.append(text.count)
    return next
  }

  private mutating func closeGroup(_ next: Int) -> Int {
    if let start = groupStarts.popLast() { itemStart = min(start, text.count) }
    return next
  }

  /// Reads an annotation.
  ///
  /// A replacement takes the place of the item before it and is read as text up to its closing
  /// bracket; a retrace drops the item; all others say nothing of the words.
  private mutating func readBracket(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index + 1
    while next < end, bytes[next] == 0x20 { next += 1 }
    if next < end, bytes[next] == UInt8(ascii: ":") {
      dropItem()
      replacementStarts.append(text.count)
      next += 1
      return next < end && bytes[next] == UInt8(ascii: ":") ? next + 1 : next
    }
    if next < end, bytes[next] == UInt8(ascii: "/") { dropItem() }
    var depth = 1
    while next < end {
      if bytes[next] == UInt8(ascii: "[") { depth += 1 }
      if bytes[next] == UInt8(ascii: "]") { depth -= 1 }
      next += 1
      if depth == 0 { return next }
    }
    unclosedCount += 1
    return end
  }

  private mutating func dropItem() {
    if itemStart < text.count { text.removeSubrange(itemStart...) }
    itemStart = text.count
  }

  private func endOfBullet(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index + 1
    while next < end {
      if bytes[next] == 0x15 { return next + 1 }
      next += 1
    }
    next = index + 1
    while next < end, isDigit(bytes[next]) || bytes[next] == UInt8(ascii: "_") { next += 1 }
    return next
  }

  /// The index after `(.)`, `(..)`, `(1.5)` or `(1:02.3)`, or `nil` where no pause starts.
  private func endOfPause(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int? {
    var next = index + 1
    while next < end,
      isDigit(bytes[next]) || bytes[next] == UInt8(ascii: ".") || bytes[next] == UInt8(ascii: ":")
    {
      next += 1
    }
    return next > index + 1 && next < end && bytes[next] == UInt8(ascii: ")") ? next + 1 : nil
  }

  private mutating func readAmpersand(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    if index + 2 < end, bytes[index + 1] == UInt8(ascii: "-") {
      return readWord(bytes, at: index + 2, end: end)
    }
    itemStart = text.count
    return endOfToken(bytes, at: index + 1, end: end)
  }

  /// Reads an action without speech (`0`), an omitted word (`0is`) or a number that starts with 0.
  private mutating func readZero(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index
    while next < end, bytes[next] == UInt8(ascii: "0") { next += 1 }
    if next < end, isDigit(bytes[next]) { return readWord(bytes, at: index, end: end) }
    if next + 1 < end, bytes[next] == UInt8(ascii: "."), isDigit(bytes[next + 1]) {
      return readWord(bytes, at: index, end: end)
    }
    itemStart = text.count
    return endOfToken(bytes, at: index + 1, end: end)
  }

  /// The end of the token from `index` on, before white space, brackets, quotes and punctuation.
  private func endOfToken(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index
    while next < end {
      switch bytes[next] {
      case 0x09, 0x0a, 0x15, 0x20, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"),
        UInt8(ascii: ">"),
        UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "?"),
        UInt8(ascii: "!"):
        return max(next, index)
      case UInt8(ascii: ".") where next + 1 >= end || !isLetterOrDigit(bytes[next + 1]): return next
      case 0xc2..<0xf5:
        let (scalar, length) = scalarValue(bytes, at: next, end: end)
        switch CHATMark(scalar) {
        case .letter, .dropped, .overlap: next += length
        default: return next
        }
      default: next += 1
      }
    }
    return next
  }

  /// Reads a linker, which leaves nothing, or a terminator other than a single mark.
  private mutating func readLinker(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    for (code, text) in linkersAndTerminators {
      var length = 0
      while length < code.count, index + length < end, bytes[index + length] == code[length] {
        length += 1
      }
      if length == code.count {
        if !text.isEmpty { appendTerminator(text) }
        return index + length
      }
    }
    return index + 1
  }

  private mutating func readTerminator(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index
    while next < end, isTerminator(bytes[next]) { next += 1 }
    appendTerminator((index..<next).map { bytes[$0] })
    return next
  }

  /// Reads what starts with a character beyond ASCII: a letter, or one of CHAT's many marks.
  private mutating func readSymbol(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let (scalar, length) = scalarValue(bytes, at: index, end: end)
    switch CHATMark(scalar) {
    case .letter: return readWord(bytes, at: index, end: end)
    case .dropped, .space: break
    case .overlap: return endOfOverlap(bytes, after: index + length, end: end)
    case .comma: appendSoft(UInt8(ascii: ","))
    case .openQuote: openQuote()
    case .closeQuote: closeQuote()
    case .openGroup: return openGroup(index + length)
    case .closeGroup: return closeGroup(index + length)
    case .punctuation: appendTerminator((index..<index + length).map { bytes[$0] })
    }
    return index + length
  }

  /// Overlap marks may carry a number, which is no part of a word.
  private func endOfOverlap(_ bytes: Span<UInt8>, after index: Int, end: Int) -> Int {
    index < end && isDigit(bytes[index]) ? index + 1 : index
  }

  // MARK: Words

  /// Reads one word; shortenings are filled, and marks inside it are left out.
  private mutating func readWord(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    itemStart = text.count
    if let last = text.last, last != openMark { text.append(0x20) }
    let wordStart = text.count
    var hasLetter = false
    /// A hyphen or a space that is written once a letter follows.
    var joint: UInt8 = 0
    var next = index
    reading: while next < end {
      let byte = bytes[next]
      if isLetterOrDigit(byte) || byte == UInt8(ascii: "'") {
        if joint != 0, hasLetter { text.append(joint) }
        joint = 0
        text.append(byte)
        hasLetter = hasLetter || byte != UInt8(ascii: "'")
        next += 1
        continue
      }
      switch byte {
      case 0x09, 0x0a, 0x15, 0x20, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"),
        UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"),
        UInt8(ascii: "?"), UInt8(ascii: "!"):
        break reading
      case UInt8(ascii: "."):
        guard next + 1 < end, isLetterOrDigit(bytes[next + 1]) else { break reading }
        text.append(byte)
        next += 1
      case UInt8(ascii: "("):
        next = endOfPause(bytes, at: next, end: end) ?? next + 1
      case UInt8(ascii: "+"), UInt8(ascii: "-"):
        joint = UInt8(ascii: "-")
        next += 1
      case UInt8(ascii: "_"):
        joint = 0x20
        next += 1
      case UInt8(ascii: ":"):
        // Lengthening, unless it stands between digits.
        let isTime =
          next > index && next + 1 < end && isDigit(bytes[next - 1]) && isDigit(bytes[next + 1])
        if isTime { text.append(byte) }
        next += 1
      case UInt8(ascii: "@"):
        next = readForm(bytes, at: next, end: end)
        break reading
      case UInt8(ascii: "&"):
        next = endOfToken(bytes, at: next, end: end)
        break reading
      case 0..<0x80:
        next += 1
      default:
        let (scalar, length) = scalarValue(bytes, at: next, end: end)
        switch CHATMark(scalar) {
        case .letter:
          if joint != 0, hasLetter { text.append(joint) }
          joint = 0
          for offset in 0..<length { text.append(bytes[next + offset]) }
          hasLetter = true
        case .dropped: break
        case .overlap:
          next = endOfOverlap(bytes, after: next + length, end: end)
          continue reading
        default: break reading
        }
        next += length
      }
    }
    if !hasLetter || isUnintelligible(wordStart) {
      text.removeSubrange(min(itemStart, text.count)...)
    }
    return next
  }

  /// Reads the special form marker after a word; of it only a suffix is heard: `s@l-s` is "s's".
  private mutating func readForm(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let next = endOfToken(bytes, at: index, end: end)
    guard let hyphen = (index..<next).first(where: { bytes[$0] == UInt8(ascii: "-") }) else {
      return next
    }
    if bytes[index + 1] == UInt8(ascii: "l") { text.append(UInt8(ascii: "'")) }
    var suffix = hyphen + 1
    while suffix < next, isLetterOrDigit(bytes[suffix]) {
      text.append(bytes[suffix])
      suffix += 1
    }
    return next
  }

  /// Whether the word from `start` on is one of the codes for speech that was not understood.
  private func isUnintelligible(_ start: Int) -> Bool {
    let count = text.count - start
    guard count == 2 || count == 3 else { return false }
    let first = text[start]
    return (first == UInt8(ascii: "x") || first == UInt8(ascii: "y") || first == UInt8(ascii: "w"))
      && text[start + 1] == first && text[text.count - 1] == first
  }

  // MARK: Punctuation

  private mutating func appendSoft(_ byte: UInt8) {
    guard let last = text.last, last != openMark, !isSoft(last), !isTerminator(last) else { return }
    text.append(byte)
  }

  private mutating func appendTerminator(_ mark: [UInt8]) {
    while let last = text.last, isSoft(last) { text.removeLast() }
    guard let last = text.last, last != openMark, !isTerminator(last) else { return }
    text.append(contentsOf: mark)
  }

  private mutating func openQuote() {
    if let last = text.last, last != openMark { text.append(0x20) }
    text.append(openMark)
  }

  private mutating func closeQuote() {
    if text.last == openMark {
      text.removeLast()
      if text.last == 0x20 { text.removeLast() }
    } else if !text.isEmpty {
      text.append(closeMark)
    }
  }

  /// Writes quotation marks, or drops them all where one has lost its partner.
  private mutating func finishQuotes() {
    var depth = 0
    var hasMarks = false
    var isPaired = true
    for byte in text where byte == openMark || byte == closeMark {
      hasMarks = true
      depth += byte == openMark ? 1 : -1
      if depth < 0 || depth > 1 { isPaired = false }
    }
    guard hasMarks else { return }
    if !isPaired || depth != 0 {
      text.removeAll { $0 == openMark || $0 == closeMark }
      while text.last == 0x20 { text.removeLast() }
    } else {
      for index in text.indices where text[index] == openMark || text[index] == closeMark {
        text[index] = UInt8(ascii: "\"")
      }
    }
  }
}

/// Stand for quotation marks until it is known that they come in pairs; never in the input's words.
private let openMark: UInt8 = 0x01
private let closeMark: UInt8 = 0x02

/// The codes that start with `+`, longest first among those that share a beginning, and what they
/// leave: an utterance that trails off or is broken off ends in three dots.
private let linkersAndTerminators: [(code: [UInt8], text: [UInt8])] = [
  ("+...", "..."), ("+..?", "...?"), ("+..!", "...!"), ("+\u{2026}", "..."), ("+!?", "?!"),
  ("+//.", "..."), ("+//?", "...?"), ("+//!", "...!"), ("+/??", "...?"), ("+/.", "..."),
  ("+/?", "...?"), ("+/!", "...!"), ("+\"/.", ":"), ("+\"/?", "?"), ("+\"/!", "!"), ("+\".", "."),
  ("+\"?", "?"), ("+\"!", "!"), ("+.", "."), ("+?", "?"), ("+!", "!"),
  ("++", ""), ("+^", ""), ("+<", ""), ("+,", ""), ("+\"", ""), ("+\u{2248}", ""),
  ("+\u{224b}", ""),
].map { (Array($0.0.utf8), Array($0.1.utf8)) }

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

@inline(__always)
private func isLetterOrDigit(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || isDigit(byte) }

@inline(__always)
private func isTerminator(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ".") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "!")
}

@inline(__always)
private func isSoft(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":")
}
