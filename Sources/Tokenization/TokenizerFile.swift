/// The shape of a `tokenizer.json`, as far as it is read.
///
/// A member that asks for what blalm cannot do is refused by name rather than ignored: a tokenizer
/// that encodes a little differently spoils a model in silence.
struct TokenizerFile {
  /// The most merges that a file may have; vocabularies from elsewhere hold several for a token.
  static let largestMergeCount = 2 * Tokenizer.largestVocabularySize
  /// The most bytes that the names of added tokens may have together.
  static let largestAddedNames = 1 << 20

  var version: JSONValue = .null
  var truncation: JSONValue = .null
  var padding: JSONValue = .null
  var addedTokens: [Tokenizer.AddedToken] = []
  var normalizer: JSONValue = .null
  var preTokenizer: JSONValue = .null
  var postProcessor: JSONValue = .null
  var decoder: JSONValue = .null
  var model = Model()

  /// The model: vocabulary and merges.
  struct Model {
    /// The members that decide whether blalm can do what the model asks for.
    var settings: [String: JSONValue] = [:]
    var names: [String] = []
    var ids: [Int] = []
    var merges: [(left: String, right: String)]?
  }

  /// Reads a file.
  ///
  /// - Throws: `JSONParser.Malformed`.
  init(_ bytes: [UInt8]) throws {
    var parser = JSONParser(bytes)
    var seen: Set<String> = []
    try parser.object { name, parser in
      guard seen.insert(name).inserted else {
        throw parser.malformed("\"\(name)\" stands there twice")
      }
      switch name {
      case "version": version = try parser.value()
      case "truncation": truncation = try parser.value()
      case "padding": padding = try parser.value()
      case "added_tokens": try readAddedTokens(&parser)
      case "normalizer": normalizer = try parser.value()
      case "pre_tokenizer": preTokenizer = try parser.value()
      case "post_processor": postProcessor = try parser.value()
      case "decoder": decoder = try parser.value()
      case "model": try readModel(&parser)
      default: throw parser.malformed("an unknown member \"\(name)\"")
      }
    }
    guard parser.isAtEnd() else { throw parser.malformed("something follows the object") }
    for name in ["added_tokens", "model"] where !seen.contains(name) {
      throw parser.malformed("\"\(name)\" is missing")
    }
    guard !model.names.isEmpty else { throw parser.malformed("\"vocab\" is missing in model") }
    guard model.merges != nil else { throw parser.malformed("\"merges\" is missing in model") }
  }

  private mutating func readAddedTokens(_ parser: inout JSONParser) throws {
    var nameBytes = 0
    try parser.array { parser in
      let entry = try parser.value()
      guard let name = entry["content"]?.text else { throw parser.malformed("no \"content\"") }
      guard case .number(let digits)? = entry["id"], let id = UInt32(digits) else {
        throw parser.malformed("the added token \"\(name)\" has no id from 0 to \(UInt32.max)")
      }
      func flag(_ member: String) throws -> Bool {
        switch entry[member] {
        case .flag(let flag)?: flag
        case nil: false
        default: throw parser.malformed("\"\(member)\" of \"\(name)\" is no flag")
        }
      }
      nameBytes += name.utf8.count
      guard name.utf8.count <= AddedTokenMatcher.longestName, nameBytes <= Self.largestAddedNames
      else { throw parser.malformed("the names of added tokens are too long") }
      addedTokens.append(
        Tokenizer.AddedToken(
          name: name,
          id: id,
          isSpecial: try flag("special"),
          isSingleWord: try flag("single_word"),
          stripsLeft: try flag("lstrip"),
          stripsRight: try flag("rstrip"),
          isNormalized: try flag("normalized")
        )
      )
    }
  }

  private mutating func readModel(_ parser: inout JSONParser) throws {
    try parser.object { name, parser in
      switch name {
      case "vocab": try readVocabulary(&parser)
      case "merges": try readMerges(&parser)
      default:
        guard model.settings.updateValue(try parser.value(), forKey: name) == nil else {
          throw parser.malformed("\"\(name)\" stands there twice in model")
        }
      }
    }
  }

  private mutating func readVocabulary(_ parser: inout JSONParser) throws {
    guard model.names.isEmpty else { throw parser.malformed("\"vocab\" stands there twice") }
    (model.names, model.ids) = try Self.vocabulary(&parser)
  }

  /// Reads an object of names and ids.
  static func vocabulary(_ parser: inout JSONParser) throws -> (names: [String], ids: [Int]) {
    guard parser.peek() == UInt8(ascii: "{") else {
      throw parser.malformed("\"vocab\" is no object of names and ids")
    }
    var names: [String] = []
    var ids: [Int] = []
    try parser.object { name, parser in
      guard names.count < Tokenizer.largestVocabularySize else {
        throw parser.malformed("more than \(Tokenizer.largestVocabularySize) tokens")
      }
      let value = try parser.integer()
      guard let value else { throw parser.malformed("the token \"\(name)\" has no whole id") }
      names.append(name)
      ids.append(value)
    }
    return (names, ids)
  }

