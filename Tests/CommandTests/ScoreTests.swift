import Foundation
import GRDB
import JudgeServer
import Synchronization
import TestSupport
import Testing

/// `blalm score` from end to end, against a real HTTP server on the loopback.
@Suite struct ScoreTests {
  let folder: TemporaryFolder
  var workspace: String { folder("w") }

  init() throws { folder = try TemporaryFolder() }

  /// Ingests texts, each a document.
  func ingest(_ texts: [String], source: String = "notes", into workspace: String? = nil) throws {
    let rows = try texts.map { text in
      String(decoding: try JSONEncoder().encode(["text": text]), as: UTF8.self)
    }
    let file = try folder.write("\(source).jsonl", rows.joined(separator: "\n") + "\n")
    let result = try Program.run([
      "ingest", "jsonl", file, "-w", workspace ?? self.workspace, "--name", source, "--quiet",
    ])
    try #require(result.status == 0, "\(result.errors)")
  }

  /// The options of a scoring with pauses of a millisecond.
  func options(
    _ server: JudgeServer,
    _ more: [String] = [],
    in workspace: String? = nil
  )
    -> [String]
  {
    [
      "score", "--rubric", "educational", "--endpoint", server.address, "--model", "test-model",
      "--judge", "test", "--first-pause", "0.001", "--longest-pause", "1", "--attempts", "4",
      "--timeout", "60", "--breaker-failures", "1000", "-w", workspace ?? self.workspace,
    ] + more
  }

  func read<Value>(_ body: (Database) throws -> Value, of workspace: String? = nil) throws -> Value
  {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(
      path: (workspace ?? self.workspace) + "/corpus.sqlite",
      configuration: configuration
    )
    defer { try? queue.close() }
    return try queue.read(body)
  }

  /// What is known of each text, without times.
  func judgments(of workspace: String? = nil) throws -> [String] {
    try read(
      { database in
        try String.fetchAll(
          database,
          sql: """
            SELECT textHash || ' ' || quote(score) || ' ' || quote(reason) || ' ' || quote(points)
              || ' ' || quote(justification) || ' ' || quote(answer) || ' ' || attempts
            FROM judgment ORDER BY textHash
            """
        )
      },
      of: workspace
    )
  }

  static let scripts = [
    "429", "429after1", "500", "503", "cut", "cuthead", "html", "html503", "nothing", "badjson",
    "otherjson", "empty", "null", "truncated", "prose", "german", "score:3", "score:7", "score:-2",
    "score:2.5", "json:4", "json:8", "422", "slower",
  ]

  /// Texts of all faults: each alone for ever, and each once before a good answer.
  static func faultyTexts() -> [String] {
    // How often a sample is asked about that is too quick for ever depends on time.
    scripts.filter { !$0.hasPrefix("429") }.map { "Always.\nSCRIPT \($0)" }
      + scripts.map { "Once.\nSCRIPT \($0) sure" } + (0..<20).map { "A plain text, number \($0)." }
  }

  @Test func `every sample ends scored or with a reason, whatever the order`() throws {
    let texts = ScoreTests.faultyTexts()
    var outcomes: [[String]] = []
    for (number, concurrency) in [1, 16].enumerated() {
      let server = try JudgeServer()
      defer { server.stop() }
      let workspace = folder("w\(number)")
      try ingest(number == 0 ? texts : texts.reversed(), into: workspace)
      let result = try Program.run(
        options(server, ["--concurrency", "\(concurrency)", "--quiet", "--json"], in: workspace)
      )
      try #require(result.status == 0, "\(result.errors)")
      outcomes.append(try judgments(of: workspace))
      let counts = try read(
        { database in
          try Row.fetchOne(
            database,
            sql: """
              SELECT count(*), count(score), count(reason), min(score), max(score),
                total(reason = '') FROM judgment
              """
          )
        },
        of: workspace
      )
      let row = try #require(counts)
      let (all, scored, failed): (Int, Int, Int) = (row[0], row[1], row[2])
      let (lowest, highest, unnamed): (Double, Double, Int) = (row[3], row[4], row[5])
      #expect(all == texts.count && scored + failed == texts.count)
      #expect(scored > texts.count / 2 && failed >= 12 && unnamed == 0)
      #expect(lowest >= 0 && highest <= 5)
      // Scores are columns of the corpus, under the judge's name and as long as it is alone without.
      let shown = try read(
        { try Int.fetchOne($0, sql: "SELECT count(educational_test) FROM corpus") },
        of: workspace
      )
      #expect(shown == scored)
      let bare = try read(
        { try Int.fetchOne($0, sql: "SELECT count(educational) FROM corpus") },
        of: workspace
      )
      #expect(bare == shown)
      // Nothing is asked twice.
      let asked = server.seen.total
      let again = try Program.run(options(server, ["--quiet"], in: workspace))
      #expect(again.status == 0 && again.output.contains("up to date"))
      #expect(server.seen.total == asked)
    }
    let differing = zip(outcomes[0], outcomes[1]).filter { $0 != $1 }
    #expect(differing.isEmpty && outcomes[0].count == outcomes[1].count)
  }

