/// A table from 64-bit hashes to numbers: open addressing, linear probing, and bits in front that
/// answer most questions for hashes that are not there from one byte of memory.
///
/// Hashes are taken as evenly spread. One hash may have several numbers. Nothing is ever removed.
package struct HashSlots: Sendable {
  /// The number of entries.
  package private(set) var count = 0
  /// The hashes; 0 marks a free slot.
  private var hashes: [UInt64]
  private var numbers: [UInt32]
  /// Eight bits a slot, one of them set for each hash.
  private var presence: [UInt8]
  /// How far a hash is shifted to give its bit.
  private var presenceShift: UInt64

  /// Creates an empty table.
  package init() {
    hashes = [UInt64](repeating: 0, count: 64)
    numbers = [UInt32](repeating: 0, count: 64)
    presence = [UInt8](repeating: 0, count: 64)
    presenceShift = 64 - 9
  }

  /// Whether a hash may be there; a no is certain.
  @inline(__always)
  package func mayContain(_ hash: UInt64) -> Bool {
    let bit = hash >> presenceShift
    return presence[Int(bit >> 3)] & (1 << UInt8(bit & 7)) != 0
  }

  /// Enters a number under a hash, behind the numbers that it has.
  ///
  /// - Parameters:
  ///   - number: The number.
  ///   - hash: The hash.
  /// - Complexity: Amortised constant.
  package mutating func insert(_ number: UInt32, under hash: UInt64) {
    if 2 * (count + 1) > hashes.count { grow() }
    place(number, under: hash)
    count += 1
  }

  /// The first number of a hash for which a condition holds.
  ///
  /// - Parameters:
  ///   - hash: The hash.
  ///   - condition: Asked for each number of the hash in the order in which they were entered.
  /// - Returns: The number, or `nil`.
  package func first(under hash: UInt64, where condition: (UInt32) -> Bool) -> UInt32? {
    let hash = max(1, hash)
    let mask = hashes.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while hashes[slot] != 0 {
      if hashes[slot] == hash, condition(numbers[slot]) { return numbers[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private mutating func place(_ number: UInt32, under hash: UInt64) {
    let hash = max(1, hash)
    let mask = hashes.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while hashes[slot] != 0 { slot = (slot + 1) & mask }
    hashes[slot] = hash
    numbers[slot] = number
    let bit = hash >> presenceShift
    presence[Int(bit >> 3)] |= 1 << UInt8(bit & 7)
  }

  private mutating func grow() {
    let (oldHashes, oldNumbers) = (hashes, numbers)
    hashes = [UInt64](repeating: 0, count: 2 * oldHashes.count)
    numbers = [UInt32](repeating: 0, count: 2 * oldHashes.count)
    presence = [UInt8](repeating: 0, count: 2 * oldHashes.count)
    presenceShift -= 1
    // From a free slot on, so that the numbers of one hash keep their order.
    let first = (oldHashes.firstIndex(of: 0) ?? 0) + 1
    for step in oldHashes.indices {
      let slot = (first + step) & (oldHashes.count - 1)
      if oldHashes[slot] != 0 { place(oldNumbers[slot], under: oldHashes[slot]) }
    }
  }
}
