/// Encodes texts one after the other, remembering the ids of the words it has met.
///
/// A corpus repeats its words: of eleven million pretokens three in a hundred are new. The rest
/// cost one look into a bounded cache. One encoder serves one thread.
public struct TokenEncoder: Sendable {
  /// The tokenizer whose ids it gives.
  public let tokenizer: Tokenizer

  private var merger = WordMerger()
  private var cache: WordCache
  private var batch = WordBatch(withIDs: true)

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
    // The batch leaves the encoder for the call, so that it and the cache can be lent at once.
    var batch = WordBatch()
    swap(&batch, &self.batch)
    defer { swap(&batch, &self.batch) }
    let hasPrefix = tokenizer.addPrefixSpace && text[0] != UInt8(ascii: " ")
    var start = hasPrefix ? -1 : 0
    var cutter = PieceCutter(text, by: tokenizer.pretokenizer, afterBlank: hasPrefix)
    while !cutter.isFinished {
      batch.take(text, &cutter, from: start)
      encodeWords(text, &batch, into: &ids)
      start = batch.end
    }
  }

  /// Encodes the words at hand.
  private mutating func encodeWords(
    _ text: Span<UInt8>,
    _ batch: inout WordBatch,
    into ids: inout [UInt32]
  ) {
    var word = 0
    while true {
      word = batch.appendIDs(
        from: word,
        in: text,
        slots: cache.slots,
        idBytes: cache.idBytes,
        to: &ids
      )
      guard word < batch.count else { return }
      if let short = batch.shortWord(word) {
        encode(short, into: &ids)
      } else {
        encode(batch.bytes(of: word, in: text), into: &ids)
      }
      word += 1
    }
  }

  /// Encodes a word of at most 15 bytes that has many ids or is unknown, and remembers it.
  private mutating func encode(_ word: ShortWord, into ids: inout [UInt32]) {
    if let known = cache.manyIDs(of: word) {
      ids += known
      return
    }
    let first = ids.count
    let bytes = tokenizer.ignoresMerges ? (0..<word.count).map { word.byte($0) } : []
    if let id = tokenizer.wholeWord(bytes.span, bytes.indices) {
      ids.append(id)
    } else {
      merger.encode(word, with: tokenizer.mergeTable, into: &ids)
    }
    cache.remember(word, ids.span.extracting(first...))
  }

  /// Encodes a word of more than 15 bytes, and remembers it unless it is very long.
  private mutating func encode(_ bytes: [UInt8], into ids: inout [UInt32]) {
    if bytes.count <= WordCache.longestWord, let known = cache.longWord(bytes) {
      ids += known
      return
    }
    let first = ids.count
    if let id = tokenizer.wholeWord(bytes.span, bytes.indices) {
      ids.append(id)
    } else {
      merger.encode(bytes.span, with: tokenizer.mergeTable, into: &ids)
    }
    if bytes.count <= WordCache.longestWord {
      cache.remember(bytes, ids.span.extracting(first...))
    }
  }
}
