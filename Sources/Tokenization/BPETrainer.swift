import Files

/// Learns a byte-level BPE vocabulary from documents.
///
/// The method is that of Sennrich, Haddow and Birch (ACL 2016) over bytes, as in GPT-2. It gives the same merges in the same order as Hugging Face's `BpeTrainer` with `ByteLevel`
/// pretokenization and its whole alphabet: the most frequent pair first, and of equally frequent
/// pairs the one with the smaller ids. Counts have 64 bits. The result depends on the documents'
/// pretokens alone, not on the order of the documents nor on how they were spread over trainers.
///
/// ```swift
/// var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 4_096))
/// for document in documents { trainer.add(document.text.utf8Span.span) }
/// let tokenizer = try trainer.train()
/// ```
public struct BPETrainer: Sendable {
  /// What shapes a vocabulary, besides the text.
  public struct Settings: Codable, Equatable, Sendable {
    /// The number of ids to reach: special tokens, 256 bytes and merges.
    public var vocabularySize: Int
    /// The count below which a pair is not merged.
    ///
    /// 2, as in Hugging Face's
    /// `ByteLevelBPETokenizer` (`BpeTrainer` itself has 0): what occurs once teaches nothing.
    public var minimumFrequency: Int
    /// Whether each document is read as though a blank stood before it, so that its first word
    /// is the same token as anywhere else.
    public var addPrefixSpace: Bool
    /// The tokens without bytes, which take the ids from 0 on, in this order.
    public var specialTokens: [String]
    /// How documents are cut into the pieces that merges may not cross; a prefix blank goes with
    /// GPT-2's pattern only.
    public var pretokenizer: PretokenizerPattern
    /// How often each document of a source counts; once where a source is not named, never for 0.
    public var weights: [String: Int]

    /// Creates settings.
    ///
    /// - Parameters:
    ///   - vocabularySize: The number of ids to reach.
    ///   - minimumFrequency: The count below which a pair is not merged.
    ///   - addPrefixSpace: Whether a blank is put before each document.
    ///   - specialTokens: The tokens without bytes, from id 0 on.
    ///   - pretokenizer: How documents are cut.
    ///   - weights: How often each document of a source counts.
    public init(
      vocabularySize: Int,
      minimumFrequency: Int = 2,
      addPrefixSpace: Bool = true,
      specialTokens: [String] = [Tokenizer.endOfTextName, Tokenizer.paddingName],
      pretokenizer: PretokenizerPattern = .gpt2,
      weights: [String: Int] = [:]
    ) {
      self.vocabularySize = vocabularySize
      self.minimumFrequency = minimumFrequency
      self.addPrefixSpace = addPrefixSpace
      self.specialTokens = specialTokens
      self.pretokenizer = pretokenizer
      self.weights = weights
    }

    /// The largest weight of a source: counts of 2⁴³ pretokens stay within 63 bits.
    public static let largestWeight = 1_000_000

    /// Checks that the settings make a vocabulary.
    ///
    /// - Throws: ``Failure`` that names the setting.
    public func validate() throws {
      let smallest = specialTokens.count + 256
      guard vocabularySize >= smallest, vocabularySize <= Tokenizer.largestVocabularySize else {
        throw Failure(
          .usage,
          what: "the vocabulary size \(vocabularySize) is out of range",
          place: "tokenizer.vocabularySize",
          remedy: "choose \(smallest) to \(Tokenizer.largestVocabularySize)"
        )
      }
      guard minimumFrequency >= 0 else {
        throw Failure(
          .usage,
          what: "the minimum frequency \(minimumFrequency) is negative",
          place: "tokenizer.minimumFrequency",
          remedy: "choose 0 or more"
        )
      }
      for (source, weight) in weights where weight < 0 || weight > Self.largestWeight {
        throw Failure(
          .usage,
          what: "the weight \(weight) of \(source) is out of range",
          place: "tokenizer.weights.\(source)",
          remedy: "choose 0 to \(Self.largestWeight)"
        )
      }
      guard pretokenizer == .gpt2 || !addPrefixSpace else {
        throw Failure(
          .usage,
          what: "the pretokenizer \(pretokenizer.rawValue) takes no prefix blank",
          place: "tokenizer.addPrefixSpace",
          remedy: "set it to false, or take the pretokenizer gpt2"
        )
      }
      try validateSpecialTokens()
    }

