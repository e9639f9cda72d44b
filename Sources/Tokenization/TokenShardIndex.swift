public import Documents

/// The `.idx` file of a token shard: where documents begin, whose they are, and which tokens begin
/// a word.
///
/// Little-endian, in this order:
///
/// | bytes | field |
/// | --- | --- |
/// | 0 ..< 8 | magic `BLALMIDX` |
/// | 8 ..< 12 | format version, 1 |
/// | 12 ..< 16 | number of sources |
/// | 16 ..< 24 | number of documents |
/// | 24 ..< 32 | number of tokens |
/// | 32 ..< 40 | number of words |
/// | 40 ..< 48 | offset of the documents |
/// | 48 ..< 56 | offset of the bitmap |
/// | 56 ..< 64 | the first 8 bytes of the tokenizer's hash |
/// | 64 … | for each source: length of its name in bytes (4), the name in UTF-8; zeros to a multiple of 8 |
/// | documents | 32 bytes each: first token (8), words (4), source (4), identity (8 + 8, high half first) |
/// | bitmap | one bit a token, the lowest bit first: a white-space word begins in its bytes; zeros to a multiple of 8 bytes |
enum TokenShardIndex {
  static let magic: [UInt8] = Array("BLALMIDX".utf8)
  static let version: UInt32 = 1
  static let documentSize = 32

  /// The bytes in front of the bitmap.
  static func head(
    sources: [String],
    documents: [TokenShardDocument],
    tokenCount: Int,
    wordCount: Int,
    tokenizerHash: [UInt8]
  ) -> [UInt8] {
    var names: [UInt8] = []
    for source in sources {
      names.append(littleEndian: UInt32(source.utf8.count))
      names += source.utf8
    }
    while !names.count.isMultiple(of: 8) { names.append(0) }
    let documentsOffset = TokenShardHeader.size + names.count
    let bitmapOffset = documentsOffset + documents.count * documentSize
    var bytes = magic
    bytes.reserveCapacity(bitmapOffset)
    bytes.append(littleEndian: version)
    bytes.append(littleEndian: UInt32(sources.count))
    bytes.append(littleEndian: UInt64(documents.count))
    bytes.append(littleEndian: UInt64(tokenCount))
    bytes.append(littleEndian: UInt64(wordCount))
    bytes.append(littleEndian: UInt64(documentsOffset))
    bytes.append(littleEndian: UInt64(bitmapOffset))
    bytes += tokenizerHash.prefix(8)
    bytes += names
    for document in documents {
      bytes.append(littleEndian: UInt64(document.firstToken))
      bytes.append(littleEndian: UInt32(document.wordCount))
      bytes.append(littleEndian: UInt32(document.sourceIndex))
      bytes.append(littleEndian: document.id.high)
      bytes.append(littleEndian: document.id.low)
    }
    return bytes
  }
}

/// What a token shard knows of one document.
public struct TokenShardDocument: Sendable, Equatable {
  /// The document's identity.
  public let id: DocumentID
  /// The place of its first token, `<|endoftext|>`, in the shard.
  public let firstToken: Int
  /// The number of its tokens, the first included.
  public let tokenCount: Int
  /// The number of its words.
  public let wordCount: Int
  /// The place of its source among the shard's source names.
  public let sourceIndex: Int
}
