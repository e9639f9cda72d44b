import Files

/// The loop of BPE training over distinct words with counts.
///
/// All words' symbols lie in one array and shrink in place; each pair knows the words it once
/// occurred in through a linked list in a second array; a priority queue holds every pair with the
/// count it had when pushed and is refreshed lazily. A merge then costs what the words holding the
/// pair cost, not a pass over the corpus. Counts and ties follow Hugging Face's `BpeTrainer`
/// (tokenizers 0.23, `models/bpe/trainer.rs`), overlapping pairs such as in `aaa` included.
struct MergeLearner {
  /// The end of a linked list.
  private static let none = UInt32.max
  /// The most places of pairs: words, places and pairs are numbered in 32 bits, and the merge at which
  /// the places run out may still make some pairs, fewer than four an id.
  static let mostPlaces = Int(UInt32.max) - 4 * Tokenizer.largestVocabularySize

  private var symbols: [UInt32] = []
  private var words: [Word] = []
  private var pairs = PairCounts()
  /// Linked list nodes: word in the low half, next node in the high half.
  private var nodes: [UInt64] = []
  private var queue = PairQueue()
  /// Pairs first seen in the merge at hand.
  private var created: [Int] = []
  private let placeLimit: Int
  private var isFull = false

  private struct Word {
    var start: Int
    var length: Int
    var count: Int64
  }

  /// Spreads the words' bytes out as symbols.
  ///
  /// - Throws: ``Failure`` where there are more words than `placeLimit`.
  init(_ counts: PretokenCounts, byteIDs: [UInt32], placeLimit: Int) throws {
    self.placeLimit = min(placeLimit, Self.mostPlaces)
    var symbols: [UInt32] = []
    var words: [Word] = []
    guard counts.distinctCount <= self.placeLimit else { throw tooMuch(counts.distinctCount) }
    words.reserveCapacity(counts.distinctCount)
    counts.forEachShortWord { word, count in
      words.append(Word(start: symbols.count, length: word.count, count: count))
      for index in 0..<word.count { symbols.append(byteIDs[Int(word.byte(index))]) }
    }
    for (bytes, count) in counts.longWords {
      words.append(Word(start: symbols.count, length: bytes.count, count: count))
      for byte in bytes { symbols.append(byteIDs[Int(byte)]) }
    }
    self.symbols = symbols
    self.words = words
  }

  /// Learns up to `limit` merges; the first makes the id `firstID`.
  ///
  /// - Throws: ``Failure`` where the words have more places of pairs than can be numbered.
  mutating func learn(
    limit: Int,
    firstID: UInt32,
    minimumFrequency: Int64
  ) throws -> [(left: UInt32, right: UInt32)] {
    countInitialPairs()
    guard !isFull else { throw tooMuch(words.count) }
    var merges: [(left: UInt32, right: UInt32)] = []
    while merges.count < limit, var top = queue.pop() {
      let current = pairs.counts[top.index]
      if current != top.count {
        top.count = current
        if current > 0 { queue.push(top) }
        continue
      }
      if current < max(1, minimumFrequency) { break }
      let (left, right) = (UInt32(top.key >> 32), UInt32(truncatingIfNeeded: top.key))
      merge(pair: top.index, left: left, right: right, into: firstID + UInt32(merges.count))
      guard !isFull else { throw tooMuch(words.count) }
      merges.append((left, right))
    }
    return merges
  }

  private func tooMuch(_ wordCount: Int) -> Failure {
    Failure(
      what:
        "the text has more than \(placeLimit) places of pairs, which is all that can be numbered",
      place: "tokenizer training, \(wordCount) distinct pieces of text",
      remedy: "learn from a part of the text"
    )
  }

  private mutating func countInitialPairs() {
    for index in words.indices where !isFull {
      let word = words[index]
      var at = word.start
      let last = word.start + word.length - 1
      while at < last {
        add(symbols[at], symbols[at + 1], word.count, word: UInt32(index))
        at += 1
      }
    }
    pushCreated()
  }

  private mutating func pushCreated() {
    for index in created where pairs.counts[index] > 0 {
      queue.push(PairQueue.Entry(count: pairs.counts[index], key: pairs.keys[index], index: index))
    }
    created.removeAll(keepingCapacity: true)
  }

