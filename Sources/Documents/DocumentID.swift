/// A document's stable identity: the first 128 bits of SHA-256 over source name, NUL and key.
///
/// Neither a folder, an offset nor the text takes part, so that a better cleaning rule keeps every
/// identity, and with it every split.
public struct DocumentID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The leading 64 bits.
  public let high: UInt64
  /// The trailing 64 bits.
  public let low: UInt64

  /// Creates an identity from its two halves.
  ///
  /// - Parameters:
  ///   - high: The leading 64 bits.
  ///   - low: The trailing 64 bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Derives the identity of a record.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - key: The record's own key inside the source.
  public init(source: String, key: String) {
    var hash = SHA256()
    hash.update(source)
    hash.update(bytes: [0])
    hash.update(key)
    let digest = hash.finish()
    self.init(high: digest.word(0), low: digest.word(1))
  }

  /// Reads the 32 hexadecimal digits that ``description`` writes.
  ///
  /// - Parameter text: Exactly 32 hexadecimal digits; anything else gives `nil`.
  public init?(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 32 else { return nil }
    self.init(hexadecimal: digits.span, at: 0)
  }

  /// Reads 32 hexadecimal digits that stand among other bytes.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - start: Where the digits begin; anything else there gives `nil`.
  package init?(hexadecimal bytes: Span<UInt8>, at start: Int) {
    guard let high = hexadecimalValue(bytes, start..<start + 16),
      let low = hexadecimalValue(bytes, start + 16..<start + 32)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 32 lower-case hexadecimal digits of the identity.
  public var description: String { String(decoding: hexadecimalDigits, as: UTF8.self) }

  /// The bytes of ``description``.
  package var hexadecimalDigits: [UInt8] {
    (0..<32).map { place in
      let half = place < 16 ? high : low
      return hexadecimalDigit(UInt8(truncatingIfNeeded: half >> UInt64(60 - place % 16 * 4)) & 15)
    }
  }

  /// Orders identities as their hexadecimal digits.
  ///
  /// - Parameters:
  ///   - left: One identity.
  ///   - right: Another.
  /// - Returns: Whether `left` stands before `right`.
  public static func < (left: DocumentID, right: DocumentID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// Reads the 32 hexadecimal digits.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` where the string is not 32 hexadecimal digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = DocumentID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "a document id has 32 hexadecimal digits"
      )
    }
    self = id
  }

  /// Writes the 32 hexadecimal digits.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// A number in 0 ..< 1 that depends on the identity and `seed` alone, spread evenly.
  ///
  /// Seeded orders and splits use it in place of a random generator, so that neither the order of
  /// the inputs nor the presence of other documents changes a document's fate.
  ///
  /// - Parameter seed: Different seeds give independent numbers.
  /// - Returns: A multiple of 2⁻⁵³ in 0 ..< 1.
  public func fraction(seed: UInt64) -> Double {
    Double(mixed(seed: seed) >> 11) * 0x1p-53
  }

  /// 64 bits that depend on the identity and `seed` alone (two rounds of the SplitMix64 finaliser).
  ///
  /// - Parameter seed: Different seeds give independent bits.
  /// - Returns: Evenly spread bits.
  public func mixed(seed: UInt64) -> UInt64 {
    finalized(finalized(high &+ seed &* 0x9e37_79b9_7f4a_7c15) ^ low)
  }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection that spreads every bit.
@inlinable
package func finalized(_ bits: UInt64) -> UInt64 {
  var z = bits &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}

/// The lower-case digit of 0 to 15.
func hexadecimalDigit(_ nibble: UInt8) -> UInt8 {
  nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
}

private func hexadecimalValue(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
  var value: UInt64 = 0
  for index in range {
    let digit = bytes[index]
    let nibble: UInt8
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
    default: return nil
    }
    value = value << 4 | UInt64(nibble)
  }
  return value
}
