/// The first 64 bytes of a token shard's `.bin` file.
///
/// Little-endian, so that `numpy.memmap(path, dtype, offset=64)` opens the ids that follow:
///
/// | bytes | field |
/// | --- | --- |
/// | 0 ..< 8 | magic `BLALMTOK` |
/// | 8 ..< 12 | format version, 1 |
/// | 12 ..< 16 | bytes an id: 2 or 4, the smallest that holds the vocabulary |
/// | 16 ..< 24 | number of ids |
/// | 24 ..< 28 | vocabulary size |
/// | 28 ..< 32 | 0 |
/// | 32 ..< 64 | SHA-256 of the tokenizer's `tokenizer.json` |
public struct TokenShardHeader: Sendable, Equatable {
  /// The format's magic bytes, `BLALMTOK`.
  public static let magic: [UInt8] = Array("BLALMTOK".utf8)
  /// The version that this code writes and reads.
  public static let version: UInt32 = 1
  /// The header's size in bytes.
  public static let size = 64

  /// The number of token ids that follow.
  public var tokenCount: Int
  /// The tokenizer's number of ids.
  public var vocabularySize: Int
  /// The SHA-256 of the tokenizer's file, 32 bytes.
  public var tokenizerHash: [UInt8]

  /// The bytes an id takes: 2 up to a vocabulary of 65,536, else 4.
  public var bytesPerToken: Int { vocabularySize <= 65_536 ? 2 : 4 }

  /// Creates a header.
  ///
  /// - Parameters:
  ///   - tokenCount: The number of token ids.
  ///   - vocabularySize: The tokenizer's number of ids.
  ///   - tokenizerHash: The SHA-256 of the tokenizer's file, 32 bytes.
  public init(tokenCount: Int, vocabularySize: Int, tokenizerHash: [UInt8]) {
    precondition(tokenizerHash.count == 32, "a SHA-256 has 32 bytes")
    self.tokenCount = tokenCount
    self.vocabularySize = vocabularySize
    self.tokenizerHash = tokenizerHash
  }
}
