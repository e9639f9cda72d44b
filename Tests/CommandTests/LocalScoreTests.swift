import Foundation
import GRDB
import TestSupport
import Testing

/// Judges on this machine from end to end.
///
/// The columns that `blalm measure` would add come from
/// metadata here, which `corpus` shows in the same way.
@Suite struct LocalScoreTests {
  let folder: TemporaryFolder
  var workspace: String { folder("w") }

  static let garden = ["tulip", "spade", "compost", "seedling", "pruning", "mulch"]
  static let office = ["invoice", "meeting", "ledger", "printer", "memo", "tariff"]
  static let good: [String: Double] = [
    "wordCount": 200, "boilerplatePhrases": 0, "emailAddresses": 0, "phoneNumbers": 0,
    "sentenceCount": 20, "terminalPunctuationLineFraction": 1, "shortLineFraction": 0,
    "englishFunctionWordFraction": 0.5, "englishFunctionWords": 50, "lix": 30,
    "meanWordLength": 4.5, "alphabeticWordFraction": 1, "curlyBrackets": 0,
    "mojibakeSequences": 0, "replacementCharacters": 0,
  ]

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  func blalm(_ arguments: [String], status: Int32 = 0) throws -> Program.Result {
    let result = try Program.run(arguments + ["-w", workspace])
    #expect(result.status == status, "\(arguments): \(result.errors)")
    return result
  }

