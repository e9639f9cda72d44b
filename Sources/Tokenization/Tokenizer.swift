public import Documents
import Files

/// A byte-level BPE vocabulary: text to ids and back.
///
/// An immutable value to share between threads; each thread encodes with its own ``TokenEncoder``,
/// which holds the cache. Special tokens stand for no bytes: they decode to nothing, and their
/// names in a text are encoded as any other text, so that a web page that mentions
/// `<|endoftext|>` cannot forge a document's border (Hugging Face's `encode` would read the name
/// as the token).
public struct Tokenizer: Sendable, Equatable {
  /// The name of the token that begins every document.
  public static let endOfTextName = "<|endoftext|>"
  /// The name of the token that fills a short window.
  public static let paddingName = "<|pad|>"
  /// The most ids that a vocabulary may have.
  public static let largestVocabularySize = 1 << 20

  /// A token without bytes.
  public struct SpecialToken: Sendable, Equatable {
    /// The name in `tokenizer.json`.
    public let name: String
    /// The id.
    public let id: UInt32

    /// Creates a special token.
    ///
    /// - Parameters:
    ///   - name: The name in `tokenizer.json`.
    ///   - id: The id.
    public init(name: String, id: UInt32) {
      self.name = name
      self.id = id
    }
  }

  /// The tokens without bytes, by rising id.
  public let specialTokens: [SpecialToken]
  /// Whether each text is read as though a blank stood before it, unless it begins with one.
  public let addPrefixSpace: Bool
  /// The number of ids, special tokens included; the ids are 0 ..< `vocabularySize`.
  public let vocabularySize: Int
  /// The id of ``endOfTextName``.
  public let endOfText: UInt32
  /// The id of ``paddingName``.
  public let padding: UInt32
  /// The SHA-256 of the `tokenizer.json` that the tokenizer writes, or of the one it was read from.
  public internal(set) var hash: SHA256.Digest

  /// The merges, by rank.
  package let merges: [Merge]
  /// The id of each byte.
  package let byteIDs: [UInt32]
  let mergeTable: MergeTable
  private let tokenBytes: [UInt8]
  private let tokenStarts: [Int]

  /// Puts a vocabulary together.
  ///
  /// - Precondition: The ids of special tokens, bytes and merges together are 0 ..< their number,
  ///   each merge joins tokens of bytes or of earlier merges, and both required special tokens are
  ///   there.
  package init(
    specialTokens: [SpecialToken],
    byteIDs: [UInt32],
    merges: [Merge],
    addPrefixSpace: Bool
  ) {
    let size = specialTokens.count + byteIDs.count + merges.count
    func id(of name: String) -> UInt32? { specialTokens.first { $0.name == name }?.id }
    guard let endOfText = id(of: Self.endOfTextName), let padding = id(of: Self.paddingName) else {
      preconditionFailure("a vocabulary without its two special tokens")
    }
    self.specialTokens = specialTokens.sorted { $0.id < $1.id }
    self.byteIDs = byteIDs
    self.merges = merges
    self.addPrefixSpace = addPrefixSpace
    self.vocabularySize = size
    self.endOfText = endOfText
    self.padding = padding
    (self.tokenBytes, self.tokenStarts) = Self.spelling(of: size, byteIDs, merges)
    self.mergeTable = MergeTable(byteIDs: byteIDs, merges: merges)
    self.hash = SHA256.hash([])
    self.hash = SHA256.hash(tokenizerJSON)
  }

  /// The bytes of all tokens, one after the other by id, and where each begins.
  private static func spelling(
    of size: Int,
    _ byteIDs: [UInt32],
    _ merges: [Merge]
  ) -> ([UInt8], [Int]) {
    var spellings = [[UInt8]](repeating: [], count: size)
    for (byte, id) in byteIDs.enumerated() { spellings[Int(id)] = [UInt8(byte)] }
    for merge in merges {
      spellings[Int(merge.result)] = spellings[Int(merge.left)] + spellings[Int(merge.right)]
    }
    var starts = [0]
    for spelling in spellings { starts.append((starts.last ?? 0) + spelling.count) }
    return (spellings.flatMap(\.self), starts)
  }

  /// The bytes that a token stands for; none for a special token.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The bytes, often not valid UTF-8 by themselves.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func bytes(of id: UInt32) -> ArraySlice<UInt8> {
    tokenBytes[tokenStarts[Int(id)]..<tokenStarts[Int(id) + 1]]
  }

  /// The number of bytes that a token stands for.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The number of bytes; 0 for a special token.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func byteCount(of id: UInt32) -> Int {
    tokenStarts[Int(id) + 1] - tokenStarts[Int(id)]
  }

  /// A token's name as `tokenizer.json` spells it, such as `Ġthe`.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The name.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func name(of id: UInt32) -> String {
    if let special = specialTokens.first(where: { $0.id == id }) { return special.name }
    return ByteAlphabet.name(of: bytes(of: id))
  }

  /// The bytes that ids stand for, special tokens left out.
  ///
  /// A prefix blank that encoding added stays, as it does with Hugging Face's decoder.
  ///
  /// - Parameter ids: Token ids.
  /// - Returns: The bytes.
  /// - Throws: ``Failure`` for an id beyond the vocabulary.
  public func decode(_ ids: [UInt32]) throws -> [UInt8] {
    var result: [UInt8] = []
    for (index, id) in ids.enumerated() {
      guard Int(id) < vocabularySize else {
        throw Failure(
          what: "the id \(id) is beyond the vocabulary of \(vocabularySize)",
          place: "token \(index)",
          remedy: "decode with the tokenizer that made the ids"
        )
      }
      result += bytes(of: id)
    }
    return result
  }

  /// Encodes a single text; for more than one, make a ``TokenEncoder`` and keep it.
  ///
  /// - Parameter text: Any text.
  /// - Returns: The ids, without a special token before or behind them.
  public func encode(_ text: String) -> [UInt32] {
    var encoder = TokenEncoder(self)
    var ids: [UInt32] = []
    encoder.encode(text.utf8Span.span, into: &ids)
    return ids
  }
}