  private mutating func readMerges(_ parser: inout JSONParser) throws {
    guard model.merges == nil else { throw parser.malformed("\"merges\" stands there twice") }
    var merges: [(left: String, right: String)] = []
    try parser.array { parser in
      guard merges.count < Self.largestMergeCount else {
        throw parser.malformed("more than \(Self.largestMergeCount) merges")
      }
      var names: [String] = []
      if parser.peek() == UInt8(ascii: "[") {
        try parser.array { parser in
          guard names.count < 2 else { throw parser.malformed("a merge has two tokens") }
          names.append(try parser.string())
        }
      } else {
        // As before tokenizers 0.20.
        guard parser.peek() == UInt8(ascii: "\"") else {
          throw parser.malformed("a merge is no pair of tokens")
        }
        names = try parser.string()
          .split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
          .map(String.init)
      }
      guard names.count == 2 else { throw parser.malformed("a merge has two tokens") }
      merges.append((names[0], names[1]))
    }
    model.merges = merges
  }

  /// Refuses the parts that blalm does not do.
  ///
  /// - Throws: ``UnsupportedPart``.
  func checkSupport() throws {
    for (name, value) in [
      ("truncation", truncation), ("padding", padding),
      ("model.dropout", model.settings["dropout"] ?? .null),
    ] where value != .null {
      throw UnsupportedPart(name)
    }
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      let value = model.settings[name] ?? .null
      guard value == .null || value == .string("") else { throw UnsupportedPart("model.\(name)") }
    }
    guard version == .null || version == .string("1.0") else {
      throw UnsupportedPart("version \(version.text ?? "of another kind")")
    }
    if let type = model.settings["type"], type != .string("BPE") {
      throw UnsupportedPart("model.type \(type.text ?? "of another kind")")
    }
    if model.settings["byte_fallback"] == .flag(true) {
      throw UnsupportedPart("model.byte_fallback")
    }
    guard decoder["type"] == .string("ByteLevel") else {
      throw UnsupportedPart("decoder \(decoder["type"]?.text ?? "null")")
    }
  }

  /// Whether a word that is in the vocabulary as a whole is taken without merging.
  var ignoresMerges: Bool { model.settings["ignore_merges"] == .flag(true) }

  /// How texts are cut, and whether a blank is put before them.
  ///
  /// - Throws: ``UnsupportedPart``.
  func pretokenization() throws -> (pattern: PretokenizerPattern, addPrefixSpace: Bool) {
    if isByteLevel(preTokenizer, usesExpression: true) {
      return (.gpt2, preTokenizer["add_prefix_space"] == .flag(true))
    }
    let name = "pre_tokenizer"
    guard preTokenizer["type"] == .string("Sequence"),
      let steps = preTokenizer["pretokenizers"]?.elements
    else {
      if preTokenizer["use_regex"] == .flag(false) { throw UnsupportedPart("\(name).use_regex") }
      throw UnsupportedPart("\(name) \(preTokenizer["type"]?.text ?? "null")")
    }
    guard steps.count == 2 else { throw UnsupportedPart("\(name) of \(steps.count) steps") }
    guard steps[1]["add_prefix_space"] != .flag(true) else {
      throw UnsupportedPart("\(name).pretokenizers[1].add_prefix_space")
    }
    if steps[0]["type"] == .string("Digits"), steps[0]["individual_digits"] == .flag(true),
      isByteLevel(steps[1], usesExpression: true)
    {
      return (.gpt2Digits, false)
    }
    guard steps[0]["type"] == .string("Split"), isByteLevel(steps[1], usesExpression: false) else {
      let types = steps.map { $0["type"]?.text ?? "null" }.joined(separator: ", ")
      throw UnsupportedPart("\(name) Sequence of \(types)")
    }
    guard let expression = steps[0]["pattern"]?["Regex"]?.text,
      let pattern = PretokenizerPattern.recognized(expression)
    else { throw UnsupportedPart("\(name) Split by a pattern that blalm does not know") }
    let isInverted = steps[0]["invert"] == .flag(true)
    guard steps[0]["behavior"] == .string(isInverted ? "Removed" : "Isolated") else {
      throw UnsupportedPart("\(name) Split.behavior")
    }
    return (pattern, false)
  }

  private func isByteLevel(_ step: JSONValue, usesExpression: Bool) -> Bool {
    step["type"] == .string("ByteLevel")
      && (step["use_regex"] != .flag(false)) == usesExpression
  }
}
