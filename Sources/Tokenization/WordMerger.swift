/// Applies the merges to one pretoken: the lowest rank first, and of equal ranks the leftmost.
///
/// Two forms of the same rule. Short words scan for the lowest rank each time, which is quadratic
/// but quickest below some 64 bytes; longer ones keep the candidates in a heap, so that a megabyte
/// of one letter costs n log n. Scratch memory is kept from word to word.
struct WordMerger: Sendable {
  /// The longest word that is scanned.
  static let scanLimit = 64

  private var ids: [UInt32] = []
  /// rank << 32 | result of each symbol with its successor.
  private var candidates: [UInt64] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  private var heap: [Candidate] = []

  private struct Candidate {
    /// rank << 32 | position: the order of merging.
    var order: UInt64
    var result: UInt32

    var position: Int { Int(order & 0xffff_ffff) }
  }

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
    candidates.removeAll(keepingCapacity: true)
    for index in word.indices {
      ids.append(table.byteIDs[Int(word[index])])
      candidates.append(
        index + 1 < word.count ? table.lookUp(bytes: word[index], word[index + 1]) : MergeTable.none
      )
    }
    var count = ids.count
    while true {
      var best = MergeTable.none
      var place = 0
      for index in 0..<count where candidates[index] < best {
        best = candidates[index]
        place = index
      }
      guard best != MergeTable.none else { break }
      count -= 1
      ids[place] = UInt32(truncatingIfNeeded: best)
      for index in place + 1..<max(count, place + 1) {
        ids[index] = ids[index + 1]
        candidates[index] = candidates[index + 1]
      }
      let isLast = place + 1 == count
      candidates[place] = isLast ? MergeTable.none : table.lookUp(ids[place], ids[place + 1])
      if place > 0 { candidates[place - 1] = table.lookUp(ids[place - 1], ids[place]) }
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
      let place = top.position
      let follower = Int(next[place])
      // A candidate is stale when either of its symbols has been merged since.
      guard ids[place] != Self.absorbed, follower >= 0 else { continue }
      guard table.lookUp(ids[place], ids[follower]) == top.order & ~0xffff_ffff | UInt64(top.result)
      else { continue }
      ids[place] = top.result
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
    let merge = table.lookUp(ids[place], ids[Int(next[place])])
    guard merge != MergeTable.none else { return }
    let order = merge & ~0xffff_ffff | UInt64(place)
    push(Candidate(order: order, result: UInt32(truncatingIfNeeded: merge)))
  }

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard candidate.order < heap[parent].order else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = candidate
  }

  private mutating func pop() -> Candidate? {
    guard let top = heap.first, let moved = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return top }
    var parent = 0
    while true {
      var child = parent * 2 + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
      guard heap[child].order < moved.order else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = moved
    return top
  }
}

/// Merges a word of at most 15 bytes without memory of its own.
///
/// - Returns: The number of symbols.
private func mergeShort(
  _ word: ShortWord,
  _ table: borrowing MergeTable,
  _ symbols: inout InlineArray<16, UInt32>
) -> Int {
  var candidates = InlineArray<16, UInt64>(repeating: MergeTable.none)
  var count = word.count
  for index in 0..<count { symbols[index] = table.byteIDs[Int(word.byte(index))] }
  for index in 0..<count - 1 {
    candidates[index] = table.lookUp(bytes: word.byte(index), word.byte(index + 1))
  }
  while true {
    var best = MergeTable.none
    var place = 0
    for index in 0..<count - 1 where candidates[index] < best {
      best = candidates[index]
      place = index
    }
    guard best != MergeTable.none else { return count }
    count -= 1
    symbols[place] = UInt32(truncatingIfNeeded: best)
    var index = place + 1
    while index < count {
      symbols[index] = symbols[index + 1]
      candidates[index] = candidates[index + 1]
      index += 1
    }
    candidates[count] = MergeTable.none
    let isLast = place + 1 == count
    candidates[place] =
      isLast ? MergeTable.none : table.lookUp(symbols[place], symbols[place + 1])
    if place > 0 { candidates[place - 1] = table.lookUp(symbols[place - 1], symbols[place]) }
  }
}
