/// The short way for main tiers of nothing but words, commas and sentence marks, which most are.
///
/// It gives the text that the long way through ``CHATUtterance`` gives, under every policy; whatever
/// needs that way is left to it.

extension CHATText {
  /// Writes a main tier, if it is plain.
  ///
  /// - Parameters:
  ///   - bytes: A transcript, valid UTF-8.
  ///   - range: The tier's content.
  /// - Returns: The media marks that were passed over, or `nil` where the tier is not plain, and
  ///   nothing is written.
  mutating func writePlain(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int? {
    begin()
    let end = range.upperBound
    var index = range.lowerBound
    var mediaMarks = 0
    var hasTerminator = false
    while index < end {
      let byte = bytes[index]
      if (byte | 0x20) &- 0x61 < 26 {
        guard let next = writePlainWord(bytes, at: index, end: end) else { return nil }
        index = next
        continue
      }
      switch byte {
      case 0x20, 0x09, 0x0a, 0x0d: index += 1
      case UInt8(ascii: ","):
        writeSoft(byte)
        index += 1
      case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"):
        let start = index
        while index < end, isSentenceMark(bytes[index]) { index += 1 }
        writeMark(bytes.extracting(start..<index))
        hasTerminator = true
      case 0x15:
        index += 1
        while index < end, bytes[index] != 0x15 { index += 1 }
        guard index < end else { return nil }
        index += 1
        mediaMarks += 1
      default: return nil
      }
    }
    return hasTerminator ? mediaMarks : nil
  }

  /// Writes a word of letters, digits and apostrophes, and gives the index after it.
  private mutating func writePlainWord(
    _ bytes: Span<UInt8>,
    at index: Int,
    end: Int
  ) -> Int? {
    var next = index + 1
    while next < end, isAlphanumeric(bytes[next]) || bytes[next] == UInt8(ascii: "'") {
      next += 1
    }
    if next < end {
      switch bytes[next] {
      case 0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ","), UInt8(ascii: "?"), UInt8(ascii: "!"): break
      default: return nil
      }
    }
    // The codes of what was not understood begin with one letter from w on, twice.
    if bytes[index] >= UInt8(ascii: "w"), next - index > 1,
      bytes[index] == bytes[index + 1]
    {
      return nil
    }
    writeWord(bytes.extracting(index..<next))
    return next
  }
}
