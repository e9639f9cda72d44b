/// A word of at most 15 bytes as two integers: what the counter and the encoder look words up by.
///
/// The bytes fill the 128 bits from the lowest on and the length sits in the highest eight, so two
/// keys are equal exactly when the words are, zero bytes included, and no key is zero but that of
/// the empty word, which no pretokenizer yields and which marks a free slot.
struct ShortWord: Equatable {
  /// The longest word that fits.
  static let capacity = 15

  /// The bytes 0 to 7.
  var low: UInt64
  /// The bytes 8 to 14, and the length in the top byte.
  var high: UInt64

  /// The number of bytes.
  var count: Int { Int(high >> 56) }

  /// Takes the bytes `start ..< start + count` of a text.
  ///
  /// - Precondition: `count` is 1 to 15.
  @inline(__always)
  init(_ text: Span<UInt8>, start: Int, count: Int) {
    let low: UInt64
    let high: UInt64
    if start + 16 <= text.count {
      low = eightBytes(text, at: start)
      high = eightBytes(text, at: start + 8)
    } else {
      (low, high) = lastBytes(text, from: start)
    }
    // Without a branch: whether a word has more than eight bytes cannot be foretold.
    let bits = UInt64(truncatingIfNeeded: count) &* 8
    let lowMask = UInt64.max &>> (64 &- min(bits, 64))
    let highMask = (1 &<< (max(bits, 64) &- 64)) &- 1
    self.low = low & lowMask
    self.high = high & highMask | UInt64(truncatingIfNeeded: count) &<< 56
  }

  /// A key as it was stored.
  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// Bits that depend on all of the word: one full-width multiplication, the halves combined.
  @inline(__always)
  var hash: UInt64 {
    let mixed = low ^ (high &* 0x9e37_79b9_7f4a_7c15)
    let product = mixed.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low ^ (high >> 32)
  }

  /// The byte at `index`, below ``count``.
  @inline(__always)
  func byte(_ index: Int) -> UInt8 {
    index < 8
      ? UInt8(truncatingIfNeeded: low >> UInt64(index * 8))
      : UInt8(truncatingIfNeeded: high >> UInt64((index - 8) * 8))
  }
}

/// Eight bytes as a little-endian integer; one load once the range is known to be inside.
@inline(__always)
private func eightBytes(_ text: Span<UInt8>, at index: Int) -> UInt64 {
  // The raw load is checked against the span's bounds; "unsafe" is only that any bit pattern must
  // be a valid value, which holds for an integer.
  UInt64(
    littleEndian: unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
  )
}

/// The bytes from `start` to the end of the text, fewer than 16, as two integers.
private func lastBytes(_ text: Span<UInt8>, from start: Int) -> (low: UInt64, high: UInt64) {
  let missing = UInt64(start + 16 - text.count) * 8
  if text.count >= 16 {
    let low = eightBytes(text, at: text.count - 16)
    let high = eightBytes(text, at: text.count - 8)
    return missing < 64
      ? (low >> missing | high << (64 - missing), high >> missing)
      : (high >> (missing - 64), 0)
  }
  var low: UInt64 = 0
  var high: UInt64 = 0
  for index in start..<text.count {
    let offset = UInt64(index - start)
    if offset < 8 {
      low |= UInt64(text[index]) << (offset * 8)
    } else {
      high |= UInt64(text[index]) << ((offset - 8) * 8)
    }
  }
  return (low, high)
}
