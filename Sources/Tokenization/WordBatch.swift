import CTokenization

/// Some hundred neighbouring words of a text on their way through a table of words.
///
/// The counter of pretokens and the encoder cut a text into batches, and look each batch's words up
/// in one flat table: slots of four integers, the first two of them the word (`ShortWord`), found by
/// the word's hash and the slots behind it. The lookups run in C, which asks for slots ahead; what a
/// table does not hold comes back here. Arrays are kept from batch to batch.
struct WordBatch: Sendable {
  /// Where the words end; each begins where the one before ends.
  private(set) var ends: [UInt32] = []
  /// The number of words.
  private(set) var count = 0
  /// Where the first word begins; -1 for a blank that stands before the text.
  private(set) var start = 0
  /// The ids of the words that were copied last, in 2 or 4 bytes each.
  private var ids: [UInt8] = []
  private var keys: [SIMD4<UInt64>] = []
  private var keyed = 0

  /// The most words.
  private static let capacity = 256 + PieceCutter.roomForBlock

  /// Creates a batch without memory, to stand in for one that is in use.
  init() {}

  /// Creates a batch with room for words and, where wanted, for their ids.
  init(withIDs: Bool) {
    ends = [UInt32](repeating: 0, count: Self.capacity)
    keys = [SIMD4<UInt64>](repeating: .zero, count: Self.capacity)
    if withIDs { ids = [UInt8](repeating: 0, count: Self.capacity * 28 + 16) }
  }

  /// Takes the next words of a text.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - cutter: Cuts it.
  ///   - start: Where the next word begins.
  mutating func take(_ text: Span<UInt8>, _ cutter: inout PieceCutter, from start: Int) {
    var span = ends.mutableSpan
    count = cutter.cut(text, into: &span)
    self.start = start
    keyed = 0
  }

  /// Where the last word ends.
  var end: Int { count > 0 ? Int(ends[count - 1]) : start }

  /// A word that was looked up, or `nil` for one of more than 15 bytes.
  func shortWord(_ index: Int) -> ShortWord? {
    keys[index].y != 0 ? ShortWord(low: keys[index].x, high: keys[index].y) : nil
  }

  /// The bytes of a word.
  func bytes(of index: Int, in text: Span<UInt8>) -> [UInt8] {
    let from = index == 0 ? start : Int(ends[index - 1])
    let end = Int(ends[index])
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end - from)
    if from < 0 { bytes.append(UInt8(ascii: " ")) }
    for place in max(0, from)..<end { bytes.append(text[place]) }
    return bytes
  }

  /// Appends the ids of words that a table holds, up to the first that it does not.
  ///
  /// - Parameters:
  ///   - first: The word to begin with.
  ///   - text: The text that the words are of.
  ///   - slots: The table, a power of two of slots.
  ///   - idBytes: The bytes an id takes in a slot.
  ///   - output: Receives the ids.
  /// - Returns: The first word that is not in the table, is too long or has many ids; ``count`` where
  ///   there is none.
  mutating func appendIDs(
    from first: Int,
    in text: Span<UInt8>,
    slots: [SIMD4<UInt64>],
    idBytes: Int,
    to output: inout [UInt32]
  ) -> Int {
    precondition(
      first <= count && count <= ends.count && end <= text.count,
      "not this text's words"
    )
    var written: Int64 = 0
    var next = first
    // Unsafe because C reads and writes through addresses: all lie inside the spans that are lent for
    // the call, `ends` rises and is inside the text, a slot's place is below the power of two, and
    // `ids` has room for the most ids of as many words as there are.
    unsafe slots.withUnsafeBufferPointer { slots in
      unsafe ids.withUnsafeMutableBufferPointer { ids in
        guard let ids = ids.baseAddress else { return }
        unsafe next = withWords(
          text,
          from: start,
          ends: ends,
          count: count,
          keys: &keys,
          keyed: &keyed,
          slots: UnsafeMutableRawPointer(mutating: slots.baseAddress),
          slots.count
        ) {
          unsafe Int(ct_copy_ids(&$0, Int64(first), Int64(idBytes), ids, &written))
        }
      }
    }
    widen(ids, bytes: Int(written), idBytes: idBytes, to: &output)
    return next
  }

  /// Adds to the third integer of the slots of words that a table holds, up to the first that it does
  /// not.
  ///
  /// - Parameters:
  ///   - first: The word to begin with.
  ///   - text: The text that the words are of.
  ///   - slots: The table, a power of two of slots.
  ///   - weight: What to add.
  /// - Returns: The first word that is not in the table or is too long; ``count`` where there is none.
  mutating func count(
    from first: Int,
    in text: Span<UInt8>,
    slots: inout [SIMD4<UInt64>],
    weight: UInt64
  ) -> Int {
    precondition(
      first <= count && count <= ends.count && end <= text.count,
      "not this text's words"
    )
    // Unsafe for the same reason as above.
    return unsafe slots.withUnsafeMutableBufferPointer { slots in
      unsafe withWords(
        text,
        from: start,
        ends: ends,
        count: count,
        keys: &keys,
        keyed: &keyed,
        slots: UnsafeMutableRawPointer(slots.baseAddress),
        slots.count
      ) {
        unsafe Int(ct_count_words(&$0, Int64(first), weight))
      }
    }
  }
}

