/// The text of utterances under a policy, one at a time; its buffers are kept between utterances.

struct CHATText {
  /// The text of the utterance last written, without its label.
  private(set) var text: [UInt8] = []
  /// Whether its quotation marks came in pairs; where they do not, all are left out.
  private(set) var hasPairedQuotes = true

  private let policy: CHATTextPolicy
  private let droppedFlags: CHATUtterance.Item.Flags
  private var hasQuotes = false
  /// Where the groups begin that are to be repeated.
  private var repeatedStarts: [Int] = []

  init(policy: CHATTextPolicy) {
    self.policy = policy
    droppedFlags = policy.droppedFlags
  }

  /// Writes an utterance.
  ///
  /// - Parameters:
  ///   - utterance: What was said.
  ///   - source: The bytes that its words are ranges of.
  /// - Complexity: Linear in the items and the text.
  mutating func write(_ utterance: borrowing CHATUtterance, source: Span<UInt8>) {
    begin()
    /// How many scopes deep in what the policy leaves out.
    var dropped = 0
    var isQuotation = false
    for index in utterance.items.indices {
      let item = utterance.items[index]
      switch item.kind {
      case .word, .filler, .fragment, .nonword:
        guard dropped == 0, item.flags.isDisjoint(with: droppedFlags), isKept(item.kind) else {
          continue
        }
        writeWord(item, of: utterance, source: source)
      case .silent: break
      case .openGroup, .openReplacement:
        if dropped > 0 || isDropped(item, of: utterance) {
          dropped += 1
        } else if item.times > 1 {
          repeatedStarts.append(text.count)
        }
      case .closeGroup, .closeReplacement:
        if dropped > 0 { dropped -= 1 } else { endScope(of: utterance.items[Int(item.start)]) }
      case .openQuote: if dropped == 0 { openQuote() }
      case .closeQuote: if dropped == 0 { closeQuote() }
      case .soft: if dropped == 0 { writeSoft(UInt8(truncatingIfNeeded: item.start)) }
      case .satellite: if dropped == 0, policy.keepsSatellites { writeSoft(UInt8(ascii: ",")) }
      case .mark:
        if dropped == 0 { writeMark(source.extracting(Int(item.start)..<Int(item.end))) }
      case .ownMark:
        if dropped == 0, mayEndSentence() { text.append(UInt8(truncatingIfNeeded: item.start)) }
      case .terminator:
        if dropped == 0, mayEndSentence() {
          let terminator = CHATTerminator.all[Int(item.start)]
          text += policy == .babylm ? terminator.babylm : terminator.text
        }
      case .quotedLinker:
        if policy.quotesLinkedUtterances, !isQuotation {
          isQuotation = true
          openQuote()
        }
      }
    }
    if isQuotation { closeQuote() }
    if hasQuotes { finishQuotes() }
  }

  mutating func begin() {
    text.removeAll(keepingCapacity: true)
    repeatedStarts.removeAll(keepingCapacity: true)
    hasQuotes = false
    hasPairedQuotes = true
  }

  private func isKept(_ kind: CHATUtterance.Item.Kind) -> Bool {
    switch kind {
    case .fragment: policy.keepsFragments
    case .nonword: policy.keepsNonwords
    default: true
    }
  }

  /// Whether the policy leaves out what a group or a replacement holds.
  private func isDropped(
    _ item: CHATUtterance.Item,
    of utterance: borrowing CHATUtterance
  ) -> Bool {
    guard item.kind == .openReplacement else { return !item.flags.isDisjoint(with: droppedFlags) }
    guard policy.appliesReplacements else { return true }
    guard item.start >= 0 else { return false }
    // What drops the word drops its replacement with it.
    let target = utterance.items[Int(item.start)].flags.subtracting(.replaced)
    return !target.isDisjoint(with: droppedFlags)
  }

  /// Writes what annotations add after a scope.
  private mutating func endScope(of opening: CHATUtterance.Item) {
    if opening.times > 1, let start = repeatedStarts.popLast() {
      writeAgain(from: start, times: opening.times)
    }
    if opening.flags.contains(.reformulated) { markReformulation() }
  }

  private mutating func markReformulation() {
    guard policy.marksReformulations, mayEndSentence() else { return }
    text += [UInt8(ascii: "."), UInt8(ascii: "."), UInt8(ascii: ".")]
  }

  /// Repeats the text from `start` on, as long as the utterance stays short.
  private mutating func writeAgain(from start: Int, times: UInt16) {
    let count = text.count - start
    guard policy.writesRepetitions, count > 0,
      count * Int(times - 1) <= CHATLimits.repeatedBytes - text.count
    else { return }
    let piece = text[start...].first == 0x20 ? Array(text[start...]) : [0x20] + text[start...]
    for _ in 1..<times { text += piece }
  }

