import Foundation
import TestSupport
import Testing

/// The whole way as a user goes it, on the samples.
@Suite struct BuildTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A recipe over the samples that trains for some seconds at most.
  func recipe(
    labels: String = "code",
    words: Int = 1_500,
    learningRate: Double = 0.006,
    tokens: Int = 10
  ) throws -> String {
    let data = Program.root + "/data"
    return try folder.write(
      "recipe.yaml",
      """
      name: small
      sources:
        childes:
          paths: \(data)/childes
          options:
            labels: \(labels)
        wikipedia:
          paths: \(data)/wikipedia/simplewiki-sample.xml.bz2
        tinystories:
          paths: \(data)/tinystories
          words: \(words)
        fineweb-edu:
          paths: \(data)/fineweb-edu/sample.jsonl
      selection:
        devShare: 0.1
      tokenizer:
        vocabularySize: 300
      model:
        hiddenSize: 16
        blockCount: 1
        headCount: 2
        feedForwardSize: 16
        contextLength: 32
      training:
        batchWindows: 8
        learningRate: \(learningRate)
        maximumSteps: 12
        checkpointInterval: 5
      generate:
        prompt: One day
        tokens: \(tokens)
      """
    )
  }

  func build(_ recipe: String, workspace: String) throws -> [String: String] {
    let result = try Program.run(["build", recipe, "-w", workspace, "--json", "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
    struct Build: Decodable {
      struct Stage: Decodable {
        let stage: String
        let status: String
      }
      let stages: [Stage]
    }
    let build = try JSONDecoder().decode(Build.self, from: Data(result.output.utf8))
    return Dictionary(uniqueKeysWithValues: build.stages.map { ($0.stage, $0.status) })
  }

  @Test func `a second build does nothing; a changed setting runs what depends on it`() throws {
    let workspace = folder("w")
    let all: Set = [
      "ingest childes", "ingest wikipedia", "ingest tinystories", "ingest fineweb-edu",
      "select main", "tokenizer main", "tokenize main--main", "train main", "generate main",
    ]
    func done(_ statuses: [String: String]) -> Set<String> {
      #expect(Set(statuses.keys) == all)
      return Set(statuses.filter { $0.value == "done" }.keys)
    }
    #expect(done(try build(recipe(), workspace: workspace)) == all)
    #expect(done(try build(recipe(), workspace: workspace)).isEmpty)
    let again = try Program.run(["build", recipe(), "-w", workspace, "--quiet"])
    #expect(again.output.hasSuffix("every stage in \(workspace) is up to date.\n"))

    #expect(done(try build(recipe(tokens: 11), workspace: workspace)) == ["generate main"])
    #expect(
      done(try build(recipe(learningRate: 0.005, tokens: 11), workspace: workspace))
        == ["train main", "generate main"]
    )
    #expect(FileManager.default.fileExists(atPath: workspace + "/runs/main.1/report.json"))
    let selection: Set = [
      "select main", "tokenizer main", "tokenize main--main", "train main", "generate main",
    ]
    #expect(
      done(try build(recipe(words: 1_400, learningRate: 0.005), workspace: workspace)) == selection
    )
    #expect(
      done(
        try build(
          recipe(labels: "none", words: 1_400, learningRate: 0.005),
          workspace: workspace
        )
      )
        == selection.union(["ingest childes"])
    )

    // What a stage wrote and somebody removed is made again.
    try FileManager.default.removeItem(atPath: workspace + "/shards/tinystories-00000.jsonl.zst")
    try FileManager.default.removeItem(atPath: workspace + "/selections/main/childes.train")
    #expect(
      done(
        try build(
          recipe(labels: "none", words: 1_400, learningRate: 0.005),
          workspace: workspace
        )
      )
        == ["ingest tinystories", "select main"]
    )
    try FileManager.default.removeItem(atPath: workspace + "/tokens")
    #expect(
      done(
        try build(
          recipe(labels: "none", words: 1_400, learningRate: 0.005),
          workspace: workspace
        )
      )
        == ["tokenize main--main"]
    )
  }

  @Test func `two folders give the same bytes`() throws {
    for workspace in ["a", "b"] { _ = try build(recipe(), workspace: folder(workspace)) }
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder("a")).filter { name in
      ["shards/", "selections/", "tokenizers/", "tokens/"].contains { name.hasPrefix($0) }
        || name.hasSuffix("model.safetensors")
    }
    #expect(names.count > 20)
    for name in names where !(try isFolder(folder("a/" + name))) {
      #expect(
        FileManager.default.contentsEqual(
          atPath: folder("a/" + name),
          andPath: folder("b/" + name)
        ),
        "\(name)"
      )
    }
  }

  func isFolder(_ path: String) throws -> Bool {
    try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      == .typeDirectory
  }

  @Test func `each stage works as a command of its own`() throws {
    let workspace = folder("w")
    let data = Program.root + "/data"
    func run(_ arguments: [String], input: String = "") throws -> String {
      let result = try Program.run(arguments, input: input)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
      return result.output
    }
    for (format, path) in [
      ("childes", "childes"), ("tinystories", "tinystories"),
      ("wikipedia", "wikipedia/simplewiki-sample.xml"), ("fineweb-edu", "fineweb-edu"),
    ] {
      let report = try run(["ingest", format, "\(data)/\(path)", "-w", workspace, "--json"])
      #expect(report.contains("\"status\":\"done\""))
    }
    let select = [
      "select", "childes=800", "tinystories=1_000", "fineweb-edu", "--dev-share", "0.2", "-w",
      workspace,
    ]
    #expect(try run(select + ["--json"]).contains("\"status\":\"done\""))
    #expect(try run(select).contains("up to date"))
    let words = try String(
      contentsOfFile: workspace + "/selections/main/childes.train",
      encoding: .utf8
    ).split(whereSeparator: \.isWhitespace).count
    #expect(words <= 800 && words > 770)
    _ = try run(["tokenizer", "train", "--vocabulary-size", "400", "-w", workspace])
    let tokenizer = workspace + "/tokenizers/main/tokenizer.json"
    let ids = try run(["tokenizer", "encode", tokenizer], input: "the little dog \u{e9}\n")
    #expect(try run(["tokenizer", "decode", tokenizer], input: ids) == " the little dog \u{e9}\n")
    _ = try run(["tokenize", "-w", workspace])
    let training = [
      "train", "-w", workspace, "--model", "contextLength=32", "--training", "maximumSteps=3",
      "--training", "batchWindows=4",
    ]
    #expect(try run(training + ["--json"]).contains("\"devPerplexity\""))
    #expect(try run(["evaluate", "-w", workspace]).contains("unigram perplexity"))
    #expect(
      try run(["generate", "One day", "--tokens", "5", "-w", workspace]).hasPrefix("One day")
    )
    #expect(try run(["status", "-w", workspace]).contains("train main"))
    #expect(try run(["doctor"]).contains("OpenBLAS"))
  }

  @Test func `the program tells its version`() throws {
    let result = try Program.run(["--version"])
    #expect(result.status == 0)
    #expect(result.output.wholeMatch(of: /blalm \d+\.\d+\.\d+\n/) != nil)
  }

  @Test func `a selection older than its sources is not tokenized`() throws {
    func run(_ arguments: String...) throws -> Program.Result {
      try Program.run(arguments + ["-w", folder("w"), "--quiet"])
    }
    let childes = Program.root + "/data/childes"
    #expect(try run("ingest", "childes", childes).status == 0)
    #expect(try run("select", "childes").status == 0)
    #expect(try run("tokenizer", "train", "--vocabulary-size", "300").status == 0)
    #expect(try run("ingest", "childes", childes, "-o", "labels=none").status == 0)
    for stage in [["tokenizer", "train", "--vocabulary-size", "310"], ["tokenize"]] {
      let result = try Program.run(stage + ["-w", folder("w")])
      #expect(result.status == 1)
      #expect(result.errors.contains("`main` is older than its sources"), "\(result.errors)")
      #expect(result.errors.contains("blalm select"))
    }
    #expect(try run("select", "childes").status == 0)
    #expect(try run("tokenizer", "train", "--vocabulary-size", "300").status == 0)
    #expect(try run("tokenize").status == 0)
  }

  @Test func `doctor warns of settings that slow the machine down`() throws {
    let pinned = try Program.run(["doctor"], environment: ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(pinned.status == 0)
    #expect(pinned.output.contains("OPENBLAS_CORETYPE=Haswell"))
    let json = try Program.run(["doctor", "--json"], environment: ["OMP_NUM_THREADS": "1"])
    #expect(json.output.contains("OMP_NUM_THREADS=1"))
  }
}
