/// The spelling of a word: letters, shortenings, compounds, prosody and special form markers.

extension CHATUtterance {
  /// Reads one word and adds it, or what it stands for where it is no word.
  ///
  /// - Parameters:
  ///   - kind: What the prefix made of it.
  ///   - bytes: A transcript, valid UTF-8.
  ///   - index: The word's first byte, after any prefix.
  ///   - end: The end of the tier.
  /// - Returns: The index after the word; `index` where no word starts there.
  mutating func readWord(
    _ kind: Item.Kind = .word,
    _ bytes: Span<UInt8>,
    at index: Int,
    end: Int
  ) -> Int {
    var next = index
    while next < end, isAlphanumeric(bytes[next]) || bytes[next] == UInt8(ascii: "'") {
      next += 1
    }
    let isPlain =
      next > index && bytes[index] != UInt8(ascii: "'")
      && (next == end || endsPlainWord(bytes, at: next, end: end))
    guard isPlain else { return readSpelling(kind, bytes, at: index, end: end) }
    if isUnintelligible(bytes, from: index, to: next) {
      appendSilent(.unintelligible)
    } else {
      append(kind, start: index, end: next, isInSource: true)
    }
    return next
  }

  /// Reads a word that holds more than letters.
  private mutating func readSpelling(
    _ kind: Item.Kind,
    _ bytes: Span<UInt8>,
    at index: Int,
    end: Int
  ) -> Int {
    let start = letters.count
    var hasLetter = false
    var depth = 0
    var next = index
    reading: while next < end {
      let byte = bytes[next]
      if isAlphanumeric(byte) || byte == UInt8(ascii: "'") {
        letters.append(byte)
        hasLetter = hasLetter || byte != UInt8(ascii: "'")
        next += 1
        continue
      }
      switch byte {
      case 0x09, 0x0a, 0x0d, 0x15, 0x20, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"),
        UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"),
        UInt8(ascii: "?"), UInt8(ascii: "!"):
        break reading
      case 0..<0x20, 0x7f:
        next = endOfControl(bytes, at: next, end: end)
      case UInt8(ascii: "."):
        guard next + 1 < end, isAlphanumeric(bytes[next + 1]) else { break reading }
        letters.append(byte)
        next += 1
      case UInt8(ascii: "("):
        if let end = endOfPause(bytes, at: next, end: end) {
          counts.add(.pauses)
          next = end
        } else {
          depth += 1
          letters.append(CHATLetterMark.openShortening)
          next += 1
        }
      case UInt8(ascii: ")"):
        depth -= 1
        if depth < 0 { break reading }
        letters.append(CHATLetterMark.closeShortening)
        counts.add(.shortenings)
        next += 1
      case UInt8(ascii: "+"), UInt8(ascii: "-"):
        if byte == UInt8(ascii: "+") { counts.add(.compounds) }
        letters.append(CHATLetterMark.hyphen)
        next += 1
      case UInt8(ascii: "_"):
        counts.add(.compounds)
        letters.append(CHATLetterMark.blank)
        next += 1
      case UInt8(ascii: ":"):
        // Lengthening, unless it stands between digits.
        let isTime =
          next > index && next + 1 < end && isDecimalDigit(bytes[next - 1])
          && isDecimalDigit(bytes[next + 1])
        if isTime { letters.append(byte) } else { counts.add(.prosodyMarks) }
        next += 1
      case UInt8(ascii: "@"):
        next = readForm(bytes, at: next, end: end)
        break reading
      case UInt8(ascii: "&"):
        next = endOfToken(bytes, at: next, end: end)
        break reading
      case 0..<0x80:
        if byte == UInt8(ascii: "^") { counts.add(.prosodyMarks) }
        next += 1
      default:
        let (scalar, length) = scalarValue(bytes, at: next, end: end)
        switch CHATMark(scalar) {
        case .letter:
          for offset in 0..<length { letters.append(bytes[next + offset]) }
          hasLetter = true
        case .dropped: counts.add(.prosodyMarks)
        case .overlap:
          counts.add(.overlaps)
          next = endOfOverlap(bytes, after: next + length, end: end)
          continue reading
        default: break reading
        }
        next += length
      }
    }
    if depth != 0 { noteRoundBracket() }
    if depth < 0 { next += 1 }
    add(kind, from: start, hasLetter: hasLetter)
    return next
  }

