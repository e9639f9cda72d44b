/// A set of ASCII bytes, asked in a loop over text; the others are never in it.
struct ByteSet: Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// The bytes of a text, with or without the control bytes below 0x20 and 0x7F.
  init(_ text: StaticString, withControls: Bool = false) {
    for byte in text.description.utf8 { insert(byte) }
    guard withControls else { return }
    for byte in UInt8(0)..<0x20 { insert(byte) }
    insert(0x7f)
  }

  private mutating func insert(_ byte: UInt8) {
    if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
  }

  /// Whether a byte is in the set.
  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte < 64 ? low : high
    return byte < 0x80 && word >> UInt64(byte & 63) & 1 == 1
  }
}
