/// Repairs text that was encoded twice: UTF-8 that was taken for Windows-1252 and encoded again.
///
/// A run of characters is replaced where the Windows-1252 bytes that they stand for are one UTF-8
/// character of two to four bytes, so `â€œ` becomes `“` and `Ã©` becomes `é`. The byte 0x9D has no
/// character in Windows-1252 and is often lost, so that `â€` alone becomes `”`. Nothing else is touched.
import Documents

package enum Mojibake {
  /// The most often that a text was encoded twice over.
  private static let mostPasses = 3

  /// Repairs a text.
  ///
  /// - Parameter text: Valid UTF-8.
  /// - Returns: The repaired text, and how many characters were repaired.
  /// - Complexity: Linear in the bytes.
  package static func repaired(_ text: [UInt8]) -> (text: [UInt8], count: Int) {
    var result = text
    var total = 0
    for _ in 0..<mostPasses {
      guard let first = firstSuspect(in: result.span) else { break }
      let (repaired, count) = onceRepaired(result, from: first)
      if count == 0 { break }
      result = repaired
      total += count
    }
    return (result, total)
  }

  /// The first character from U+00C2 to U+00F4, which mojibake begins with.
  private static func firstSuspect(in bytes: Span<UInt8>) -> Int? {
    var start = 0
    while let index = firstIndex(of: 0xc3, in: bytes, from: start), index + 1 < bytes.count {
      if bytes[index + 1] >= 0x82, bytes[index + 1] <= 0xb4 { return index }
      start = index + 1
    }
    return nil
  }

  private static func onceRepaired(_ text: [UInt8], from first: Int) -> ([UInt8], Int) {
    let bytes = text.span
    var result = Array(text[..<first])
    result.reserveCapacity(text.count)
    var count = 0
    var index = first
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0xc3, let (character, end) = character(in: bytes, at: index) {
        result += character
        count += 1
        index = end
      } else {
        result.append(byte)
        index += 1
      }
    }
    return (result, count)
  }

  /// The character that the run at an index stands for, and where the run ends.
  private static func character(in bytes: Span<UInt8>, at start: Int) -> ([UInt8], end: Int)? {
    guard let (lead, afterLead) = windows1252Byte(in: bytes, at: start), lead >= 0xc2, lead <= 0xf4
    else { return nil }
    let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    var character = [lead]
    var index = afterLead
    while character.count < length, let (byte, next) = windows1252Byte(in: bytes, at: index),
      byte >= 0x80, byte < 0xc0
    {
      character.append(byte)
      index = next
    }
    if character.count == length, (try? UTF8Span(validating: character.span)) != nil {
      return (character, index)
    }
    return character == [0xe2, 0x80] ? ([0xe2, 0x80, 0x9d], index) : nil
  }

  /// The byte of Windows-1252 that the character at an index stands for, and where that ends.
  private static func windows1252Byte(
    in bytes: Span<UInt8>,
    at index: Int
  ) -> (byte: UInt8, end: Int)? {
    guard index + 1 < bytes.count else { return nil }
    let scalar: UInt16
    let end: Int
    switch bytes[index] {
    case 0xc2...0xdf:
      scalar = UInt16(bytes[index] & 0x1f) << 6 | UInt16(bytes[index + 1] & 0x3f)
      end = index + 2
    case 0xe2 where index + 2 < bytes.count:
      scalar = 0x2000 | UInt16(bytes[index + 1] & 0x3f) << 6 | UInt16(bytes[index + 2] & 0x3f)
      end = index + 3
    default: return nil
    }
    if scalar >= 0x80, scalar <= 0xff { return (UInt8(scalar), end) }
    return TextHygiene.windows1252.firstIndex(of: scalar).map { (UInt8(0x80 + $0), end) }
  }
}
