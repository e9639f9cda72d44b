/// Encodes texts one after the other, remembering the ids of the words it has met.
///
/// A corpus repeats its words: of eleven million pretokens three in a hundred are new. The rest
/// cost one look into a bounded cache. One encoder serves one thread.
public struct TokenEncoder: Sendable {
  /// The tokenizer whose ids it gives.
  public let tokenizer: Tokenizer

  private let pretokenizer = Pretokenizer()
  private var merger = WordMerger()
  private var cache: WordCache
  private var scratch = EncodingScratch()

  /// Creates an encoder with an empty cache.
  ///
  /// - Parameters:
  ///   - tokenizer: The vocabulary.
  ///   - cacheCapacity: The most words to remember, 45 bytes each; rounded up to what the table
  ///     holds.
  public init(_ tokenizer: Tokenizer, cacheCapacity: Int = 700_000) {
    self.tokenizer = tokenizer
    cache = WordCache(capacity: cacheCapacity, vocabularySize: tokenizer.vocabularySize)
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
    // The scratch leaves the encoder for the call, so that its spans and the cache can be lent at once.
    var scratch = EncodingScratch(isEmpty: true)
    swap(&scratch, &self.scratch)
    defer { swap(&scratch, &self.scratch) }
    var start = 0
    if tokenizer.addPrefixSpace, text[0] != UInt8(ascii: " ") {
      start = pretokenizer.endAfterPrefixSpace(in: text)
      var first: [UInt8] = [UInt8(ascii: " ")]
      for index in 0..<start { first.append(text[index]) }
      scratch.ends[0] = UInt32(first.count)
      encodeWords(first.span, from: 0, count: 1, &scratch, into: &ids)
    }
    var cutter = PieceCutter(text, from: start, classes: .shared)
    while !cutter.isFinished {
      var ends = scratch.ends.mutableSpan
      let count = cutter.cut(text, classes: .shared, into: &ends)
      encodeWords(text, from: start, count: count, &scratch, into: &ids)
      start = Int(scratch.ends[count - 1])
    }
  }

  /// Encodes the `count` words whose ends the scratch holds.
  private mutating func encodeWords(
    _ text: Span<UInt8>,
    from start: Int,
    count: Int,
    _ scratch: inout EncodingScratch,
    into ids: inout [UInt32]
  ) {
    takeKeys(
      text,
      from: start,
      ends: scratch.ends,
      count: count,
      slots: cache.slots,
      slotBits: cache.slotBits,
      into: &scratch.keys
    )
    var word = 0
    while word < count {
      var bytes = 0
      let known = copyKnownWords(scratch.keys, word..<count, cache, into: &scratch.batch, &bytes)
      appendIDs(scratch.batch, bytes: bytes, idBytes: cache.idBytes, to: &ids)
      word += known
      guard word < count else { break }
      let from = word == 0 ? start : Int(scratch.ends[word - 1])
      encodeUnknown(text, from, Int(scratch.ends[word]), into: &ids)
      word += 1
    }
  }

  /// Encodes a word that the table of short words does not hold, and remembers it.
  private mutating func encodeUnknown(
    _ text: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    into ids: inout [UInt32]
  ) {
    let first = ids.count
    let isShort = end - start <= ShortWord.capacity
    if isShort || end - start > WordCache.longestWord {
      merger.encode(text, start: start, end: end, with: tokenizer.mergeTable, into: &ids)
      guard isShort else { return }
      let word = ShortWord(text, start: start, count: end - start)
      cache.remember(word, ids.span.extracting(first...))
      return
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end - start)
    for index in start..<end { bytes.append(text[index]) }
    if let known = cache.longWord(bytes) {
      ids += known
    } else {
      merger.encode(text, start: start, end: end, with: tokenizer.mergeTable, into: &ids)
      cache.remember(bytes, ids.span.extracting(first...))
    }
  }
}

/// What an encoder keeps from call to call beside the words it knows.
private struct EncodingScratch: Sendable {
  /// The most words at a time, and room for those of one more block.
  private static let capacity = 256

  /// Where the words at hand end.
  var ends: [UInt32] = []
  /// The words at hand: their two integers and their hash; zeros for one that is too long.
  var keys: [SIMD4<UInt64>] = []
  /// Their ids, in 2 or 4 bytes each.
  var batch: [UInt8] = []

  init(isEmpty: Bool = false) {
    guard !isEmpty else { return }
    ends = [UInt32](repeating: 0, count: Self.capacity)
    keys = [SIMD4<UInt64>](repeating: .zero, count: Self.capacity)
    batch = [UInt8](repeating: 0, count: Self.capacity * 4 * 16 + 16)
  }
}

/// Writes the ids of the words that the cache knows, up to the first that it does not.
///
/// The hot loop of encoding: a function over borrowed tables and spans, so that nothing is checked
/// for unique ownership, retained or copied from word to word.
///
/// - Returns: The number of words.
private func copyKnownWords(
  _ keys: [SIMD4<UInt64>],
  _ words: Range<Int>,
  _ cache: borrowing WordCache,
  into batch: inout [UInt8],
  _ bytes: inout Int
) -> Int {
  let slots = cache.slots.span
  let keys = keys.span
  let shift = UInt64(64 - cache.slotBits)
  let mask = slots.count &- 1
  let idBytes = cache.idBytes
  var span = batch.mutableSpan
  // Unsafe as any view of raw bytes is; each store is checked against the span's bounds.
  var batch = unsafe span.mutableBytes
  var at = 0
  defer { bytes = at }
  for index in words {
    let key = keys[index]
    if key.y == 0 { return index - words.lowerBound }
    var slot = Int(truncatingIfNeeded: key.z &>> shift)
    var entry = slots[slot]
    while (entry.y ^ key.y) | (entry.x ^ key.x) != 0 {
      if entry.y == 0 { return index - words.lowerBound }
      slot = (slot &+ 1) & mask
      entry = slots[slot]
    }
    let count = Int(truncatingIfNeeded: entry.w >> 48)
    if count <= 7 {
      batch.storeBytes(of: entry.z, toByteOffset: at, as: UInt64.self)
      batch.storeBytes(of: entry.w, toByteOffset: at &+ 8, as: UInt64.self)
      at &+= count &* idBytes
    } else {
      for offset in 0..<count - 8 {
        let id = cache.spilled[Int(entry.z) + offset]
        if idBytes == 2 {
          batch.storeBytes(of: UInt16(truncatingIfNeeded: id), toByteOffset: at, as: UInt16.self)
        } else {
          batch.storeBytes(of: id, toByteOffset: at, as: UInt32.self)
        }
        at += idBytes
      }
    }
  }
  return words.count
}

/// Appends a batch's ids.
private func appendIDs(_ batch: [UInt8], bytes: Int, idBytes: Int, to ids: inout [UInt32]) {
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