  /// Adds to a pair's count and notes the word among its places.
  @inline(__always)
  private mutating func add(_ left: UInt32, _ right: UInt32, _ count: Int64, word: UInt32) {
    let key = UInt64(left) << 32 | UInt64(right)
    let index = pairs.index(of: key)
    if pairs.heads[index] == Self.none { created.append(index) }
    pairs.counts[index] += count
    let head = pairs.heads[index]
    if head != Self.none, UInt32(truncatingIfNeeded: nodes[Int(head)]) == word { return }
    guard nodes.count < placeLimit else {
      isFull = true
      return
    }
    pairs.heads[index] = UInt32(nodes.count)
    nodes.append(UInt64(word) | UInt64(head) << 32)
  }

  @inline(__always)
  private mutating func subtract(_ left: UInt32, _ right: UInt32, _ count: Int64) {
    let index = pairs.index(of: UInt64(left) << 32 | UInt64(right))
    pairs.counts[index] -= count
  }

  private mutating func merge(pair: Int, left: UInt32, right: UInt32, into result: UInt32) {
    var node = pairs.heads[pair]
    while node != Self.none, !isFull {
      let entry = nodes[Int(node)]
      node = UInt32(entry >> 32)
      rewrite(word: Int(UInt32(truncatingIfNeeded: entry)), left, right, into: result)
    }
    pushCreated()
  }

  /// Replaces the pair in one word, from left to right, and corrects its neighbours' counts.
  private mutating func rewrite(
    word index: Int,
    _ left: UInt32,
    _ right: UInt32,
    into result: UInt32
  ) {
    let word = words[index]
    let end = word.start + word.length
    var read = word.start
    var write = word.start
    while read < end {
      let symbol = symbols[read]
      guard symbol == left, read + 1 < end, symbols[read + 1] == right else {
        symbols[write] = symbol
        write += 1
        read += 1
        continue
      }
      if write > word.start {
        let before = symbols[write - 1]
        subtract(before, left, word.count)
        add(before, result, word.count, word: UInt32(index))
      }
      if read + 2 < end {
        let after = symbols[read + 2]
        subtract(right, after, word.count)
        add(result, after, word.count, word: UInt32(index))
      }
      symbols[write] = result
      write += 1
      read += 2
    }
    words[index].length = write - word.start
  }
}

/// Pairs of symbols, their counts and the heads of their lists of places, by open addressing.
struct PairCounts {
  /// Left id in the high half, right id in the low half.
  private(set) var keys: [UInt64] = []
  /// How often the pair stands in the corpus now.
  var counts: [Int64] = []
  /// The newest node of the pair's list of words; all ones where there is none.
  var heads: [UInt32] = []
  /// Index + 1 into the three arrays, or 0.
  private var slots = [UInt32](repeating: 0, count: 1 << 16)
  private var slotBits = 16

  /// The index of a pair, which is made where there is none.
  @inline(__always)
  mutating func index(of key: UInt64) -> Int {
    let mask = (1 << slotBits) - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - slotBits))
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if keys[Int(entry) - 1] == key { return Int(entry) - 1 }
      slot = (slot + 1) & mask
    }
    return insert(key, at: slot)
  }

  private mutating func insert(_ key: UInt64, at slot: Int) -> Int {
    keys.append(key)
    counts.append(0)
    heads.append(.max)
    slots[slot] = UInt32(keys.count)
    if keys.count * 2 > slots.count { grow() }
    return keys.count - 1
  }

  private mutating func grow() {
    slotBits += 1
    let mask = (1 << slotBits) - 1
    slots = [UInt32](repeating: 0, count: 1 << slotBits)
    for index in keys.indices {
      let hash = (keys[index] &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - slotBits)
      var slot = Int(truncatingIfNeeded: hash)
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index + 1)
    }
  }
}

/// A binary heap of pairs: the highest count first, then the smaller pair of ids.
struct PairQueue {
  /// A pair with the count it had when it was pushed.
  struct Entry {
    var count: Int64
    var key: UInt64
    var index: Int

    @inline(__always)
    func precedes(_ other: Entry) -> Bool {
      count != other.count ? count > other.count : key < other.key
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry.precedes(entries[parent]) else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func pop() -> Entry? {
    guard let top = entries.first, let moved = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return top }
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(moved) else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = moved
    return top
  }
}
