/// Encodes texts one after the other, remembering the ids of the words it has met.
///
/// A corpus repeats its words: of eleven million pretokens three in a hundred are new. The cache is
/// one flat open-addressing table of four integers a slot (the word's two, and up to seven ids of
/// 16 bits, or a place among longer lists of ids); it is bounded, and begins anew when it is full.
/// One encoder serves one thread.
public struct TokenEncoder: Sendable {
  /// The tokenizer whose ids it gives.
  public let tokenizer: Tokenizer

  private let pretokenizer = Pretokenizer()
  private let largestSlotBits: Int
  private var merger = WordMerger()
  private var slots: [UInt64]
  private var slotBits: Int
  private var wordCount = 0
  /// Ids of words that have more than seven, or ids beyond 16 bits.
  private var spilled: [UInt32] = []

  /// Creates an encoder with an empty cache.
  ///
  /// - Parameters:
  ///   - tokenizer: The vocabulary.
  ///   - cacheCapacity: The most words to remember, 45 bytes each; rounded up to what the table
  ///     holds.
  public init(_ tokenizer: Tokenizer, cacheCapacity: Int = 700_000) {
    self.tokenizer = tokenizer
    var bits = 8
    while cacheCapacity * 10 > 7 << bits, bits < 30 { bits += 1 }
    largestSlotBits = bits
    slotBits = min(bits, 14)
    slots = [UInt64](repeating: 0, count: 4 << slotBits)
  }

  /// Appends the ids of one text.
  ///
  /// No special token is added, and the names of special tokens in the text are encoded as text.
  /// Bytes that are not valid UTF-8 are encoded as bytes.
  ///
  /// - Parameters:
  ///   - text: The UTF-8 of a whole document or passage.
  ///   - ids: Where the ids go.
  /// - Precondition: The text has less than 2 GiB.
  /// - Complexity: Linear in the bytes but for unbroken runs of letters, digits or signs, where a
  ///   run of n bytes costs n log n.
  public mutating func encode(_ text: Span<UInt8>, into ids: inout [UInt32]) {
    precondition(text.count <= Int(Int32.max), "a text of 2 GiB or more")
    guard !text.isEmpty else { return }
    var start = 0
    if tokenizer.addPrefixSpace, text[0] != UInt8(ascii: " ") {
      start = pretokenizer.endAfterPrefixSpace(in: text)
      var first: [UInt8] = [UInt8(ascii: " ")]
      for index in 0..<start { first.append(text[index]) }
      encode(word: first.span, start: 0, end: first.count, into: &ids)
    }
    while start < text.count {
      let end = pretokenizer.end(in: text, from: start)
      encode(word: text, start: start, end: end, into: &ids)
      start = end
    }
  }

  @inline(__always)
  private mutating func encode(
    word text: Span<UInt8>,
    start: Int,
    end: Int,
    into ids: inout [UInt32]
  ) {
    guard end - start <= ShortWord.capacity else {
      merge(text, start: start, end: end, into: &ids)
      return
    }
    let word = ShortWord(text, start: start, count: end - start)
    let mask = (1 << slotBits) - 1
    var slot = Int(truncatingIfNeeded: word.hash >> UInt64(64 - slotBits))
    while true {
      let at = slot * 4
      let high = slots[at + 1]
      if high == word.high, slots[at] == word.low {
        appendIDs(slots[at + 2], slots[at + 3], to: &ids)
        return
      }
      if high == 0 { break }
      slot = (slot + 1) & mask
    }
    let first = ids.count
    merge(text, start: start, end: end, into: &ids)
    remember(word, ids.span, from: first, at: slot)
  }

  /// Appends the ids of a slot's value: seven of 16 bits with their number in the top 16 bits, or,
  /// where that number is above 7, a place in ``spilled`` with the number less 8.
  @inline(__always)
  private func appendIDs(_ low: UInt64, _ high: UInt64, to ids: inout [UInt32]) {
    let count = high >> 48
    if count > 7 {
      let place = Int(low)
      for index in place..<place + Int(count) - 8 { ids.append(spilled[index]) }
      return
    }
    var bits = low
    for index in 0..<count {
      if index == 4 { bits = high }
      ids.append(UInt32(bits & 0xffff))
      bits >>= 16
    }
  }

  private mutating func merge(
    _ text: Span<UInt8>,
    start: Int,
    end: Int,
    into ids: inout [UInt32]
  ) {
    merger.encode(
      text,
      start: start,
      end: end,
      with: tokenizer.mergeTable,
      byteIDs: tokenizer.byteIDs,
      into: &ids
    )
  }

  private mutating func remember(
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

  /// The slot's value for the ids from `first` to the end.
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
