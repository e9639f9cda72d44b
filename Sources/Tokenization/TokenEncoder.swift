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
  /// Ids on their way into the caller's array.
  private var batch = [UInt32](repeating: 0, count: 4_096)

  /// Creates an encoder with an empty cache.
  ///
  /// - Parameters:
  ///   - tokenizer: The vocabulary.
  ///   - cacheCapacity: The most words to remember, 45 bytes each; rounded up to what the table
  ///     holds.
  public init(_ tokenizer: Tokenizer, cacheCapacity: Int = 700_000) {
    self.tokenizer = tokenizer
    cache = WordCache(capacity: cacheCapacity)
  }

  /// Appends the ids of one text.
  ///
  /// No special token is added, and the names of special tokens in the text are encoded as text;
  /// other added tokens are found and the text is normalized where the tokenizer asks for it.
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
    guard tokenizer.keepsText else {
      encodeSections(text, takesSpecial: false, into: &ids)
      return
    }
    encodePieces(text, into: &ids)
  }

  /// Appends the ids of text that holds no added token and is normalized.
  mutating func encodePieces(_ text: Span<UInt8>, into ids: inout [UInt32]) {
    guard !text.isEmpty else { return }
    var start = 0
    if tokenizer.addPrefixSpace, text[0] != UInt8(ascii: " ") {
      start = pretokenizer.endAfterPrefixSpace(in: text)
      var first: [UInt8] = [UInt8(ascii: " ")]
      for index in 0..<start { first.append(text[index]) }
      encode(first.span, from: 0, pieceEnd: first.count, into: &ids)
    }
    encode(text, from: start, pieceEnd: nil, into: &ids)
  }

  /// Encodes from `start` to the end, as one piece where its end is given.
  private mutating func encode(
    _ text: Span<UInt8>,
    from start: Int,
    pieceEnd: Int?,
    into ids: inout [UInt32]
  ) {
    // The batch leaves the encoder for the call, so that its span and the cache can be lent at once.
    var batch: [UInt32] = []
    swap(&batch, &self.batch)
    defer { swap(&batch, &self.batch) }
    var progress = EncodingProgress(start: start, end: pieceEnd ?? start)
    while progress.start < text.count {
      var span = batch.mutableSpan
      let stop = encodeKnownWords(
        text,
        &progress,
        pretokenizer: pretokenizer,
        rule: tokenizer.pretokenizer.rule,
        cache: cache,
        into: &span
      )
      ids.append(contentsOf: batch[..<progress.count])
      progress.count = 0
      guard case .unknown(let slot) = stop else { continue }
      let first = ids.count
      if let id = tokenizer.wholeWord(text, progress.start..<progress.end) {
        ids.append(id)
      } else {
        merger.encode(
          text,
          start: progress.start,
          end: progress.end,
          with: tokenizer.mergeTable,
          into: &ids
        )
      }
      if slot >= 0 {
        let word = ShortWord(text, start: progress.start, count: progress.end - progress.start)
        cache.remember(word, ids.span, from: first, at: slot)
      }
      progress.start = progress.end
    }
  }
}

/// How far the encoding of a text has come.
private struct EncodingProgress {
  /// Where the word at hand begins.
  var start: Int
  /// Where it ends; the same as `start` while that is unknown.
  var end: Int
  /// The number of ids in the batch.
  var count = 0
}

/// Why ``encodeKnownWords`` came back.
private enum EncodingStop {
  /// The text is at its end, or the batch is full.
  case pause
  /// A word is not in the cache; the slot where it belongs, or -1 where it is too long for one.
  case unknown(slot: Int)
}

/// Writes the ids of words that the cache knows into a batch, up to the first that it does not.
///
/// The hot loop of encoding: a function over borrowed tables and spans, so that nothing is checked
/// for unique ownership, retained or copied from word to word.
private func encodeKnownWords(
  _ text: Span<UInt8>,
  _ progress: inout EncodingProgress,
  pretokenizer: borrowing Pretokenizer,
  rule: PretokenizerPattern.Rule,
  cache: borrowing WordCache,
  into batch: inout MutableSpan<UInt32>
) -> EncodingStop {
  var start = progress.start
  var end = progress.end
  var count = progress.count
  defer { progress = EncodingProgress(start: start, end: end, count: count) }
  while start < text.count {
    if end == start { end = pretokenizer.end(in: text, from: start, by: rule) }
    guard end - start <= ShortWord.capacity else { return .unknown(slot: -1) }
    let word = ShortWord(text, start: start, count: end - start)
    let entry = cache.find(word)
    guard entry.isKnown else { return .unknown(slot: entry.slot) }
    guard count + WordCache.Entry.largestCount <= batch.count else { return .pause }
    cache.copy(entry, into: &batch, at: count)
    count += entry.count
    start = end
  }
  return .pause
}
