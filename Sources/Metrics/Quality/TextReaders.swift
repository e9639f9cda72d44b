// How the quality rules of the peers see a text: words as Python's `str.split()` yields them and lines
// as its `str.splitlines()` does, read one after another without a copy.

import Documents

/// Reads maximal runs without white space.
struct SplitWordReader {
  /// The word's first byte.
  private(set) var start = 0
  /// Behind the word's last byte.
  private(set) var end = 0
  /// The word's characters, Unicode scalars.
  private(set) var characters = 0

  /// Goes on to the next word.
  ///
  /// - Parameter text: UTF-8, the same each time.
  /// - Returns: `false` where there is none.
  @inline(__always)
  mutating func advance(in text: Span<UInt8>) -> Bool {
    var index = end
    while index < text.count {
      // Blanks and ASCII are settled here; the rest is rare.
      let byte = text[index]
      if byte == 0x20 {
        index += 1
        continue
      }
      if byte > 0x20 && byte < 0x80 { break }
      let space = WordCount.whiteSpaceLength(in: text, at: index)
      if space == 0 { break }
      index += space
    }
    guard index < text.count else { return false }
    start = index
    var continuations = 0
    while index < text.count {
      let byte = text[index]
      if byte > 0x20 && byte < 0x80 {
        index += 1
        continue
      }
      if byte == 0x20 || WordCount.whiteSpaceLength(in: text, at: index) > 0 { break }
      continuations += byte & 0xc0 == 0x80 ? 1 : 0
      index += 1
    }
    end = index
    characters = end - start - continuations
    return true
  }
}

/// Reads lines, without what ends them; a text's last line need not be ended.
struct LineReader {
  /// The line's first byte.
  private(set) var start = 0
  /// Behind the line's last byte.
  private(set) var end = 0
  /// Behind what ended the line.
  private var next = 0

  /// Goes on to the next line.
  ///
  /// - Parameter text: UTF-8, the same each time.
  /// - Returns: `false` where there is none.
  @inline(__always)
  mutating func advance(in text: Span<UInt8>) -> Bool {
    guard next < text.count else { return false }
    start = next
    var index = next
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20 && byte < 0x80 {
        index += 1
        continue
      }
      let length = lineEndLength(in: text, at: index)
      if length > 0 {
        end = index
        next = index + length
        return true
      }
      index += 1
    }
    end = index
    next = index
    return true
  }
}

/// The number of bytes of the line end at a place, or 0: those of Python's `str.splitlines()`.
@inline(__always)
private func lineEndLength(in text: Span<UInt8>, at index: Int) -> Int {
  let byte = text[index]
  if byte < 0x80 {
    if byte == 0x0d { return index + 1 < text.count && text[index + 1] == 0x0a ? 2 : 1 }
    return (byte >= 0x0a && byte <= 0x0c) || (byte >= 0x1c && byte <= 0x1e) ? 1 : 0
  }
  guard byte == 0xc2 || byte == 0xe2 else { return 0 }
  let next = index + 1 < text.count ? text[index + 1] : 0
  if byte == 0xc2 { return next == 0x85 ? 2 : 0 }
  guard next == 0x80, index + 2 < text.count else { return 0 }
  return text[index + 2] == 0xa8 || text[index + 2] == 0xa9 ? 3 : 0
}

/// The part of a range without white space at its ends.
///
/// - Parameters:
///   - start: The first byte.
///   - end: Behind the last byte.
///   - text: UTF-8.
/// - Returns: The part; empty where there is nothing but white space.
/// - Complexity: Linear in the white space.
func trimmed(from start: Int, to end: Int, in text: Span<UInt8>) -> Range<Int> {
  var first = start
  while first < end {
    let length = WordCount.whiteSpaceLength(in: text, at: first)
    if length == 0 { break }
    first += length
  }
  guard first < end else { return end..<end }
  var last = end
  while last > first {
    if WordCount.whiteSpaceLength(in: text, at: last - 1) == 1 {
      last -= 1
    } else if last - first >= 2, WordCount.whiteSpaceLength(in: text, at: last - 2) == 2 {
      last -= 2
    } else if last - first >= 3, WordCount.whiteSpaceLength(in: text, at: last - 3) == 3 {
      last -= 3
    } else {
      break
    }
  }
  return first..<last
}

/// The number of characters, Unicode scalars, of a range.
///
/// - Parameters:
///   - start: The first byte.
///   - end: Behind the last byte.
///   - text: UTF-8.
/// - Returns: The number.
/// - Complexity: Linear in the bytes.
func characterCount(from start: Int, to end: Int, in text: Span<UInt8>) -> Int {
  var count = 0
  for index in start..<end { count += text[index] & 0xc0 == 0x80 ? 0 : 1 }
  return count
}
