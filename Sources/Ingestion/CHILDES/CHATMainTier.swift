/// The main tier of CHAT as bytes, turned into an utterance.
///
/// Follows the CHAT manual (MacWhinney, "Tools for Analyzing Talk, Part 1", talkbank.org). One pass
/// without recursion. It is not a validator: what it does not know leaves no text, and only what makes
/// the text uncertain, such as a bracket without its partner, is a fault.

extension CHATUtterance {
  /// Reads one main tier, from after the speaker's code to before the next tier.
  ///
  /// - Parameters:
  ///   - bytes: A transcript, valid UTF-8.
  ///   - range: The tier's content; its line ends are white space.
  ///   - isConversationAnalysis: Whether round brackets mark uncertain hearing and terminators may be
  ///     missing (`@Options: CA`).
  /// - Complexity: Linear in the length of the range.
  mutating func read(
    _ bytes: Span<UInt8>,
    in range: Range<Int>,
    isConversationAnalysis: Bool = false
  ) {
    begin()
    self.isConversationAnalysis = isConversationAnalysis
    guard range.count <= CHATLimits.utteranceBytes else { return note(.utteranceTooLong) }
    var index = range.lowerBound
    while index < range.upperBound { index = readItem(bytes, at: index, end: range.upperBound) }
    finish()
  }

  /// Reads what starts at `index` outside a word, and gives the index after it.
  private mutating func readItem(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let byte = bytes[index]
    if byte == 0x20 { return index + 1 }
    if (byte | 0x20) &- 0x61 < 26 { return readWord(.word, bytes, at: index, end: end) }
    switch byte {
    case 0x09, 0x0a, 0x0d: return index + 1
    case 0x15: return readBullet(bytes, at: index, end: end)
    case 0..<0x20, 0x7f: return endOfControl(bytes, at: index, end: end)
    case UInt8(ascii: "["): return readBracket(bytes, at: index, end: end)
    case UInt8(ascii: "]"):
      closeReplacement()
      return index + 1
    case UInt8(ascii: "<"):
      openGroup()
      return index + 1
    case UInt8(ascii: ">"):
      closeGroup()
      return index + 1
    case UInt8(ascii: "\""):
      togglePlainQuote()
      return index + 1
    case UInt8(ascii: "+"): return readLinker(bytes, at: index, end: end)
    case UInt8(ascii: ","), UInt8(ascii: ";"):
      append(.soft, value: Int(byte))
      return index + 1
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"):
      var next = index
      while next < end, isSentenceMark(bytes[next]) { next += 1 }
      appendMark(start: index, end: next)
      return next
    case UInt8(ascii: "("):
      if let next = endOfPause(bytes, at: index, end: end) {
        appendSilent(.pauses)
        return next
      }
      return readWord(.word, bytes, at: index, end: end)
    case UInt8(ascii: ")"):
      noteRoundBracket()
      return index + 1
    case UInt8(ascii: "&"): return readAmpersand(bytes, at: index, end: end)
    case UInt8(ascii: "0"): return readZero(bytes, at: index, end: end)
    case UInt8(ascii: "@"), UInt8(ascii: "#"): return endOfToken(bytes, at: index + 1, end: end)
    case UInt8(ascii: "'"): return readWord(.word, bytes, at: index, end: end)
    case 0..<0x80:
      return isDecimalDigit(byte) ? readWord(.word, bytes, at: index, end: end) : index + 1
    default: return readSymbol(bytes, at: index, end: end)
    }
  }

  // MARK: Brackets

  /// Reads an annotation; a replacement stays open, and what it holds is read like the rest.
  private mutating func readBracket(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index + 1
    while next < end, bytes[next] == 0x20 { next += 1 }
    if next < end, bytes[next] == UInt8(ascii: ":") {
      openReplacement()
      next += 1
      return next < end && bytes[next] == UInt8(ascii: ":") ? next + 1 : next
    }
    let start = next
    var depth = 1
    while next < end {
      if bytes[next] == UInt8(ascii: "[") {
        depth += 1
        if depth > CHATLimits.nesting { note(.nestingTooDeep) }
      }
      if bytes[next] == UInt8(ascii: "]") { depth -= 1 }
      next += 1
      if depth == 0 {
        annotate(bytes, in: start..<next - 1)
        return next
      }
    }
    note(.unclosedBracket)
    return end
  }

