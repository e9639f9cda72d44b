/// How often each pretoken occurs in the documents seen: all that BPE training needs of a corpus.
///
/// Memory grows with the distinct pretokens, not with the text. Words of at most 15 bytes, 99.9 %
/// of English, live in one flat open-addressing table; longer ones in a dictionary.
struct PretokenCounts: Sendable {
  /// Whether each document is read as though a blank stood before it.
  let addPrefixSpace: Bool
  /// The number of distinct pretokens.
  var distinctCount: Int { shortCount + longWords.count }
  /// Pretokens longer than a ``ShortWord``, with their counts.
  private(set) var longWords: [[UInt8]: Int64] = [:]
  /// The bytes of ``longWords``.
  private(set) var longByteCount = 0

  /// Four integers a slot: the word's two, its count, and nothing; a count of 0 marks a free slot.
  private var slots = [SIMD4<UInt64>](repeating: .zero, count: 1 << 12)
  private var slotBits = 12
  private var shortCount = 0
  private var ends = [UInt32](repeating: 0, count: Self.batchSize)
  private var keys = [SIMD4<UInt64>](repeating: .zero, count: Self.batchSize)
  private let pretokenizer = Pretokenizer()

  private static let batchSize = 256

  /// Creates counts of nothing.
  init(addPrefixSpace: Bool) {
    self.addPrefixSpace = addPrefixSpace
  }

  /// The bytes of memory that the counts take.
  var memory: Int {
    slots.count * MemoryLayout<SIMD4<UInt64>>.stride + longByteCount + longWords.capacity * 64
  }

  /// Counts the pretokens of one document, `weight` times.
  mutating func add(_ text: Span<UInt8>, weight: Int = 1) {
    guard !text.isEmpty, weight > 0 else { return }
    var start = 0
    if addPrefixSpace, text[0] != UInt8(ascii: " ") {
      start = pretokenizer.endAfterPrefixSpace(in: text)
      var first: [UInt8] = [UInt8(ascii: " ")]
      for index in 0..<start { first.append(text[index]) }
      if first.count <= ShortWord.capacity {
        add(ShortWord(first.span, start: 0, count: first.count), count: UInt64(weight))
      } else {
        add(first, count: Int64(weight))
      }
    }
    var cutter = PieceCutter(text, from: start, classes: .shared)
    while !cutter.isFinished {
      var ends = ends.mutableSpan
      let count = cutter.cut(text, classes: .shared, into: &ends)
      addWords(text, from: start, count: count, weight: weight)
      start = Int(self.ends[count - 1])
    }
  }

  /// Counts the words whose ends are at hand.
  private mutating func addWords(_ text: Span<UInt8>, from start: Int, count: Int, weight: Int) {
    takeKeys(
      text,
      from: start,
      ends: ends,
      count: count,
      slots: slots,
      slotBits: slotBits,
      into: &keys
    )
    var word = 0
    while true {
      word = increment(word..<count, keys, &slots, slotBits: slotBits, by: UInt64(weight))
      guard word < count else { return }
      let key = keys[word]
      if key.y != 0 {
        add(ShortWord(low: key.x, high: key.y), count: UInt64(weight))
      } else {
        let from = word == 0 ? start : Int(ends[word - 1])
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(ends[word]) - from)
        for index in from..<Int(ends[word]) { bytes.append(text[index]) }
        add(bytes, count: Int64(weight))
      }
      word += 1
    }
  }

  private mutating func add(_ word: [UInt8], count: Int64) {
    if let known = longWords[word] {
      longWords[word] = known + count
    } else {
      longWords[word] = count
      longByteCount += word.count
    }
  }

  /// Adds to a word's count, which is made where there is none.
  private mutating func add(_ word: ShortWord, count: UInt64) {
    let slot = place(of: word)
    if slots[slot].z == 0 {
      shortCount += 1
      slots[slot] = SIMD4(word.low, word.high, count, 0)
      if shortCount * 10 > 7 << slotBits { grow() }
    } else {
      slots[slot].z += count
    }
  }

  private func place(of word: ShortWord) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: word.hash >> UInt64(64 - slotBits))
    while slots[slot].z != 0, slots[slot].y != word.high || slots[slot].x != word.low {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func grow() {
    slotBits += slotBits < 18 ? 2 : 1
    slots = reinserted(slots, bits: slotBits)
  }

  /// Adds the counts of another part of the corpus.
  mutating func merge(_ other: PretokenCounts) {
    other.forEachShortWord { word, count in add(word, count: UInt64(count)) }
    for (word, count) in other.longWords { add(word, count: count) }
  }

  /// Calls `body` with every word of at most 15 bytes and its count, in no particular order.
  func forEachShortWord(_ body: (ShortWord, Int64) -> Void) {
    for slot in slots where slot.z != 0 {
      body(ShortWord(low: slot.x, high: slot.y), Int64(slot.z))
    }
  }
}

/// Counts the words that the table holds, up to the first that it does not.
///
/// - Returns: That word's place among the words at hand, or their end.
private func increment(
  _ words: Range<Int>,
  _ keys: [SIMD4<UInt64>],
  _ slots: inout [SIMD4<UInt64>],
  slotBits: Int,
  by weight: UInt64
) -> Int {
  let keys = keys.span
  var slots = slots.mutableSpan
  let shift = UInt64(64 - slotBits)
  let mask = slots.count &- 1
  for index in words {
    let key = keys[index]
    if key.y == 0 { return index }
    var slot = Int(truncatingIfNeeded: key.z &>> shift)
    var entry = slots[slot]
    while (entry.y ^ key.y) | (entry.x ^ key.x) != 0 {
      if entry.y == 0 { return index }
      slot = (slot &+ 1) & mask
      entry = slots[slot]
    }
    entry.z &+= weight
    slots[slot] = entry
  }
  return words.upperBound
}
