// What a distilled judge sees of a text: hashed words, pairs of words and runs of 3 to 5 characters.
//
// Features are buckets of a table (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask
// Learning"); two that share a bucket are one. Letters of ASCII count in lower case, all digits as one,
// white space however long as one blank; bytes beyond ASCII count as letters, as they are.

/// Receives the buckets of a text, the same bucket as often as it occurs.
protocol BucketVisitor {
  mutating func visit(_ bucket: Int)
}

/// The version of what features a text has; another one makes other models.
let featureVersion = 1

/// What each byte counts as.
private let foldedBytes: [UInt8] = (0..<256).map { byte in
  switch UInt8(byte) {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(byte) | 0x20
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt8(ascii: "0")
  case 0...0x20, 0x7f: 0x20
  default: UInt8(byte)
  }
}

/// Whether a byte, as it counts, is part of a word: the letters, the digit, and what is beyond ASCII.
@inline(__always)
private func isWordByte(_ byte: UInt8) -> Bool {
  byte >= 0x80 || (byte &- UInt8(ascii: "a")) < 26 || byte == UInt8(ascii: "0")
}

/// Hands out the buckets of a text, in its order.
///
/// - Parameters:
///   - text: The text as UTF-8.
///   - bits: The logarithm of the number of buckets.
///   - visitor: Receives the buckets.
/// - Complexity: O(bytes), nothing allocated.
@inline(__always)
func visitBuckets(of text: Span<UInt8>, bits: Int, into visitor: inout some BucketVisitor) {
  let folded = foldedBytes
  let shift = UInt64(64 - bits)
  // The text stands between blanks, which are before it from the start.
  var window: UInt64 = 0x20_2020_2020
  var word: UInt64 = 0
  var previous: UInt64 = 0
  for index in 0...text.count {
    let byte = index < text.count ? folded[Int(text[index])] : 0x20
    if isWordByte(byte) {
      word = (word ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 &+ 0x9e37_79b9_7f4a_7c15
    } else if word != 0 {
      let mixed = (word ^ word >> 29) &* 0xbf58_476d_1ce4_e5b9
      visitor.visit(Int(mixed >> shift))
      let pair = (previous &* 0x94d0_49bb_1331_11eb) ^ mixed
      visitor.visit(Int(((pair ^ pair >> 31) &* 0xd6e8_feb8_6659_fd93) >> shift))
      previous = mixed
      word = 0
    }
    if byte == 0x20, window & 0xff == 0x20 { continue }
    window = window << 8 | UInt64(byte)
    visitor.visit(Int(((window & 0xff_ffff) &* 0x9e37_79b9_7f4a_7c15) >> shift))
    visitor.visit(Int(((window & 0xffff_ffff) &* 0xc2b2_ae3d_27d4_eb4f) >> shift))
    visitor.visit(Int(((window & 0xff_ffff_ffff) &* 0xff51_afd7_ed55_8ccd) >> shift))
  }
}

/// Collects the different buckets of texts.
struct BucketCollector: BucketVisitor {
  /// The logarithm of the number of buckets.
  let bits: Int
  /// The buckets of the text read last, in the order in which they came.
  private(set) var buckets: [UInt32] = []
  private var marks: [UInt32]
  private var mark: UInt32 = 0

  init(bits: Int) {
    self.bits = bits
    marks = Array(repeating: 0, count: 1 << bits)
  }

  mutating func visit(_ bucket: Int) {
    guard marks[bucket] != mark else { return }
    marks[bucket] = mark
    buckets.append(UInt32(truncatingIfNeeded: bucket))
  }

  /// Reads a text in place of the one before.
  mutating func read(_ text: Span<UInt8>) {
    if mark == .max {
      mark = 0
      for index in marks.indices { marks[index] = 0 }
    }
    mark += 1
    buckets.removeAll(keepingCapacity: true)
    visitBuckets(of: text, bits: bits, into: &self)
  }
}
