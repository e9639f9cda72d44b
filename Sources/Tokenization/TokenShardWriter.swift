public import Documents
import Files

/// Writes one token shard: `<path>.bin` with the ids and `<path>.idx` with the documents.
///
/// The ids go to a temporary file beside the target as they come; the index (32 bytes a document
/// and one bit a token) is kept in memory until ``finish()``, which makes both durable and gives
/// them their names. A writer that is dropped before leaves nothing behind.
public struct TokenShardWriter: ~Copyable {
  /// What a shard, or a source's part of it, holds.
  public struct Totals: Sendable, Equatable, Codable {
    /// The number of documents.
    public internal(set) var documents = 0
    /// The number of ids, one `<|endoftext|>` a document included.
    public internal(set) var tokens = 0
    /// The number of white-space words.
    public internal(set) var words = 0
  }

  /// What has been appended.
  public private(set) var totals = Totals()
  /// What has been appended, by source.
  public private(set) var totalsBySource: [String: Totals] = [:]

  private let path: String
  private let bytesPerToken: Int
  private let file: DurableFile
  private var encoder: TokenEncoder
  private var buffer: [UInt8] = []
  private var sources: [String] = []
  private var sourceIndices: [String: Int] = [:]
  private var documents: [TokenShardDocument] = []
  private var bitmap: [UInt8] = []

  private static let flushSize = 1 << 20

  /// Begins a shard.
  ///
  /// - Parameters:
  ///   - path: The path without `.bin` or `.idx`, in a folder that exists.
  ///   - tokenizer: The tokenizer of the ids.
  /// - Throws: ``Failure`` where the temporary file cannot be made.
  public init(path: String, tokenizer: Tokenizer) throws {
    let header = TokenShardHeader(
      tokenCount: 0,
      vocabularySize: tokenizer.vocabularySize,
      tokenizerHash: tokenizer.hash.bytes
    )
    let file = try DurableFile(path: path + ".bin")
    try file.write(header.bytes)
    self.path = path
    self.file = file
    bytesPerToken = header.bytesPerToken
    encoder = TokenEncoder(tokenizer)
  }

  /// Encodes a document and appends it.
  ///
  /// - Parameters:
  ///   - text: The document's UTF-8.
  ///   - id: Its identity.
  ///   - source: The name of its source.
  /// - Throws: ``Failure`` where the file cannot be written.
  public mutating func append(text: Span<UInt8>, id: DocumentID, source: String) throws {
    try append(TokenizedDocument(text, with: &encoder), id: id, source: source)
  }

  /// Appends a document that was encoded elsewhere, so that several threads can encode.
  ///
  /// - Parameters:
  ///   - document: The ids and marks, from an encoder of this writer's tokenizer.
  ///   - id: Its identity.
  ///   - source: The name of its source.
  /// - Throws: ``Failure`` where the file cannot be written.
  public mutating func append(
    _ document: TokenizedDocument,
    id: DocumentID,
    source: String
  ) throws {
    let part = Totals(
      documents: 1,
      tokens: document.tokens.count,
      words: document.wordCount
    )
    documents.append(
      TokenShardDocument(
        id: id,
        firstToken: totals.tokens,
        tokenCount: part.tokens,
        wordCount: part.words,
        sourceIndex: index(of: source)
      )
    )
    appendBits(document.wordStarts, from: totals.tokens, to: &bitmap)
    totals.add(part)
    totalsBySource[source, default: Totals()].add(part)
    appendIDs(document.tokens, bytesPerToken: bytesPerToken, to: &buffer)
    if buffer.count >= Self.flushSize { try flush() }
  }

  private mutating func index(of source: String) -> Int {
    if let known = sourceIndices[source] { return known }
    sourceIndices[source] = sources.count
    sources.append(source)
    return sources.count - 1
  }

  private mutating func flush() throws {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Completes both files, makes them durable and gives them their names.
  ///
  /// - Returns: What the shard holds.
  /// - Throws: ``Failure`` where a file cannot be written; nothing is left behind then.
  public consuming func finish() throws -> Totals {
    try flush()
    let header = TokenShardHeader(
      tokenCount: totals.tokens,
      vocabularySize: encoder.tokenizer.vocabularySize,
      tokenizerHash: encoder.tokenizer.hash.bytes
    )
    while !bitmap.count.isMultiple(of: 8) { bitmap.append(0) }
    let index =
      TokenShardIndex.head(
        sources: sources,
        documents: documents,
        tokenCount: totals.tokens,
        wordCount: totals.words,
        tokenizerHash: header.tokenizerHash
      ) + bitmap
    try file.overwriteStart(with: header.bytes)
    try writeDurably(index, to: path + ".idx")
    try file.finish()
    return totals
  }
}

extension TokenShardWriter.Totals {
  fileprivate mutating func add(_ other: TokenShardWriter.Totals) {
    documents += other.documents
    tokens += other.tokens
    words += other.words
  }
}

/// Appends ids as little-endian integers of 2 or 4 bytes.
private func appendIDs(_ ids: [UInt32], bytesPerToken: Int, to bytes: inout [UInt8]) {
  for id in ids {
    bytes.append(UInt8(truncatingIfNeeded: id))
    bytes.append(UInt8(truncatingIfNeeded: id >> 8))
    if bytesPerToken == 4 {
      bytes.append(UInt8(truncatingIfNeeded: id >> 16))
      bytes.append(UInt8(truncatingIfNeeded: id >> 24))
    }
  }
}

/// Appends one bit a mark; the first is the bit number `count` of the bitmap.
private func appendBits(_ marks: [UInt8], from count: Int, to bitmap: inout [UInt8]) {
  var position = count
  for mark in marks {
    if position & 7 == 0 { bitmap.append(0) }
    bitmap[position >> 3] |= mark << UInt8(position & 7)
    position += 1
  }
}
