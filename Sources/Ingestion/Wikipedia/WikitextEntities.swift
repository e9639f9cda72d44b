/// Character references of HTML: `&amp;`, `&#8211;`, `&#x2013;`.
///
/// All names of HTML 5 are known, and as in MediaWiki (`Sanitizer::normalizeCharReferences`) each needs
/// its semicolon. A few names stand for two characters.
enum WikitextEntities {
  /// A reference that was read.
  struct Entity {
    var scalar: Unicode.Scalar
    /// The second character of the few names that stand for two.
    var second: Unicode.Scalar?
    /// Past its semicolon.
    var end: Int
  }

  /// The reference that starts at the ampersand at `position`, if there is one.
  static func entity(in source: [UInt8], at position: Int) -> Entity? {
    var end = position + 1
    if end < source.count, source[end] == UInt8(ascii: "#") {
      return numericEntity(in: source, at: end + 1)
    }
    var key: UInt64 = 0
    let limit = min(source.count, position + 1 + longestName + 1)
    while end < limit, source[end] != UInt8(ascii: ";") {
      guard isASCIILetterOrDigit(source[end]) else { return nil }
      key = key << 8 | UInt64(source[end])
      end += 1
    }
    guard end < limit else { return nil }
    let length = end - position - 1
    if length <= 8 {
      return shortNames[key].map { Entity(scalar: $0.0, second: $0.1, end: end + 1) }
    }
    let name = String(decoding: source[position + 1..<end], as: UTF8.self)
    return longNames[name].map { Entity(scalar: $0.0, second: $0.1, end: end + 1) }
  }

  private static func numericEntity(in source: [UInt8], at start: Int) -> Entity? {
    var end = start
    let isHexadecimal = end < source.count && lowercased(source[end]) == UInt8(ascii: "x")
    if isHexadecimal { end += 1 }
    let digits = end
    var value: UInt32 = 0
    while end < source.count, end < digits + 10,
      let digit = digit(source[end], hexadecimal: isHexadecimal)
    {
      value = min(value * (isHexadecimal ? 16 : 10) + digit, 0x11_0000)
      end += 1
    }
    guard end > digits, end < source.count, source[end] == UInt8(ascii: ";") else { return nil }
    return Entity(scalar: scalar(value), second: nil, end: end + 1)
  }

  private static func digit(_ byte: UInt8, hexadecimal: Bool) -> UInt32? {
    switch lowercased(byte) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f") where hexadecimal:
      UInt32(lowercased(byte) - UInt8(ascii: "a") + 10)
    default: nil
    }
  }

  /// The character of a number; 0x80 to 0x9F mean Windows-1252, as HTML 5 has it (13.2.5.80).
  private static func scalar(_ value: UInt32) -> Unicode.Scalar {
    if value >= 0x80, value < 0xa0 { return windows1252[Int(value) - 0x80] }
    return Unicode.Scalar(value) ?? "\u{fffd}"
  }

  private static let windows1252 = Array(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ".unicodeScalars
  )

  // MARK: Names

  private typealias Characters = (Unicode.Scalar, Unicode.Scalar?)

  /// The length of `CounterClockwiseContourIntegral`.
  private static let longestName = 31

  /// The characters by names of at most eight letters, the name's bytes packed into one number.
  private static let shortNames: [UInt64: Characters] = Dictionary(
    uniqueKeysWithValues: allNames.filter { $0.name.utf8.count <= 8 }.map {
      ($0.name.utf8.reduce(0) { $0 << 8 | UInt64($1) }, $0.characters)
    }
  )

  private static let longNames: [String: Characters] = Dictionary(
    uniqueKeysWithValues: allNames.filter { $0.name.utf8.count > 8 }.map {
      (String($0.name), $0.characters)
    }
  )

  private static var allNames: [(name: Substring, characters: Characters)] {
    HTML5Characters.names.split { $0 == " " || $0 == "\n" }.compactMap { entry in
      let parts = entry.split(separator: "=")
      let scalars = parts[1].split(separator: "+").compactMap {
        UInt32($0, radix: 16).flatMap { Unicode.Scalar($0) }
      }
      guard let first = scalars.first else { return nil }
      return (parts[0], (first, scalars.count > 1 ? scalars[1] : nil))
    }
  }
}
