/// A rule of BPE: two neighbouring tokens become one.
package struct Merge: Sendable, Equatable {
  /// The token on the left.
  package let left: UInt32
  /// The token on the right.
  package let right: UInt32
  /// What the two become.
  package let result: UInt32

  package init(left: UInt32, right: UInt32, result: UInt32) {
    self.left = left
    self.right = right
    self.result = result
  }
}

/// Looks merges up by their pair: the rank, in flat arrays.
///
/// Results are found by rank because vocabularies from elsewhere need not number their tokens in the
/// order of the merges. A pair and its rank share one integer, so that the whole table of a usual
/// vocabulary stays in the processor's second cache.
struct MergeTable: Sendable, Equatable {
  /// What a pair without a merge gives: a rank after all others.
  static let none = UInt32.max

  private static let idBits = UInt64(20)
  private static let rankBits = UInt64(24)

  /// The id of each byte.
  let byteIDs: [UInt32]
  /// left id << 44 | right id << 24 | rank, or all ones where free.
  private var slots: [UInt64]
  private let slotBits: UInt64
  /// What the pair of each rank becomes.
  private let results: [UInt32]
  /// The rank for each two bytes, the left byte in the high half of the index.
  private var bytePairs = [UInt32](repeating: Self.none, count: 1 << 16)

  /// Takes the merges by rank.
  ///
  /// - Precondition: Ids are below ``Tokenizer/largestVocabularySize`` and ranks below 2²⁴ - 1.
  init(byteIDs: [UInt32], merges: [Merge]) {
    precondition(
      Tokenizer.largestVocabularySize <= 1 << Self.idBits && merges.count < 1 << Self.rankBits - 1,
      "more ids or merges than a slot has bits for"
    )
    self.byteIDs = byteIDs
    results = merges.map(\.result)
    var bits = UInt64(8)
    while merges.count * 2 > 1 << bits { bits += 1 }
    slotBits = bits
    slots = [UInt64](repeating: .max, count: 1 << bits)
    for (rank, merge) in merges.enumerated() {
      insert(Self.key(merge.left, merge.right), rank: UInt64(rank))
    }
    for left in 0..<256 {
      for right in 0..<256 {
        bytePairs[left << 8 | right] = lookUp(byteIDs[left], byteIDs[right])
      }
    }
  }

  @inline(__always)
  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << idBits | UInt64(right)
  }

  private mutating func insert(_ key: UInt64, rank: UInt64) {
    let mask = (1 << slotBits) - 1
    var slot = home(of: key)
    while slots[slot] != .max { slot = (slot + 1) & mask }
    slots[slot] = key << Self.rankBits | rank
  }

  @inline(__always)
  private func home(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> (64 &- slotBits))
  }

  /// The rank of the merge of two tokens, or ``none``.
  @inline(__always)
  func lookUp(_ left: UInt32, _ right: UInt32) -> UInt32 {
    let key = Self.key(left, right)
    let mask = slots.count &- 1
    var slot = home(of: key)
    while true {
      let entry = slots[slot]
      if entry &>> Self.rankBits == key {
        return UInt32(truncatingIfNeeded: entry) & (1 << UInt32(Self.rankBits) - 1)
      }
      if entry == .max { return Self.none }
      slot = (slot &+ 1) & mask
    }
  }

  /// The rank of the merge of two bytes, or ``none``.
  @inline(__always)
  func lookUp(bytes left: UInt8, _ right: UInt8) -> UInt32 {
    bytePairs[Int(left) << 8 | Int(right)]
  }

  /// What the pair of a rank becomes.
  @inline(__always)
  func result(of rank: UInt32) -> UInt32 { results[Int(rank)] }
}
