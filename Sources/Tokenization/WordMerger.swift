/// Applies the merges to one pretoken: the lowest rank first, and of equal ranks the leftmost.
///
/// Two forms of the same rule. Short words scan for the lowest rank each time, which is quadratic
/// but quickest below some 64 bytes; longer ones keep the candidates in a heap, so that a megabyte
/// of one letter costs n log n. Scratch memory is kept from word to word.
struct WordMerger: Sendable {
  /// The longest word that is scanned.
  static let scanLimit = 64

  private var ids: [UInt32] = []
  /// The rank of each symbol with its successor.
  private var ranks: [UInt32] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  /// rank << 32 | place: the order of merging.
  private var heap: [UInt64] = []

  init() {}

  /// Appends the ids of a word of at most 15 bytes.
  func encode(_ word: ShortWord, with table: borrowing MergeTable, into output: inout [UInt32]) {
    var symbols = InlineArray<16, UInt32>(repeating: 0)
    let count = mergeShort(word, table, &symbols)
    for index in 0..<count { output.append(symbols[index]) }
  }

  /// Appends the ids of a word.
  mutating func encode(
    _ word: Span<UInt8>,
    with table: borrowing MergeTable,
    into output: inout [UInt32]
  ) {
    if word.count <= Self.scanLimit {
      scan(word, table)
      output.append(contentsOf: ids)
    } else {
      mergeByHeap(word, table)
      var at = 0
      while at >= 0 {
        output.append(ids[at])
        at = Int(next[at])
      }
    }
  }

  private mutating func scan(_ word: Span<UInt8>, _ table: borrowing MergeTable) {
    ids.removeAll(keepingCapacity: true)
    ranks.removeAll(keepingCapacity: true)
    for index in word.indices {
      ids.append(table.byteIDs[Int(word[index])])
      ranks.append(
        index + 1 < word.count ? table.lookUp(bytes: word[index], word[index + 1]) : MergeTable.none
      )
    }
    var count = ids.count
    while true {
      var best = MergeTable.none
      var place = 0
      for index in 0..<count where ranks[index] < best {
        best = ranks[index]
        place = index
      }
      guard best != MergeTable.none else { break }
      count -= 1
      ids[place] = table.result(of: best)
      for index in place + 1..<max(count, place + 1) {
        ids[index] = ids[index + 1]
        ranks[index] = ranks[index + 1]
      }
      let isLast = place + 1 == count
      ranks[place] = isLast ? MergeTable.none : table.lookUp(ids[place], ids[place + 1])
      if place > 0 { ranks[place - 1] = table.lookUp(ids[place - 1], ids[place]) }
    }
    ids.removeLast(ids.count - count)
  }

  private mutating func mergeByHeap(_ word: Span<UInt8>, _ table: borrowing MergeTable) {
    let count = word.count
    ids.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      ids.append(table.byteIDs[Int(word[index])])
      previous.append(Int32(index - 1))
      next.append(index + 1 < count ? Int32(index + 1) : -1)
    }
    for index in 0..<count - 1 { consider(index, table) }
    while let top = pop() {
      let rank = UInt32(top >> 32)
      let place = Int(UInt32(truncatingIfNeeded: top))
      let follower = Int(next[place])
      // A candidate is stale when either of its symbols has been merged since.
      guard ids[place] != Self.absorbed, follower >= 0 else { continue }
      guard table.lookUp(ids[place], ids[follower]) == rank else { continue }
      ids[place] = table.result(of: rank)
      ids[follower] = Self.absorbed
      next[place] = next[follower]
      if next[place] >= 0 {
        previous[Int(next[place])] = Int32(place)
        consider(place, table)
      }
      if previous[place] >= 0 { consider(Int(previous[place]), table) }
    }
  }

  /// The id of a symbol that has become part of the one before it.
  private static let absorbed = UInt32.max

  /// Pushes the merge of the symbol at `place` with its successor, where there is one.
  private mutating func consider(_ place: Int, _ table: borrowing MergeTable) {
    let rank = table.lookUp(ids[place], ids[Int(next[place])])
    guard rank != MergeTable.none else { return }
    push(UInt64(rank) << 32 | UInt64(place))
  }

  /// The children of a node: as many as share a cache line, so that a heap of megabytes misses the
  /// cache a third as often as one of two.
  private static let arity = 8

  private mutating func push(_ candidate: UInt64) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / Self.arity
      guard candidate < heap[parent] else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = candidate
  }

  private mutating func pop() -> UInt64? {
    guard let top = heap.first, let moved = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return top }
    var parent = 0
    while true {
      let first = parent * Self.arity + 1
      guard first < heap.count else { break }
      var child = first
      var least = heap[first]
      for other in first + 1..<max(first + 1, min(first + Self.arity, heap.count)) {
        let candidate = heap[other]
        if candidate < least { (child, least) = (other, candidate) }
      }
      guard least < moved else { break }
      heap[parent] = least
      parent = child
    }
    heap[parent] = moved
    return top
  }
}

/// Merges a word of at most 15 bytes without memory of its own.
///
/// Symbols keep their places: a bit each says which are still there, so that nothing is moved, and the
/// next merge is the least of one integer a symbol.
///
/// - Returns: The number of symbols.
private func mergeShort(
  _ word: ShortWord,
  _ table: borrowing MergeTable,
  _ symbols: inout InlineArray<16, UInt32>
) -> Int {
  /// The order of merging a symbol with the next: rank << 4 | place.
  var orders = InlineArray<16, UInt32>(repeating: .max)
  let count = word.count
  var present: UInt32 = (1 &<< UInt32(truncatingIfNeeded: count)) &- 1
  symbols[0] = table.byteIDs[Int(word.byte(0))]
  for index in 1..<max(1, count) {
    let byte = word.byte(index)
    symbols[index] = table.byteIDs[Int(byte)]
    orders[index - 1] = order(table.lookUp(bytes: word.byte(index - 1), byte), index - 1)
  }
  while true {
    var best = UInt32.max
    for index in 0..<count { best = min(best, orders[index]) }
    guard best < order(MergeTable.none, 0) else { break }
    let place = Int(best & 15)
    symbols[place] = table.result(of: best &>> 4)
    let behind = present & (~1 &<< UInt32(truncatingIfNeeded: place))
    let absorbed = behind.trailingZeroBitCount
    let after = behind & (behind &- 1)
    present &= ~(behind & ~after)
    orders[absorbed] = .max
    orders[place] = .max
    if after != 0 {
      orders[place] = order(
        table.lookUp(symbols[place], symbols[after.trailingZeroBitCount]),
        place
      )
    }
    let before = present & ((1 &<< UInt32(truncatingIfNeeded: place)) &- 1)
    if before != 0 {
      let neighbour = 31 &- before.leadingZeroBitCount
      orders[neighbour] = order(table.lookUp(symbols[neighbour], symbols[place]), neighbour)
    }
  }
  var written = 0
  while present != 0 {
    symbols[written] = symbols[present.trailingZeroBitCount]
    present &= present &- 1
    written += 1
  }
  return written
}

/// When a symbol is merged with the next: by rank, and of equal ranks from left to right.
@inline(__always)
private func order(_ rank: UInt32, _ place: Int) -> UInt32 {
  rank &<< 4 | UInt32(truncatingIfNeeded: place)
}
