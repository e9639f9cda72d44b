import Files
import Foundation
import Testing
import Tokenization

/// Tokenizer files that were damaged at random: each is refused by a `Failure` or works as a whole.
///
/// Nothing may trap, then or later: what is accepted encodes, decodes, and is written and read again.
/// `BLALM_LONG_TESTS` asks for 50,000 damages of each kind instead of some hundred.
@Suite struct HostileFileTests {
  static let rounds =
    ProcessInfo.processInfo.environment["BLALM_LONG_TESTS"] == nil ? 600 : 50_000

  /// Text to try an accepted file on.
  private static let text: [UInt8] =
    Array("aa <|x|>the  “Él” ﬁ 12\n<|endoftext|>\u{301}".utf8) + [0xff, 0xe2, 0x80, 0]

  /// What a hostile hand would put in.
  private static let fragments: [[UInt8]] =
    [
      "1e999", "-1", "-0", "4294967296", "9223372036854775808", "0.5", "\\ud800", "\\udc00\\ud800",
      "\\u0000", "null", "true", "[[[[", "{\"a\":", "\"\"", "\"", "}", "]", ",", ":", "{}", "[]",
      "\u{feff}", "\"id\": 257,", "\"special\": true,", "\"normalized\": true", "\"rstrip\": true",
      "\"single_word\": true,", "\"Ġ\": 3,", "\"type\": \"Sequence\",", "\"ids\": [], ", "\\", "é",
    ].map { Array($0.utf8) } + [[0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]

  /// A small file that has every part.
  private static let file: [UInt8] = {
    let names = (0..<256).map { ByteAlphabet.name(of: [UInt8($0)]) }
    let entries = (names + ["aa", "Ġt", "the", "he"]).enumerated().map { id, name in
      let name = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return "\"\(name)\": \(id)"
    }
    return Array(
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      {"id": 260, "content": "<|endoftext|>", "single_word": false, "lstrip": false,
      "rstrip": false, "normalized": false, "special": true},
      {"id": 261, "content": "<|x|>", "single_word": true, "lstrip": true, "rstrip": true,
      "normalized": true, "special": false}],
      "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"},
      {"type": "Replace", "pattern": {"String": "``"}, "content": "x"},
      {"type": "Strip", "strip_left": true, "strip_right": true},
      {"type": "Prepend", "prepend": "_"}]},
      "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true,
      "use_regex": true},
      "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
      {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens":
      {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [260], "tokens": ["<|endoftext|>"]}}},
      "decoder": {"type": "ByteLevel"},
      "model": {"type": "BPE", "ignore_merges": true, "vocab": {\(entries.joined(separator: ","))},
      "merges": [["a", "a"], "Ġ t", ["h", "e"], ["t", "he"]]}}
      """.utf8
    )
  }()

  /// Damages bytes in one to three places.
  private func damaged(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    func place() -> Int { Int(random.next() % UInt64(max(1, bytes.count))) }
    for _ in 0...Int(random.next() % 3) where !bytes.isEmpty {
      let start = place()
      let end = min(bytes.count, start + Int(random.next() % 40))
      switch random.next() % 6 {
      case 0: bytes[start] ^= 1 << UInt8(random.next() % 8)
      case 1: bytes.removeSubrange(start..<end)
      case 2: bytes.insert(contentsOf: bytes[start..<end], at: place())
      case 3:
        let fragment = Self.fragments[Int(random.next() % UInt64(Self.fragments.count))]
        bytes.insert(contentsOf: fragment, at: start)
      case 4:
        let fragment = Self.fragments[Int(random.next() % UInt64(Self.fragments.count))]
        bytes.replaceSubrange(start..<end, with: fragment)
      default:
        // A number or a flag becomes another one.
        guard let digit = bytes[start...].firstIndex(where: { (0x30...0x39).contains($0) }) else {
          continue
        }
        bytes[digit] = UInt8(0x30 + random.next() % 10)
      }
    }
    return bytes
  }

  /// Reads a file; a refusal must be a `Failure`, and what is accepted must work.
  private func tryOut(_ body: () throws -> Tokenizer) -> Bool {
    guard let tokenizer = try? body() else {
      #expect(failure { _ = try body() } != nil)
      return false
    }
    var encoder = TokenEncoder(tokenizer, cacheCapacity: 100)
    for policy in Tokenizer.SpecialTokenPolicy.allCases {
      guard let located = try? encoder.locatedTokens(Self.text.span, specialTokens: policy) else {
        continue
      }
      _ = located.characterRanges(in: Self.text.span)
      #expect(located.byteRanges.allSatisfy { $0.upperBound <= Self.text.count })
      var ids: [UInt32] = []
      try? encoder.encode(Self.text.span, specialTokens: policy, into: &ids)
      #expect(ids == located.ids)
      #expect((try? tokenizer.decode(ids)) != nil)
    }
    _ = TokenizedDocument(Self.text.span, with: &encoder)
    _ = try? tokenizer.decodedText(
      (0..<UInt32(min(tokenizer.vocabularySize, 400))).map { $0 },
      keepsSpecialTokens: true
    )
    for id in 0..<UInt32(min(tokenizer.vocabularySize, 400)) { _ = tokenizer.name(of: id) }
    let written = tokenizer.tokenizerJSON
    #expect((try? Tokenizer(json: written, path: "again"))?.tokenizerJSON == written)
    return true
  }

  @Test func `a tokenizer.json damaged at random is refused or works`() {
    #expect(tryOut { try Tokenizer(json: Self.file, path: "t") })
    var random = SplitMix(state: 11)
    var accepted = 0
    for _ in 0..<Self.rounds {
      let bytes = damaged(Self.file, &random)
      if tryOut({ try Tokenizer(json: bytes, path: "t") }) { accepted += 1 }
    }
    print("\(accepted) of \(Self.rounds) damaged tokenizer.json are accepted")
    #expect(accepted > 0 && accepted < Self.rounds)
  }

  @Test func `a tokenizer.json cut at any byte is refused`() {
    let step = Self.rounds > 1_000 ? 1 : 7
    for count in stride(from: 0, to: Self.file.count, by: step) {
      #expect(failure { _ = try Tokenizer(json: Array(Self.file[..<count]), path: "t") } != nil)
    }
  }

  @Test func `vocab.json, merges.txt and rank files damaged at random are refused or work`() {
    let vocabulary = Array(
      ("{"
        + (0..<256).map { byte in
          let name = ByteAlphabet.name(of: [UInt8(byte)])
          return "\"\(name == "\"" || name == "\\" ? "\\" + name : name)\": \(byte)"
        }.joined(separator: ", ") + ", \"aa\": 256, \"<|endoftext|>\": 257}").utf8
    )
    let merges = Array("#version: 0.2\na a\n".utf8)
    let ranks = (0..<256).map { [UInt8($0)] } + [Array("aa".utf8), Array("the".utf8)]
    let rankFile = Array(
      ranks.enumerated().map { "\(Data($1).base64EncodedString()) \($0)\n" }.joined().utf8
    )
    var random = SplitMix(state: 12)
    for round in 0..<Self.rounds / 2 {
      let changed = round % 2 == 0
      let one = changed ? damaged(vocabulary, &random) : vocabulary
      let two = changed ? merges : damaged(merges, &random)
      _ = tryOut {
        try Tokenizer(
          vocabulary: one,
          merges: two,
          paths: ("vocab.json", "merges.txt"),
          pretokenizer: .gpt2
        )
      }
      let three = damaged(rankFile, &random)
      _ = tryOut { try Tokenizer(ranks: three, path: "r", pretokenizer: .cl100k) }
    }
  }

  @Test func `merges in a circle, a million brackets and long names are refused`() {
    func refusal(_ part: String, _ replacement: String) -> String? {
      let text = String(decoding: Self.file, as: UTF8.self)
      let bytes = Array(text.replacing(part, with: replacement, maxReplacements: 1).utf8)
      return failure { _ = try Tokenizer(json: bytes, path: "t") }?.what
    }
    let brackets = String(repeating: "[", count: 1_000_000)
    for (part, replacement, word) in [
      ("\"merges\": [", "\"merges\": [[\"aa\", \"aa\"],", "unknown token"),
      ("\"merges\": [", "\"merges\": [[\"aa\", \"\"],", "unknown token"),
      ("\"merges\": [", "\"merges\": [[\"a\", \"a\"],", "earlier merge"),
      ("\"merges\": [", "\"merges\": [\(brackets)", "a string is missing"),
      ("\"normalizer\": ", "\"normalizer\": \(brackets)", "nesting"),
      ("\"vocab\": {", "\"vocab\": {\"\u{0}\": 9,", "control character"),
      ("\"version\"", "\u{feff}\"version\"", "string is missing"),
      ("{", "\u{feff}{", "object is missing"),
      ("\"version\": \"1.0\",", "\"version\": \"1.0\", \"version\": \"1.0\",", "twice"),
      ("\"<|x|>\"", "\"\(String(repeating: "x", count: 513))\"", "too long"),
      ("\"id\": 261", "\"id\": 1e2", "no id"),
      ("\"id\": 261", "\"id\": 4294967296", "no id"),
      ("\"prepend\": \"_\"", "\"prepend\": \"\(brackets)\"", "prepend"),
      ("\"aa\": 256", "\"aa\": 1048576", "ids are not 0 to 1048575"),
    ] {
      #expect(refusal(part, replacement)?.contains(word) == true, "\(replacement.prefix(80))")
    }
    #expect(failure { _ = try Tokenizer(json: Array(brackets.utf8), path: "t") } != nil)
  }

  @Test func `steps that would make a character fill the memory are refused`() {
    func file(_ steps: [String]) -> [UInt8] {
      let text = String(decoding: Self.file, as: UTF8.self)
      let list = steps.joined(separator: ",")
      return Array(
        text.replacing("{\"type\": \"NFKC\"}", with: list.isEmpty ? "{\"type\": \"NFC\"}" : list)
          .utf8
      )
    }
    func replace(_ pattern: String, _ content: String) -> String {
      "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\(pattern)\"}, \"content\": \"\(content)\"}"
    }
    let double = replace("a", "aa")
    let strip = "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}"
    func refusal(_ steps: [String]) -> String? {
      failure { _ = try Tokenizer(json: file(steps), path: "t") }?.what
    }
    #expect(refusal(Array(repeating: double, count: 4)) == nil)
    #expect(refusal(Array(repeating: double, count: 30))?.contains("times as long") == true)
    #expect(
      refusal([double, replace("a", String(repeating: "b", count: 400))])?.contains("long") == true
    )
    #expect(refusal([replace(" ", "\u{fdfa}"), "{\"type\": \"NFKD\"}"]) == nil)
    let again = [replace(" ", "\u{fdfa}"), "{\"type\": \"NFKD\"}"]
    #expect(refusal(again + again)?.contains("times as long") == true)
    #expect(refusal(Array(repeating: strip, count: 70))?.contains("steps") == true)
    #expect(refusal(["{\"type\": \"NFC\"}", "{\"type\": \"NFKC\"}", replace(" ", "▁")]) == nil)
  }

  @Test func `white space that one added token has stripped is not another's`() throws {
    func flags(_ name: String, _ id: Int, left: Bool, right: Bool) -> String {
      "{\"id\": \(id), \"content\": \"\(name)\", \"lstrip\": \(left), \"rstrip\": \(right)}"
    }
    let text = String(decoding: Self.file, as: UTF8.self)
      .replacing(
        "\"normalized\": true, \"special\": false}",
        with: "\"special\": false}, "
          + flags("x", 120, left: false, right: true) + ", "
          + flags("  ", 262, left: true, right: false)
      )
      .replacing("\"normalizer\": {", with: "\"normalizer\": null, \"unread\": {")
    let start = try #require(text.range(of: ", \"unread\""))
    let end = try #require(text.range(of: "\"pre_tokenizer\""))
    let file = text[..<start.lowerBound] + "," + text[end.lowerBound...]
    let tokenizer = try Tokenizer(json: Array(file.utf8), path: "t")
    var encoder = TokenEncoder(tokenizer)
    let tokens = try encoder.locatedTokens("x   y".utf8Span.span, specialTokens: .allowed)
    #expect(tokens.ids.map { tokenizer.name(of: $0) } == ["x", "Ġ", "y"])
    #expect(tokens.byteRanges.first == 0..<4)
  }

  @Test func `added tokens that the normalizer makes one are refused`() {
    let text = String(decoding: Self.file, as: UTF8.self).replacing(
      "\"normalized\": true, \"special\": false}",
      with: "\"normalized\": true, \"special\": false}, "
        + "{\"id\": 262, \"content\": \"<|X|>\", \"normalized\": true}"
    )
    let failure = failure { _ = try Tokenizer(json: Array(text.utf8), path: "t") }
    #expect(failure?.what.contains("one once normalized") == true)
  }

  @Test func `an added token that the normalizer makes nothing is refused`() {
    let text = String(decoding: Self.file, as: UTF8.self).replacing("\"<|x|>\"", with: "\"  \"")
      .replacing("{\"type\": \"Prepend\", \"prepend\": \"_\"}", with: "{\"type\": \"NFC\"}")
    let failure = failure { _ = try Tokenizer(json: Array(text.utf8), path: "t") }
    #expect(failure?.what.contains("nothing once normalized") == true)
  }
}
