/// The ids of words met before, by open addressing in one flat array.
///
/// A slot is four integers: the word's two (`ShortWord`), and its ids: up to seven of 16 bits (three
/// of 32 where the vocabulary has more than 65,536) with their number in the top 16 bits, or, where
/// that number is above 7, a place among longer lists of ids. The table doubles up to a bound and
/// begins anew when it is full then, so that memory is bounded and the words of the text at hand are
/// the ones remembered. Words of more than 15 bytes have a small dictionary of their own.
struct WordCache: Sendable {
  /// The longest word that is remembered.
  static let longestWord = 64
  /// The bytes an id takes in a batch: 2 or 4.
  let idBytes: Int

  /// The slots, a power of two of them.
  private(set) var slots: [SIMD4<UInt64>]
  private var slotBits: Int
  /// Ids of words that have more than fit into a slot.
  private var spilled: [UInt32] = []

  private let largestSlotBits: Int
  private var wordCount = 0
  private var longWords: [[UInt8]: Range<Int>] = [:]
  private var longIDs: [UInt32] = []

  private static let firstSlotBits = 14

  init(capacity: Int, vocabularySize: Int) {
    var bits = 8
    while capacity * 10 > 7 << bits, bits < 30 { bits += 1 }
    largestSlotBits = bits
    slotBits = min(bits, Self.firstSlotBits)
    slots = zeroedTable(1 << slotBits)
    idBytes = vocabularySize <= 65_536 ? 2 : 4
  }

  /// The ids of a word that has more than fit into a slot, or `nil` for an unknown one.
  func manyIDs(of word: ShortWord) -> ArraySlice<UInt32>? {
    let entry = slots[place(of: word)]
    guard entry.y != 0 else { return nil }
    let count = Int(entry.w >> 48) - 8
    return spilled[Int(entry.z)..<Int(entry.z) + count]
  }

  /// The word's slot, or the free one where it belongs.
  private func place(of word: ShortWord) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: word.hash >> UInt64(64 - slotBits))
    while slots[slot].y != 0, slots[slot].y != word.high || slots[slot].x != word.low {
      slot = (slot + 1) & mask
    }
    return slot
  }

  /// Stores the ids of a word that is unknown.
  mutating func remember(_ word: ShortWord, _ ids: Span<UInt32>) {
    if (wordCount + 1) * 10 > 7 << slotBits { growOrClear() }
    let value = packed(ids)
    let slot = place(of: word)
    slots[slot] = SIMD4(word.low, word.high, value.low, value.high)
    wordCount += 1
  }

  private mutating func packed(_ ids: Span<UInt32>) -> (low: UInt64, high: UInt64) {
    let count = ids.count
    guard count <= (idBytes == 2 ? 7 : 3) else {
      let place = spilled.count
      for index in 0..<count { spilled.append(ids[index]) }
      return (UInt64(place), UInt64(count + 8) << 48)
    }
    var low: UInt64 = 0
    var high = UInt64(count) << 48
    let perHalf = 8 / idBytes
    for index in 0..<count {
      let id = UInt64(ids[index]) << UInt64(index % perHalf * idBytes * 8)
      if index < perHalf { low |= id } else { high |= id }
    }
    return (low, high)
  }

  private mutating func growOrClear() {
    let old = slots
    if slotBits == largestSlotBits {
      wordCount = 0
      spilled.removeAll(keepingCapacity: true)
      slots = zeroedTable(1 << slotBits)
      return
    }
    slotBits = min(largestSlotBits, slotBits + 2)
    slots = reinserted(old, bits: slotBits)
  }

  /// The ids of a word of 16 to ``longestWord`` bytes.
  func longWord(_ bytes: [UInt8]) -> ArraySlice<UInt32>? {
    longWords[bytes].map { longIDs[$0] }
  }

  /// Stores the ids of a word of 16 to ``longestWord`` bytes.
  mutating func remember(_ bytes: [UInt8], _ ids: Span<UInt32>) {
    if longWords.count * 8 >= 1 << largestSlotBits {
      longWords.removeAll(keepingCapacity: true)
      longIDs.removeAll(keepingCapacity: true)
    }
    longWords[bytes] = longIDs.count..<longIDs.count + ids.count
    for index in 0..<ids.count { longIDs.append(ids[index]) }
  }
}
