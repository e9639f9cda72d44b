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

/// Looks merges up by their pair: rank and result, in flat arrays.
///
/// Rank and result are kept apart because vocabularies from elsewhere need not number their tokens
/// in the order of the merges.
struct MergeTable: Sendable, Equatable {
  /// What a pair without a merge gives: a rank after all others.
  static let none = UInt64.max

  /// The id of each byte.
  let byteIDs: [UInt32]
  /// Two integers a slot: left id << 32 | right id, and rank << 32 | result; a slot whose second
  /// is ``none`` is free.
  private var slots: [UInt64]
  private let slotBits: UInt64
  /// rank << 32 | result for each two bytes, the left byte in the high half of the index.
  private var bytePairs = [UInt64](repeating: Self.none, count: 1 << 16)

  init(byteIDs: [UInt32], merges: [Merge]) {
    self.byteIDs = byteIDs
    var bits = UInt64(8)
    while merges.count * 2 > 1 << bits { bits += 1 }
    slotBits = bits
    slots = [UInt64](repeating: Self.none, count: 2 << bits)
    for (rank, merge) in merges.enumerated() {
      insert(
        key: UInt64(merge.left) << 32 | UInt64(merge.right),
        value: UInt64(rank) << 32 | UInt64(merge.result)
      )
    }
    for left in 0..<256 {
      for right in 0..<256 {
        bytePairs[left << 8 | right] = lookUp(byteIDs[left], byteIDs[right])
      }
    }
  }

  private mutating func insert(key: UInt64, value: UInt64) {
    let mask = (1 << slotBits) - 1
    var slot = home(of: key)
    while slots[slot * 2 + 1] != Self.none { slot = (slot + 1) & mask }
    slots[slot * 2] = key
    slots[slot * 2 + 1] = value
  }

  @inline(__always)
  private func home(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> (64 - slotBits))
  }

  /// The merge of two tokens: rank << 32 | result, or ``none``.
  @inline(__always)
  func lookUp(_ left: UInt32, _ right: UInt32) -> UInt64 {
    let key = UInt64(left) << 32 | UInt64(right)
    let mask = (1 << slotBits) - 1
    var slot = home(of: key)
    while true {
      let value = slots[slot * 2 + 1]
      if value == Self.none || slots[slot * 2] == key { return value }
      slot = (slot + 1) & mask
    }
  }

  /// The merge of two bytes: rank << 32 | result, or ``none``.
  @inline(__always)
  func lookUp(bytes left: UInt8, _ right: UInt8) -> UInt64 {
    bytePairs[Int(left) << 8 | Int(right)]
  }
}
