/// The other patterns than GPT-2's, in the same manner: about one look at each byte, no memory.
extension Pretokenizer {
  /// Writes the ends of the next pieces by a pattern.
  ///
  /// The pattern is looked at once a call; each has a loop of its own.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - start: Where a piece begins; moves to the last end that was written.
  ///   - pattern: The rule.
  ///   - ends: Receives the ends; holds at least one.
  /// - Returns: The number of ends; 0 at the end of the text.
  package func cut(
    _ text: Span<UInt8>,
    from start: inout Int,
    by pattern: PretokenizerPattern,
    into ends: inout MutableSpan<UInt32>
  ) -> Int {
    var count = 0
    var place = start
    defer { start = place }
    switch pattern.rule {
    case .gpt2:
      while place < text.count, count < ends.count {
        place = end(in: text, from: place)
        ends[count] = UInt32(truncatingIfNeeded: place)
        count += 1
      }
    case .gpt2Digits:
      while place < text.count, count < ends.count {
        place = endWithDigitsApart(in: text, from: place)
        ends[count] = UInt32(truncatingIfNeeded: place)
        count += 1
      }
    case .cl100k(let numbers):
      while place < text.count, count < ends.count {
        place = endOfCL100K(in: text, from: place, numbers: numbers)
        ends[count] = UInt32(truncatingIfNeeded: place)
        count += 1
      }
    }
    return count
  }

  /// The end of a piece of ``PretokenizerPattern/gpt2Digits``: numbers stand alone, and the text
  /// before one ends as though nothing followed.
  @inline(__always)
  func endWithDigitsApart(in text: Span<UInt8>, from start: Int) -> Int {
    let (kind, length) = scalarWithAllNumbers(in: text, at: start)
    var index = start + length
    if kind == ScalarClasses.number { return index }
    guard kind == ScalarClasses.whiteSpace else {
      if text[start] == UInt8(ascii: "'") {
        let suffix = Self.contractionLength(in: text, at: index)
        if suffix > 0 { return index + suffix }
      }
      return runEndWithDigitsApart(in: text, from: index, of: kind)
    }
    var last = start
    while index < text.count {
      let (next, nextLength) = scalarWithAllNumbers(in: text, at: index)
      if next == ScalarClasses.number { break }
      if next != ScalarClasses.whiteSpace {
        if last > start { return last }
        guard text[start] == UInt8(ascii: " ") else { break }
        return runEndWithDigitsApart(in: text, from: index + nextLength, of: next)
      }
      last = index
      index += nextLength
    }
    return index
  }

  @inline(__always)
  private func runEndWithDigitsApart(in text: Span<UInt8>, from start: Int, of kind: UInt8) -> Int {
    var index = start
    while index < text.count {
      let (next, length) = scalarWithAllNumbers(in: text, at: index)
      if next != kind { break }
      index += length
    }
    return index
  }

  /// The class of a scalar where the numbers of Unicode 17 count: Hugging Face's `Digits` knows
  /// them, while its regular expressions do not.
  @inline(__always)
  private func scalarWithAllNumbers(
    in text: Span<UInt8>,
    at index: Int
  ) -> (kind: UInt8, length: Int) {
    let (kind, length) = classes.scalar(in: text, at: index)
    guard length == 4, kind == ScalarClasses.other else { return (kind, length) }
    switch decodeScalar(text, at: index).scalar?.value ?? 0 {
    case 0x1_1de0...0x1_1de9, 0x1_6ff4...0x1_6ff6: return (ScalarClasses.number, length)
    default: return (kind, length)
    }
  }

  /// The end of a piece of ``PretokenizerPattern/cl100k``, whose expression is
  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|`
  /// `\s*[\r\n]+|\s+(?!\S)|\s+`.
  @inline(__always)
  func endOfCL100K(in text: Span<UInt8>, from start: Int, numbers: Int) -> Int {
    let first = text[start]
    if first == UInt8(ascii: "'") {
      let suffix = foldedContractionLength(in: text, at: start + 1)
      if suffix > 0 { return start + 1 + suffix }
    }
    let (kind, length) = classes.scalar(in: text, at: start)
    let next = start + length
    if kind == ScalarClasses.letter { return runEnd(in: text, from: next, of: kind) }
    if kind == ScalarClasses.number {
      return numberEnd(in: text, from: next, left: numbers - 1)
    }
    let isBreak = first == 0x0a || first == 0x0d
    guard next < text.count else { return next }
    let (second, secondLength) = classes.scalar(in: text, at: next)
    if second == ScalarClasses.letter, !isBreak {
      return runEnd(in: text, from: next + secondLength, of: second)
    }
    if kind == ScalarClasses.other {
      return breaksEnd(in: text, from: runEnd(in: text, from: next, of: kind))
    }
    if first == UInt8(ascii: " "), second == ScalarClasses.other {
      return breaksEnd(in: text, from: runEnd(in: text, from: next + secondLength, of: second))
    }
    return spaceEndOfCL100K(in: text, from: start, next: next)
  }

  /// The end of up to `left` more numbers.
  @inline(__always)
  private func numberEnd(in text: Span<UInt8>, from start: Int, left: Int) -> Int {
    var index = start
    var left = left
    while left > 0, index < text.count {
      let (kind, length) = classes.scalar(in: text, at: index)
      guard kind == ScalarClasses.number else { break }
      index += length
      left -= 1
    }
    return index
  }

  /// The end of a run of line feeds and carriage returns.
  @inline(__always)
  private func breaksEnd(in text: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < text.count, text[index] == 0x0a || text[index] == 0x0d { index += 1 }
    return index
  }

  /// White space ends behind its last line break; without one it gives its last character to what
  /// follows, unless that character is all of it or nothing follows.
  private func spaceEndOfCL100K(in text: Span<UInt8>, from start: Int, next: Int) -> Int {
    var lastBreak = text[start] == 0x0a || text[start] == 0x0d ? next : 0
    var last = start
    var index = next
    while index < text.count {
      let (kind, length) = classes.scalar(in: text, at: index)
      if kind != ScalarClasses.whiteSpace { break }
      last = index
      index += length
      if text[last] == 0x0a || text[last] == 0x0d { lastBreak = index }
    }
    if lastBreak > 0 { return lastBreak }
    return index == text.count || last == start ? index : last
  }

  /// The bytes of a contraction's suffix in any case, or 0; U+017F is an s then.
  private func foldedContractionLength(in text: Span<UInt8>, at index: Int) -> Int {
    guard index < text.count else { return 0 }
    let second = index + 1 < text.count ? text[index + 1] : 0
    switch text[index] | 0x20 {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return second | 0x20 == UInt8(ascii: "e") ? 2 : 0
    case UInt8(ascii: "l"): return second | 0x20 == UInt8(ascii: "l") ? 2 : 0
    default: return text[index] == 0xc5 && second == 0xbf ? 2 : 0
    }
  }
}
