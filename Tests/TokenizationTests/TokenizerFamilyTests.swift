import Documents
import Foundation
import TestSupport
import Testing
import Tokenization

/// Vocabularies that Hugging Face trains and saves, read here: the same ids for every text.
///
/// Skips where Python's `tokenizers` 0.23 is absent. `BLALM_PEER_BYTES` and `BLALM_PEER_RANDOM` ask
/// for more text than the 2 MB and 0.4 MB of every run; the real text needs `../shared/data` and the
/// tests' own sentences stand in for it.
@Suite struct TokenizerFamilyTests {
  static let families = ["gpt2", "cl100k", "llama3", "gpt2-digits", "normalized", "own"]

  private static func bytes(_ name: String, _ standard: String) -> String {
    ProcessInfo.processInfo.environment[name] ?? standard
  }

  /// The documents and the vocabularies, made once.
  private static let material = Result { () throws -> String in
    let made = try TemporaryFolder()
    made.keepUntilExit()
    let folder = made.path
    if Peer.hasData {
      let limit = bytes("BLALM_PEER_BYTES", "2000000")
      try script("documents", Peer.data, limit, folder + "/documents")
    } else {
      let texts = try Fixture.texts.map { Array($0.utf8) + [0] }
      try Data(texts.flatMap(\.self)).write(to: URL(filePath: folder + "/documents"))
    }
    try script("random", bytes("BLALM_PEER_RANDOM", "400000"), "7", folder + "/random")
    var mixture = try Data(contentsOf: URL(filePath: folder + "/documents")).prefix(3_000_000)
    mixture.append(0)
    mixture.append(try Data(contentsOf: URL(filePath: folder + "/random")).prefix(100_000))
    let text = String(decoding: mixture, as: UTF8.self) + "\0"
    try Data(text.utf8).write(to: URL(filePath: folder + "/mixture"))
    try script("families", folder + "/mixture", folder)
    var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 6_000))
    for document in try documents(folder + "/mixture") { trainer.add(document.span) }
    try trainer.train().write(to: folder + "/own")
    return folder
  }

  @discardableResult
  private static func script(_ arguments: String...) throws -> String {
    try Peer.run([try Fixture.url("huggingface_families.py").path()] + arguments)
  }

  private static func documents(_ path: String) throws -> [ArraySlice<UInt8>] {
    Array(try Data(contentsOf: URL(filePath: path)))
      .split(separator: 0, omittingEmptySubsequences: false).dropLast()
  }

  private static let realTexts = Result { try documents(material.get() + "/documents") }
  private static let randomTexts = Result { try documents(material.get() + "/random") }

  private static func ids(_ path: String) throws -> [UInt32] {
    let data = try Data(contentsOf: URL(filePath: path))
    // Unsafe as any view of raw bytes is; hundreds of megabytes are read in the long form.
    return unsafe data.withUnsafeBytes { unsafe Array($0.bindMemory(to: UInt32.self)) }
  }

  /// The ids of all documents, all ones behind each.
  private static func ids(
    _ documents: [ArraySlice<UInt8>],
    with tokenizer: Tokenizer,
    special: Tokenizer.SpecialTokenPolicy
  ) throws -> [UInt32] {
    var encoder = TokenEncoder(tokenizer)
    var ids: [UInt32] = []
    for document in documents {
      if special == .allowed { ids += tokenizer.surrounding[0] }
      try encoder.encode(document.span, specialTokens: special, into: &ids)
      if special == .allowed { ids += tokenizer.surrounding[1] }
      ids.append(.max)
    }
    return ids
  }

  @Test(
    .enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"),
    arguments: families
  )
  func `ids are Hugging Face's for the same file`(family: String) throws {
    let folder = try Self.material.get()
    let file = "\(folder)/\(family)/tokenizer.json"
    let tokenizer = try Tokenizer(contentsOf: file)
    for texts in ["documents", "random"] {
      let documents = try (texts == "random" ? Self.randomTexts : Self.realTexts).get()
      let isLong = documents.reduce(0) { $0 + $1.count } > 100_000_000
      for (mode, policy) in [("encode", Tokenizer.SpecialTokenPolicy.allowed), ("astext", .text)]
      where !isLong || mode == "encode" {
        try Self.script(mode, file, "\(folder)/\(texts)", "\(folder)/\(family)/ids")
        let theirs = try Self.ids("\(folder)/\(family)/ids")
        let ours = try Self.ids(documents, with: tokenizer, special: policy)
        var different: [Int] = []
        if ours != theirs {
          let parts = [ours, theirs].map {
            $0.split(separator: .max, omittingEmptySubsequences: false)
          }
          #expect(parts[0].count == parts[1].count)
          different = zip(parts[0], parts[1]).enumerated()
            .filter { $0.element.0 != $0.element.1 }.map(\.offset)
        }
        print(
          "| \(family) | \(texts), \(mode) | \(documents.count) documents |",
          "\(documents.reduce(0) { $0 + $1.count }) bytes | \(theirs.count - documents.count) ids |",
          "\(different.count) differ |"
        )
        #expect(
          ours == theirs,
          "\(different.first.map { String(decoding: documents[$0], as: UTF8.self).prefix(300) } ?? "")"
        )
      }
    }
  }

  @Test(
    .enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"),
    arguments: families
  )
  func `a file written again gives the same ids`(family: String) throws {
    let folder = try Self.material.get()
    let tokenizer = try Tokenizer(contentsOf: "\(folder)/\(family)/tokenizer.json")
    try tokenizer.write(to: "\(folder)/\(family)/again")
    let again = try Tokenizer(contentsOf: "\(folder)/\(family)/again")
    #expect(again.tokenizerJSON == tokenizer.tokenizerJSON)
    let file = "\(folder)/\(family)/again/tokenizer.json"
    try Self.script("encode", file, "\(folder)/random", "\(folder)/\(family)/ids-again")
    let documents = try Self.documents("\(folder)/random")
    let ours = try Self.ids(documents, with: tokenizer, special: .allowed)
    #expect(ours == (try Self.ids("\(folder)/\(family)/ids-again")))
  }

  @Test(.enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"))
  func `offsets are Hugging Face's`() throws {
    let folder = try Self.material.get()
    for family in ["gpt2", "cl100k", "gpt2-digits"] {
      let file = "\(folder)/\(family)/tokenizer.json"
      let tokenizer = try Tokenizer(contentsOf: file)
      let answer = try Self.script("offsets", file, "\(folder)/random")
      let theirs = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [[[Any]]]
      var encoder = TokenEncoder(tokenizer)
      for (text, expected) in zip(try Self.documents("\(folder)/random"), try #require(theirs)) {
        let tokens = try encoder.locatedTokens(text.span, specialTokens: .allowed)
        #expect(tokens.ids == expected[0].map { ($0 as? UInt32) ?? .max })
        let ranges = tokens.characterRanges(in: text.span).map { [$0.lowerBound, $0.upperBound] }
        #expect(ranges == expected[1].compactMap { $0 as? [Int] })
        guard tokens.ids.contains(where: { tokenizer.byteCount(of: $0) == 0 }) == false else {
          continue
        }
        for (id, range) in zip(tokens.ids, tokens.byteRanges) {
          #expect(
            tokenizer.bytes(of: id).elementsEqual(
              text[(text.startIndex + range.lowerBound)..<(text.startIndex + range.upperBound)]
            )
          )
        }
      }
    }
  }

  @Test(.enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"))
  func `decoding is Hugging Face's, broken UTF-8 included`() throws {
    let folder = try Self.material.get()
    for family in Self.families {
      let file = "\(folder)/\(family)/tokenizer.json"
      let tokenizer = try Tokenizer(contentsOf: file)
      var generator = SplitMix(state: 3)
      let lists = (0..<300).map { length in
        (0..<length % 40).map { _ in
          UInt32(generator.next() % UInt64(length % 3 == 0 ? 300 : tokenizer.vocabularySize))
        }
      }
      try JSONEncoder().encode(lists).write(to: URL(filePath: "\(folder)/\(family)/lists"))
      let answer = try Self.script("decode", file, "\(folder)/\(family)/lists")
      let texts = try JSONDecoder().decode([[String]].self, from: Data(answer.utf8))
      for (ids, expected) in zip(lists, texts) {
        #expect(Array(try tokenizer.decodedText(ids).utf8) == Array(expected[0].utf8))
        let all = try tokenizer.decodedText(ids, keepsSpecialTokens: true)
        #expect(Array(all.utf8) == Array(expected[1].utf8))
      }
    }
  }

  @Test(.enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"))
  func `GPT-2's two files give what the one gives`() throws {
    let folder = try Self.material.get() + "/gpt2"
    let one = try Tokenizer(contentsOf: folder)
    let two = try Tokenizer(importing: folder + "/vocab.json", pretokenizer: .gpt2)
    for text in try Self.documents(folder + "/../random").prefix(300) {
      var encoders = [TokenEncoder(one), TokenEncoder(two)]
      var ids: [[UInt32]] = [[], []]
      for index in 0..<2 { encoders[index].encode(text.span, into: &ids[index]) }
      #expect(ids[0] == ids[1])
    }
    #expect(two.endOfText == one.endOfText)
  }

  @Test(
    .enabled(if: Peer.hasTokenizers && Peer.hasTiktoken, "needs pip install tokenizers tiktoken")
  )
  func `a rank file gives tiktoken's ids`() throws {
    let folder = try Self.material.get()
    let ranks = folder + "/peer.tiktoken"
    try Self.script("ranks", folder + "/cl100k/tokenizer.json", ranks)
    let tokenizer = try Tokenizer(importing: ranks, pretokenizer: .cl100k)
    let pattern =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    try Self.script("tiktoken", ranks, pattern, folder + "/documents", folder + "/tiktoken-ids")
    let documents = try Self.documents(folder + "/documents")
    let ours = try Self.ids(documents, with: tokenizer, special: .text)
    #expect(ours == (try Self.ids(folder + "/tiktoken-ids")))
  }

  /// Goldens: `huggingface_families.py normalize` with tokenizers 0.23.3, over the scalars that have a mapping.
  @Test(arguments: [
    ("NFC", "9fa405ebb6921ba7e2ce48840b4d8b7783b7c8b9649717cbfdb37724cbfb4a02"),
    ("NFD", "9cf76e331a849958cc571456f28643acdc83a938103d81546792084a579b689a"),
    ("NFKC", "3274501e2738e94055cc45540c5bdd03d1e60b2f68928b129f6813ad0031d41b"),
    ("NFKD", "1141cfa9f2d901cbf39c4a7e417d12d00f7190a6567dcfb046f106135f3e1e90"),
    ("Lowercase", "411034d0d7ab446dbdfecb62155897718c55fc1c3455669492c968cf5e83a2af"),
  ])
  func `every scalar is normalized as Hugging Face does`(form: String, golden: String) throws {
    let file = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
      .replacing("\"normalizer\": null", with: "\"normalizer\": {\"type\": \"\(form)\"}")
      .replacing("\"add_prefix_space\": true", with: "\"add_prefix_space\": false")
    let tokenizer = try Tokenizer(json: Array(file.utf8), path: "t")
    var text: [UInt8] = []
    for value in UInt32(1)..<0x3_2400 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      text.append(UInt8(ascii: "a"))
      text += UTF8.encode(scalar).map(Array.init) ?? []
      text.append(UInt8(ascii: "\n"))
    }
    var encoder = TokenEncoder(tokenizer)
    var ids: [UInt32] = []
    encoder.encode(text.span, into: &ids)
    let result = try tokenizer.decode(ids)
    #expect(SHA256.hash(result).description == golden)
  }

  /// Skips without Python's `transformers`; meant for 4.51 and 5, one after the other.
  @Test(.enabled(if: Peer.hasTransformers, "needs pip install transformers"))
  func `transformers loads the three files with equal ids`() throws {
    let texts = try Fixture.texts
    for (pattern, prefix) in [
      (PretokenizerPattern.gpt2, true), (.gpt2, false), (.cl100k, false), (.gpt2Digits, false),
    ] {
      try Fixture.withTemporaryFolder { folder in
        var trainer = try BPETrainer(
          BPETrainer.Settings(vocabularySize: 400, addPrefixSpace: prefix, pretokenizer: pattern)
        )
        for text in texts { trainer.add(text.utf8Span.span) }
        let tokenizer = try trainer.train()
        try tokenizer.write(to: folder)
        let documents = texts.filter { !$0.utf8.contains(0) }
        try Data(documents.flatMap { Array($0.utf8) + [0] })
          .write(to: URL(filePath: folder + "/documents"))
        let answer = try Self.script("transformers", folder, folder + "/documents", folder + "/ids")
        #expect(answer.contains("<|endoftext|> <|endoftext|> <|pad|>"))
        let ours = try Self.ids(
          documents.map { Array($0.utf8)[...] },
          with: tokenizer,
          special: .allowed
        )
        #expect(ours == (try Self.ids(folder + "/ids")), "\(pattern) \(prefix) \(answer)")
      }
    }
  }
}
