/// Cuts text into the pieces that merges may not cross, as GPT-2's pattern does.
///
/// The pattern (Radford et al. 2019, `encoder.py` of openai/gpt-2) is
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`. This is a byte
/// automaton for that one pattern, not a regular-expression engine: it looks at each byte about
/// once, takes no memory, and gives broken UTF-8 a place of its own (each stray byte counts as a
/// sign that is no letter, number or space). The pieces cover the text without gap or overlap.
package struct Pretokenizer: Sendable {
  let classes = ScalarClasses.shared

  /// Creates the automaton.
  package init() {}

  /// The end of the piece that begins at `start`.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - start: Where a piece begins, inside `text`.
  /// - Returns: The offset behind the piece's last byte, beyond `start`.
  @inline(__always)
  package func end(in text: Span<UInt8>, from start: Int) -> Int {
    let first = text[start]
    if first == UInt8(ascii: " ") {
      return end(in: text, fromBlank: start, next: start + 1)
    }
    if first == UInt8(ascii: "'") {
      let suffix = Self.contractionLength(in: text, at: start + 1)
      if suffix > 0 { return start + 1 + suffix }
    }
    let (kind, length) = classes.scalar(in: text, at: start)
    if kind == ScalarClasses.whiteSpace {
      return whiteSpaceEnd(in: text, from: start, next: start + length)
    }
    return runEnd(in: text, from: start + length, of: kind)
  }

  /// The end of the first piece of a text that is read as though a blank stood before it.
  ///
  /// - Parameter text: UTF-8 that is not empty.
  /// - Returns: The offset in `text` behind the piece that consists of the blank and the bytes
  ///   before that offset; 0 where the blank is a piece by itself.
  package func endAfterPrefixSpace(in text: Span<UInt8>) -> Int {
    end(in: text, fromBlank: -1, next: 0)
  }

  /// The end of a piece that begins with a blank at `start`.
  @inline(__always)
  private func end(in text: Span<UInt8>, fromBlank start: Int, next: Int) -> Int {
    guard next < text.count else { return next }
    let (kind, length) = classes.scalar(in: text, at: next)
    if kind == ScalarClasses.whiteSpace {
      return whiteSpaceEnd(in: text, from: start, next: next)
    }
    return runEnd(in: text, from: next + length, of: kind)
  }

  /// The end of the run of scalars of one class that goes on at `start`.
  @inline(__always)
  func runEnd(in text: Span<UInt8>, from start: Int, of kind: UInt8) -> Int {
    var index = start
    while index < text.count {
      let (next, length) = classes.scalar(in: text, at: index)
      if next != kind { break }
      index += length
    }
    return index
  }

  /// The end of a white-space piece: a run gives its last character to what follows, unless that
  /// character is all of the run or nothing follows.
  private func whiteSpaceEnd(in text: Span<UInt8>, from start: Int, next: Int) -> Int {
    var last = start
    var index = next
    while index < text.count {
      let (kind, length) = classes.scalar(in: text, at: index)
      if kind != ScalarClasses.whiteSpace { return last > start ? last : index }
      last = index
      index += length
    }
    return index
  }

  /// The number of letters of the contraction's suffix at `index`, or 0.
  static func contractionLength(in text: Span<UInt8>, at index: Int) -> Int {
    guard index < text.count else { return 0 }
    let second = index + 1 < text.count ? text[index + 1] : 0
    switch text[index] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return second == UInt8(ascii: "e") ? 2 : 0
    case UInt8(ascii: "l"): return second == UInt8(ascii: "l") ? 2 : 0
    default: return 0
    }
  }
}