  func report(_ arguments: [String]) throws -> [String: Any] {
    let output = try blalm(arguments + ["--json"]).output
    return try #require(
      JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
      "\(output)"
    )
  }

  func ingest(_ rows: [[String: Any]]) throws {
    let lines = try rows.map {
      String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
    }
    let file = try folder.write("web.jsonl", lines.joined(separator: "\n") + "\n")
    try blalm(["ingest", "jsonl", file, "--name", "web", "--quiet"])
  }

  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(
      path: workspace + "/corpus.sqlite",
      configuration: configuration
    )
    defer { try? queue.close() }
    return try queue.read(body)
  }

  /// Texts whose words go with the number that stands in `gold`.
  func ingestGarden(_ count: Int = 240) throws {
    try ingest(
      (0..<count).map { number in
        let score = number % 6
        var numbers = SeededNumbers(UInt64(number))
        let words = (0..<40).map { place in
          let words = place % 5 < score ? Self.garden : Self.office
          return words[Int(numbers.next() % 6)]
        }
        return ["text": words.joined(separator: " "), "gold": score, "half": Double(number) / 2]
      }
    )
  }

  @Test func `without an endpoint the rules over columns judge, and follow the columns`() throws {
    var poor = Self.good
    poor["lix"] = 60
    poor["sentenceCount"] = 4
    var unknown = Self.good
    unknown["lix"] = nil
    func rows(_ values: [[String: Double]]) -> [[String: Any]] {
      values.enumerated().map { number, values in
        values.merging(["number": Double(number)]) { $1 } as [String: Any]
      }.enumerated().map { number, row in row.merging(["text": "Text \(number)."]) { $1 } }
    }
    try ingest(rows([Self.good, poor, unknown]))
    let first = try report(["score", "--rubric", "educational", "--quiet"])
    #expect(first["input"] as? Int == 3 && first["output"] as? Int == 2)
    let reasons = first["rejected"] as? [String: Int]
    #expect(reasons == ["no value: lix (run `blalm measure`)": 1])
    let scores = try read {
      try Double?.fetchAll($0, sql: "SELECT educational_heuristic FROM corpus ORDER BY ordinal")
    }
    #expect(scores == [5, 3, nil])
    let kinds = try read { try String.fetchAll($0, sql: "SELECT kind FROM judge") }
    #expect(kinds == ["heuristic"])
    let second = try report(["score", "--rubric", "educational", "--quiet"])
    #expect(second["status"] as? String == "up to date")

    // What was known is unknown now, and the other way round.
    try ingest(rows([unknown, poor, Self.good]))
    _ = try report(["score", "--rubric", "educational", "--quiet"])
    let later = try read {
      try Double?.fetchAll($0, sql: "SELECT educational_heuristic FROM corpus ORDER BY ordinal")
    }
    #expect(later == [nil, 3, 5])
  }

  @Test func `columns that are not there are named with the remedy`() throws {
    try ingest([["text": "A text."]])
    let result = try blalm(["score", "--rubric", "educational", "--quiet"], status: 64)
    #expect(result.errors.contains("alphabeticWordFraction"))
    #expect(result.errors.contains("blalm measure"))
  }

  @Test func `a model learns a column, scores all texts and agrees with the column`() throws {
    try ingestGarden()
    let training = try report(
      [
        "score", "train", "--rubric", "educational", "--column", "gold", "--bits", "14",
        "--name", "small", "--quiet",
      ]
    )
    let details = try #require(training["details"] as? [String: Any])
    #expect(details["quadraticWeightedKappa"] as? Double ?? 0 > 0.9)
    #expect((details["confusion"] as? [[Int]])?.count == 6)
    let scoring = try report(
      ["score", "--rubric", "educational", "--distilled", "small", "--quiet"]
    )
    #expect(scoring["output"] as? Int == 240)
    let agreement = try report(["score", "agree", "educational_distilled", "gold"])
    let figures = try #require(agreement["agreement"] as? [String: Any])
    #expect(figures["texts"] as? Int == 240)
    #expect(figures["quadraticWeightedKappa"] as? Double ?? 0 > 0.9)
    // A judge's own scores can be learnt in turn, by the judge's name.
    try blalm(
      [
        "score", "train", "--rubric", "educational", "--from", "distilled", "--bits", "14",
        "--name", "second", "--quiet",
      ]
    )
    let another = try blalm(
      ["score", "--rubric", "fineweb-edu", "--distilled", "small", "--quiet"],
      status: 64
    )
    #expect(another.errors.contains("has learnt the rubric `educational`"))
    // The same name and scale, and another question.
    let rubric = try String(
      contentsOfFile: Program.root + "/rubrics/educational.yaml",
      encoding: .utf8
    )
    let changed = rubric.replacing("{{sample}}", with: "How rude is this?\n  {{sample}}")
    #expect(changed != rubric)
    let file = try folder.write("changed.yaml", changed)
    let other = try blalm(["score", "--rubric", file, "--distilled", "small"], status: 64)
    #expect(other.errors.contains("another text of the rubric"), "\(other.errors)")
    let few = try blalm(
      [
        "score", "train", "--rubric", "educational", "--column", "gold", "--filter", "gold = 5",
        "--quiet",
      ],
      status: 1
    )
    #expect(few.errors.contains("all of them the same"))
  }

  @Test func `a sample has as much of each stratum, the same each time`() throws {
    try ingest(
      (0..<120).map { ["text": "Text \($0).", "kind": $0 < 100 ? "often" : "rare", "lix": $0] }
        .map { row in row.merging(Self.good.filter { $0.key != "lix" }) { $1 } }
    )
    let arguments = [
      "score", "--rubric", "educational", "--sample", "30", "--by", "kind,lix", "--quiet",
    ]
    let first = try report(arguments)
    #expect(first["input"] as? Int == 30)
    let rare = try read {
      try Int.fetchOne(
        $0,
        sql: """
          SELECT count(*) FROM corpus WHERE kind = 'rare' AND educational_heuristic IS NOT NULL
          """
      )
    }
    // Of five bins of `lix` the last has all that is rare, and as many as each of the others.
    #expect(rare == 5 || rare == 6)
    #expect(try report(arguments)["status"] as? String == "up to date")
    #expect(try report(arguments + ["--sample-seed", "2"])["status"] as? String == "done")
  }

  @Test func `a gold file is compared by documents' ids, or refused by its line`() throws {
    try ingestGarden(12)
    let rows = try read {
      try Row.fetchAll($0, sql: "SELECT id, gold FROM corpus ORDER BY id").map {
        (id: $0[0] as String, gold: $0[1] as Int)
      }
    }
    let strange = String(repeating: "0", count: 32)
    let csv = try folder.write(
      "gold.csv",
      "score,id\n" + rows.prefix(10).map { "\($0.gold),\($0.id)\n" }.joined() + "3,\(strange)\n"
    )
    let agreement = try report(["score", "agree", "gold", "--gold", csv])
    #expect(agreement["asked"] as? Int == 11 && agreement["withoutSecond"] as? Int == 1)
    #expect((agreement["agreement"] as? [String: Any])?["exact"] as? Double == 1)
    let lines = try folder.write(
      "gold.jsonl",
      "{\"id\": \"\(rows[0].id)\", \"score\": 2}\n{\"id\": 7}\n"
    )
    let refusal = try blalm(["score", "agree", "gold", "--gold", lines], status: 64)
    #expect(refusal.errors.contains("gold.jsonl, line 2"))
  }
}
