private import CSHA256

/// SHA-256 (FIPS 180-4) for identities, manifests and the stage ledger.
///
/// Not for passwords or signatures: nothing here runs in constant time. Uses the processor's own
/// instructions where it has them (1,790 MB/s against 250).
public struct SHA256: Sendable {
  /// The 32 bytes of a finished hash.
  public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The bytes, in the order of the standard.
    public let bytes: [UInt8]

    /// Takes up a digest that was stored.
    ///
    /// - Parameter bytes: The 32 bytes.
    /// - Precondition: There are 32 of them.
    public init(bytes: [UInt8]) {
      precondition(bytes.count == 32, "a SHA-256 has 32 bytes")
      self.bytes = bytes
    }

    /// The 64 lower-case hexadecimal digits.
    public var description: String {
      var digits: [UInt8] = []
      digits.reserveCapacity(2 * bytes.count)
      for byte in bytes {
        digits.append(hexadecimalDigit(byte >> 4))
        digits.append(hexadecimalDigit(byte & 15))
      }
      return String(decoding: digits, as: UTF8.self)
    }

    /// One of the digest's four big-endian 64-bit words.
    ///
    /// - Parameter index: Which word, 0 to 3.
    /// - Returns: The word.
    public func word(_ index: Int) -> UInt64 {
      bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private var state: State = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var block = InlineArray<64, UInt8>(repeating: 0)
  private var blockCount = 0
  private var byteCount: UInt64 = 0
  private let compress: Compression

  /// Creates the hash of no bytes.
  public init() { compress = fastestCompression }

  /// Creates the hash of no bytes, choosing how it is computed.
  ///
  /// - Parameter plain: Whether to do without the processor's own instructions.
  package init(plain: Bool) { compress = plain ? compressPlainly : fastestCompression }

  /// Hashes one byte sequence.
  ///
  /// - Parameter bytes: What to hash.
  /// - Returns: The digest.
  public static func hash(_ bytes: [UInt8]) -> Digest {
    var hash = SHA256()
    hash.update(bytes: bytes)
    return hash.finish()
  }

  /// Hashes the UTF-8 of a string.
  ///
  /// - Parameter text: What to hash.
  /// - Returns: The digest.
  public static func hash(_ text: String) -> Digest {
    var hash = SHA256()
    hash.update(text)
    return hash.finish()
  }

  /// Appends the UTF-8 of a string.
  ///
  /// - Parameter text: The string.
  public mutating func update(_ text: String) {
    update(text.utf8Span.span)
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: The bytes.
  public mutating func update(bytes: [UInt8]) {
    update(bytes.span)
  }

  /// Appends bytes.
  ///
  /// - Parameter bytes: The bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    byteCount &+= UInt64(bytes.count)
    var index = 0
    while index < bytes.count {
      if blockCount == 0, bytes.count - index >= 64 {
        let whole = (bytes.count - index) / 64 * 64
        compress(&state, bytes.extracting(index..<index + whole))
        index += whole
        continue
      }
      let taken = min(64 - blockCount, bytes.count - index)
      for offset in 0..<taken { block[blockCount + offset] = bytes[index + offset] }
      blockCount += taken
      index += taken
      if blockCount == 64 { compressBlock() }
    }
  }

  /// Pads and returns the digest; the value must not be updated afterwards.
  ///
  /// - Returns: The digest of all bytes appended.
  public mutating func finish() -> Digest {
    let bitCount = byteCount &* 8
    block[blockCount] = 0x80
    blockCount += 1
    if blockCount > 56 {
      for index in blockCount..<64 { block[index] = 0 }
      compressBlock()
    }
    for index in blockCount..<56 { block[index] = 0 }
    for index in 0..<8 {
      block[56 + index] = UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64(index)))
    }
    compressBlock()
    var digest: [UInt8] = []
    digest.reserveCapacity(32)
    for word in state.indices {
      for shift in 0..<4 {
        digest.append(UInt8(truncatingIfNeeded: state[word] >> (24 - 8 * UInt32(shift))))
      }
    }
    return Digest(bytes: digest)
  }

  private mutating func compressBlock() {
    compress(&state, block.span)
    blockCount = 0
  }
}

/// The eight words that the compression function carries on.
private typealias State = InlineArray<8, UInt32>

/// Takes whole blocks of 64 bytes into the state.
private typealias Compression = @Sendable (inout State, Span<UInt8>) -> Void

/// The compression function for this processor.
private let fastestCompression: Compression =
  csha256_is_available() == 0 ? compressPlainly : compressWithInstructions

@Sendable
private func compressWithInstructions(_ state: inout State, _ bytes: Span<UInt8>) {
  var words = state.mutableSpan
  // Unsafe because the C function takes pointers, which live for the call, and a count of blocks,
  // which is the span's own.
  unsafe words.withUnsafeMutableBufferPointer { words in
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe csha256_compress(words.baseAddress, bytes.baseAddress, bytes.count / 64)
    }
  }
}

@Sendable
private func compressPlainly(_ state: inout State, _ bytes: Span<UInt8>) {
  var schedule = InlineArray<64, UInt32>(repeating: 0)
  for start in stride(from: 0, to: bytes.count, by: 64) {
    compress(bytes, at: start, state: &state, schedule: &schedule)
  }
}

/// One round of the compression function over the 64 bytes at `start`.
private func compress(
  _ bytes: Span<UInt8>,
  at start: Int,
  state: inout State,
  schedule w: inout InlineArray<64, UInt32>
) {
  for index in 0..<16 {
    let at = start + index * 4
    let high = UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16
    w[index] = high | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
  }
  for index in 16..<64 {
    let x = w[index - 15]
    let y = w[index - 2]
    let s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)
    let s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10)
    w[index] = w[index - 16] &+ s0 &+ w[index - 7] &+ s1
  }
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  var (e, f, g, h) = (state[4], state[5], state[6], state[7])
  for index in 0..<64 {
    let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    let choice = (e & f) ^ (~e & g)
    let first = h &+ s1 &+ choice &+ roundConstants[index] &+ w[index]
    let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    let majority = (a & b) ^ (a & c) ^ (b & c)
    let second = s0 &+ majority
    (h, g, f, e) = (g, f, e, d &+ first)
    (d, c, b, a) = (c, b, a, first &+ second)
  }
  state[0] &+= a
  state[1] &+= b
  state[2] &+= c
  state[3] &+= d
  state[4] &+= e
  state[5] &+= f
  state[6] &+= g
  state[7] &+= h
}

@inline(__always)
private func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 {
  value >> count | value << (32 - count)
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
