/// Names, ids, bytes and merges that make one vocabulary without contradiction.
///
/// Ids may leave gaps, as in published files whose special tokens stand apart; an id without a token
/// stands for nothing.
struct Vocabulary {
  /// The tokens that are found by their names.
  var addedTokens: [Tokenizer.AddedToken]
  /// The bytes of each token by id; none for a special token and for an id without a token.
  var spellings: [[UInt8]]
  /// The names that are not the bytes spelled in the alphabet.
  var literalNames: [UInt32: String]
  /// The id of each byte.
  var byteIDs: [UInt32]
  /// The merges, by rank.
  var merges: [Merge]
  /// The ids of the model's tokens, rising; what is not among them is an added token or nothing.
  var modelIDs: [UInt32]

  /// The tokens of more than a byte by their bytes.
  var wholeWords: [[UInt8]: UInt32] {
    var words: [[UInt8]: UInt32] = [:]
    for id in modelIDs where spellings[Int(id)].count > 1 && literalNames[id] == nil {
      words[spellings[Int(id)]] = id
    }
    return words
  }

  /// The bytes of a token's name as Hugging Face's decoder reads it: in the alphabet where all of
  /// it is, else as it stands.
  static func decodedName(_ name: String) -> [UInt8] {
    ByteAlphabet.bytes(named: name) ?? Array(name.utf8)
  }
}

/// Building a vocabulary from what a file names.
extension Vocabulary {
  /// Takes the vocabulary of a `tokenizer.json`.
  init(_ file: TokenizerFile, _ refusals: FileRefusals) throws {
    try self.init(
      names: file.model.names,
      ids: file.model.ids,
      merges: file.model.merges ?? [],
      addedTokens: file.addedTokens,
      refusals
    )
  }

  /// Takes names, ids and merges.
  ///
  /// - Throws: ``Failure`` where they contradict each other.
  init(
    names: [String],
    ids: [Int],
    merges: [(left: String, right: String)],
    addedTokens: [Tokenizer.AddedToken],
    _ refusals: FileRefusals
  ) throws {
    let names = try Self.orderedNames(names, ids, refusals)
    modelIDs = names.indices.filter { names[$0] != nil }.map { UInt32($0) }
    spellings = names.map { Array(($0 ?? "").utf8) }
    literalNames = [:]
    self.addedTokens = []
    self.merges = []
    byteIDs = []
    var idsByName: [[UInt8]: UInt32] = [:]
    idsByName.reserveCapacity(spellings.count)
    for id in modelIDs {
      let name = spellings[Int(id)]
      guard !name.isEmpty else { throw refusals.damaged("the token \(id) has no name") }
      guard idsByName.updateValue(id, forKey: name) == nil else {
        let name = String(decoding: name, as: UTF8.self)
        throw refusals.damaged("the token \"\(name)\" stands there twice")
      }
    }
    try takeAddedTokens(addedTokens, &idsByName, refusals)
    try takeMerges(merges, idsByName, refusals)
    try spell(refusals)
  }

  /// The names by id, up to the largest.
  private static func orderedNames(
    _ names: [String],
    _ ids: [Int],
    _ refusals: FileRefusals
  ) throws -> [String?] {
    for (name, id) in zip(names, ids) where !(0..<Tokenizer.largestVocabularySize).contains(id) {
      throw refusals.damaged(
        "the ids are not 0 to \(Tokenizer.largestVocabularySize - 1): \"\(name)\" has the id \(id)"
      )
    }
    var ordered = [String?](repeating: nil, count: (ids.max() ?? -1) + 1)
    for (name, id) in zip(names, ids) {
      if let other = ordered[id] {
        throw refusals.damaged(
          "the id \(id) belongs to two tokens, \"\(other)\" and \"\(name)\""
        )
      }
      ordered[id] = name
    }
    return ordered
  }

