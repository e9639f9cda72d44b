import Documents
import Files
import Foundation

/// Reads a `tokenizer.json`: byte-level BPE with GPT-2's pattern, as blalm writes it.
extension Tokenizer {
  /// Reads a tokenizer.
  ///
  /// - Parameter path: A path that ends in `.json`, or the folder that holds a `tokenizer.json`.
  /// - Throws: ``Failure`` where the file is missing, damaged, contradicts itself, or asks for what
  ///   blalm does not do; the message names the part.
  public init(contentsOf path: String) throws {
    let file = path.hasSuffix(".json") ? path : path + "/tokenizer.json"
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file))
    } catch {
      throw Failure(
        what: "the tokenizer cannot be read (\(error.localizedDescription))",
        place: file,
        remedy: "run `blalm tokenizer train`, or give the path of a tokenizer.json"
      )
    }
    try self.init(json: Array(data), path: file)
  }

  /// Reads the bytes of a `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - path: What to call the file in messages.
  /// - Throws: ``Failure`` as ``init(contentsOf:)``.
  package init(json bytes: [UInt8], path: String) throws {
    let file: TokenizerFile
    do {
      file = try JSONDecoder().decode(TokenizerFile.self, from: Data(bytes))
    } catch {
      throw Failure(
        what: "this is not a readable tokenizer.json (\(Self.explanation(of: error)))",
        place: path,
        remedy: "train the tokenizer again, or fetch the file anew"
      )
    }
    if let part = file.unsupportedPart {
      throw Failure(
        what: "blalm does not do what the file asks for: \(part)",
        place: path,
        remedy: "use a byte-level BPE tokenizer with GPT-2's pattern and no normalizer"
      )
    }
    var assembly = VocabularyAssembly(file, path: path)
    try assembly.assemble()
    self.init(
      specialTokens: assembly.specialTokens,
      byteIDs: assembly.byteIDs,
      merges: assembly.merges,
      addPrefixSpace: file.addPrefixSpace
    )
    hash = SHA256.hash(bytes)
  }

  private static func explanation(of error: any Error) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.isEmpty ? "" : " at " + keys.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return "\"\(key.stringValue)\" is missing\(path(context.codingPath))"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return "a value of the wrong kind\(path(context.codingPath))"
    case DecodingError.dataCorrupted(let context):
      return "\(context.debugDescription)\(path(context.codingPath))"
    default:
      return "\(error)"
    }
  }
}

/// Checks that names, ids and merges of a file make one vocabulary without gap or contradiction.
private struct VocabularyAssembly {
  var specialTokens: [Tokenizer.SpecialToken] = []
  var byteIDs: [UInt32] = []
  var merges: [Merge] = []

  private let file: TokenizerFile
  private let path: String

  init(_ file: TokenizerFile, path: String) {
    self.file = file
    self.path = path
  }

  private func damaged(_ what: String) -> Failure {
    Failure(what: what, place: path, remedy: "train the tokenizer again, or fetch the file anew")
  }

  mutating func assemble() throws {
    var vocabulary = file.model.vocabulary
    for token in file.addedTokens {
      guard vocabulary[token.content] == nil || vocabulary[token.content] == token.id else {
        throw damaged("the token \"\(token.content)\" has two ids")
      }
      vocabulary[token.content] = token.id
    }
    try checkIDs(vocabulary)
    try takeSpecialTokens(vocabulary)
    try takeBytes(vocabulary)
    try takeMerges(vocabulary)
    let named = specialTokens.count + byteIDs.count + merges.count
    guard named == vocabulary.count else {
      throw damaged(
        "\(vocabulary.count) tokens are named, but special tokens, bytes and merges make \(named)"
      )
    }
  }

  private func checkIDs(_ vocabulary: [String: Int]) throws {
    guard vocabulary.count <= Tokenizer.largestVocabularySize else {
      throw damaged("a vocabulary of \(vocabulary.count) tokens is too large")
    }
    var isTaken = [Bool](repeating: false, count: vocabulary.count)
    for (name, id) in vocabulary.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
      guard isTaken.indices.contains(id) else {
        throw damaged(
          "the ids are not 0 to \(vocabulary.count - 1): \"\(name)\" has the id \(id)"
        )
      }
      guard !isTaken[id] else { throw damaged("the id \(id) belongs to two tokens") }
      isTaken[id] = true
    }
  }

  private mutating func takeSpecialTokens(_ vocabulary: [String: Int]) throws {
    for name in Set(file.addedTokens.map(\.content)).sorted() {
      guard let id = vocabulary[name] else { continue }
      specialTokens.append(Tokenizer.SpecialToken(name: name, id: UInt32(id)))
    }
    for name in [Tokenizer.endOfTextName, Tokenizer.paddingName]
    where !specialTokens.contains(where: { $0.name == name }) {
      throw damaged("the special token \(name) is missing from added_tokens")
    }
  }

  private mutating func takeBytes(_ vocabulary: [String: Int]) throws {
    for byte in UInt8.min...UInt8.max {
      let name = ByteAlphabet.name(of: CollectionOfOne(byte))
      guard let id = vocabulary[name] else {
        throw damaged("the byte \(byte) (\"\(name)\") has no token")
      }
      byteIDs.append(UInt32(id))
    }
  }

  private mutating func takeMerges(_ vocabulary: [String: Int]) throws {
    var isMade = [Bool](repeating: false, count: vocabulary.count)
    for id in byteIDs { isMade[Int(id)] = true }
    for token in specialTokens {
      guard !isMade[Int(token.id)] else {
        throw damaged("the special token \"\(token.name)\" is also a byte")
      }
    }
    for (rank, pair) in file.model.merges.enumerated() {
      func id(_ name: String) throws -> Int {
        guard let id = vocabulary[name] else {
          throw damaged("merge \(rank) names the unknown token \"\(name)\"")
        }
        return id
      }
      let (left, right) = (try id(pair.left), try id(pair.right))
      guard isMade[left], isMade[right] else {
        throw damaged("merge \(rank) joins tokens that no earlier merge makes")
      }
      let result = try id(pair.left + pair.right)
      guard !isMade[result], !specialTokens.contains(where: { $0.id == UInt32(result) }) else {
        throw damaged("merge \(rank) makes the token \"\(pair.left + pair.right)\" anew")
      }
      isMade[result] = true
      merges.append(Merge(left: UInt32(left), right: UInt32(right), result: UInt32(result)))
    }
  }
}
