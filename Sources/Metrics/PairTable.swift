// Pairs of numbers, numbered as they come: the n-grams of a text without a hash of an n-gram.
//
// An n-gram is its first n−1 words, which have a number already, with its last word, which has one too.
// So two 32-bit numbers stand for it exactly, and no two n-grams are ever taken for one another.

/// The different pairs of numbers with their counts, in an open-addressing table that is used again.
struct PairTable: Sendable {
  /// How often each pair came, by its number.
  private(set) var occurrences: [UInt32] = []

  private var keys: [UInt64] = []
  /// A pair's number under the number of the round that entered it; others are free.
  private var slots: [UInt64] = []
  private var mask = 0
  private var round: UInt64 = 0
  private let secret = UInt64.random(in: .min ... .max) | 1

  /// Forgets all pairs and makes room.
  ///
  /// - Parameter count: The most pairs that will come.
  /// - Complexity: Constant, where there was room for as many before.
  mutating func removeAll(room count: Int) {
    occurrences.removeAll(keepingCapacity: true)
    var size = 64
    while size < 2 * count { size *= 2 }
    mask = size - 1
    if slots.count < size {
      keys.append(contentsOf: repeatElement(0, count: size - keys.count))
      slots.append(contentsOf: repeatElement(0, count: size - slots.count))
    }
    round += 1
    if round > UInt64(UInt32.max) {
      for slot in slots.indices { slots[slot] = 0 }
      round = 1
    }
  }

  /// Counts the pairs of a list.
  ///
  /// - Parameters:
  ///   - firsts: One number of each pair; receives the pair's number: 0 for the first, one more for
  ///     each that was not there before.
  ///   - second: Gives the other number, by the place of the pair in the list.
  /// - Precondition: There is room for so many pairs.
  mutating func count(_ firsts: inout [UInt32], _ second: (Int) -> UInt32) {
    precondition(2 * firsts.count <= mask + 1, "there is room for the pairs")
    countPairs(&firsts, second, &keys, &slots, &occurrences, mask, round, secret)
  }
}

private func countPairs(
  _ firsts: inout [UInt32],
  _ second: (Int) -> UInt32,
  _ keys: inout [UInt64],
  _ slots: inout [UInt64],
  _ occurrences: inout [UInt32],
  _ mask: Int,
  _ round: UInt64,
  _ secret: UInt64
) {
  var firsts = firsts.mutableSpan
  var keys = keys.mutableSpan
  var slots = slots.mutableSpan
  for index in firsts.indices {
    let key = UInt64(firsts[index]) << 32 | UInt64(second(index))
    // Keyed by a secret, and folded, so that no text is written against it.
    let product = (key ^ secret).multipliedFullWidth(by: secret)
    var slot = Int(truncatingIfNeeded: product.high ^ product.low) & mask
    while slots[slot] >> 32 == round, keys[slot] != key { slot = (slot + 1) & mask }
    if slots[slot] >> 32 == round {
      let number = UInt32(truncatingIfNeeded: slots[slot])
      occurrences[Int(number)] += 1
      firsts[index] = number
    } else {
      let number = UInt32(occurrences.count)
      occurrences.append(1)
      keys[slot] = key
      slots[slot] = round << 32 | UInt64(number)
      firsts[index] = number
    }
  }
}