  /// Takes the added tokens.
  ///
  /// Those that the model lacks have the ids from the number of its tokens on, in the order of the
  /// file, as Hugging Face gives them; where the model has gaps, that may be an id in one.
  private mutating func takeAddedTokens(
    _ tokens: [Tokenizer.AddedToken],
    _ idsByName: inout [[UInt8]: UInt32],
    _ refusals: FileRefusals
  ) throws {
    var seen: Set<UInt32> = []
    var next = modelIDs.count
    for token in tokens {
      let name = Array(token.name.utf8)
      guard !name.isEmpty else { throw refusals.damaged("an added token has no name") }
      let expected = idsByName[name] ?? UInt32(next)
      guard token.id == expected else {
        throw refusals.damaged(
          "the added token \"\(token.name)\" has the id \(token.id), where its place gives it "
            + "\(expected)"
        )
      }
      guard seen.insert(token.id).inserted else {
        throw refusals.damaged("the added token \"\(token.name)\" stands there twice")
      }
      if idsByName[name] == nil {
        guard next < Tokenizer.largestVocabularySize else {
          throw refusals.damaged("more than \(Tokenizer.largestVocabularySize) tokens")
        }
        if next == spellings.count { spellings.append([]) }
        guard spellings[next].isEmpty else {
          throw refusals.damaged(
            "the id \(next) belongs to two tokens, \"\(String(decoding: spellings[next], as: UTF8.self))\" "
              + "and \"\(token.name)\""
          )
        }
        idsByName[name] = token.id
        spellings[next] = name
        next += 1
      }
      literalNames[token.id] = token.name
      addedTokens.append(token)
    }
  }

  private mutating func takeMerges(
    _ pairs: [(left: String, right: String)],
    _ idsByName: [[UInt8]: UInt32],
    _ refusals: FileRefusals
  ) throws {
    let special = Set(addedTokens.filter(\.isSpecial).map(\.id))
    merges.reserveCapacity(pairs.count)
    var seen: Set<UInt64> = []
    seen.reserveCapacity(pairs.count)
    for (rank, pair) in pairs.enumerated() {
      var name = Array(pair.left.utf8)
      guard let left = idsByName[name] else {
        throw refusals.damaged("merge \(rank) names the unknown token \"\(pair.left)\"")
      }
      guard let right = idsByName[Array(pair.right.utf8)] else {
        throw refusals.damaged("merge \(rank) names the unknown token \"\(pair.right)\"")
      }
      name += pair.right.utf8
      guard let result = idsByName[name] else {
        throw refusals.damaged(
          "merge \(rank) makes the unknown token \"\(pair.left)\(pair.right)\""
        )
      }
      guard !special.contains(left), !special.contains(right), !special.contains(result) else {
        throw refusals.damaged("merge \(rank) has a special token")
      }
      guard seen.insert(UInt64(left) << 32 | UInt64(right)).inserted else {
        throw refusals.damaged("merge \(rank) joins two tokens that an earlier merge joins")
      }
      merges.append(Merge(left: left, right: right, result: result))
    }
  }

  /// Turns the names into bytes and finds the 256 single ones.
  private mutating func spell(_ refusals: FileRefusals) throws {
    var bytes = [UInt32?](repeating: nil, count: 256)
    var isOfModel = [Bool](repeating: false, count: spellings.count)
    for id in modelIDs { isOfModel[Int(id)] = true }
    let special = Set(addedTokens.filter(\.isSpecial).map(\.id))
    for id in spellings.indices where !spellings[id].isEmpty {
      let name = String(decoding: spellings[id], as: UTF8.self)
      let isAdded = literalNames[UInt32(id)] != nil
      guard let spelling = ByteAlphabet.bytes(named: name) else {
        literalNames[UInt32(id)] = name
        if special.contains(UInt32(id)) { spellings[id] = [] }
        continue
      }
      spellings[id] = special.contains(UInt32(id)) ? [] : spelling
      if spelling.count == 1, isOfModel[id] {
        guard !isAdded || !special.contains(UInt32(id)) else {
          throw refusals.damaged("the special token \"\(name)\" is also a byte")
        }
        bytes[Int(spelling[0])] = UInt32(id)
      }
    }
    byteIDs = try bytes.enumerated().map { byte, id in
      guard let id else {
        let name = ByteAlphabet.name(of: CollectionOfOne(UInt8(byte)))
        throw refusals.damaged("the byte \(byte) (\"\(name)\") has no token")
      }
      return id
    }
  }
}
