public import Documents
import Files

/// A byte-level BPE vocabulary: text to ids and back.
///
/// An immutable value to share between threads; each thread encodes with its own ``TokenEncoder``,
/// which holds the cache. Special tokens stand for no bytes: they decode to nothing, and their
/// names in a text are encoded as any other text unless the caller says otherwise, so that a web
/// page that mentions `<|endoftext|>` cannot forge a document's border (Hugging Face's `encode`
/// would read the name as the token).
public struct Tokenizer: Sendable, Equatable {
  /// The name of the token that begins every document.
  public static let endOfTextName = "<|endoftext|>"
  /// The name of the token that fills a short window.
  public static let paddingName = "<|pad|>"
  /// The most ids that a vocabulary may have.
  public static let largestVocabularySize = 1 << 20

  /// The tokens that are found by their names, by rising id.
  public let addedTokens: [AddedToken]
  /// Those of ``addedTokens`` that stand for no bytes.
  public let specialTokens: [AddedToken]
  /// How a text is cut into the pieces that merges may not cross.
  public let pretokenizer: PretokenizerPattern
  /// Whether each text is read as though a blank stood before it, unless it begins with one.
  public let addPrefixSpace: Bool
  /// The number of ids, special tokens included; the ids are 0 ..< `vocabularySize`.
  ///
  /// A vocabulary from elsewhere may leave ids without a token (``hasToken(_:)``).
  public let vocabularySize: Int
  /// The id of the token that begins every document: ``endOfTextName``, or in a vocabulary from
  /// elsewhere that has none the token that its template puts first.
  public let endOfText: UInt32
  /// The id of ``paddingName``, or of ``endOfText`` in a vocabulary without it.
  public let padding: UInt32
  /// The SHA-256 of the `tokenizer.json` that the tokenizer writes, or of the one it was read from.
  public internal(set) var hash: SHA256.Digest

  /// The merges, by rank.
  package let merges: [Merge]
  /// The id of each byte.
  package let byteIDs: [UInt32]
  let mergeTable: MergeTable
  /// Whether a word that is a token by itself is taken without merging.
  let ignoresMerges: Bool
  /// The tokens by their bytes where merges are ignored, else empty.
  let wholeWords: [[UInt8]: UInt32]
  /// The number of bytes of the longest token.
  let longestToken: Int
  /// What is done to a text before it is cut.
  let normalizer: Normalizer?
  /// The normalizer as the file has it.
  let normalizerJSON: JSONValue
  let template: Template
  /// The ids of the file's model, rising.
  let modelIDs: [UInt32]
  /// Finds the added tokens in a text as it came, and in a normalized one.
  let matcher: AddedTokenMatcher
  let normalizedMatcher: AddedTokenMatcher
  /// The names that are not the bytes spelled in the alphabet.
  private let literalNames: [UInt32: String]
  /// What added tokens that the normalizer changes decode to.
  ///
  /// That is what they are found as, not what the file calls them; as with Hugging Face they then show
  /// even where they are special.
  private let decodings: [UInt32: ArraySlice<UInt8>]
  private let tokenBytes: [UInt8]
  private let tokenStarts: [Int]

  /// Puts a trained vocabulary together.
  ///
  /// - Precondition: The ids of special tokens, bytes and merges together are 0 ..< their number,
  ///   each merge joins tokens of bytes or of earlier merges, and ``endOfTextName`` is there.
  package init(
    specialTokens: [AddedToken],
    byteIDs: [UInt32],
    merges: [Merge],
    addPrefixSpace: Bool,
    pretokenizer: PretokenizerPattern = .gpt2
  ) {
    let size = specialTokens.count + byteIDs.count + merges.count
    guard let endOfText = specialTokens.first(where: { $0.name == Self.endOfTextName }) else {
      preconditionFailure("a vocabulary without \(Self.endOfTextName)")
    }
    var spellings = [[UInt8]](repeating: [], count: size)
    for (byte, id) in byteIDs.enumerated() { spellings[Int(id)] = [UInt8(byte)] }
    for merge in merges {
      spellings[Int(merge.result)] = spellings[Int(merge.left)] + spellings[Int(merge.right)]
    }
    self.init(
      Vocabulary(
        addedTokens: specialTokens,
        spellings: spellings,
        literalNames: Dictionary(uniqueKeysWithValues: specialTokens.map { ($0.id, $0.name) }),
        byteIDs: byteIDs,
        merges: merges,
        modelIDs: Array(0..<UInt32(size))
      ),
      pretokenizer: pretokenizer,
      addPrefixSpace: addPrefixSpace,
      endOfText: endOfText.id,
      template: Template(before: endOfText.name, id: endOfText.id)
    )
  }

