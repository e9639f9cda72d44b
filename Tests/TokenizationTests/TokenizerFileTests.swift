import Documents
import Files
import Foundation
import Testing
import Tokenization

@Suite struct TokenizerFileTests {
  @Test func `a tokenizer survives its files`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    try Fixture.withTemporaryFolder { folder in
      try tokenizer.write(to: folder + "/made")
      let read = try Tokenizer(contentsOf: folder + "/made")
      #expect(read == tokenizer)
      let file = folder + "/made/tokenizer.json"
      #expect(read.hash == SHA256.hash(Array(try Data(contentsOf: URL(filePath: file)))))
      #expect(try Tokenizer(contentsOf: file) == tokenizer)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/made")
      #expect(
        names.sorted() == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]
      )
    }
  }

  @Test func `the companions say what transformers needs`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    let configuration = try #require(
      JSONSerialization.jsonObject(with: Data(tokenizer.configurationJSON)) as? [String: Any]
    )
    #expect(configuration["add_prefix_space"] as? Bool == true)
    #expect(configuration["tokenizer_class"] as? String == "PreTrainedTokenizerFast")
    #expect(configuration["bos_token"] as? String == "<|endoftext|>")
    #expect(configuration["pad_token"] as? String == "<|pad|>")
    #expect(configuration["model_input_names"] as? [String] == ["input_ids", "attention_mask"])
    let map = try #require(
      JSONSerialization.jsonObject(with: Data(tokenizer.specialTokensMapJSON)) as? [String: String]
    )
    #expect(map["eos_token"] == "<|endoftext|>")
  }

  @Test func `names with quotes, backslashes and controls survive`() throws {
    let names = ["<|endoftext|>", "<|pad|>", "<| \"q\" \\ \n\t\u{1} |>"]
    var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 300, specialTokens: names))
    trainer.add("a \"quoted\" \\ word".utf8Span.span)
    let tokenizer = try trainer.train()
    #expect(try Tokenizer(json: tokenizer.tokenizerJSON, path: "t") == tokenizer)
  }

  /// Each damage is one replacement in a good file; the message must contain the word at its side.
  @Test(arguments: [
    ("\"aa\": 258", "\"aa\": 259", "two tokens"),
    ("\"aa\": 258", "\"aa\": 4000000000", "ids are not"),
    ("\"aa\": 258", "\"aa\": -1", "ids are not"),
    ("\"aa\": 258", "\"aa\": 2.5", "no whole id"),
    ("\"aa\": 258", "\"aa\": 1e30", "no whole id"),
    ("\"aa\": 258", "\"aa\": 99999999999999999999", "no whole id"),
    ("\"aa\": 258", "\"aa\": 258, \"aa\": 258", "two tokens"),
    ("\"aa\": 258", "\"\": 258", "no name"),
    ("\"aa\": 258,", "", "unknown token"),
    ("\"aa\": 258", "\"!\": 258", "twice"),
    ("\"!\": 2,", "\"§§\": 2,", "byte 33"),
    ("\"merges\": [", "\"merges\": [[\"qx\", \"zz\"],", "unknown token"),
    ("\"merges\": [", "\"merges\": [[\"a\", \"a\"],", "earlier merge"),
    ("\"merges\": [", "\"merges\": [[\"aa\", \"\"],", "unknown token"),
    ("\"merges\": [", "\"merges\": [[\"zz\", \"q\"],", "unknown token"),
    ("\"merges\": [", "\"merges\": [[\"q\", \"z\"],", "makes the unknown token"),
    ("\"merges\": [", "\"merges\": [[\"a\"],", "two tokens"),
    ("\"merges\": [", "\"merges\": [7,", "a merge is no pair"),
    ("\"merges\": [", "\"fusions\": [", "\"merges\" is missing"),
    ("\"normalizer\": null", "\"normalizer\": {\"type\": \"Nmt\"}", "normalizer Nmt"),
    (
      "\"normalizer\": null",
      "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"a\"}, \"content\": \"\"}",
      "normalizer.pattern"
    ),
    ("\"normalizer\": null", "\"normalizer\": null, \"normalizer\": null", "twice"),
    ("\"type\": \"TemplateProcessing\"", "\"type\": \"RobertaProcessing\"", "RobertaProcessing"),
    ("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "Unigram"),
    ("\"version\": \"1.0\"", "\"version\": \"2.0\"", "version 2.0"),
    ("\"byte_fallback\": false", "\"byte_fallback\": true", "byte_fallback"),
    ("\"dropout\": null", "\"dropout\": 0.1", "dropout"),
    ("\"type\": \"ByteLevel\"", "\"type\": \"Whitespace\"", "pre_tokenizer Whitespace"),
    ("\"use_regex\": true", "\"use_regex\": false", "use_regex"),
    ("\"content\": \"<|pad|>\"", "\"content\": \"<|fill|>\"", "id"),
    ("\"special\": true", "\"special\": \"no\"", "no flag"),
    ("{", "", "readable"),
  ])
  func `a damaged or foreign file is refused by name`(
    part: String,
    replacement: String,
    expected: String
  ) throws {
    let text = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
    let range = try #require(text.range(of: part))
    let damaged = text.replacingCharacters(in: range, with: replacement)
    let failure = failure { _ = try Tokenizer(json: Array(damaged.utf8), path: "a/b.json") }
    #expect(failure?.what.contains(expected) == true, "\(failure?.what ?? "accepted")")
    #expect(failure?.place == "a/b.json")
  }

  @Test func `a file cut anywhere, nested deeply or of zeros is refused`() throws {
    let bytes = Array(try Fixture.data("tokenizer.json"))
    for count in stride(from: 0, to: bytes.count - 2, by: 371) {
      #expect(failure { _ = try Tokenizer(json: Array(bytes[..<count]), path: "t") } != nil)
    }
    let nested = Array(String(repeating: "[", count: 200_000).utf8)
    #expect(failure { _ = try Tokenizer(json: nested, path: "t") } != nil)
    let inside = "{\"normalizer\": " + String(repeating: "{\"a\":", count: 100_000)
    #expect(failure { _ = try Tokenizer(json: Array(inside.utf8), path: "t") } != nil)
    #expect(failure { _ = try Tokenizer(json: [0, 0, 0, 0], path: "t") } != nil)
    #expect(
      failure { _ = try Tokenizer(contentsOf: "/nowhere/at/all") }?.place.hasSuffix("json") == true
    )
  }

  @Test func `merges in the old form and ids out of merge order are read`() throws {
    let text = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
    let golden = try Tokenizer(json: Array(text.utf8), path: "t")
    let swapped =
      text
      .replacing(/\[\n\s+"([^"\s]+)",\n\s+"([^"\s]+)"\n\s+\]/) { "\"\($0.1) \($0.2)\"" }
      .replacing("\"aa\": 258", with: "\"aa\": 399")
      .replacing(": 399\n", with: ": 258\n")
    let read = try Tokenizer(json: Array(swapped.utf8), path: "t")
    for text in try Fixture.texts {
      let ids = golden.encode(text).map { $0 == 258 ? 399 : $0 == 399 ? 258 : $0 }
      #expect(read.encode(text) == ids)
    }
    #expect(read.hash != golden.hash)
  }

  @Test func `ten million merges are refused before they fill the memory`() throws {
    let text = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
    let head = try #require(text.range(of: "\"merges\": ["))
    let bytes =
      Array(text[..<head.upperBound].utf8)
      + repeatElement(Array("\"a b\",".utf8), count: 10_000_000).joined()
    let failure = failure { _ = try Tokenizer(json: bytes, path: "t") }
    #expect(failure?.what.contains("more than 2097152 merges") == true)
  }

  @Test func `bytes that are no UTF-8 and broken escapes are refused with their place`() throws {
    var bytes = Array(try Fixture.data("tokenizer.json"))
    bytes[700] = 0xff
    let failure = failure { _ = try Tokenizer(json: bytes, path: "t") }
    #expect(failure?.what.contains("broken UTF-8 at byte 700") == true)
    for text in ["{\"a\\ud800\": 1}", "{\"\\x\": 1}", "{\"a\": 01}", "{\"a\": 1} 2", "{\"a\" 1}"] {
      #expect(throws: (any Error).self) { _ = try Tokenizer(json: Array(text.utf8), path: "t") }
    }
  }

  @Test func `merges in any order are taken, as the longest tokens prove`() throws {
    let text = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
    let golden = try Tokenizer(json: Array(text.utf8), path: "t")
    #expect(golden.keepsText)
    // A merge whose parts come later in the list cannot apply before they do, and nothing loops.
    let merges = golden.merges.reversed().map {
      let names = [$0.left, $0.right].map { id in
        "\"" + golden.name(of: id).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
          + "\""
      }
      return "[" + names.joined(separator: ",") + "]"
    }
    let start = try #require(text.range(of: "\"merges\": ["))
    let reversed =
      text[..<start.upperBound]
      + merges.joined(separator: ",") + "]}}"
    let read = try Tokenizer(json: Array(reversed.utf8), path: "t")
    for text in try Fixture.texts {
      #expect(try read.decode(read.encode(text)) == golden.decode(golden.encode(text)))
    }
  }

  @Test func `a rank file and GPT-2's files are refused where they are damaged`() throws {
    let bytes = (0..<256).map { "\(Data([UInt8($0)]).base64EncodedString()) \($0)" }
    func ranks(_ more: String...) -> Failure? {
      failure {
        let text = (bytes + more).joined(separator: "\n")
        _ = try Tokenizer(ranks: Array(text.utf8), path: "r", pretokenizer: .cl100k)
      }
    }
    #expect(ranks("YWI= 256") == nil)
    #expect(ranks("YWI=256")?.place == "r:257")
    #expect(ranks("YW_ 256")?.place == "r:257")
    #expect(ranks("YWI= -5")?.what.contains("ids are not") == true)
    #expect(ranks("YWI= 256", "YWI= 257")?.what.contains("twice") == true)
    #expect(ranks("YWI= 255")?.what.contains("two tokens") == true)
    #expect(failure { _ = try Tokenizer(ranks: [], path: "r", pretokenizer: .gpt2) } != nil)
    let taken = try Tokenizer(
      ranks: Array((bytes + ["YWI= 256"]).joined(separator: "\n").utf8),
      path: "r",
      pretokenizer: .llama3
    )
    #expect(taken.encode("ab") == [256])
    #expect((taken.endOfText, taken.padding, taken.vocabularySize) == (257, 257, 258))
    try Fixture.withTemporaryFolder { folder in
      try Data("{}".utf8).write(to: URL(filePath: folder + "/vocab.json"))
      #expect(failure { _ = try Tokenizer(importing: folder, pretokenizer: .gpt2) } != nil)
      #expect(failure { _ = try Tokenizer(importing: folder) }?.kind == .usage)
      try Data("#version: 0.2\na\n".utf8).write(to: URL(filePath: folder + "/merges.txt"))
      let failure = failure { _ = try Tokenizer(importing: folder, pretokenizer: .gpt2) }
      #expect(failure?.place.hasSuffix("merges.txt:2") == true)
    }
  }

  @Test func `ids may leave gaps, which stand for nothing`() throws {
    let text = String(decoding: try Fixture.data("tokenizer.json"), as: UTF8.self)
    let golden = try Tokenizer(json: Array(text.utf8), path: "t")
    // As published files have it: special tokens in the model, behind a gap.
    let apart =
      text
      .replacing("\"vocab\": {", with: "\"vocab\": {\"<|a|>\": 403, \"<|b|>\": 410,")
      .replacing(
        "\"added_tokens\": [",
        with: "\"added_tokens\": [{\"id\": 403, \"content\": \"<|a|>\", \"special\": true},"
          + "{\"id\": 410, \"content\": \"<|b|>\", \"special\": true},"
          + "{\"id\": 402, \"content\": \"<|c|>\", \"special\": true},"
      )
    let read = try Tokenizer(json: Array(apart.utf8), path: "t")
    #expect(read.vocabularySize == 411)
    #expect((400..<411).filter { read.hasToken($0) } == [402, 403, 410])
    #expect(try read.decode([40, 405, 400, 41]) == golden.decode([40, 41]))
    #expect(
      try read.decodedText([405, 403, 402, 409, 410], keepsSpecialTokens: true) == "<|a|><|c|><|b|>"
    )
    #expect(read.name(of: 405).isEmpty)
    #expect(failure { _ = try read.decode([411]) } != nil)
    for text in try Fixture.texts { #expect(read.encode(text) == golden.encode(text)) }
    #expect(try Tokenizer(json: read.tokenizerJSON, path: "t").tokenizerJSON == read.tokenizerJSON)
    // An id that the place of an added token gives, and that the model has given away.
    let taken = text.replacing("\"vocab\": {", with: "\"vocab\": {\"<|a|>\": 401,").replacing(
      "\"added_tokens\": [",
      with: "\"added_tokens\": [{\"id\": 401, \"content\": \"<|c|>\", \"special\": true},"
    )
    let failure = failure { _ = try Tokenizer(json: Array(taken.utf8), path: "t") }
    #expect(failure?.what.contains("two tokens") == true)
  }

  @Test func `the rank files of GPT-4 and Llama 3 get their special tokens`() throws {
    func ranks(_ count: Int) -> [UInt8] {
      var lines = ""
      for rank in 0..<count {
        let token =
          rank < 256
          ? [UInt8(rank)] : [UInt8(rank >> 16), UInt8(rank >> 8 & 255), UInt8(rank & 255)]
        lines += "\(Data(token).base64EncodedString()) \(rank)\n"
      }
      return Array(lines.utf8)
    }
    let gpt4 = try Tokenizer(ranks: ranks(100_256), path: "r", pretokenizer: .cl100k)
    #expect(gpt4.specialTokens.map(\.id) == [100_257, 100_258, 100_259, 100_260, 100_276])
    #expect((gpt4.endOfText, gpt4.vocabularySize) == (100_257, 100_277))
    #expect(!gpt4.hasToken(100_256) && !gpt4.hasToken(100_261))
    let again = try Tokenizer(json: gpt4.tokenizerJSON, path: "again")
    #expect(again.tokenizerJSON == gpt4.tokenizerJSON)
    #expect(again.specialTokens == gpt4.specialTokens)
    let llama3 = try Tokenizer(ranks: ranks(128_000), path: "r", pretokenizer: .llama3)
    #expect(llama3.specialTokens.count == 256)
    #expect(llama3.name(of: llama3.endOfText) == "<|begin_of_text|>")
    #expect(llama3.endOfText == 128_000 && llama3.surrounding == [[128_000], []])
    #expect(llama3.name(of: 128_009) == "<|eot_id|>")
    #expect(llama3.name(of: 128_255) == "<|reserved_special_token_250|>")
    #expect(llama3.vocabularySize == 128_256)
    let plain = try Tokenizer(ranks: ranks(300), path: "r", pretokenizer: .llama3)
    #expect((plain.endOfText, plain.name(of: 300)) == (300, "<|endoftext|>"))
  }
}
