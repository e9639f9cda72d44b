/// The unit of every budget: what Python's `str.split()` yields, counted over UTF-8 bytes.
///
/// White space is Python's set: U+0009–000D, U+001C–0020, U+0085, U+00A0, U+1680, U+2000–200A,
/// U+2028, U+2029, U+202F, U+205F and U+3000. It differs from the pretokenizer's set, which lacks
/// U+001C–001F, so the two must never share a table.
public enum WordCount {
  /// Counts the words of a text.
  ///
  /// - Parameter text: Any text.
  /// - Returns: The number of maximal runs without white space.
  /// - Complexity: Linear in the bytes.
  public static func words(in text: String) -> Int {
    words(in: text.utf8Span.span)
  }

  /// Counts the words of UTF-8 bytes; bytes that are not valid UTF-8 count as word characters.
  ///
  /// - Parameter bytes: UTF-8 text.
  /// - Returns: The number of maximal runs without white space.
  /// - Complexity: Linear in the bytes.
  public static func words(in bytes: Span<UInt8>) -> Int {
    var count = 0
    // 1 inside a word, so that ASCII needs no branch at a word's end, which no processor foresees.
    var inside = 0
    var index = 0
    // Where blocks may be counted whole again: after one with a byte that is not ASCII, behind it.
    var nextBlock = 1
    while index < bytes.count {
      if index >= nextBlock, index + blockSize <= bytes.count {
        let end = index + blockSize
        if bytes[index - 1] < 0x80,
          let words = wordStarts(in: bytes.extracting(index - 1..<end))
        {
          count += words
          index = end
          inside = 1 - Int(asciiSpace(bytes[end - 1]))
          continue
        }
        nextBlock = end
      }
      let byte = bytes[index]
      if byte < 0x80 {
        let isWord = 1 - Int(asciiSpace(byte))
        count += isWord & (1 - inside)
        inside = isWord
        index += 1
        continue
      }
      let length = longWhiteSpaceLength(in: bytes, at: index)
      if length == 0 { count += 1 - inside }
      inside = length == 0 ? 1 : 0
      index += max(1, length)
    }
    return count
  }

  /// The bytes that are counted at once.
  private static let blockSize = 64

  /// The words that begin in a block of ASCII behind its first byte, or `nil` where it is not ASCII.
  ///
  /// Free of branches, so that the compiler makes vector instructions of the loop.
  private static func wordStarts(in block: Span<UInt8>) -> Int? {
    var starts: UInt8 = 0
    var all: UInt8 = 0
    for place in 1..<block.count {
      starts &+= asciiSpace(block[place - 1]) & (1 ^ asciiSpace(block[place]))
      all |= block[place]
    }
    return all < 0x80 ? Int(starts) : nil
  }

  /// 1 for ASCII white space, else 0.
  @inline(__always)
  private static func asciiSpace(_ byte: UInt8) -> UInt8 {
    (byte == 0x20 ? 1 : 0) | (byte &- 0x09 <= 4 ? 1 : 0) | (byte &- 0x1c <= 3 ? 1 : 0)
  }

  /// The number of bytes of the white-space character that starts at `index`, or 0.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8 text.
  ///   - index: Where to look; continuation bytes are never white space.
  /// - Returns: 1 to 3, or 0 where no white space starts.
  @inline(__always)
  public static func whiteSpaceLength(in bytes: Span<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    if byte < 0x80 {
      return byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f)
        ? 1 : 0
    }
    return longWhiteSpaceLength(in: bytes, at: index)
  }

  private static func longWhiteSpaceLength(in bytes: Span<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    let next = index + 1 < bytes.count ? bytes[index + 1] : 0
    if byte == 0xc2 { return next == 0x85 || next == 0xa0 ? 2 : 0 }
    guard byte == 0xe1 || byte == 0xe2 || byte == 0xe3, index + 2 < bytes.count else { return 0 }
    let last = bytes[index + 2]
    switch (byte, next) {
    case (0xe1, 0x9a): return last == 0x80 ? 3 : 0
    case (0xe2, 0x80):
      return (last >= 0x80 && last <= 0x8a) || last == 0xa8 || last == 0xa9 || last == 0xaf ? 3 : 0
    case (0xe2, 0x81): return last == 0x9f ? 3 : 0
    case (0xe3, 0x80): return last == 0x80 ? 3 : 0
    default: return 0
    }
  }
}
