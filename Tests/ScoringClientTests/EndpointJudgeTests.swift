import Documents
import Files
import Foundation
import JudgeServer
import Rubrics
import ScoringClient
import Testing

/// A judge against a real HTTP server on the loopback that fails in every way it knows.
@Suite struct EndpointJudgeTests {
  /// Settings with pauses of a millisecond.
  static func settings(_ server: JudgeServer) -> EndpointSettings {
    var settings = EndpointSettings(endpoint: server.address, model: "test-model")
    settings.firstPause = 0.001
    settings.longestPause = 2
    settings.attempts = 4
    // The tests of other rooms keep the threads busy that answers wait for.
    settings.timeout = 3_600
    settings.breakerFailures = 1_000
    return settings
  }

  static func sample(_ text: String) -> Sample {
    Sample(textHash: SHA256.hash(text).description, text: Array(text.utf8))
  }

  /// Judges one sample and lets go of the judge.
  static func judgment(
    of text: String,
    _ settings: EndpointSettings,
    run: JudgingRun = JudgingRun()
  ) async throws -> Judgment? {
    let judge = try EndpointJudge(settings, rubric: Rubric(named: "educational"), key: nil)
    let result: Result<Judgment?, any Error>
    do {
      result = .success(try await judge.judgment(of: sample(text), in: run))
    } catch {
      result = .failure(error)
    }
    await judge.close()
    return try result.get()
  }

  /// Each fault with what must come of it: a score, or a reason; and the requests it takes.
  static let faults: [(script: String, score: Double?, reason: String?, attempts: Int)] = [
    ("429 score:4", 4, nil, 2),
    ("429after1 score:4", 4, nil, 2),
    ("429date score:4", 4, nil, 2),
    ("500 502 503 score:2", 2, nil, 4),
    ("408 409 score:0", 0, nil, 3),
    ("500", nil, "no answer: HTTP 500", 4),
    ("html503 html503 score:1", 1, nil, 3),
    ("slower", nil, nil, 1),
    ("cuthead score:3", 3, nil, 2),
    ("cut cuthead score:3", 3, nil, 3),
    ("cut", nil, "no answer: the connection broke", 4),
    ("html score:5", 5, nil, 2),
    ("html", nil, "the answer is no chat completion", 3),
    ("nothing badjson otherjson", nil, "the answer is no chat completion", 3),
    ("badjson score:1", 1, nil, 2),
    ("empty score:1", 1, nil, 2),
    ("empty", nil, "empty answer", 3),
    ("null", nil, "empty answer", 3),
    ("truncated", nil, "the answer was cut off", 3),
    ("truncated score:3", 3, nil, 2),
    ("prose", 4, nil, 1),
    ("german", nil, "no score in the answer", 3),
    ("german score:2", 2, nil, 2),
    ("score:6", nil, "the score is out of range", 3),
    ("score:-1", nil, "the score is out of range", 3),
    ("score:99999999999999999999", nil, "the score is no whole number", 3),
    ("score:3.5", nil, "the score is no whole number", 3),
    ("score:high", nil, "no score in the answer", 3),
    ("json:7", nil, "the score is out of range", 3),
    ("json:1e300", nil, "the score is no whole number", 3),
    ("json:3.5 json:3", 3, nil, 2),
    ("422", nil, "refused: HTTP 422", 2),
  ]

