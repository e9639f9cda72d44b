import Documents
import Files
import Foundation
import Ingestion
import Pipeline
import Settings
import Storage
import TestSupport
import Testing

@Suite struct SelectionOutputTests {
  let folder: TemporaryFolder
  let context: StageContext

  /// A workspace with a source of invented talks and one of invented stories, in several frames.
  init() throws {
    folder = try TemporaryFolder()
    var random = SeededNumbers(17)
    let words = [
      "the", "boat", "\u{201c}went\u{201d}", "a\u{a0}far", "caf\u{e9}", "back\\slash", "\u{1f9f8}",
      "so.",
      "\"quoted\"", "on!", "and\u{2003}on",
    ]
    func line(_ count: Int) -> String {
      (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
    }
    let stories = (0..<900).map { _ in
      (0..<Int.random(in: 1...4, using: &random))
        .map { _ in line(Int.random(in: 3...60, using: &random)) + "." }.joined(separator: "\n")
    }
    try folder.write("stories/a.txt", stories.joined(separator: "\n<|endoftext|>\n"))
    for index in 0..<30 {
      try folder.write(
        "talks/\(index).cha",
        "@UTF8\n@Begin\n@Participants:\tCHI Nell Target_Child, MOT Mother\n"
          + (index % 2 == 0 ? "@ID:\teng|Own|CHI|2;03.15|female|||Target_Child|||\n" : "")
          + (0..<20).map { _ in
            "*MOT:\twhere is the \(Int.random(in: 1...9, using: &random)) boat ?\n"
          }
          .joined() + "@End\n"
      )
    }
    context = StageContext(workspace: try Workspace.openForWriting(folder("w")))
    for (format, path) in [(SourceFormat.tinystories, "stories"), (.childes, "talks")] {
      _ = try context.ingest(
        IngestSettings(
          name: format.rawValue,
          format: format,
          paths: [folder(path)],
          reader: try ConfiguredReader(format, source: format.rawValue, options: nil)
        )
      )
    }
  }

  @discardableResult
  func select(_ output: OutputSettings = OutputSettings()) throws -> StageReport {
    try context.select(
      SelectSettings(
        sources: [.init(name: "tinystories", words: 9_000), .init(name: "childes", words: 1_000)],
        devShare: 0.1,
        output: output
      )
    )
  }

  func manifest() throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: folder("w/selections/main/manifest.json")))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  func rows(_ split: String) throws -> [[String: Any]] {
    let text = try String(
      contentsOfFile: folder("w/selections/main/\(split).jsonl"),
      encoding: .utf8
    )
    return try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func `rows have the columns and types of BabyBabelLM`() throws {
    try select()
    for split in ["train", "dev"] {
      for row in try rows(split) {
        #expect(
          Set(row.keys) == [
            "text", "doc-id", "category", "data-source", "script", "age-estimate", "license",
            "misc",
            "num-tokens", "language",
          ]
        )
        let text = try #require(row["text"] as? String)
        #expect(row["doc-id"] as? String == SHA256.hash(text).description)
        #expect(row["num-tokens"] as? Int == WordCount.words(in: text))
        #expect(row["script"] as? String == "Latn" && row["language"] as? String == "eng")
        let isTalk = row["data-source"] as? String == "childes"
        #expect(row["category"] as? String == (isTalk ? "child-directed-speech" : "child-books"))
        #expect(row["license"] as? String == (isTalk ? "CC-BY-NC-SA-3.0" : "CDLA-Sharing-1.0"))
        let misc = try #require(row["misc"] as? String)
        let object = try #require(
          try JSONSerialization.jsonObject(with: Data(misc.utf8)) as? [String: Any]
        )
        let metadata = try #require(object["metadata"] as? [String: Any])
        let key = try #require(metadata["key"] as? String)
        let id = DocumentID(source: isTalk ? "childes" : "tinystories", key: key)
        #expect(object["id"] as? String == id.description)
        let knowsAge = metadata["targetChildAgeMonths"] != nil
        #expect(row["age-estimate"] as? String == (knowsAge ? "27 months" : "n/a"))
        #expect(!knowsAge || isTalk)
      }
    }
    #expect(try rows("train").contains { $0["age-estimate"] as? String == "27 months" })
  }

  @Test func `plain texts and rows hold the same, and an absent split leaves no file`() throws {
    try select()
    for split in ["train", "dev"] {
      let rows = try rows(split)
      for source in ["tinystories", "childes"] {
        let texts = rows.filter { $0["data-source"] as? String == source }
          .compactMap { $0["text"] as? String }
        #expect(!texts.isEmpty)
        let plain = try String(
          contentsOfFile: folder("w/selections/main/\(source).\(split)"),
          encoding: .utf8
        )
        #expect(plain == texts.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(separator: "\n"))
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("w/selections/main"))
    #expect(!names.contains { $0.hasSuffix(".test") || $0 == "test.jsonl" })
  }

  @Test func `the rows' order is the order in which the corpus is trained on`() throws {
    try select()
    let expected = try context.workspace.index.documents(in: "main", split: .train).map(\.row.id)
    let ids = try rows("train").map { row in
      String(try #require((row["misc"] as? String)?.dropFirst(7).prefix(32)))
    }
    #expect(ids == expected.map(\.description))
  }

  @Test func `labels and what was not done are repeated`() throws {
    let output = OutputSettings(
      title: "Mine: a \"corpus\"",
      notDone: ["No grammar was corrected."],
      labels: ["tinystories": .init(category: "padding-tales", language: "eng", script: "Latn")]
    )
    try select(output)
    let manifest = try manifest()
    #expect(manifest["notDone"] as? [String] == ["No grammar was corrected."])
    #expect(manifest["blalm"] as? String == blalmVersion)
    let card = try String(contentsOfFile: folder("w/selections/main/README.md"), encoding: .utf8)
    #expect(card.contains("- No grammar was corrected."))
    #expect(card.contains(#"pretty_name: "Mine: a \"corpus\"""#))
    #expect(try rows("train").contains { $0["category"] as? String == "padding-tales" })
    let sources = try #require(manifest["sources"] as? [[String: Any]])
    let stories = try #require(sources.first)
    let inputs = try #require(stories["inputs"] as? [[String: String]])
    let bytes = Array(try Data(contentsOf: URL(filePath: folder("stories/a.txt"))))
    #expect(inputs == [["file": "stories/a.txt", "sha256": SHA256.hash(bytes).description]])
    #expect((stories["options"] as? [String: Any])?["separator"] != nil)
    #expect(throws: Failure.self) {
      try select(OutputSettings(labels: ["childes": .init(category: "speech")]))
    }
  }

  /// The peers: `sha256sum`, and Python's `str.split()`, JSON and number of lines.
  @Test(.enabled(if: Python.answers("import json"), "needs python3"))
  func `counts and digests are those of other programs`() throws {
    try select()
    let output = try Python.run(
      """
      import collections, hashlib, json, os, subprocess, sys
      os.chdir(sys.argv[1])
      manifest = json.load(open("manifest.json"))
      listed = {f["file"] for f in manifest["files"]} | {"manifest.json"}
      assert listed == set(os.listdir(".")), listed ^ set(os.listdir("."))
      for f in manifest["files"]:
          assert f["bytes"] == os.path.getsize(f["file"]), f
          digest = subprocess.run(["sha256sum", f["file"]], capture_output=True, text=True).stdout
          assert digest.split()[0] == f["sha256"], f
          if "source" in f:
              text = open(f["file"], encoding="utf-8", newline="").read()
              assert len(text.split()) == f["words"], f
          elif "split" in f:
              rows = [json.loads(line) for line in open(f["file"], "rb")]
              assert len(rows) == f["documents"] == manifest["splits"][f["split"]]["documents"]
              assert sum(len(r["text"].split()) for r in rows) == f["words"]
              assert all(len(r["text"].split()) == r["num-tokens"] for r in rows)
              for r in rows:
                  assert hashlib.sha256(r["text"].encode()).hexdigest() == r["doc-id"]
      words = collections.Counter()
      for split in manifest["splits"]:
          for line in open(split + ".jsonl", "rb"):
              row = json.loads(line)
              words[row["license"]] += row["num-tokens"]
      assert dict(words) == manifest["licenses"], words
      print("equal")
      """,
      folder("w/selections/main")
    )
    #expect(output == "equal\n")
  }

  /// Skips without the package `datasets`, whose YAML parser also reads the card.
  @Test func `a title of characters that YAML does not take is written with escapes`() throws {
    try select(OutputSettings(title: "A\u{7f}\u{85}\u{9b}\u{2028}\u{feff}\u{ffff}\n---\u{e9}"))
    let card = try String(contentsOfFile: folder("w/selections/main/README.md"), encoding: .utf8)
    let line = try #require(card.split(separator: "\n").first { $0.hasPrefix("pretty_name") })
    #expect(
      line == #"pretty_name: "A\u007f\u0085\u009b\u2028\ufeff\uffff\n---é""#
    )
  }

  @Test(.enabled(if: Python.answers("import datasets, yaml"), "needs pip install datasets"))
  func `the folder loads as a data set, with its splits and counts`() throws {
    try select(OutputSettings(title: "Mine: #1 \u{e9}"))
    let output = try Python.run(
      """
      import json, sys, yaml
      from datasets import load_dataset
      folder, cache = sys.argv[1:]
      _, front, body = open(folder + "/README.md", encoding="utf-8").read().split("---\\n", 2)
      card = yaml.safe_load(front)
      assert card["pretty_name"] == "Mine: #1 \\u00e9", card
      assert card["license"] == ["cc-by-nc-sa-3.0", "cdla-sharing-1.0"], card
      assert card["language"] == ["en"] and card["size_categories"] == ["n<1K"], card
      manifest = json.load(open(folder + "/manifest.json"))
      corpus = load_dataset(folder, cache_dir=cache)
      names = {"train": "train", "dev": "validation"}
      assert set(corpus) == set(names.values()), corpus
      for split, sums in manifest["splits"].items():
          rows = corpus[names[split]]
          assert rows.num_rows == sums["documents"], (split, rows)
          assert sum(rows["num-tokens"]) == sums["words"]
          for name, feature in rows.features.items():
              assert feature.dtype == ("int64" if name == "num-tokens" else "string"), (name, feature)
          assert len(rows.features) == 10
      print("loaded")
      """,
      folder("w/selections/main"),
      folder("cache")
    )
    #expect(output.hasSuffix("loaded\n"))
  }

  @Test func `every recipe of the project can be read`() throws {
    let folder = Program.root + "/data/recipes"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(names.count >= 2)
    for name in names {
      let recipe = try Recipe(path: folder + "/" + name)
      #expect(recipe.name + ".yaml" == name)
      guard name.hasPrefix("strict") else { continue }
      let words = recipe.selections[0].sources.compactMap(\.words)
      #expect(words.count == recipe.sources.count, "\(name) names the words of every source")
      let budget = name.hasPrefix("strict-small") ? 10_000_000 : 100_000_000
      #expect(words.reduce(0, +) <= budget)
      #expect(words.reduce(0, +) > budget * 99 / 100)
      #expect(!recipe.selections[0].output.notDone.isEmpty)
    }
  }
}

/// Runs the Python that `BLALM_PYTHON` names, else `python3`.
private enum Python {
  struct Failed: Error { let errors: String }

  static func answers(_ program: String) -> Bool { (try? run(program)) != nil }

  static func run(_ program: String, _ arguments: String...) throws -> String {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["BLALM_PYTHON"] ?? "python3"
    process.arguments = [python, "-c", program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging([
      "HF_HUB_OFFLINE": "1", "HF_HOME": folder("home"),
    ]) { $1 }
    let output = try folder.write("out", "")
    let errors = try folder.write("err", "")
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(errors: try String(contentsOfFile: errors, encoding: .utf8))
    }
    return try String(contentsOfFile: output, encoding: .utf8)
  }
}
