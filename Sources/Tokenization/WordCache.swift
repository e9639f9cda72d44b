/// The ids of words met before, by open addressing in one flat array.
///
/// A slot is four integers: the word's two (`ShortWord`), and its ids: up to seven of 16 bits with
/// their number in the top 16 bits, or, where that number is above 7, a place among longer lists of
/// ids. The table doubles up to a bound and begins anew when it is full then, so that memory is
/// bounded and the words of the text at hand are the ones remembered.
struct WordCache: Sendable {
  private let largestSlotBits: Int
  private var slots: [UInt64]
  private var slotBits: Int
  private var wordCount = 0
  /// Ids of words that have more than seven, or ids beyond 16 bits.
  private var spilled: [UInt32] = []

  init(capacity: Int) {
    var bits = 8
    while capacity * 10 > 7 << bits, bits < 30 { bits += 1 }
    largestSlotBits = bits
    slotBits = min(bits, 14)
    slots = [UInt64](repeating: 0, count: 4 << slotBits)
  }

  /// What the cache holds of a word.
  struct Entry {
    /// The most ids that a word of 15 bytes can have, rounded up to what a copy writes.
    static let largestCount = 16

    /// The word's slot, or the free one where it belongs.
    var slot: Int
    /// The slot's third integer.
    var low: UInt64
    /// The slot's fourth integer, 0 where the word is unknown.
    var high: UInt64

    /// Whether the word is there.
    @inline(__always) var isKnown: Bool { high != 0 }
    /// Whether the ids lie among the longer lists.
    @inline(__always) var isSpilled: Bool { high >> 48 > 7 }
    /// The number of ids.
    @inline(__always) var count: Int { Int(isSpilled ? high >> 48 - 8 : high >> 48) }
  }

  /// Looks a word up.
  @inline(__always)
  func find(_ word: ShortWord) -> Entry {
    let mask = (1 << slotBits) - 1
    var slot = Int(truncatingIfNeeded: word.hash >> UInt64(64 - slotBits))
    while true {
      let at = slot * 4
      let high = slots[at + 1]
      if high == word.high, slots[at] == word.low {
        return Entry(slot: slot, low: slots[at + 2], high: slots[at + 3])
      }
      if high == 0 { return Entry(slot: slot, low: 0, high: 0) }
      slot = (slot + 1) & mask
    }
  }

  /// Writes a known word's ids; eight cells may be overwritten whatever their number.
  @inline(__always)
  func copy(_ entry: Entry, into ids: inout MutableSpan<UInt32>, at index: Int) {
    if entry.isSpilled {
      for offset in 0..<entry.count { ids[index + offset] = spilled[Int(entry.low) + offset] }
      return
    }
    for offset in 0..<4 {
      let shift = UInt64(offset * 16)
      ids[index + offset] = UInt32(truncatingIfNeeded: entry.low >> shift & 0xffff)
    }
    guard entry.count > 4 else { return }
    for offset in 0..<3 {
      let shift = UInt64(offset * 16)
      ids[index + 4 + offset] = UInt32(truncatingIfNeeded: entry.high >> shift & 0xffff)
    }
  }

  /// Stores the ids from `first` to the end in the free slot that ``find(_:)`` gave.
  mutating func remember(
    _ word: ShortWord,
    _ ids: Span<UInt32>,
    from first: Int,
    at slot: Int
  ) {
    slots[slot * 4] = word.low
    slots[slot * 4 + 1] = word.high
    (slots[slot * 4 + 2], slots[slot * 4 + 3]) = packed(ids, from: first)
    wordCount += 1
    if wordCount * 10 > 7 << slotBits { growOrClear() }
  }

  private mutating func packed(_ ids: Span<UInt32>, from first: Int) -> (UInt64, UInt64) {
    let count = ids.count - first
    var isShort = count <= 7
    for index in first..<ids.count where ids[index] > 0xffff { isShort = false }
    guard isShort else {
      let place = spilled.count
      for index in first..<ids.count { spilled.append(ids[index]) }
      return (UInt64(place), UInt64(count + 8) << 48)
    }
    var low: UInt64 = 0
    var high = UInt64(count) << 48
    for index in 0..<count {
      let id = UInt64(ids[first + index])
      if index < 4 {
        low |= id << UInt64(index * 16)
      } else {
        high |= id << UInt64(index * 16 - 64)
      }
    }
    return (low, high)
  }

  private mutating func growOrClear() {
    let old = slots
    if slotBits == largestSlotBits {
      wordCount = 0
      spilled.removeAll(keepingCapacity: true)
      slots = [UInt64](repeating: 0, count: 4 << slotBits)
      return
    }
    slotBits += 1
    slots = [UInt64](repeating: 0, count: 4 << slotBits)
    let mask = (1 << slotBits) - 1
    for at in stride(from: 0, to: old.count, by: 4) where old[at + 1] != 0 {
      let hash = ShortWord(low: old[at], high: old[at + 1]).hash
      var slot = Int(truncatingIfNeeded: hash >> UInt64(64 - slotBits))
      while slots[slot * 4 + 1] != 0 { slot = (slot + 1) & mask }
      for offset in 0..<4 { slots[slot * 4 + offset] = old[at + offset] }
    }
  }
}
