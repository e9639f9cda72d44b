/// Which scalars are letters and which are numbers, for the Basic Multilingual Plane.
///
/// Made from Unicode's general categories at first use (L for letters, as Python's `isalpha`, and N
/// for numbers); scalars beyond the plane are asked for one by one.
struct LetterFlags: Sendable {
  static let letter: UInt8 = 1
  static let number: UInt8 = 2

  /// One entry a scalar.
  let entries: [UInt8]

  static let shared = LetterFlags()

  private init() {
    entries = (UInt16(0)...UInt16.max).map { value in
      Unicode.Scalar(value).map(LetterFlags.flags) ?? 0
    }
  }

  private static func flags(of scalar: Unicode.Scalar) -> UInt8 {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      letter
    case .decimalNumber, .letterNumber, .otherNumber: number
    default: 0
    }
  }

  /// The flags of the letters and numbers in a part of a text.
  ///
  /// - Parameters:
  ///   - start: The first byte.
  ///   - end: Behind the last byte.
  ///   - text: UTF-8; bytes that are not valid have no flags.
  ///   - entries: The table's entries.
  /// - Returns: The flags of all scalars together.
  /// - Complexity: Linear in the bytes.
  @inline(__always)
  static func union(
    from start: Int,
    to end: Int,
    in text: Span<UInt8>,
    _ entries: Span<UInt8>
  ) -> UInt8 {
    var union: UInt8 = 0
    var index = start
    while index < end {
      let lead = text[index]
      if lead < 0x80 {
        union |= entries[Int(lead)]
        index += 1
      } else {
        let (scalar, length) = decodedScalar(in: text, at: index)
        union |=
          scalar < 0x1_0000
          ? entries[Int(scalar)] : Unicode.Scalar(scalar).map(flags) ?? 0
        index += length
      }
    }
    return union
  }
}

/// The scalar at a place with its length in bytes; a blank for bytes that are not valid UTF-8.
@inline(__always)
func decodedScalar(in text: Span<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
  let lead = text[index]
  if lead < 0x80 { return (UInt32(lead), 1) }
  let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  guard lead >= 0xc2, lead < 0xf5, index + length <= text.count else { return (0x20, 1) }
  var scalar = UInt32(lead) & (0x7f >> UInt32(length))
  for offset in 1..<length {
    let byte = text[index + offset]
    guard byte & 0xc0 == 0x80 else { return (0x20, 1) }
    scalar = scalar << 6 | UInt32(byte & 0x3f)
  }
  return (scalar, length)
}
