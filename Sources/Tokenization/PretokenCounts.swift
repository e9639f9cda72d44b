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
  private var batch = WordBatch(withIDs: false)
  private let pattern: PretokenizerPattern

  /// Creates counts of nothing.
  init(addPrefixSpace: Bool, pattern: PretokenizerPattern) {
    self.addPrefixSpace = addPrefixSpace
    self.pattern = pattern
  }

  /// The bytes of memory that the counts take.
  var memory: Int {
    slots.count * MemoryLayout<SIMD4<UInt64>>.stride + longByteCount + longWords.capacity * 64
  }

  /// Counts the pretokens of one document, `weight` times.
  mutating func add(_ text: Span<UInt8>, weight: Int = 1) {
    guard !text.isEmpty, weight > 0 else { return }
    let hasPrefix = addPrefixSpace && text[0] != UInt8(ascii: " ")
    var start = hasPrefix ? -1 : 0
    var cutter = PieceCutter(text, by: pattern, afterBlank: hasPrefix)
    // The batch leaves the counts for the call, so that it and the table can be lent at once.
    var batch = WordBatch()
    swap(&batch, &self.batch)
    defer { swap(&batch, &self.batch) }
    while !cutter.isFinished {
      batch.take(text, &cutter, from: start)
      var word = 0
      while true {
        word = batch.count(from: word, in: text, slots: &slots, weight: UInt64(weight))
        guard word < batch.count else { break }
        if let short = batch.shortWord(word) {
          add(short, count: UInt64(weight))
        } else {
          add(batch.bytes(of: word, in: text), count: Int64(weight))
        }
        word += 1
      }
      start = batch.end
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
    // Words come in the order of their hashes: in a smaller table they would all crowd one end.
    if slotBits < other.slotBits {
      slotBits = other.slotBits
      slots = reinserted(slots, bits: slotBits)
    }
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
