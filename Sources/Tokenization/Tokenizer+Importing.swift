import Files
import Foundation

/// Vocabularies in other files than `tokenizer.json`: GPT-2's `vocab.json` with `merges.txt`, and
/// the rank files of tiktoken (Llama 3's `tokenizer.model` is one). Neither says how a text is cut.
extension Tokenizer {
  /// The longest token of a rank file, in bytes: each of its halves is looked up.
  private static let longestRankedToken = 256

  /// Reads a tokenizer from any of the files that blalm knows.
  ///
  /// A folder is read by its `tokenizer.json`, else its `vocab.json` and `merges.txt`. A vocabulary
  /// without ``endOfTextName`` is given one, with the first id that no token has; the rank files of
  /// GPT-4 and Llama 3 are known and given their own special tokens.
  ///
  /// - Parameters:
  ///   - path: A folder, a `tokenizer.json`, a `vocab.json` with `merges.txt` beside it, or a rank
  ///     file of tiktoken.
  ///   - pretokenizer: How texts are cut; only for files that do not say it, and needed there.
  /// - Throws: ``Failure`` for a file that is missing, damaged or asks for what blalm does not do.
  public init(importing path: String, pretokenizer: PretokenizerPattern? = nil) throws {
    let manager = FileManager.default
    var file = path
    let isFolder = try? URL(filePath: path).resourceValues(forKeys: [.isDirectoryKey]).isDirectory
    if isFolder == true {
      let whole = path + "/tokenizer.json"
      file = manager.fileExists(atPath: whole) ? whole : path + "/vocab.json"
    }
    let name = file.split(separator: "/").last.map(String.init) ?? file
    if name.hasSuffix(".json"), !name.hasSuffix("vocab.json") {
      guard pretokenizer == nil else {
        throw Failure(
          .usage,
          what: "a tokenizer.json says itself how texts are cut",
          place: file,
          remedy: "leave the pretokenizer out"
        )
      }
      try self.init(contentsOf: file)
      return
    }
    guard let pretokenizer else {
      // A file that is not there is refused as such.
      if !manager.fileExists(atPath: file) { _ = try Self.bytes(ofFile: file) }
      throw Failure(
        .usage,
        what: "the file does not say how texts are cut",
        place: file,
        remedy: "name the pretokenizer: "
          + PretokenizerPattern.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    if name.hasSuffix("vocab.json") {
      let merges = String(file.dropLast("vocab.json".count)) + "merges.txt"
      try self.init(
        vocabulary: try Self.bytes(ofFile: file),
        merges: try Self.bytes(ofFile: merges),
        paths: (file, merges),
        pretokenizer: pretokenizer
      )
    } else {
      try self.init(
        ranks: try Self.bytes(ofFile: file),
        path: file,
        pretokenizer: pretokenizer
      )
    }
  }

  /// Reads a `vocab.json` (names and ids) and a `merges.txt` (two names a line, by rank).
  package init(
    vocabulary: [UInt8],
    merges: [UInt8],
    paths: (vocabulary: String, merges: String),
    pretokenizer: PretokenizerPattern
  ) throws {
    let refusals = FileRefusals(path: paths.vocabulary)
    let (names, ids) = try refusals.translating("vocab.json") {
      try FileRefusals.checkUTF8(vocabulary)
      var parser = JSONParser(vocabulary)
      let entries = try TokenizerFile.vocabulary(&parser)
      guard parser.isAtEnd() else { throw parser.malformed("something follows the object") }
      return entries
    }
    let mergeRefusals = FileRefusals(path: paths.merges)
    let pairs = try mergeRefusals.translating("merges.txt") {
      try FileRefusals.checkUTF8(merges)
      return try Self.pairs(merges, mergeRefusals)
    }
    let special = [Self.endOfTextName, Self.paddingName].compactMap { name in
      names.firstIndex(of: name).map { (name: name, id: ids[$0]) }
    }
    try self.init(
      names: names,
      ids: ids,
      merges: pairs,
      known: special,
      refusals,
      pretokenizer
    )
  }

  private static func pairs(
    _ bytes: [UInt8],
    _ refusals: FileRefusals
  ) throws -> [(left: String, right: String)] {
    var pairs: [(left: String, right: String)] = []
    try forEachLine(of: bytes) { number, line in
      let line = line.last == 0x0d ? line.dropLast() : line
      if line.isEmpty || (number == 1 && line.starts(with: "#version".utf8)) { return }
      let names = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
      guard names.count == 2, pairs.count < TokenizerFile.largestMergeCount else {
        throw FileRefusals(path: "\(refusals.path):\(number)").damaged(
          names.count == 2
            ? "more than \(TokenizerFile.largestMergeCount) merges" : "a merge has two tokens"
        )
      }
      pairs.append(
        (String(decoding: names[0], as: UTF8.self), String(decoding: names[1], as: UTF8.self))
      )
    }
    return pairs
  }

  /// Reads tiktoken's ranks: a token in base64 and its rank a line.
  ///
  /// Every way to join two tokens into a third is a merge, by the third's rank and then by the ranks
  /// of the two, as Hugging Face converts such files; a word that is a token is taken as a whole.
  package init(ranks: [UInt8], path: String, pretokenizer: PretokenizerPattern) throws {
    var tokens: [[UInt8]: Int] = [:]
    try forEachLine(of: ranks) { number, line in
      let line = line.last == 0x0d ? line.dropLast() : line
      if line.isEmpty { return }
      let refusals = FileRefusals(path: "\(path):\(number)")
      guard line.count <= 3 * Self.longestRankedToken, tokens.count < Self.largestVocabularySize
      else {
        throw refusals.damaged(
          "a token of more than \(Self.longestRankedToken) bytes, or one token too many"
        )
      }
      let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 2, let token = Data(base64Encoded: Data(parts[0])), !token.isEmpty,
        let rank = Int(String(decoding: parts[1], as: UTF8.self))
      else { throw refusals.damaged("this is no token in base64 and its rank") }
      guard token.count <= Self.longestRankedToken else {
        throw refusals.damaged("a token of more than \(Self.longestRankedToken) bytes")
      }
      guard tokens.updateValue(rank, forKey: Array(token)) == nil else {
        throw refusals.damaged("the token stands there twice")
      }
    }
    let refusals = FileRefusals(path: path)
    let ordered = tokens.sorted { ($0.value, $0.key.count) < ($1.value, $1.key.count) }
    var merges: [(left: String, right: String)] = []
    for (token, _) in ordered where token.count > 1 {
      var ways: [(left: Int, right: Int, cut: Int)] = []
      for cut in 1..<token.count {
        guard let left = tokens[Array(token[..<cut])], let right = tokens[Array(token[cut...])]
        else { continue }
        ways.append((left, right, cut))
      }
      guard merges.count + ways.count <= TokenizerFile.largestMergeCount else {
        throw refusals.damaged("more than \(TokenizerFile.largestMergeCount) merges")
      }
      for way in ways.sorted(by: { ($0.left, $0.right) < ($1.left, $1.right) }) {
        merges.append(
          (ByteAlphabet.name(of: token[..<way.cut]), ByteAlphabet.name(of: token[way.cut...]))
        )
      }
    }
    let special = PublishedRanks.specialTokens(pretokenizer, rankCount: tokens.count)
    try self.init(
      names: ordered.map { ByteAlphabet.name(of: $0.key) } + special.map(\.name),
      ids: ordered.map(\.value) + special.map(\.id),
      merges: merges,
      known: special,
      refusals,
      pretokenizer,
      ignoresMerges: true
    )
  }

  /// Puts a vocabulary together whose special tokens may have to be added.
  ///
  /// They join the model's tokens, as `tokenizer.json` can give no other token an id behind a gap.
  private init(
    names: [String],
    ids: [Int],
    merges: [(left: String, right: String)],
    known: [(name: String, id: Int)],
    _ refusals: FileRefusals,
    _ pretokenizer: PretokenizerPattern,
    ignoresMerges: Bool = false
  ) throws {
    var names = names
    var ids = ids
    var special = known
    // Padding alone begins no document.
    if special.isEmpty || special[0].name == Self.paddingName {
      let taken = Set(ids)
      let free = (0...ids.count).first { !taken.contains($0) } ?? ids.count
      special.insert((Self.endOfTextName, free), at: 0)
      names.append(Self.endOfTextName)
      ids.append(free)
    }
    let vocabulary = try Vocabulary(
      names: names,
      ids: ids,
      merges: merges,
      addedTokens: try special.sorted { $0.id < $1.id }.map { name, id in
        guard let id = UInt32(exactly: id) else {
          throw refusals.damaged("the token \"\(name)\" has the id \(id)")
        }
        return AddedToken(name: name, id: id)
      },
      refusals
    )
    let first = (name: special[0].name, id: UInt32(truncatingIfNeeded: special[0].id))
    self.init(
      vocabulary,
      pretokenizer: pretokenizer,
      addPrefixSpace: false,
      ignoresMerges: ignoresMerges,
      endOfText: first.id,
      template: Template(before: first.name, id: first.id)
    )
  }
}

/// Hands the lines of a file over, counted from 1, without their ends.
private func forEachLine(
  of bytes: [UInt8],
  _ body: (Int, ArraySlice<UInt8>) throws -> Void
) rethrows {
  var start = 0
  var number = 0
  while start < bytes.count {
    number += 1
    let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
    try body(number, bytes[start..<end])
    start = end + 1
  }
}
