/// What the characters beyond ASCII mean on a CHAT main tier.
///
/// CHAT borrows several dozen characters as codes: overlaps, pitch, voice quality, stress. The
/// blocks that they come from hold no letters, so whole blocks are left out, and a mark that CHAT
/// may adopt later is left out with them.
enum CHATMark: Equatable {
  case letter
  case dropped
  /// ⌈ ⌉ ⌊ ⌋, which a number may follow.
  case overlap
  case space
  /// A comma of another script.
  case comma
  /// The tag marker „ and the vocative marker ‡.
  case satellite
  case openQuote
  case closeQuote
  case openGroup
  case closeGroup
  /// A sentence mark of another script, kept as it is.
  case punctuation

  @inline(__always)
  init(_ scalar: UInt32) {
    self = scalar < 0x2000 ? Self(narrow: scalar) : Self(wide: scalar)
  }

  private init(narrow scalar: UInt32) {
    switch scalar {
    case 0x85, 0xa0, 0x1680: self = .space
    // C1 controls; paragraph and degree sign; marks for yawning and laughing; stress and length.
    case 0x80..<0xa0, 0xa7, 0xad, 0xb0, 0x3ab, 0x1f29, 0x2c8, 0x2cc, 0x2d0, 0x2d1: self = .dropped
    case 0x60c: self = .comma
    case 0x61f: self = .punctuation
    default: self = .letter
    }
  }

  private init(wide scalar: UInt32) {
    switch scalar {
    case 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: self = .space
    case 0x201c: self = .openQuote
    case 0x201d: self = .closeQuote
    case 0x201e, 0x2021: self = .satellite
    case 0x2010...0x2015, 0x2018, 0x2019, 0x2026: self = .letter
    case 0x2039, 0x3014: self = .openGroup
    case 0x203a, 0x3015: self = .closeGroup
    case 0x2308...0x230b: self = .overlap
    // General punctuation, arrows, mathematics, shapes, dingbats, private use.
    case 0x200b...0x206f, 0x2190...0x2bff, 0xe000...0xf8ff, 0xfe00...0xfe0f, 0xfeff:
      self = .dropped
    case 0x3001, 0xff0c: self = .comma
    case 0x3002, 0xff01, 0xff1f: self = .punctuation
    default: self = .letter
    }
  }
}

/// The scalar at `index` of valid UTF-8, and its length in bytes.
@inline(__always)
func scalarValue(_ bytes: Span<UInt8>, at index: Int, end: Int) -> (value: UInt32, length: Int) {
  let lead = UInt32(bytes[index])
  let length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  guard length > 1, index + length <= end else { return (lead, 1) }
  var value = lead & (0x7f >> UInt32(length))
  for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3f) }
  return (value, length)
}