  @Test func `answers outlive another reading of the source, and a text is asked about once`()
    throws
  {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest(["One.", "Two.", "One."])
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    #expect(server.seen.total == 2)
    try ingest(["Three.", "Two.", "One."])
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    #expect(server.seen.questions == ["One.": 1, "Two.": 1, "Three.": 1])
    try ingest(["One."], source: "others")
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    #expect(server.seen.total == 3)
    let scores = try read {
      try Double.fetchAll($0, sql: "SELECT educational FROM corpus ORDER BY source, ordinal")
    }
    #expect(scores == ["Three.", "Two.", "One.", "One."].map { Double(JudgeServer.score(of: $0)) })
  }

  @Test func `another temperature is another judge, and the first one's answers stay`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest(["One.", "Two."])
    for (temperature, total) in [("0", 2), ("1", 4), ("0", 4)] {
      let result = try Program.run(options(server, ["--temperature", temperature, "--quiet"]))
      #expect(result.status == 0 && server.seen.total == total, "\(result.errors)")
      #expect(try read { try Int.fetchOne($0, sql: "SELECT count(educational) FROM corpus") } == 2)
    }
  }

  @Test func `texts without a score are asked again where that is wanted`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest(["One.", "SCRIPT 500 500 500 500 score:4"])
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    #expect(server.seen.total == 5)
    let result = try Program.run(options(server, ["--again", "--quiet"]))
    #expect(result.status == 0 && server.seen.total == 6, "\(result.errors)")
    #expect(try read { try Int.fetchOne($0, sql: "SELECT count(score) FROM judgment") } == 2)
  }

  @Test func `a bare rubric's name is an error once two judges have scored`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest((0..<12).map { "A plain text, number \($0), of some words." })
    func select() throws -> Program.Result {
      try Program.run([
        "select", "notes", "-w", workspace, "--filter", "educational >= 2", "--quiet",
        "--dev-share", "0",
      ])
    }
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    let first = try select()
    #expect(first.status == 0, "\(first.errors)")
    #expect(try Program.run(options(server, ["--judge", "other", "--quiet"])).status == 0)
    // The same model under another name: its answers are known.
    #expect(server.seen.total == 12)
    let second = try select()
    #expect(second.status == 64)
    #expect(second.errors.contains("educational_other or educational_test"), "\(second.errors)")
  }

  @Test func `the manifest owns up to its judge`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest((0..<12).map { "A plain text, number \($0), of some words." } + ["SCRIPT german"])
    let scored = try Program.run(options(server, ["--quiet"]))
    #expect(scored.errors.contains("BabyLM 2026"), "\(scored.errors)")
    let result = try Program.run([
      "select", "notes", "-w", workspace, "--filter", "educational_test >= 1", "--quiet",
    ])
    try #require(result.status == 0, "\(result.errors)")
    struct Manifest: Decodable {
      struct Judge: Decodable {
        let column: String
        let model: String
        let judgments: Int
        let shareWithoutScore: Double
        let warning: String?
      }
      let judges: [Judge]?
    }
    func manifest() throws -> Manifest {
      let data = try Data(contentsOf: URL(filePath: workspace + "/selections/main/manifest.json"))
      return try JSONDecoder().decode(Manifest.self, from: data)
    }
    let judge = try #require(try manifest().judges?.first)
    #expect(judge.column == "educational_test" && judge.model == "test-model")
    #expect(judge.judgments == 13 && abs(judge.shareWithoutScore - 1.0 / 13) < 1e-9)
    #expect(judge.warning?.contains("not on the list") == true)
    // A selection that goes by no score names no judge.
    _ = try Program.run(["select", "notes", "-w", workspace, "--quiet"])
    #expect(try manifest().judges == nil)
  }

  @Test func `a dry run sends nothing, and limits are kept to`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest((0..<30).map { "A plain text, number \($0)." })
    let dry = try Program.run(options(server, ["--dry-run", "--json"]))
    #expect(dry.status == 0 && server.seen.total == 0 && server.seen.identityQuestions == 0)
    struct Estimate: Decodable {
      let toAsk: Int
      let inputTokens: Int
      let cost: Double?
      let seconds: Double?
    }
    let estimate = try JSONDecoder().decode(Estimate.self, from: Data(dry.output.utf8))
    #expect(estimate.toAsk == 30 && estimate.inputTokens > 30 * 300)
    #expect(estimate.cost == 0 && estimate.seconds == nil)
    let limited = try Program.run(options(server, ["--max-requests", "10", "--quiet"]))
    #expect(limited.status == 130 && server.seen.total == 10, "\(limited.errors)")
    #expect(limited.output.contains("the most requests"))
    let prices = try folder.write(
      "prices.yaml",
      "prices:\n  - {model: \"test-*\", input: 1000, output: 10000}\n"
    )
    // An answer costs 0.2 + 0.3 dollars; one that is as long as it may be some 4.5.
    let priced = ["--prices", prices, "--quiet"]
    let costly = try Program.run(options(server, priced + ["--max-cost", "6"]))
    #expect(costly.status == 130 && costly.output.contains("the most cost"), "\(costly.output)")
    let answers = try judgments().count
    #expect(answers > 10 && answers <= 22)
    let later = try Program.run(options(server, priced + ["--dry-run", "--json"]))
    let rest = try JSONDecoder().decode(Estimate.self, from: Data(later.output.utf8))
    #expect(rest.toAsk == 30 - answers && rest.seconds != nil && rest.cost ?? 0 > 0)
    #expect(try Program.run(options(server, ["--quiet"])).status == 0)
    #expect(server.seen.total == 30)
  }

  /// What a stage adds to a judge that keeps to its money.
  @Test func `no more is spent than may be, whatever becomes of the answers`() throws {
    let prices = try folder.write(
      "prices.yaml",
      "prices:\n  - {model: \"test-*\", input: 1000, output: 10000}\n"
    )
    try ingest((0..<40).map { "A plain text, number \($0)." })
    for (index, content) in ["Educational score: 3", "No idea."].enumerated() {
      let asked = Mutex(0)
      let endpoint = try OwnEndpoint { _ in
        asked.withLock { $0 += 1 }
        return HTTPServer.Reply(body: JudgeServer.completion(content, input: 600, output: 400))
      }
      defer { endpoint.stop() }
      let result = try Program.run([
        "score", "--rubric", "educational", "--endpoint", endpoint.address, "--model", "test-model",
        "--judge", "test\(index)", "--seed", "\(index + 1)", "--prices", prices, "--max-cost", "50",
        "--quiet", "-w", workspace,
      ])
      // An answer costs 0.6 + 4 dollars: ten of them 46.
      let questions = asked.withLock { $0 }
      #expect(result.status == 130 && result.output.contains("the most cost"), "\(result.errors)")
      #expect(questions == 10, "\(questions)")
      #expect(result.output.contains("spent: 46.0"), "\(result.output)")
    }
  }

  @Test func `one refused sample does not end a run, and a refusal of all leaves no trace`() throws
  {
    try ingest((0..<30).map { "A plain text, number \($0)." })
    let refusing = try OwnEndpoint { _ in HTTPServer.Reply(status: 400, body: "{}") }
    defer { refusing.stop() }
    let fussy = try OwnEndpoint { question in
      question.sample.hasSuffix(" 5.") ? HTTPServer.Reply(status: 403, body: "{}") : .score(3)
    }
    defer { fussy.stop() }
    for (endpoint, status) in [(refusing, 1), (fussy, 0)] {
      let result = try Program.run([
        "score", "--rubric", "educational", "--endpoint", endpoint.address, "--model", "test-model",
        "--judge", "test", "--first-pause", "0.001", "--quiet", "-w", workspace,
      ])
      #expect(result.status == status, "\(result.errors)")
      #expect(try judgments().count == (status == 0 ? 30 : 0))
    }
    let reasons = try read {
      try String.fetchAll($0, sql: "SELECT reason FROM judgment WHERE score IS NULL")
    }
    #expect(reasons == ["refused: HTTP 403"])
  }

  @Test func `a price that is not known cannot be kept to`() throws {
    try ingest(["One."])
    let result = try Program.run([
      "score", "--rubric", "educational", "--endpoint", "https://example.invalid/v1", "--model",
      "unheard-of", "--max-cost", "1", "-w", workspace, "--quiet",
    ])
    #expect(result.status == 64 && result.errors.contains("price"), "\(result.errors)")
  }

  @Test func `the key is nowhere but in the header`() throws {
    let key = "sk-test-0123456789abcdef"
    let server = try JudgeServer(key: key)
    defer { server.stop() }
    // The server echoes what it is sent where it can: in an answer, an error, a model's name.
    try ingest(["One.", "SCRIPT score:\(key)", "SCRIPT 400", "Two."])
    let file = try folder.write("key", key + "\n")
    var printed = ""
    for options in [
      options(server, ["--key-environment", "TEST_KEY"]),
      options(server, ["--key-file", file, "--json", "--judge", "second", "--seed", "2"]),
      options(server, ["--key-environment", "WRONG_KEY", "--seed", "3"]),
      options(server, ["--key-environment", "NO_KEY", "--seed", "4"]),
      options(server, ["--dry-run"]),
    ] {
      let result = try Program.run(
        options,
        environment: ["TEST_KEY": key, "WRONG_KEY": key + "-wrong"]
      )
      printed += result.output + result.errors
    }
    #expect(server.seen.keys == ["Bearer \(key)", "Bearer \(key)-wrong"])
    #expect(printed.contains("HTTP 401") && printed.contains("`NO_KEY`"))
    printed += try Program.run(["status", "-w", workspace]).output
    #expect(!printed.contains(key))
    for name in try FileManager.default.subpathsOfDirectory(atPath: workspace) {
      guard let data = FileManager.default.contents(atPath: workspace + "/" + name) else {
        continue
      }
      // The sample itself says the key here, as no user's would; its shard and preview hold it.
      let text = String(decoding: data, as: UTF8.self)
      #expect(!text.contains(key) || text.contains("SCRIPT score:\(key)"), "\(name)")
    }
    let columns = try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT coalesce(answer, '') || coalesce(reason, '') || coalesce(justification, '')
          FROM judgment UNION ALL SELECT model || endpointModel || parameters FROM judge
          UNION ALL SELECT report FROM stage
          """
      )
    }
    #expect(columns.count > 5 && columns.allSatisfy { !$0.contains(key) })
    #expect(columns.contains { $0.contains("(key)") })
  }

  @Test func `a recipe scores before it selects`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let rows = (0..<20).map { "{\"text\": \"A plain text, number \($0), of some words.\"}" }
    try folder.write("rows.jsonl", rows.joined(separator: "\n"))
    let recipe = try folder.write(
      "recipe.yaml",
      """
      name: scored
      sources:
        notes:
          format: jsonl
          paths: rows.jsonl
          filter: educational >= 3
      score:
        - rubric: educational
          judge: test
          endpoint: \(server.address)
          model: test-model
          firstPause: 0.001
        - rubric: child-directed
          endpoint: \(server.address)
          model: test-model
          filter: educational >= 3
          askAgain: 0
      """
    )
    let first = try Program.run(["build", recipe, "-w", workspace, "--quiet"])
    try #require(first.status == 0, "\(first.errors)")
    let good = (0..<20).count {
      JudgeServer.score(of: "A plain text, number \($0), of some words.") >= 3
    }
    #expect(good > 2 && good < 18)
    #expect(first.output.contains("score childDirected_test_model"))
    // The second rubric was asked about those alone that the first let through.
    #expect(server.seen.total == 20 + good)
    let chosen = try read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM selectedDocument WHERE split IS NOT NULL")
    }
    #expect(chosen == good)
    server.stop()
    let second = try Program.run(["build", recipe, "-w", workspace, "--quiet"])
    #expect(second.status == 0 && second.output.contains("Nothing to do"), "\(second.errors)")
  }

  @Test func `Ctrl-C finishes what is in flight`() throws {
    let server = try JudgeServer(delay: 0.05)
    defer { server.stop() }
    try ingest((0..<400).map { "A plain text, number \($0)." })
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = options(server, ["--quiet", "--concurrency", "4"])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while server.seen.total < 20, process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let seen = server.seen.total
    #expect(seen < 400 && seen >= 20)
    // What was asked was answered and is kept.
    #expect(try judgments().count == seen)
  }

  @Test func `rubrics are checked and shown as a judge would see them`() throws {
    try ingest(["A hen lays an egg."])
    let check = try Program.run(["rubric", "check", Program.root + "/rubrics/educational.yaml"])
    #expect(check.status == 0 && check.output.contains("Educational score:"))
    let id = try #require(try read { try String.fetchOne($0, sql: "SELECT id FROM document") })
    let shown = try Program.run([
      "rubric", "show", "educational", "--document", id, "-w", workspace, "--form", "text",
    ])
    #expect(shown.status == 0 && JudgeServer.sample(in: shown.output) == "A hen lays an egg.")
    #expect(shown.output.hasSuffix("for N.\n"), "\(shown.output.suffix(200))")
    let bad = try folder.write("bad.yaml", "name: bad\nversion: 1\n")
    let refused = try Program.run(["rubric", "check", bad])
    #expect(refused.status == 64 && refused.errors.contains("bad.yaml"))
  }
}

/// Judging a judge behind an endpoint.
extension ScoreTests {
  @Test func `repeated answers are kept, counted and asked for once each`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest(
      (0..<8).map { "Text \($0) is steady." }
        + ["This one is not.\nSCRIPT score:1 score:4 score:2"]
    )
    let arguments = options(server, ["--sample", "9", "--quiet", "--json"])
    let repeated = ["score", "repeat"] + arguments.dropFirst() + ["--times", "3"]
    for round in 0..<2 {
      let result = try Program.run(repeated)
      #expect(result.status == 0, "\(result.errors)")
      let rate = try JSONDecoder().decode(Rate.self, from: Data(result.output.utf8))
      #expect(rate.texts == 9 && rate.times == 3 && rate.withoutScore == 0)
      #expect(abs(rate.steady - 8.0 / 9) < 1e-12 && abs(rate.meanRange - 3.0 / 9) < 1e-12)
      #expect(server.seen.total == 27, "round \(round)")
    }
    // The first answers are those of a scoring, which need not be asked for again.
    let scoring = try Program.run(options(server, ["--quiet"]))
    #expect(scoring.status == 0 && server.seen.total == 27)
  }

  private struct Rate: Decodable {
    let texts: Int
    let times: Int
    let steady: Double
    let meanRange: Double
    let withoutScore: Double
  }

  @Test func `a run does not go on with a judge that has changed`() throws {
    let server = try JudgeServer()
    defer { server.stop() }
    try ingest((0..<6).map { "Text \($0).\nSCRIPT score:1 score:4" })
    let begun = try Program.run(options(server, ["--max-requests", "3", "--quiet"]))
    #expect(begun.status == 130 && server.seen.total == 3)
    let drifted = try Program.run(options(server, ["--drift-check", "2", "--quiet"]))
    #expect(drifted.status == 1 && drifted.errors.contains("on 2 texts"), "\(drifted.errors)")
    #expect(server.seen.total == 5)
    let tolerant = try Program.run(
      options(server, ["--drift-check", "2", "--most-drift", "3", "--quiet"])
    )
    #expect(tolerant.status == 0, "\(tolerant.errors)")
    // The check entered nothing.
    let scores = try read { try Double.fetchAll($0, sql: "SELECT score FROM judgment") }
    #expect(scores == Array(repeating: 1, count: 6))
  }
}
