/// The shape of a `tokenizer.json`, as far as it is read.
///
/// A member that is not listed here or holds what blalm cannot do is refused by name rather than
/// ignored: a tokenizer that encodes a little differently spoils a model in silence.
struct TokenizerFile: Decodable {
  var version: String?
  var truncation: JSONValue?
  var padding: JSONValue?
  var addedTokens: [AddedToken]
  var normalizer: JSONValue?
  var preTokenizer: JSONValue?
  var postProcessor: JSONValue?
  var decoder: JSONValue?
  var model: Model

  enum CodingKeys: String, CodingKey {
    case version
    case truncation
    case padding
    case addedTokens = "added_tokens"
    case normalizer
    case preTokenizer = "pre_tokenizer"
    case postProcessor = "post_processor"
    case decoder
    case model
  }

  /// One entry of `added_tokens`.
  struct AddedToken: Decodable {
    var id: Int
    var content: String
    var special: Bool
  }

  /// The model: vocabulary and merges.
  struct Model: Decodable {
    var type: String?
    var dropout: JSONValue?
    var continuingSubwordPrefix: JSONValue?
    var endOfWordSuffix: JSONValue?
    var byteFallback: Bool?
    var ignoreMerges: Bool?
    var vocabulary: [String: Int]
    var merges: [MergeNames]

    enum CodingKeys: String, CodingKey {
      case type
      case dropout
      case continuingSubwordPrefix = "continuing_subword_prefix"
      case endOfWordSuffix = "end_of_word_suffix"
      case byteFallback = "byte_fallback"
      case ignoreMerges = "ignore_merges"
      case vocabulary = "vocab"
      case merges
    }
  }

  /// The two tokens of a merge: `["a", "b"]`, or `"a b"` as before tokenizers 0.20.
  struct MergeNames: Decodable {
    var left: String
    var right: String

    init(from decoder: any Decoder) throws {
      var names: [String] = []
      if var list = try? decoder.unkeyedContainer() {
        while !list.isAtEnd { names.append(try list.decode(String.self)) }
      } else {
        names = try decoder.singleValueContainer().decode(String.self)
          .split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      }
      guard names.count == 2 else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath,
            debugDescription: "a merge has two tokens"
          )
        )
      }
      left = names[0]
      right = names[1]
    }
  }

  /// The first part that blalm does not do, by its name in the file, or `nil`.
  var unsupportedPart: String? {
    for (name, value) in [
      ("truncation", truncation), ("padding", padding), ("normalizer", normalizer),
      ("model.dropout", model.dropout),
    ] where value != nil && value != .null {
      return name
    }
    for (name, value) in [
      ("model.continuing_subword_prefix", model.continuingSubwordPrefix),
      ("model.end_of_word_suffix", model.endOfWordSuffix),
    ] where value != nil && value != .null && value != .string("") {
      return name
    }
    if let version, version != "1.0" { return "version \(version)" }
    if let type = model.type, type != "BPE" { return "model.type \(type)" }
    if model.byteFallback == true { return "model.byte_fallback" }
    if model.ignoreMerges == true { return "model.ignore_merges" }
    if preTokenizer?["type"] != .string("ByteLevel") { return "pre_tokenizer" }
    if preTokenizer?["use_regex"] == .flag(false) { return "pre_tokenizer.use_regex" }
    if decoder?["type"] != .string("ByteLevel") { return "decoder" }
    if let token = addedTokens.first(where: { !$0.special }) {
      return "added_tokens \"\(token.content)\", which is not special"
    }
    return nil
  }

  /// Whether the pretokenizer puts a blank before the text.
  var addPrefixSpace: Bool { preTokenizer?["add_prefix_space"] == .flag(true) }
}