/// Lends words to C.
@inline(__always)
private func withWords(
  _ text: Span<UInt8>,
  from start: Int,
  ends: [UInt32],
  count: Int,
  keys: inout [SIMD4<UInt64>],
  keyed: inout Int,
  slots: UnsafeMutableRawPointer?,
  _ slotCount: Int,
  _ body: (inout ct_words) -> Int
) -> Int {
  unsafe text.withUnsafeBufferPointer { text in
    unsafe ends.withUnsafeBufferPointer { ends in
      unsafe keys.withUnsafeMutableBufferPointer { keys in
        var words = unsafe ct_words(
          text: text.baseAddress,
          size: Int64(text.count),
          start: Int64(start),
          ends: ends.baseAddress,
          count: Int64(count),
          keys: UnsafeMutableRawPointer(keys.baseAddress),
          keyed: Int64(keyed),
          slots: slots,
          shift: Int64(64 - slotCount.trailingZeroBitCount)
        )
        let next = unsafe body(&words)
        keyed = unsafe Int(words.keyed)
        return next
      }
    }
  }
}

/// Appends ids that take 2 or 4 bytes each.
private func widen(_ batch: [UInt8], bytes: Int, idBytes: Int, to ids: inout [UInt32]) {
  // Unsafe as any view of raw bytes is; each load is checked against the span's bounds.
  let source = unsafe batch.span.bytes
  let count = bytes / idBytes
  ids.append(addingCapacity: count) { output in
    if idBytes == 2 {
      for index in 0..<count {
        let id = unsafe source.unsafeLoadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
        output.append(UInt32(id))
      }
    } else {
      for index in 0..<count {
        let id = unsafe source.unsafeLoadUnaligned(fromByteOffset: index &* 4, as: UInt32.self)
        output.append(id)
      }
    }
  }
}

/// An empty array with room for ids, in large pages where the system has them.
///
/// Fresh memory costs a fault a page: with small pages the ids of a long text take a third as long to
/// reach as to find.
///
/// - Parameter count: The ids to make room for.
/// - Returns: The array.
package func roomForIDs(_ count: Int) -> [UInt32] {
  // Unsafe because C is told of memory that Swift has allocated and not yet initialised; it keeps
  // no address.
  unsafe [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
    unsafe ct_prefer_large_pages(buffer.baseAddress, count * MemoryLayout<UInt32>.stride)
    initialized = 0
  }
}

/// An array of zeros for a table that is read at random: in large pages where the system has them.
///
/// - Parameter count: The number of elements.
/// - Returns: The array.
func zeroedTable(_ count: Int) -> [SIMD4<UInt64>] {
  // Unsafe because C is told of memory that Swift has allocated and not yet initialised; it keeps
  // no address, and every element is initialised before the closure ends.
  unsafe [SIMD4<UInt64>](unsafeUninitializedCapacity: count) { buffer, initialized in
    unsafe ct_prefer_large_pages(
      buffer.baseAddress,
      count * MemoryLayout<SIMD4<UInt64>>.stride
    )
    unsafe buffer.initialize(repeating: .zero)
    initialized = count
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
