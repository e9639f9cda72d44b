import Foundation
import GRDB
import JudgeServer
import TestSupport
import Testing

/// What becomes of answers in the index: columns, judges that share them, and answers asked for again.
@Suite struct ScoreAnswersTests {
  let test: ScoreTests

  init() throws { test = try ScoreTests() }

  private struct Report: Decodable {
    let input: Int
    let output: Int
    let rejected: [String: Int]
  }

  /// Scores and gives the report.
  @discardableResult
  private func score(_ arguments: [String], status: Int32 = 0) throws -> Report {
    let result = try Program.run(arguments + ["--quiet", "--json"])
    #expect(result.status == status, "\(result.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  private func count(_ what: String, of table: String = "corpus") throws -> Int {
    try test.read { try Int.fetchOne($0, sql: "SELECT \(what) FROM \(table)") } ?? -1
  }

  private func execute(_ sql: String) throws {
    let queue = try DatabaseQueue(path: test.workspace + "/corpus.sqlite")
    defer { try? queue.close() }
    try queue.write { try $0.execute(sql: sql) }
  }

  /// The educational rubric under another name, with other words where they are given.
  private func rubric(named name: String, replacing words: (String, String)? = nil) throws -> String
  {
    var text = try String(
      contentsOfFile: Program.root + "/rubrics/educational.yaml",
      encoding: .utf8
    )
    text = text.replacing("name: educational", with: "name: \(name)")
    if let words {
      let changed = text.replacing(words.0, with: words.1)
      #expect(changed != text)
      text = changed
    }
    return try test.folder.write("\(name).yaml", text)
  }

