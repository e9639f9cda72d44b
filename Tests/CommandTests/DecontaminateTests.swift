import Documents
import Files
import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport
import Testing

/// Where the real BLiMP lies; tests that read it skip where it is absent.
private let realEvaluation = URL(filePath: Program.root)
  .appending(path: "../shared/data/evaluation/full_eval.zip").standardized.path()

/// Decontamination as a user meets it.
@Suite struct DecontaminateTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A workspace of stories that hold a text each, and one that holds none.
  func ingest(_ planted: [String]) throws {
    let stories = planted.map { text in
      "The sun came up over the hill. \(text) Then it was noon, and nobody had moved."
    }
    let file = try folder.write(
      "stories.txt",
      (stories + ["Nothing is planted here."]).joined(separator: "\n<|endoftext|>\n")
        + "\n<|endoftext|>\n"
    )
    let result = try Program.run(["ingest", "tinystories", file, "-w", folder("w"), "-q"])
    #expect(result.status == 0, "\(result.errors)")
  }

  func decontaminate(_ arguments: String...) throws -> Program.Result {
    try Program.run(["decontaminate"] + arguments + ["-w", folder("w"), "-q"])
  }

  func rows(_ sql: String) throws -> [[String]] {
    try DatabaseQueue(path: folder("w/corpus.sqlite")).read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        row.databaseValues.map { $0.isNull ? "" : "\($0.storage.value ?? "")" }
      }
    }
  }

  @Test func `documents are marked with file, kind, hits and an example`() throws {
    try ingest(["THE FROGS sing\nat night!", "A frog; the frogs sing at night.", "Frogs sing."])
    let items = try folder.write(
      "eval/frogs.jsonl",
      "{\"sentence_good\": \"The frogs sing at night.\", \"UID\": \"frog_song\"}\n"
    )
    let words = (1...15).map { "word\($0)" }.joined(separator: " ")
    try folder.write("eval/runs.txt", "The hill. Then it was noon\n\n\(words)\n")
    let result = try decontaminate(folder("eval"), "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONDecoder().decode(StageReport.self, from: Data(result.output.utf8))
    #expect(report.input == 4 && report.output == 3)
    #expect(report.details["evaluationFiles"] == .integer(2))
    #expect(
      try rows("SELECT evaluation, kind, hits, example FROM contamination ORDER BY example")
        == [
          ["eval/frogs.jsonl", "sentence", "1", "THE FROGS sing at night"],
          ["eval/runs.txt", "sentence", "1", "Then it was noon"],
          ["eval/runs.txt", "sentence", "1", "Then it was noon"],
          ["eval/runs.txt", "sentence", "1", "Then it was noon"],
          ["eval/frogs.jsonl", "sentence", "1", "the frogs sing at night"],
        ].sorted { $0[3] < $1[3] }
    )
    #expect(try rows("SELECT count(*) FROM corpus WHERE contaminated > 0") == [["3"]])

    #expect(try decontaminate(folder("eval")).output.contains("up to date"))
    // Other settings and files are another result, which replaces this one.
    #expect(
      try decontaminate(items, "--minimum-words", "9", "--minimum-item-words", "9").status == 1
    )
    #expect(try rows("SELECT count(*) FROM contamination") == [["5"]])
    #expect(try decontaminate(items, "--field", "UID").status == 1)
    let again = try decontaminate(items, "--field", "sentence_good")
    #expect(again.output.contains("    found:\n      frogs.jsonl: documents (2), hits (2)"))
    #expect(try rows("SELECT count(*) FROM contamination") == [["2"]])
  }

  @Test func `the fingerprint says whether it was done, and whether sources were read since`()
    throws
  {
    try ingest(["The frogs sing at night."])
    let eval = try folder.write("eval.txt", "The frogs sing at night.")
    func fingerprint() throws -> String? {
      try StageContext(workspace: try Workspace.openForReading(folder("w")))
        .fingerprintOfDecontamination()
    }
    #expect(try fingerprint() == nil)
    #expect(try decontaminate(eval).status == 0)
    let first = try fingerprint()
    #expect(first?.count == 64)
    try ingest(["The frogs sing at night.", "Another one."])
    let failure = try #require(throws: Failure.self) { try fingerprint() }
    #expect(failure.remedy.contains("blalm decontaminate"))
    #expect(try decontaminate(eval).status == 0)
    #expect(try fingerprint() != first)
  }

  @Test func `a recipe decontaminates before it selects`() throws {
    try folder.write("eval/frogs.txt", "The frogs sing at night.")
    try folder.write("stories.txt", "One day the frogs sing at night. It rains.\n<|endoftext|>\n")
    let recipe = try folder.write(
      "r.yaml",
      """
      name: r
      sources:
        tinystories:
          paths: stories.txt
      decontaminate:
        paths: eval
        ngram: 8
      selection:
        devShare: 0
        contaminated: keep
      """
    )
    let result = try Program.run(["build", recipe, "-w", folder("w"), "-q"])
    #expect(result.status == 0, "\(result.errors)")
    let stages = result.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .compactMap { $0.split(separator: " ").first }
    #expect(stages.prefix(2) == ["ingest", "decontaminate"])
    #expect(try rows("SELECT hits FROM contamination") == [["1"]])
  }

  @Test func `evaluation files that cannot serve are refused, and nothing changes`() throws {
    try ingest(["The frogs sing at night."])
    #expect(try decontaminate(folder.write("good.txt", "The frogs sing at night.")).status == 0)
    for (name, content, words) in [
      ("broken.jsonl", "{\"a\": \"The frogs\n", "line 1: the line is not JSON"),
      ("empty.txt", "", "empty"),
      ("short.txt", "Yes.\nNo.\n", "nothing to look for"),
      ("numbers.jsonl", "{\"a\": 1}\n", "nothing to look for"),
    ] {
      let result = try decontaminate(try folder.write(name, content))
      #expect(result.status == 1)
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(result.errors.contains(name) && result.errors.contains("what to do:"))
    }
    #expect(try decontaminate(folder("nowhere.txt")).status == 1)
    #expect(try decontaminate(folder("good.txt"), "--ngram", "1").status == 64)
    #expect(try decontaminate().status == 64)
    #expect(try rows("SELECT evaluation FROM contamination") == [["good.txt"]])
    #expect(try decontaminate(folder("good.txt")).output.contains("up to date"))
    // A workspace in which nothing could be read yet.
    let none = folder("none")
    #expect(
      try Program.run(["ingest", "tinystories", folder("nowhere.txt"), "-w", none]).status != 0
    )
    let empty = try Program.run(["decontaminate", folder("good.txt"), "-w", none])
    #expect(empty.status == 1 && empty.errors.contains("blalm ingest"))
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: realEvaluation),
      "needs BLiMP in ../shared/data"
    )
  )
  func `real BLiMP sentences are all found, each under its own file`() throws {
    let unzip = Process()
    unzip.executableURL = URL(filePath: "/usr/bin/env")
    unzip.arguments = [
      "python3", "-c", "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])",
      realEvaluation, folder("unpacked"),
    ]
    try unzip.run()
    unzip.waitUntilExit()
    try #require(unzip.terminationStatus == 0)
    struct Pair: Decodable {
      let good: String
      let bad: String

      enum CodingKeys: String, CodingKey {
        case good = "sentence_good"
        case bad = "sentence_bad"
      }
    }
    let blimp = folder("unpacked/full_eval/blimp_filtered")
    var numbers = SeededNumbers(2)
    var planted: [(file: String, sentence: String)] = []
    let names = try FileManager.default.contentsOfDirectory(atPath: blimp).sorted()
    while planted.count < 1_000 {
      let name = names[Int.random(in: names.indices, using: &numbers)]
      let lines = try String(contentsOfFile: blimp + "/" + name, encoding: .utf8)
        .split(separator: "\n")
      for _ in 0..<20 {
        let line = lines[Int.random(in: lines.indices, using: &numbers)]
        let pair = try JSONDecoder().decode(Pair.self, from: Data(line.utf8))
        let sentence = Bool.random(using: &numbers) ? pair.good : pair.bad
        planted.append((name, sentence))
      }
    }
    try ingest(
      planted.enumerated().map { index, plant in
        switch index % 4 {
        case 0: plant.sentence
        case 1: plant.sentence.uppercased().replacing(" ", with: "\n")
        case 2: "and " + plant.sentence.dropLast().lowercased() + " as they say."
        default: "\u{201c}" + plant.sentence.replacing(" ", with: "  ") + "\u{201d}"
        }
      }
    )
    let result = try decontaminate(realEvaluation)
    #expect(result.status == 0, "\(result.errors)")
    let found = Set(
      try rows(
        """
        SELECT ordinal, evaluation FROM contamination JOIN document ON id = document
        WHERE kind = 'sentence'
        """
      ).map { $0.joined(separator: " ") }
    )
    for (index, plant) in planted.enumerated() {
      #expect(
        found.contains("\(index) full_eval.zip!full_eval/blimp_filtered/\(plant.file)"),
        "\(plant)"
      )
    }
    #expect(try rows("SELECT count(DISTINCT document) FROM contamination") == [["1000"]])
  }
}
