import Foundation
import TestSupport
import Testing

/// The tokenizer's options and recipe keys, through the program as a user runs it.
@Suite struct TokenizerCommandTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private struct Report: Decodable {
    let status: String
    let input: Int
    let output: Int
    let words: Int
  }

  /// Trains in the workspace `w` and reads the report.
  private func train(_ arguments: String...) throws -> Report {
    let result = try Program.run(
      ["tokenizer", "train", "-w", folder("w"), "--json", "--quiet"] + arguments
    )
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  /// The exit status and the message of a training that is refused.
  private func refusal(_ arguments: String...) throws -> (status: Int32, message: String) {
    let result = try Program.run(["tokenizer", "train", "-w", folder("w")] + arguments)
    #expect(result.output.isEmpty)
    return (result.status, result.errors)
  }

  private func ids(_ tokenizer: String, _ text: String, _ options: String...) throws -> String {
    let result = try Program.run(["tokenizer", "encode", tokenizer] + options, input: text + "\n")
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  private func texts() throws -> String {
    try folder.write("a.txt", "the dog saw 1234 cats\n\nthe dog ran\n\nthe dog, the cat\n")
  }

  @Test func `text files: a second run does nothing, and each setting trains anew`() throws {
    let file = try texts()
    let first = try train("--files", file, "--vocabulary-size", "300")
    #expect((first.status, first.input, first.words) == ("done", 3, 12))
    #expect(try train("--files", file, "--vocabulary-size", "300").status == "up to date")
    for change in [
      ["--vocabulary-size", "265"], ["--minimum-frequency", "3"], ["--no-prefix-space"],
      ["--pretokenizer", "cl100k"], ["--weight", "a.txt=3"],
    ] {
      let settings = ["--files", file] + change
      let result = try Program.run(
        ["tokenizer", "train", "-w", folder("w"), "--json", "--quiet"] + settings
      )
      #expect(result.output.contains("\"status\":\"done\""), "\(change) \(result.errors)")
    }
    try folder.write("a.txt", "another text\n")
    #expect(try train("--files", file, "--weight", "a.txt=3").status == "done")
  }

  @Test func `how text is cut shows in the ids`() throws {
    let file = try texts()
    _ = try train("--files", file, "--name", "one", "--no-prefix-space")
    _ = try train("--files", file, "--name", "two", "--pretokenizer", "cl100k-digits")
    let names = try ["one", "two"].map {
      try ids(folder("w/tokenizers/\($0)"), "the dog 12", "--names")
    }
    #expect(names == ["the Ġdog Ġ 1 2\n", "the Ġdog Ġ 1 2\n"])
    #expect(
      try ids(folder("w/tokenizers/one"), "é", "--offsets", "--names") == "Ã@0-1,0-1 ©@1-2,0-1\n"
    )
    let whole = try String(
      contentsOfFile: folder("w/tokenizers/two/tokenizer.json"),
      encoding: .utf8
    )
    #expect(whole.contains("\\\\p{N}| "))
  }

  @Test func `a vocabulary that is there is taken, and taken once`() throws {
    _ = try train("--files", try texts(), "--name", "one", "--no-prefix-space")
    let one = folder("w/tokenizers/one")
    let taken = try train("--from", one, "--name", "two")
    #expect((taken.status, taken.words) == ("done", 0))
    #expect(try train("--from", one, "--name", "two").status == "up to date")
    #expect(try ids(folder("w/tokenizers/two"), "the dog") == ids(one, "the dog"))

    // A rank file says nothing of how text is cut.
    let ranks = (0..<256).map { [UInt8($0)] } + ["th", "the"].map { Array($0.utf8) }
    let file = try folder.write(
      "r.tiktoken",
      ranks.enumerated().map { "\(Data($1).base64EncodedString()) \($0)\n" }.joined()
    )
    #expect(try refusal("--from", file).status == 64)
    #expect(try refusal("--from", file).message.contains("cl100k"))
    #expect(try train("--from", file, "--pretokenizer", "cl100k").output == 259)
    #expect(try train("--from", file, "--pretokenizer", "cl100k").status == "up to date")
    #expect(try train("--from", file, "--pretokenizer", "gpt2").status == "done")
    #expect(try ids(folder("w/tokenizers/main"), "the") == "257\n")
    #expect(try ids(file, "the", "--pretokenizer", "llama3") == "257\n")
  }

  @Test func `options that contradict each other or the input are refused with a remedy`() throws {
    let file = try texts()
    _ = try train("--files", file, "--name", "one")
    let one = folder("w/tokenizers/one")
    for (arguments, word) in [
      (["--files", file, "--from", one], "give one of them"),
      (["--files", file, "--weight", "a.txt"], "SOURCE=N"),
      (["--files", file, "--weight", "a.txt=0.5"], "whole number"),
      (["--files", file, "--weight", "b.txt=2"], "a.txt"),
      (["--files", file, "--weight", "a.txt=9223372036854775807"], "weight"),
      (["--files", file, "--pretokenizer", "bert"], "cl100k"),
      (["--files", file, "--pretokenizer", "cl100k", "--prefix-space"], "gpt2"),
      (["--files", file, "--vocabulary-size", "3"], "what to do"),
      (["--from", one, "--pretokenizer", "gpt2"], "leave the pretokenizer out"),
    ] {
      let result = try Program.run(["tokenizer", "train", "-w", folder("w")] + arguments)
      #expect(result.status == 64, "\(arguments) \(result.errors)")
      #expect(result.errors.contains(word), "\(arguments) \(result.errors)")
    }
    #expect(try refusal("--files", folder("nowhere.txt")).status == 1)
    #expect(try refusal("--from", folder("nowhere")).status == 1)
    let broken = try folder.write("broken/tokenizer.json", "{\"model\": {\"vocab\": [[[[")
    let message = try refusal("--from", broken).message
    #expect(message.contains("broken/tokenizer.json") && message.contains("what to do:"))
  }

  @Test func `a recipe takes a vocabulary, and each key of it runs what depends on it`() throws {
    let ranks = (0..<256).map { [UInt8($0)] } + ["th", "the", " the"].map { Array($0.utf8) }
    try folder.write(
      "r.tiktoken",
      ranks.enumerated().map { "\(Data($1).base64EncodedString()) \($0)\n" }.joined()
    )
    func build(_ tokenizer: String) throws -> Program.Result {
      let recipe = try folder.write(
        "recipe.yaml",
        """
        name: small
        sources:
          tinystories:
            paths: \(Program.root)/data/tinystories
        tokenizer:
        \(tokenizer)
        """
      )
      return try Program.run(["build", recipe, "-w", folder("w"), "--json", "--quiet"])
    }
    func done(_ tokenizer: String) throws -> Set<String> {
      struct Build: Decodable {
        struct Stage: Decodable {
          let stage: String
          let status: String
        }
        let stages: [Stage]
      }
      let result = try build(tokenizer)
      #expect(result.status == 0, "\(result.errors)")
      let stages = try JSONDecoder().decode(Build.self, from: Data(result.output.utf8)).stages
      return Set(stages.filter { $0.status == "done" }.map(\.stage))
    }
    let own: Set = ["tokenizer main", "tokenize main--main"]
    let taken = "  file: r.tiktoken\n  pretokenizer: cl100k"
    #expect(try done(taken).isSuperset(of: own))
    #expect(try done(taken).isEmpty)
    #expect(try done("  file: r.tiktoken\n  pretokenizer: gpt2-digits") == own)
    #expect(try done("  vocabularySize: 300") == own)
    #expect(try done("  vocabularySize: 300").isEmpty)
    #expect(
      try done("  vocabularySize: 300\n  pretokenizer: cl100k\n  addPrefixSpace: false") == own
    )
    #expect(try done("  vocabularySize: 300\n  minimumFrequency: 4") == own)
    #expect(try done("  vocabularySize: 300\n  weights: {tinystories: 2}") == own)
    for (wrong, word) in [
      ("  file: r.tiktoken", "cl100k"),
      ("  file: r.tiktoken\n  pretokenizer: bert", "bert"),
      ("  file: r.tiktoken\n  pretokenizer: gpt2\n  vocabularySize: 300", "vocabularySize"),
      ("  vocabularySize: 300\n  pretokenizer: cl100k", "prefix"),
      ("  vocabularySize: 300\n  weights: {other: 2}", "other"),
    ] {
      let result = try build(wrong)
      #expect(result.status == 64, "\(wrong) \(result.errors)")
      #expect(result.errors.lowercased().contains(word.lowercased()), "\(wrong) \(result.errors)")
    }
    #expect(try build("  file: nowhere.json").status == 1)
  }

  @Test func `the report groups measured documents by age and grade, and adds up`() throws {
    struct Group: Decodable {
      let column: String?
      let value: String
      let documents: Int
      let bytes: Int
      let words: Int
      let tokens: Int
      let bytesPerToken: Double?
    }
    struct Coverage: Decodable {
      let words: Int
      let whole: Int
    }
    struct Whole: Decodable {
      let groups: [Group]
      let unusedCount: Int
      let coverage: Coverage?
    }
    let recipe = try folder.write(
      "recipe.yaml",
      """
      name: small
      sources:
        childes:
          paths: \(Program.root)/data/childes
        tinystories:
          paths: \(Program.root)/data/tinystories
      measure: {metrics: [readability]}
      tokenizer: {vocabularySize: 400}
      """
    )
    let built = try Program.run(["build", recipe, "-w", folder("w"), "--quiet"])
    #expect(built.status == 0, "\(built.errors)")
    let words = try folder.write("words", "the\nthe\n\n  dog \r\nxylophonist\n\u{0}\n")
    let result = try Program.run([
      "tokenizer", "report", "-w", folder("w"), "--words", words, "--json",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONDecoder().decode(Whole.self, from: Data(result.output.utf8))
    let all = try #require(report.groups.first { $0.column == nil })
    for column in ["source", "targetChildAgeMonths", "fleschKincaidGrade"] {
      let groups = report.groups.filter { $0.column == column }
      #expect(groups.count > 1, "\(column)")
      #expect(groups.reduce(0) { $0 + $1.documents } == all.documents)
      #expect(groups.reduce(0) { $0 + $1.bytes } == all.bytes)
      #expect(groups.reduce(0) { $0 + $1.words } == all.words)
      #expect(groups.reduce(0) { $0 + $1.tokens } == all.tokens)
    }
    #expect(report.groups.contains { $0.value.hasSuffix(" months") })
    #expect(report.groups.contains { $0.value.contains("grade ") })
    #expect(report.coverage?.words == 4)
    #expect((1...3).contains(report.coverage?.whole ?? 0))
    for arguments in [
      ["--words", folder("nowhere")], ["--compare", "nowhere"], ["--selection", "nowhere"],
      ["--by", "nowhere"], ["nowhere"],
    ] {
      let wrong = try Program.run(["tokenizer", "report", "-w", folder("w")] + arguments)
      #expect([1, 64].contains(wrong.status), "\(arguments)")
      #expect(
        wrong.errors.contains("nowhere") && wrong.errors.contains("what to do:"),
        "\(arguments)"
      )
    }
  }
}
