/// How often each pretoken occurs in the documents seen: all that BPE training needs of a corpus.
///
/// Memory grows with the distinct pretokens, not with the text. Words of at most 15 bytes, 99.9 %
/// of English, live in one flat open-addressing table; longer ones in a dictionary.
struct PretokenCounts: Sendable {
  /// Whether each document is read as though a blank stood before it.
  let addPrefixSpace: Bool
  /// The number of distinct pretokens.
  private(set) var distinctCount = 0
  /// Pretokens longer than a ``ShortWord``, with their counts.
  private(set) var longWords: [[UInt8]: Int64] = [:]

  /// Three integers a slot: the word's two, and its count; a count of 0 marks a free slot.
  private var slots = [UInt64](repeating: 0, count: 3 << 12)
  private var slotBits = 12
  private var shortCount = 0
  private let pretokenizer = Pretokenizer()
  private let pattern: PretokenizerPattern

  /// Creates counts of nothing.
  init(addPrefixSpace: Bool, pattern: PretokenizerPattern) {
    self.addPrefixSpace = addPrefixSpace
    self.pattern = pattern
  }

  /// Counts the pretokens of one document.
  mutating func add(_ text: Span<UInt8>) {
    guard !text.isEmpty else { return }
    // A local copy: a call on the stored value would copy all counts' references, once a word.
    let pretokenizer = pretokenizer
    let rule = pattern.rule
    var start = 0
    if addPrefixSpace, text[0] != UInt8(ascii: " ") {
      start = pretokenizer.endAfterPrefixSpace(in: text)
      var first: [UInt8] = [UInt8(ascii: " ")]
      for index in 0..<start { first.append(text[index]) }
      add(word: first.span, start: 0, end: first.count)
    }
    while start < text.count {
      let end = pretokenizer.end(in: text, from: start, by: rule)
      add(word: text, start: start, end: end)
      start = end
    }
  }

  @inline(__always)
  private mutating func add(word text: Span<UInt8>, start: Int, end: Int) {
    if end - start <= ShortWord.capacity {
      add(ShortWord(text, start: start, count: end - start), count: 1)
    } else {
      var word: [UInt8] = []
      word.reserveCapacity(end - start)
      for index in start..<end { word.append(text[index]) }
      add(word, count: 1)
    }
  }

  private mutating func add(_ word: [UInt8], count: Int64) {
    longWords[word, default: 0] += count
    distinctCount = shortCount + longWords.count
  }

  @inline(__always)
  private mutating func add(_ word: ShortWord, count: UInt64) {
    let mask = (1 << slotBits) - 1
    var slot = Int(truncatingIfNeeded: word.hash >> UInt64(64 - slotBits))
    while true {
      let at = slot * 3
      if slots[at + 1] == word.high, slots[at] == word.low {
        slots[at + 2] += count
        return
      }
      if slots[at + 2] == 0 { break }
      slot = (slot + 1) & mask
    }
    insert(word, count: count, at: slot)
  }

  private mutating func insert(_ word: ShortWord, count: UInt64, at slot: Int) {
    slots[slot * 3] = word.low
    slots[slot * 3 + 1] = word.high
    slots[slot * 3 + 2] = count
    shortCount += 1
    distinctCount = shortCount + longWords.count
    if shortCount * 10 > 7 << slotBits { grow() }
  }

  private mutating func grow() {
    let old = slots
    slotBits += 1
    slots = [UInt64](repeating: 0, count: 3 << slotBits)
    shortCount = 0
    for at in stride(from: 0, to: old.count, by: 3) where old[at + 2] != 0 {
      add(ShortWord(low: old[at], high: old[at + 1]), count: old[at + 2])
    }
  }

  /// Adds the counts of another part of the corpus.
  mutating func merge(_ other: PretokenCounts) {
    other.forEachShortWord { word, count in add(word, count: UInt64(count)) }
    for (word, count) in other.longWords { add(word, count: count) }
  }

  /// Calls `body` with every word of at most 15 bytes and its count, in no particular order.
  func forEachShortWord(_ body: (ShortWord, Int64) -> Void) {
    for at in stride(from: 0, to: slots.count, by: 3) where slots[at + 2] != 0 {
      body(ShortWord(low: slots[at], high: slots[at + 1]), Int64(slots[at + 2]))
    }
  }
}