  @Test(arguments: faults.indices)
  func `each fault ends in a score or a reason`(_ index: Int) async throws {
    let fault = EndpointJudgeTests.faults[index]
    let server = try JudgeServer()
    defer { server.stop() }
    let text = "SCRIPT \(fault.script)"
    let judgment = try #require(
      try await EndpointJudgeTests.judgment(of: text, EndpointJudgeTests.settings(server))
    )
    #expect((judgment.score == nil) == (judgment.reason != nil))
    if fault.script != "slower" {
      #expect(judgment.score == fault.score, "\(fault.script)")
      #expect(judgment.reason == fault.reason, "\(fault.script)")
    } else {
      #expect(judgment.score == Double(JudgeServer.score(of: text)))
    }
    #expect(judgment.attempts == fault.attempts, "\(fault.script)")
    #expect(server.seen.questions[text] == fault.attempts)
  }

  @Test func `a whole answer brings points, justification and tokens`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    for structured in [EndpointSettings.Structured.auto, .never] {
      var settings = EndpointJudgeTests.settings(server)
      settings.structured = structured
      let judgment = try #require(try await EndpointJudgeTests.judgment(of: "A hen.", settings))
      let score = JudgeServer.score(of: "A hen.")
      #expect(judgment.score == Double(score))
      #expect(judgment.points == (0..<5).map { $0 < score ? 1 : 0 })
      #expect(judgment.justification == "It is as good as that.")
      #expect(judgment.form == (structured == .auto ? .structured : .text))
      #expect(judgment.inputTokens == 200 && judgment.outputTokens == 30)
      #expect(judgment.leftOut == 0)
    }
  }

  @Test func `a server that refuses schemas is asked without`() async throws {
    let server = try JudgeServer(refusesSchemas: true)
    defer { server.stop() }
    let judge = try EndpointJudge(
      EndpointJudgeTests.settings(server),
      rubric: Rubric(named: "educational"),
      key: nil
    )
    for text in ["One.", "Two.", "Three."] {
      let judgment = try await judge.judgment(
        of: EndpointJudgeTests.sample(text),
        in: JudgingRun()
      )
      #expect(judgment?.score == Double(JudgeServer.score(of: text)))
      #expect(judgment?.form == .text)
    }
    await judge.close()
    // The first sample and the question that settles it were asked with a schema.
    #expect(server.seen.withSchema == 2 && server.seen.total == 5)
  }

  @Test func `a sample that is asked about again has another seed`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let text = "SCRIPT empty 500 german score:3"
    let settings = EndpointJudgeTests.settings(server)
    _ = try await EndpointJudgeTests.judgment(of: text, settings)
    #expect(server.seen.seeds[text] == [1, 2, 2, 3])
  }

  @Test func `the mean of the digits' probabilities is kept where it is asked for`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    var settings = EndpointJudgeTests.settings(server)
    settings.expectedScore = true
    let judgment = try #require(try await EndpointJudgeTests.judgment(of: "SCRIPT prob", settings))
    #expect(judgment.score == 3)
    let expected = try #require(judgment.expectedScore)
    // (3 · 0.5 + 4 · 0.25) / 0.75
    #expect(abs(expected - 10.0 / 3) < 1e-12)
  }

  @Test func `a long sample is cut and the cut is told`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    var settings = EndpointJudgeTests.settings(server)
    settings.longest = 200
    let text = String(repeating: "word ", count: 100)
    let judgment = try #require(try await EndpointJudgeTests.judgment(of: text, settings))
    #expect(judgment.leftOut >= 300 && judgment.leftOut < 400)
    #expect(server.seen.questions.keys.first?.utf8.count == 500 - judgment.leftOut)
  }

  @Test func `no more requests are sent than the run may send`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let settings = EndpointJudgeTests.settings(server)
    let run = JudgingRun(mostRequests: 2)
    #expect(try await EndpointJudgeTests.judgment(of: "SCRIPT 500", settings, run: run) == nil)
    #expect(server.seen.total == 2 && run.isSpent && run.repeats == 1)
  }

  @Test func `an endpoint that is not there ends the run`() async throws {
    let server = try JudgeServer()
    server.stop()
    var settings = EndpointJudgeTests.settings(server)
    settings.breakerFailures = 2
    settings.longestPause = 0.01
    settings.attempts = 1_000
    let refused = settings
    let failure = try await #require(throws: Failure.self) {
      _ = try await EndpointJudgeTests.judgment(of: "A hen.", refused)
    }
    #expect(failure.what.contains("does not answer") && failure.place == server.address)
  }

  @Test func `a wrong key ends the run and is not shown`() async throws {
    let server = try JudgeServer(key: "right-key")
    defer { server.stop() }
    let judge = try EndpointJudge(
      EndpointJudgeTests.settings(server),
      rubric: Rubric(named: "educational"),
      key: APIKey("wrong-key-1234", place: "test")
    )
    let failure = try await #require(throws: Failure.self) { _ = try await judge.identity() }
    await judge.close()
    #expect(failure.what.contains("HTTP 401") && !failure.description.contains("wrong-key"))
    #expect(server.seen.keys == ["Bearer wrong-key-1234"])
    #expect(server.seen.total == 0)
  }

  @Test func `the model's identity leaves out what changes from one question to the next`()
    async throws
  {
    let server = try JudgeServer()
    defer { server.stop() }
    let judge = try EndpointJudge(
      EndpointJudgeTests.settings(server),
      rubric: Rubric(named: "educational"),
      key: nil
    )
    let identity = try await judge.identity()
    for _ in 0..<5 { #expect(try await judge.identity() == identity) }
    await judge.close()
    #expect(identity.endpointModel == #"{"id":"test-model","owned_by":"tests"}"#)
  }

  @Test func `a key shows itself to nobody`() throws {
    let key = try APIKey("  sk-secret-5678\n", place: "test")
    var text = ""
    dump(key, to: &text)
    #expect(!(text + "\(key)" + String(reflecting: key)).contains("secret"))
    #expect(throws: Failure.self) { try APIKey("a b", place: "test") }
    #expect(throws: Failure.self) { try APIKey("\n", place: "test") }
  }

  /// Any endpoint: BLALM_ENDPOINT is its base address, BLALM_MODEL the model's name, BLALM_KEY its key.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["BLALM_ENDPOINT"] != nil))
  func `a real endpoint gives a score`() async throws {
    let environment = ProcessInfo.processInfo.environment
    var settings = EndpointSettings(
      endpoint: environment["BLALM_ENDPOINT"] ?? "",
      model: environment["BLALM_MODEL"] ?? ""
    )
    settings.expectedScore = true
    if environment["BLALM_KEY"] != nil { settings.keyEnvironment = "BLALM_KEY" }
    let judge = try EndpointJudge(
      settings,
      rubric: Rubric(named: "educational"),
      key: APIKey.find(variable: settings.keyEnvironment, file: nil)
    )
    let text = "Rain falls from clouds. Clouds are made of tiny drops of water that join and fall."
    let judgment = try #require(
      try await judge.judgment(of: EndpointJudgeTests.sample(text), in: JudgingRun())
    )
    await judge.close()
    #expect(judgment.score.map { (0...5).contains($0) } ?? (judgment.reason != nil))
    #expect(judgment.attempts >= 1)
  }
}