  /// Notes what an annotation says of the item before it.
  private mutating func annotate(_ bytes: Span<UInt8>, in range: Range<Int>) {
    guard let first = range.first else { return }
    switch bytes[first] {
    case UInt8(ascii: "/"):
      // `[/]`, `[//]` and `[/?]` repeat or correct; `[///]` and `[/-]` start anew.
      let isFalseStart = range.count > 1 && bytes[first + 1] == UInt8(ascii: "-")
      annotate(isFalseStart || range.count > 2 ? .reformulated : .retraced)
    case UInt8(ascii: "x"):
      if let times = number(bytes, in: first + 1..<range.upperBound) { annotate(times: times) }
    case UInt8(ascii: "-"):
      for index in first + 1..<range.upperBound where isAlphanumeric(bytes[index]) {
        language.append(bytes[index])
      }
      counts.add(.languageSwitches)
    case UInt8(ascii: "+"): counts.add(.postcodes)
    case UInt8(ascii: "*"): counts.add(.errorMarks)
    case UInt8(ascii: ">"), UInt8(ascii: "<"): counts.add(.overlaps)
    default: counts.add(.notes)
    }
  }

  /// The whole number that a range holds beside blanks.
  private func number(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int? {
    var value: Int?
    for index in range where bytes[index] != 0x20 {
      guard isDecimalDigit(bytes[index]) else { return nil }
      value = min(10_000, (value ?? 0) * 10 + Int(bytes[index] - 0x30))
    }
    return value
  }

  // MARK: Codes

  private mutating func readBullet(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    counts.add(.mediaMarks)
    var next = index + 1
    while next < end {
      if bytes[next] == 0x15 { return next + 1 }
      next += 1
    }
    next = index + 1
    while next < end, isDecimalDigit(bytes[next]) || bytes[next] == UInt8(ascii: "_") { next += 1 }
    return next
  }

  private mutating func readAmpersand(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let first = index + 1
    guard first < end else { return end }
    let next: Int
    switch bytes[first] {
    case UInt8(ascii: "-"):
      counts.add(.fillers)
      next = readWord(.filler, bytes, at: first + 1, end: end)
    case UInt8(ascii: "+"):
      counts.add(.fragments)
      next = readWord(.fragment, bytes, at: first + 1, end: end)
    case UInt8(ascii: "~"):
      counts.add(.nonwords)
      next = readWord(.nonword, bytes, at: first + 1, end: end)
    case UInt8(ascii: "*"):
      appendSilent(.otherSpeakersWords)
      next = endOfToken(bytes, at: first, end: end)
    case UInt8(ascii: "="), UInt8(ascii: "{"), UInt8(ascii: "}"):
      appendSilent(.events)
      next = endOfToken(bytes, at: first, end: end)
    case 0..<0x80 where !isAlphanumeric(bytes[first]):
      appendSilent()
      next = endOfToken(bytes, at: first, end: end)
    default: next = readUnmarkedFragment(bytes, at: first, end: end)
    }
    return max(next, first)
  }

  /// Reads `&uh` of old transcripts, which wrote fillers and fragments alike.
  mutating func readUnmarkedFragment(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let next = readWord(.fragment, bytes, at: index, end: end)
    counts.add(turnIntoFiller(bytes) ? .fillers : .fragments)
    return next
  }

  /// Reads an action without speech (`0`), an omitted word (`0is`) or a number that starts with 0.
  private mutating func readZero(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    var next = index
    while next < end, bytes[next] == UInt8(ascii: "0") { next += 1 }
    if next < end, isDecimalDigit(bytes[next]) {
      return readWord(.word, bytes, at: index, end: end)
    }
    if next + 1 < end, bytes[next] == UInt8(ascii: "."), isDecimalDigit(bytes[next + 1]) {
      return readWord(.word, bytes, at: index, end: end)
    }
    let tokenEnd = endOfToken(bytes, at: index + 1, end: end)
    appendSilent(tokenEnd == index + 1 ? .actions : .omissions)
    return tokenEnd
  }

  /// Reads a linker, which leaves nothing, or a terminator other than a single mark.
  private mutating func readLinker(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    for (place, terminator) in CHATTerminator.all.enumerated() {
      let code = terminator.code
      var length = 0
      while length < code.count, index + length < end, bytes[index + length] == code[length] {
        length += 1
      }
      if length == code.count {
        append(terminatorAt: place)
        return index + length
      }
    }
    return index + 1
  }

  /// Reads what starts with a character beyond ASCII: a letter, or one of CHAT's many marks.
  private mutating func readSymbol(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let (scalar, length) = scalarValue(bytes, at: index, end: end)
    switch CHATMark(scalar) {
    case .letter: return readWord(.word, bytes, at: index, end: end)
    case .dropped: counts.add(.prosodyMarks)
    case .space: break
    case .overlap:
      counts.add(.overlaps)
      return endOfOverlap(bytes, after: index + length, end: end)
    case .comma: append(.soft, value: Int(UInt8(ascii: ",")))
    case .satellite: append(.satellite)
    case .openQuote: append(.openQuote)
    case .closeQuote:
      append(.closeQuote)
      counts.add(.quotations)
    case .openGroup: openGroup()
    case .closeGroup: closeGroup()
    case .punctuation: appendMark(start: index, end: index + length)
    }
    return index + length
  }
}

@inline(__always)
func isSentenceMark(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ".") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "!")
}