  @Test func `all columns of a judge show its scores, whichever of them has asked`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<20).map { "A plain text, number \($0)." })
    let renamed = try rubric(named: "renamed")
    for more in [
      ["--judge", "a", "--sample", "5"], ["--judge", "b", "--sample", "5"],
      ["--rubric", renamed, "--judge", "c", "--sample", "5"], ["--judge", "a"],
    ] {
      #expect(try Program.run(test.options(server, more + ["--quiet"])).status == 0)
    }
    #expect(try count("count(educational_a)") == 20)
    #expect(try count("count(educational_b)") == 20)
    #expect(try count("count(renamed_c)") == 20)
    #expect(try count("total(educational_b <> educational_a OR renamed_c <> educational_a)") == 0)
    // A column that an earlier version left half empty fills when its scoring runs again.
    try execute("UPDATE rubricScore SET educational_b = NULL WHERE textHash > '5'")
    try execute(
      "UPDATE stage SET fingerprint = replace(fingerprint, substr(fingerprint, 1, 1), 'g')"
    )
    #expect(try count("count(educational_b)") < 20)
    #expect(try Program.run(test.options(server, ["--judge", "b", "--quiet"])).status == 0)
    #expect(try count("count(educational_b)") == 20)
    #expect(server.seen.total == 20)
  }

  @Test func `each round of repeated answers has seeds of its own`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let odd = "Asked twice at first.\nSCRIPT empty sure"
    try test.ingest(["Plain.", odd])
    let repeated =
      ["score", "repeat"] + test.options(server, ["--sample", "2", "--quiet"]).dropFirst()
      + ["--times", "3", "--ask-again", "2"]
    #expect(try Program.run(repeated).status == 0)
    #expect(server.seen.seeds["Plain."] == [1, 4, 7])
    #expect(server.seen.seeds[odd] == [1, 2, 4, 7])
  }

  @Test func `a judge that can no longer be read has changed`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<6).map { "Text \($0).\nSCRIPT score:1 empty" })
    let begun = try Program.run(test.options(server, ["--max-requests", "3", "--quiet"]))
    #expect(begun.status == 130)
    let mute = try Program.run(
      test.options(server, ["--drift-check", "3", "--most-drift", "4.9", "--quiet"])
    )
    #expect(mute.status == 1, "\(mute.errors)")
    #expect(mute.errors.contains("3 get no score now (empty answer)"), "\(mute.errors)")
    #expect(try count("count(*)", of: "judgment") == 3)
  }

  @Test func `in a drift check no score is the greatest distance`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let texts =
      (0..<3).map { "Text \($0).\nSCRIPT score:1" } + ["Mute.\nSCRIPT score:1 empty"]
    try test.ingest(texts)
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    try test.ingest(texts + ["New.\nSCRIPT score:1"])
    let drifted = try Program.run(test.options(server, ["--drift-check", "4", "--quiet"]))
    // Three texts at distance 0 and one at 5.
    #expect(drifted.status == 1 && drifted.errors.contains("are 1.25 from"), "\(drifted.errors)")
    let tolerant = try Program.run(
      test.options(server, ["--drift-check", "4", "--most-drift", "1.25", "--quiet"])
    )
    #expect(tolerant.status == 0, "\(tolerant.errors)")
  }

  @Test func `an endpoint that does not say what it serves is the one that did`() throws {
    let stating = try JudgeServer()
    defer { stating.stop() }
    // It lists another model, and so says nothing of the one that is asked.
    let silent = try JudgeServer(model: "another")
    defer { silent.stop() }
    let texts = (0..<6).map { "A plain text, number \($0)." }
    try test.ingest(texts)
    #expect(try Program.run(test.options(stating, ["--quiet"])).status == 0)
    try test.ingest(texts + ["A new text."])
    let result = try Program.run(test.options(silent, ["--quiet"]))
    #expect(result.status == 0, "\(result.errors)")
    #expect(silent.seen.questions == ["A new text.": 1])
    #expect(result.errors.contains("does not say what it serves"), "\(result.errors)")
    #expect(try count("count(*)", of: "judge") == 1)
    #expect(try count("count(educational_test)") == 7)
    // One that never said anything needs no warning.
    let other = try Program.run(
      test.options(silent, ["--quiet", "--judge", "other", "--seed", "7"])
    )
    #expect(other.status == 0 && silent.seen.total == 8)
    let again = try Program.run(
      test.options(silent, ["--quiet", "--judge", "other", "--seed", "7", "--filter", "words > 0"])
    )
    #expect(again.status == 0 && silent.seen.total == 8)
    #expect(!again.errors.contains("does not say"), "\(again.errors)")
  }

  @Test func `a column keeps its scores until another judge has answered all`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<6).map { "Text \($0).\nSCRIPT score:1 score:4" })
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    let warmer = ["--temperature", "1", "--quiet"]
    let begun = try Program.run(test.options(server, warmer + ["--max-requests", "3"]))
    #expect(begun.status == 130 && begun.output.contains("former judge's scores"))
    #expect(try count("total(educational_test = 1)") == 6)
    #expect(try Program.run(test.options(server, warmer)).status == 0)
    #expect(try count("total(educational_test = 4)") == 6)
    #expect(server.seen.total == 12)
  }

  @Test func `answers without a score stay until a better one comes, and what they cost counts`()
    throws
  {
    let server = try JudgeServer()
    defer { server.stop() }
    let mute = "Mute.\nSCRIPT empty empty empty score:4"
    try test.ingest(["One.", mute, "Never.\nSCRIPT empty"])
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    let first = try test.judgments()
    // No text of the filter is without a score.
    let other = ["--again", "--filter", "preview = 'One.'"]
    #expect(try score(test.options(server, other)).output == 1)
    #expect(try test.judgments() == first && server.seen.total == 7)
    let dry = try Program.run(test.options(server, ["--again", "--dry-run", "--json"]))
    #expect(dry.output.contains("\"toAsk\":2"), "\(dry.output)")
    let again = test.options(server, ["--again", "--ask-again", "0"])
    try score(again + ["--max-requests", "1"], status: 130)
    #expect(try count("count(*)", of: "judgment") == 3)
    // The one that has been asked again is asked once more beside the other.
    try score(again)
    let rows = try test.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT preview, score, attempts, inputTokens, outputTokens
          FROM judgment JOIN document USING (textHash) ORDER BY preview
          """
      )
    }
    #expect(rows.map { $0[1] as Double? != nil } == [true, false, true])
    // Each answer of the server says that it has 200 and 30 tokens.
    for row in rows {
      let attempts: Int = row[2]
      #expect(row[3] as Int == 200 * attempts && row[4] as Int == 30 * attempts)
    }
    #expect(try count("total(attempts)", of: "judgment") == server.seen.total)
    #expect(try count("total(educational_test = 4)") >= 1)
  }

  @Test func `two pairs of rubric and judge do not share a column`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest(["One.", "Two."])
    let (long, short) = (try rubric(named: "a_b"), try rubric(named: "a"))
    let first = try Program.run(
      test.options(server, ["--rubric", long, "--judge", "c", "--quiet"])
    )
    #expect(first.status == 0, "\(first.errors)")
    let second = try Program.run(
      test.options(server, ["--rubric", short, "--judge", "b_c", "--quiet"])
    )
    #expect(second.status == 64, "\(second.output)")
    #expect(second.errors.contains("the judge `c` by the rubric `a_b`"), "\(second.errors)")
    #expect(server.seen.total == 2)
  }

  @Test func `a dry run bears any numbers, and says whether it goes by a mean`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<9).map { "A plain text, number \($0)." })
    let dry = test.options(server, ["--dry-run"])
    #expect(try Program.run(dry).output.contains("at most 3,600 to write"))
    #expect(
      try Program.run(test.options(server, ["--max-requests", "4", "--quiet"])).status == 130
    )
    let later = try Program.run(dry)
    #expect(later.output.contains("some 150 to write, by the mean of its answers so far"))
    try execute("UPDATE judgment SET outputTokens = \(Int.max), inputTokens = \(Int.max)")
    let huge = try Program.run(dry)
    #expect(huge.status == 0 && huge.output.contains("to ask: 5 requests"), "\(huge.errors)")
  }

  @Test func `a report's numbers are of the documents that were meant`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let texts = (0..<20).map { "A plain text, number \($0)." }
    try test.ingest(
      texts + ["Mute.\nSCRIPT empty", "Mute.\nSCRIPT empty", "A plain text, number 0."]
    )
    let all = try score(test.options(server))
    #expect(all.input == 23 && all.output == 21 && all.rejected == ["empty answer": 2])
    let sample = try score(test.options(server, ["--sample", "5", "--filter", "ordinal < 20"]))
    #expect(sample.input == 5 && sample.output == 5 && sample.rejected.isEmpty)
    // The filter is the one of before the scoring.
    try test.ingest(texts + ["A new text."])
    let new = try score(test.options(server, ["--filter", "educational_test IS NULL"]))
    #expect(new.input == 1 && new.output == 1 && new.rejected.isEmpty)
  }

  @Test func `a manifest names the judges whose columns are read, and no other`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<12).map { "A plain text, number \($0), of some words." })
    struct Manifest: Decodable {
      struct Judge: Decodable { let column: String }
      let judges: [Judge]?
    }
    func judges(_ filter: String) throws -> [String]? {
      let result = try Program.run([
        "select", "notes", "-w", test.workspace, "--filter", filter, "--quiet", "--dev-share", "0",
      ])
      #expect(result.status == 0, "\(result.errors)")
      let path = test.workspace + "/selections/main/manifest.json"
      let data = try Data(contentsOf: URL(filePath: path))
      return try JSONDecoder().decode(Manifest.self, from: data).judges?.map(\.column)
    }
    #expect(try Program.run(test.options(server, ["--judge", "a", "--quiet"])).status == 0)
    #expect(try judges("preview <> 'educational'") == nil)
    #expect(try judges("educational >= 0") == ["educational_a"])
    let second = ["--judge", "b", "--seed", "5", "--quiet"]
    #expect(try Program.run(test.options(server, second)).status == 0)
    #expect(try judges("educational_b >= 0") == ["educational_b"])
  }

  @Test(arguments: [
    (["--most-drift", "1"], "--most-drift"), (["--by", "source"], "--by"),
    (["--bins", "3"], "--bins"), (["--sample-seed", "3"], "--sample-seed"),
  ])
  func `an option that belongs to another is refused without it`(
    _ options: [String],
    _ message: String
  ) throws {
    let result = try Program.run(
      [
        "score", "--rubric", "educational", "--endpoint", "http://127.0.0.1:1/v1", "--model", "m",
        "-w", test.workspace,
      ] + options
    )
    #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
  }

  @Test(arguments: [
    ["--temperature", "0"], ["--seed", "1"], ["--max-tokens", "400"], ["--structured", "auto"],
    ["--expected-score"], ["--cut", "head"], ["--longest", "500"], ["--extra", "{}"],
    ["--concurrency", "8"], ["--requests-per-minute", "9"], ["--tokens-per-minute", "9"],
    ["--timeout", "9"], ["--attempts", "8"], ["--ask-again", "2"], ["--first-pause", "1"],
    ["--longest-pause", "60"], ["--breaker-failures", "20"], ["--key-environment", "KEY"],
    ["--key-file", "key"],
  ])
  func `an option of endpoints is refused without one`(_ options: [String]) throws {
    let result = try Program.run(
      ["score", "--rubric", "educational", "-w", test.workspace] + options
    )
    #expect(result.status == 64 && result.errors.contains(options[0]), "\(result.errors)")
    #expect(result.errors.contains("is for endpoints"), "\(result.errors)")
  }

  @Test func `a recipe's scoring stops at its cost`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let rows = (0..<30).map { "{\"text\": \"A plain text, number \($0).\"}" }
    try test.folder.write("rows.jsonl", rows.joined(separator: "\n"))
    try test.folder.write(
      "prices.yaml",
      "prices:\n  - {model: \"test-*\", input: 1000, output: 10000}\n"
    )
    let recipe = try test.folder.write(
      "recipe.yaml",
      """
      name: scored
      sources: {notes: {format: jsonl, paths: rows.jsonl}}
      score:
        rubric: educational
        endpoint: \(server.address)
        model: test-model
        concurrency: 1
        prices: prices.yaml
        maxCost: 8
      """
    )
    let result = try Program.run(["build", recipe, "-w", test.workspace, "--quiet"])
    #expect(result.status == 130 && result.output.contains("the most cost"), "\(result)")
    #expect(server.seen.total > 0 && server.seen.total < 30)
  }

  @Test func `verify holds scores against answers and scales, and repair mends them`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try test.ingest((0..<9).map { "Text \($0).\nSCRIPT score:\($0 % 5 + 1)" })
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    func scores() throws -> [Double?] {
      try test.read {
        try Double?.fetchAll($0, sql: "SELECT educational_test FROM corpus ORDER BY ordinal")
      }
    }
    let good = try scores()
    func verify(status: Int32) throws -> String {
      let result = try Program.run(["verify", "-w", test.workspace, "--quiet"])
      #expect(result.status == status, "\(result)")
      return result.output
    }
    _ = try verify(status: 0)
    for change in [
      "UPDATE rubricScore SET educational_test = NULL WHERE educational_test = 2",
      "UPDATE rubricScore SET educational_test = 5 WHERE educational_test = 1",
      "DELETE FROM rubricScore WHERE educational_test = 3",
    ] {
      try execute(change)
      #expect(try verify(status: 1).contains("`educational_test` does not have the scores"))
      #expect(try Program.run(["repair", "-w", test.workspace, "--quiet"]).status == 0)
      #expect(try scores() == good && server.seen.total == 9)
      _ = try verify(status: 0)
    }
    // The scale of `educational` ends at 5; both the answer and its column say 7.
    try execute("UPDATE judgment SET score = 7 WHERE score = 4")
    try execute("UPDATE rubricScore SET educational_test = 7 WHERE educational_test = 4")
    #expect(try verify(status: 1).contains("what no judge can have said"))
    let repair = try Program.run(["repair", "-w", test.workspace, "--quiet"])
    #expect(repair.status == 0 && repair.output.contains("strike the answers"), "\(repair)")
    #expect(try count("count(educational_test)") == 7)
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    #expect(try scores() == good && server.seen.total == 11)
  }

  @Test func `repair keeps the answers that can be read of a damaged index`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let texts = (0..<300).map { "A plain text, number \($0), of some words." }
    try test.ingest(texts)
    #expect(try Program.run(test.options(server, ["--quiet"])).status == 0)
    let file = test.workspace + "/corpus.sqlite"
    let queue = try DatabaseQueue(path: file)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    // A page in the middle of the answers, and one of the documents.
    let pages = try queue.read { database in
      try ["judgment", "document"].map { table in
        let all = try Int.fetchAll(
          database,
          sql: "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path",
          arguments: [table]
        )
        return all[all.count / 2]
      }
    }
    try queue.close()
    var bytes = try Data(contentsOf: URL(filePath: file))
    for page in pages {
      let start = (page - 1) * 4_096
      bytes.replaceSubrange(start..<start + 4_096, with: Data(repeating: 0x5a, count: 4_096))
    }
    try bytes.write(to: URL(filePath: file))
    let plan = try Program.run(["repair", "-w", test.workspace, "--quiet", "--dry-run"])
    #expect(plan.output.contains("judges' answers are lost"), "\(plan)")
    let repair = try Program.run(["repair", "-w", test.workspace, "--quiet"])
    #expect(repair.status == 0 && repair.output.contains("others are lost"), "\(repair)")
    #expect(try Data(contentsOf: URL(filePath: file + ".damaged")) == bytes)
    let kept = try count("count(*)", of: "judgment")
    #expect(kept > 200 && kept < 300, "\(kept)")
    #expect(try count("count(educational_test)") == kept)
    try test.ingest(texts)
    let before = server.seen.total
    let again = try Program.run(test.options(server, ["--quiet"]))
    #expect(again.status == 0, "\(again.errors)")
    #expect(server.seen.total - before == 300 - kept)
    let expected = texts.map { Double(JudgeServer.score(of: $0)) }
    let scores = try test.read {
      try Double?.fetchAll($0, sql: "SELECT educational_test FROM corpus ORDER BY ordinal")
    }
    #expect(scores == expected)
  }
}
