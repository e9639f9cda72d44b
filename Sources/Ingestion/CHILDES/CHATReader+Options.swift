extension CHATReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// Whether and how a line names its speaker.
    public enum Labels: String, Codable, Sendable, CaseIterable {
      /// The speaker's code, a colon and a space: `MOT: sit down.`
      case code
      /// The speaker's role, a colon and a space: `Mother: sit down.`
      case role
      /// Nothing.
      case none
    }

    /// What of an utterance is text.
    public var policy: CHATTextPolicy
    /// How a line names its speaker.
    public var labels: Labels
    /// Whose utterances are kept.
    public var speakers: CHATSpeakers
    /// The least age of the target child in months; transcripts of younger or unknown age are rejected.
    public var minimumAgeMonths: Double?
    /// The greatest age of the target child in months; transcripts of older or unknown age are rejected.
    public var maximumAgeMonths: Double?
    /// The codes of the languages to keep, as `eng`; none for all.
    public var languages: [String]
    /// The least number of words of an utterance, its label not counted; shorter ones are left out.
    public var minimumWords: Int
    /// Whether sentences begin with a capital letter.
    public var capitalizeSentences: Bool
    /// The encoding of the transcripts; one that is headed `@UTF8` and is no UTF-8 is read as
    /// Windows-1252.
    public var encoding: TextEncoding
    /// Whether the first fault ends the reading instead of being counted.
    public var strict: Bool

    /// Creates options.
    ///
    /// - Parameters:
    ///   - policy: What of an utterance is text.
    ///   - labels: How a line names its speaker.
    ///   - speakers: Whose utterances are kept.
    ///   - minimumAgeMonths: The least age of the target child.
    ///   - maximumAgeMonths: The greatest age of the target child.
    ///   - languages: The codes of the languages to keep; none for all.
    ///   - minimumWords: The least number of words of an utterance.
    ///   - capitalizeSentences: Whether sentences begin with a capital letter.
    ///   - encoding: The encoding of the transcripts.
    ///   - strict: Whether the first fault ends the reading.
    public init(
      policy: CHATTextPolicy = .intended,
      labels: Labels = .code,
      speakers: CHATSpeakers = .all,
      minimumAgeMonths: Double? = nil,
      maximumAgeMonths: Double? = nil,
      languages: [String] = [],
      minimumWords: Int = 0,
      capitalizeSentences: Bool = false,
      encoding: TextEncoding = .utf8,
      strict: Bool = false
    ) {
      self.policy = policy
      self.labels = labels
      self.speakers = speakers
      self.minimumAgeMonths = minimumAgeMonths
      self.maximumAgeMonths = maximumAgeMonths
      self.languages = languages
      self.minimumWords = minimumWords
      self.capitalizeSentences = capitalizeSentences
      self.encoding = encoding
      self.strict = strict
    }
  }
}

/// Whose utterances a reader of CHAT keeps; in a recipe a name, a code or a list of codes.
public enum CHATSpeakers: Codable, Equatable, Sendable {
  /// Everybody's.
  case all
  /// Those of everybody but participants with the role Target_Child.
  case allButTargetChild
  /// Those of grown-ups: by age where one is stated, else by role.
  case adults
  /// Those of the participants with these codes.
  case listed([String])

  /// Reads a name, a code, codes separated by commas, or a list of codes.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` for what is neither a name nor a code.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let words: [String]
    if let text = try? container.decode(String.self) {
      switch text {
      case "all": self = .all
      case "allButTargetChild": self = .allButTargetChild
      case "adults": self = .adults
      default: self = .listed(text.split(separator: ",").map(String.init))
      }
    } else {
      self = .listed(try container.decode([String].self))
    }
    guard case .listed(let codes) = self else { return }
    words = codes
    if words.isEmpty || words.contains(where: { !Self.isCode($0) }) {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "speakers are all, allButTargetChild, adults, or codes such as MOT"
      )
    }
  }

  /// Writes the name or the list.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .all: try container.encode("all")
    case .allButTargetChild: try container.encode("allButTargetChild")
    case .adults: try container.encode("adults")
    case .listed(let codes): try container.encode(codes)
    }
  }

  /// Codes are capitals, digits and a few marks, so that a misspelt name is never taken for one.
  private static func isCode(_ word: String) -> Bool {
    !word.isEmpty && word.allSatisfy { !$0.isLowercase && !$0.isWhitespace }
  }
}
