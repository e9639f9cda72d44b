// What the two tables of words, the counter's and the encoder's, have in common: open addressing by
// a word's hash in slots of four integers, the first two of them the word.

/// Packs words and asks for the slots that they may be in, so that these have arrived when they are
/// looked at.
///
/// - Parameters:
///   - text: The text that holds the words.
///   - start: Where the first begins.
///   - ends: Where they end; each begins where the one before ends.
///   - count: The number of words.
///   - slots: The table.
///   - slotBits: The logarithm of its size.
///   - keys: Receives the words: their two integers and their hash, or zeros for one that is too long.
func takeKeys(
  _ text: Span<UInt8>,
  from start: Int,
  ends: [UInt32],
  count: Int,
  slots: [SIMD4<UInt64>],
  slotBits: Int,
  into keys: inout [SIMD4<UInt64>]
) {
  let slots = slots.span
  let ends = ends.span
  var keys = keys.mutableSpan
  let shift = UInt64(64 - slotBits)
  var from = start
  for index in 0..<count {
    let end = Int(ends[index])
    if end - from <= ShortWord.capacity {
      let word = ShortWord(text, start: from, count: end - from)
      let hash = word.hash
      prefetch(slots, Int(truncatingIfNeeded: hash &>> shift))
      keys[index] = SIMD4(word.low, word.high, hash, 0)
    } else {
      keys[index] = .zero
    }
    from = end
  }
}

/// A larger table with the same words.
func reinserted(_ old: [SIMD4<UInt64>], bits: Int) -> [SIMD4<UInt64>] {
  var slots = zeroedTable(1 << bits)
  let mask = slots.count - 1
  for entry in old where entry.y != 0 {
    let hash = ShortWord(low: entry.x, high: entry.y).hash
    var slot = Int(truncatingIfNeeded: hash >> UInt64(64 - bits))
    while slots[slot].y != 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }
  return slots
}