  // MARK: Words

  private mutating func writeWord(
    _ item: CHATUtterance.Item,
    of utterance: borrowing CHATUtterance,
    source: Span<UInt8>
  ) {
    let start = text.count
    if item.flags.contains(.isInSource) {
      writeWord(source.extracting(Int(item.start)..<Int(item.end)))
    } else if !writeSpelling(
      utterance.letters.span,
      in: Int(item.start)..<Int(item.end),
      fillsShortenings: policy.fillsShortenings || utterance.isConversationAnalysis
    ) {
      text.removeSubrange(start...)
      return
    }
    if item.times > 1 { writeAgain(from: start, times: item.times) }
    if item.flags.contains(.reformulated) { markReformulation() }
  }

  /// Writes a word of letters.
  mutating func writeWord(_ word: Span<UInt8>) {
    let needsBlank = text.last.map { $0 != openMark } ?? false
    text.append(addingCapacity: word.count + 1) { output in
      if needsBlank { output.append(0x20) }
      for index in word.indices { output.append(word[index]) }
    }
  }

  /// Writes a spelling with marks.
  ///
  /// - Returns: Whether a letter was written.
  private mutating func writeSpelling(
    _ letters: Span<UInt8>,
    in range: Range<Int>,
    fillsShortenings: Bool
  ) -> Bool {
    if let last = text.last, last != openMark { text.append(0x20) }
    var hasLetter = false
    /// A hyphen or a blank that is written once a letter follows.
    var joint: UInt8 = 0
    var depth = 0
    for index in range {
      let byte = letters[index]
      switch byte {
      case CHATLetterMark.openShortening: depth += 1
      case CHATLetterMark.closeShortening: depth -= 1
      case CHATLetterMark.hyphen: joint = UInt8(ascii: "-")
      case CHATLetterMark.blank: joint = 0x20
      default:
        if depth > 0, !fillsShortenings { continue }
        if joint != 0, hasLetter { text.append(joint) }
        joint = 0
        text.append(byte)
        if byte != UInt8(ascii: "'") { hasLetter = true }
      }
    }
    return hasLetter
  }

  // MARK: Punctuation

  mutating func writeSoft(_ byte: UInt8) {
    guard let last = text.last, last != openMark, !isSoft(last), !isSentenceMark(last) else {
      return
    }
    text.append(byte)
  }

  mutating func writeMark(_ mark: Span<UInt8>) {
    guard mayEndSentence() else { return }
    for index in mark.indices { text.append(mark[index]) }
  }

  /// Drops a comma at the end, and says whether a sentence mark may follow.
  private mutating func mayEndSentence() -> Bool {
    while let last = text.last, isSoft(last) { text.removeLast() }
    guard let last = text.last else { return false }
    return last != openMark && !isSentenceMark(last)
  }

  private mutating func openQuote() {
    hasQuotes = true
    if let last = text.last, last != openMark { text.append(0x20) }
    text.append(openMark)
  }

  private mutating func closeQuote() {
    hasQuotes = true
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
    for byte in text where byte == openMark || byte == closeMark {
      depth += byte == openMark ? 1 : -1
      if depth < 0 || depth > 1 { hasPairedQuotes = false }
    }
    if depth != 0 { hasPairedQuotes = false }
    if hasPairedQuotes {
      for index in text.indices where text[index] == openMark || text[index] == closeMark {
        text[index] = UInt8(ascii: "\"")
      }
    } else {
      text.removeAll { $0 == openMark || $0 == closeMark }
      while text.last == 0x20 { text.removeLast() }
    }
  }

  /// Makes the first letter of the utterance, and each after a single sentence mark and a blank, a
  /// capital.
  mutating func capitalizeSentences() {
    var isStart = true
    var result: [UInt8] = []
    result.reserveCapacity(text.count + 4)
    var index = 0
    while index < text.count {
      let byte = text[index]
      if isSentenceMark(byte) {
        let isSingle = index == 0 || !isSentenceMark(text[index - 1])
        isStart = isSingle
      } else if byte != 0x20, byte != UInt8(ascii: "\"") {
        // The mark stands in a word, as in "a.m.".
        if index > 0, isSentenceMark(text[index - 1]) { isStart = false }
        let (scalar, length) = scalarValue(text.span, at: index, end: text.count)
        if isStart, let scalar = Unicode.Scalar(scalar) {
          result += Array(scalar.properties.uppercaseMapping.utf8)
          index += length
          isStart = false
          continue
        }
      }
      result.append(byte)
      index += 1
    }
    text = result
  }
}

/// Stand for quotation marks until it is known that they come in pairs; never in the input's words.
private let openMark: UInt8 = 0x01
private let closeMark: UInt8 = 0x02

@inline(__always)
private func isSoft(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":")
}