    private func validateSpecialTokens() throws {
      for required in [Tokenizer.endOfTextName, Tokenizer.paddingName]
      where !specialTokens.contains(required) {
        throw Failure(
          .usage,
          what: "the special token \(required) is missing",
          place: "tokenizer.specialTokens",
          remedy: "add \(required)"
        )
      }
      guard Set(specialTokens).count == specialTokens.count else {
        throw Failure(
          .usage,
          what: "a special token is named twice",
          place: "tokenizer.specialTokens",
          remedy: "name each once"
        )
      }
      // A name that merges can spell would share its id with a piece of text.
      for name in specialTokens where isPretoken(name) {
        throw Failure(
          .usage,
          what: "the special token \"\(name)\" could be a piece of text",
          place: "tokenizer.specialTokens",
          remedy: "give it a name such as <|name|>"
        )
      }
    }

    private func isPretoken(_ name: String) -> Bool {
      guard let bytes = ByteAlphabet.bytes(named: name) else { return false }
      var end = 0
      var ends: [UInt32] = [0]
      var span = ends.mutableSpan
      _ = Pretokenizer().cut(bytes.span, from: &end, by: pretokenizer, into: &span)
      return end == bytes.count
    }
  }

  /// The settings.
  public let settings: Settings
  /// The number of documents added.
  public private(set) var documentCount = 0
  /// The number of distinct pretokens in them, which decides the memory.
  public var distinctPretokenCount: Int { counts.distinctCount }

  /// The bytes of memory that the pretokens and their counts take.
  public var pretokenMemory: Int { counts.memory }

  private var counts: PretokenCounts

  /// Creates a trainer that has seen no text.
  ///
  /// - Parameter settings: What shapes the vocabulary.
  /// - Throws: ``Failure`` for settings that make no vocabulary.
  public init(_ settings: Settings) throws {
    try settings.validate()
    self.settings = settings
    self.counts = PretokenCounts(
      addPrefixSpace: settings.addPrefixSpace,
      pattern: settings.pretokenizer
    )
  }

  /// Counts the pretokens of one document, as often as its source's weight says.
  ///
  /// - Parameters:
  ///   - text: The document's UTF-8.
  ///   - source: The name of its source, which ``Settings/weights`` may name.
  /// - Complexity: Linear in the bytes.
  public mutating func add(_ text: Span<UInt8>, source: String? = nil) {
    counts.add(text, weight: source.flatMap { settings.weights[$0] } ?? 1)
    documentCount += 1
  }

  /// Takes over what another trainer has counted, so that several can count at once.
  ///
  /// - Parameter other: A trainer over other documents.
  /// - Precondition: Both have the same settings.
  public mutating func merge(_ other: BPETrainer) {
    precondition(settings == other.settings, "trainers with different settings")
    counts.merge(other.counts)
    documentCount += other.documentCount
  }

  /// Learns the merges.
  ///
  /// A corpus with fewer pairs than the vocabulary has room for gives a smaller vocabulary:
  /// compare `Tokenizer.vocabularySize` with ``Settings/vocabularySize``.
  ///
  /// - Returns: The tokenizer.
  /// - Throws: ``Failure`` where no document had any text, or where the distinct pretokens have some
  ///   4.29 thousand million places of pairs, which takes about as many bytes of pretokens.
  /// - Complexity: About linear in the distinct pretokens' bytes.
  public func train() throws -> Tokenizer {
    try train(placeLimit: MergeLearner.mostPlaces)
  }

  /// Learns the merges with a lower bound of the places of pairs than the learner has.
  package func train(placeLimit: Int) throws -> Tokenizer {
    guard counts.distinctCount > 0 else {
      throw Failure(
        what: "there is no text to learn a vocabulary from",
        place: "tokenizer training, \(documentCount) documents",
        remedy: "check that the selection holds documents"
      )
    }
    let firstByteID = settings.specialTokens.count
    var byteIDs = [UInt32](repeating: 0, count: 256)
    for (index, byte) in ByteAlphabet.bytesInOrder.enumerated() {
      byteIDs[Int(byte)] = UInt32(firstByteID + index)
    }
    var learner = try MergeLearner(counts, byteIDs: byteIDs, placeLimit: placeLimit)
    let merges = try learner.learn(
      limit: settings.vocabularySize - firstByteID - 256,
      firstID: UInt32(firstByteID + 256),
      minimumFrequency: Int64(settings.minimumFrequency)
    )
    return Tokenizer(
      specialTokens: settings.specialTokens.enumerated().map {
        Tokenizer.AddedToken(name: $1, id: UInt32($0))
      },
      byteIDs: byteIDs,
      merges: merges.enumerated().map {
        Merge(left: $1.left, right: $1.right, result: UInt32(firstByteID + 256 + $0))
      },
      addPrefixSpace: settings.addPrefixSpace,
      pretokenizer: settings.pretokenizer
    )
  }
}