  private mutating func add(_ kind: Item.Kind, from start: Int, hasLetter: Bool) {
    if !hasLetter {
      letters.removeSubrange(start...)
      appendSilent()
    } else if isUnintelligible(letters.span, from: start, to: letters.count) {
      appendSilent(.unintelligible)
    } else {
      append(kind, start: start, end: letters.count, isInSource: false)
    }
  }

  /// Reads the special form marker after a word; of it only a suffix is heard: `s@l-s` is "s's".
  private mutating func readForm(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    let next = endOfToken(bytes, at: index, end: end)
    let isSwitch =
      index + 1 < next && bytes[index + 1] == UInt8(ascii: "s")
      && (index + 2 == next || bytes[index + 2] == UInt8(ascii: ":"))
    counts.add(isSwitch ? .languageSwitches : .specialForms)
    guard !isSwitch, let hyphen = (index..<next).first(where: { bytes[$0] == UInt8(ascii: "-") })
    else { return next }
    if bytes[index + 1] == UInt8(ascii: "l") { letters.append(UInt8(ascii: "'")) }
    var suffix = hyphen + 1
    while suffix < next, isAlphanumeric(bytes[suffix]) {
      letters.append(bytes[suffix])
      suffix += 1
    }
    return next
  }

  /// Passes over a control character: a pair by which CLAN underlines or italicises, or a fault.
  ///
  /// - Returns: The index after it.
  mutating func endOfControl(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
    if bytes[index] == 2, index + 1 < end, 1...8 ~= bytes[index + 1] { return index + 2 }
    note(.controlCharacter)
    return index + 1
  }

  private func endsPlainWord(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Bool {
    switch bytes[index] {
    case 0x20, 0x09, 0x0a, 0x0d, 0x15, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "?"), UInt8(ascii: "!"):
      true
    case UInt8(ascii: "."): index + 1 >= end || !isAlphanumeric(bytes[index + 1])
    default: false
    }
  }
}

/// Whether a word is one of the codes for speech that was not understood: `xxx`, `yyy`, `www`, those
/// with an ending (`xxx's`), and `xx`, `yy` of old transcripts.
private func isUnintelligible(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
  let first = bytes[start]
  guard end - start > 1, first >= UInt8(ascii: "w"),
    first == UInt8(ascii: "x") || first == UInt8(ascii: "y") || first == UInt8(ascii: "w"),
    bytes[start + 1] == first
  else { return false }
  if end - start == 2 { return true }
  return bytes[start + 2] == first && (end - start == 3 || !isAlphanumeric(bytes[start + 3]))
}

/// The end of the token from `index` on, before white space, brackets, quotes and punctuation.
func endOfToken(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int {
  var next = index
  while next < end {
    switch bytes[next] {
    case 0x09, 0x0a, 0x0d, 0x15, 0x20, UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"),
      UInt8(ascii: "?"), UInt8(ascii: "!"):
      return next
    case UInt8(ascii: ".") where next + 1 >= end || !isAlphanumeric(bytes[next + 1]): return next
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

/// The index after `(.)`, `(..)`, `(1.5)` or `(1:02.3)`, or `nil` where no pause starts.
func endOfPause(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Int? {
  var next = index + 1
  while next < end,
    isDecimalDigit(bytes[next]) || bytes[next] == UInt8(ascii: ".")
      || bytes[next] == UInt8(ascii: ":")
  {
    next += 1
  }
  return next > index + 1 && next < end && bytes[next] == UInt8(ascii: ")") ? next + 1 : nil
}

/// The index after the number that an overlap mark may carry, which is no part of a word.
func endOfOverlap(_ bytes: Span<UInt8>, after index: Int, end: Int) -> Int {
  index < end && isDecimalDigit(bytes[index]) ? index + 1 : index
}

@inline(__always)
func isDecimalDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

@inline(__always)
func isAlphanumeric(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || isDecimalDigit(byte) }