  /// Puts a vocabulary and what surrounds it together.
  init(
    _ vocabulary: Vocabulary,
    pretokenizer: PretokenizerPattern,
    addPrefixSpace: Bool,
    ignoresMerges: Bool = false,
    normalizer: Normalizer? = nil,
    normalizerJSON: JSONValue = .null,
    endOfText: UInt32,
    template: Template
  ) {
    addedTokens = vocabulary.addedTokens.sorted { $0.id < $1.id }
    specialTokens = addedTokens.filter(\.isSpecial)
    // Llama 3 cuts as GPT-4 does, and the file cannot tell them apart.
    self.pretokenizer = pretokenizer == .llama3 ? .cl100k : pretokenizer
    self.addPrefixSpace = addPrefixSpace
    self.vocabularySize = vocabulary.spellings.count
    self.endOfText = endOfText
    self.padding = specialTokens.first { $0.name == Self.paddingName }?.id ?? endOfText
    merges = vocabulary.merges
    byteIDs = vocabulary.byteIDs
    modelIDs = vocabulary.modelIDs
    self.ignoresMerges = ignoresMerges
    self.normalizer = normalizer
    self.normalizerJSON = normalizerJSON
    self.template = template
    literalNames = vocabulary.literalNames
    wholeWords = ignoresMerges ? vocabulary.wholeWords : [:]
    matcher = AddedTokenMatcher(
      vocabulary.addedTokens.filter { !$0.isNormalized }.map { ($0, Array($0.name.utf8)) }
    )
    let normalizedTokens = vocabulary.addedTokens.filter(\.isNormalized).map { token in
      let name = Array(token.name.utf8)
      var text = NormalizedText(name.span, 0..<name.count, keepsPlaces: false)
      normalizer?.apply(to: &text)
      return (token: token, name: text.bytes)
    }
    normalizedMatcher = AddedTokenMatcher(normalizedTokens)
    let spellings = vocabulary.spellings
    decodings = Dictionary(
      uniqueKeysWithValues: normalizedTokens.compactMap { token, name in
        guard name != Array(token.name.utf8) else { return nil }
        return (token.id, Vocabulary.decodedName(String(decoding: name, as: UTF8.self))[...])
      }
    )
    var starts = [0]
    starts.reserveCapacity(spellings.count + 1)
    var end = 0
    for spelling in spellings {
      end += spelling.count
      starts.append(end)
    }
    tokenBytes = spellings.flatMap(\.self)
    tokenStarts = starts
    longestToken = spellings.lazy.map(\.count).max() ?? 0
    mergeTable = MergeTable(byteIDs: vocabulary.byteIDs, merges: vocabulary.merges)
    hash = SHA256.hash([])
    hash = SHA256.hash(tokenizerJSON)
  }

  /// Whether the tokens of a text are its bytes, a prefix blank aside: there is no normalizer, and
  /// no added token but special ones.
  public var keepsText: Bool { normalizer == nil && specialTokens.count == addedTokens.count }

  /// The bytes that a token stands for; none for a special token.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The bytes, often not valid UTF-8 by themselves.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func bytes(of id: UInt32) -> ArraySlice<UInt8> {
    decodings[id] ?? tokenBytes[tokenStarts[Int(id)]..<tokenStarts[Int(id) + 1]]
  }

  /// The number of bytes of text that merges make into a token.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The number of bytes, which is that of ``bytes(of:)`` but for added tokens that a
  ///   normalizer changes; 0 for a special token.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func byteCount(of id: UInt32) -> Int {
    tokenStarts[Int(id) + 1] - tokenStarts[Int(id)]
  }

  /// Whether an id has a token; an id in a gap has none, and stands for nothing.
  ///
  /// - Parameter id: An id.
  /// - Returns: Whether there is a token; `false` beyond the vocabulary.
  public func hasToken(_ id: UInt32) -> Bool {
    Int(id) < vocabularySize && (byteCount(of: id) > 0 || literalNames[id] != nil)
  }

  /// A token's name as `tokenizer.json` spells it, such as `Ġthe`.
  ///
  /// - Parameter id: A token's id.
  /// - Returns: The name; empty for an id without a token.
  /// - Precondition: `id` is below ``vocabularySize``.
  public func name(of id: UInt32) -> String {
    literalNames[id] ?? ByteAlphabet.name(of: bytes(of: id))
  }

  /// The bytes that ids stand for, special tokens left out; ids without a token stand for none.
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

  /// The text that ids stand for, as Hugging Face's `decode` gives it.
  ///
  /// What is not valid UTF-8 becomes U+FFFD, once for each longest beginning of a character.
  ///
  /// - Parameters:
  ///   - ids: Token ids.
  ///   - keepsSpecialTokens: Whether special tokens show as their names.
  /// - Returns: The text.
  /// - Throws: ``Failure`` for an id beyond the vocabulary.
  public func decodedText(_ ids: [UInt32], keepsSpecialTokens: Bool = false) throws -> String {
    guard keepsSpecialTokens else { return String(decoding: try decode(ids), as: UTF8.self) }
    var bytes: [UInt8] = []
    for id in ids {
      bytes += try decode([id])
      if byteCount(of: id) == 0, decodings[id] == nil {
        bytes += Vocabulary.decodedName(name(of: id))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
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
