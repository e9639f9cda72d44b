import Documents
import Files
import Foundation
import JudgeServer
import Rubrics
import ScoringClient
import Synchronization
import Testing

/// Whether a refusal is meant for a sample or for all of them, and how a server's pace is kept to.
@Suite struct EndpointRefusalTests {
  static func settings(_ endpoint: OwnEndpoint) -> EndpointSettings {
    var settings = EndpointSettings(endpoint: endpoint.address, model: "test-model")
    settings.firstPause = 0.001
    settings.longestPause = 1
    settings.attempts = 3
    // The tests of other rooms keep the threads busy that answers wait for.
    settings.timeout = 3_600
    settings.structured = .never
    return settings
  }

  /// Judges samples at once, as many as the settings say.
  static func judgments(
    of texts: [String],
    _ settings: EndpointSettings,
    run: JudgingRun = JudgingRun()
  ) async throws -> [String: Judgment] {
    let judge = try EndpointJudge(settings, rubric: Rubric(named: "educational"), key: nil)
    let result: Result<[String: Judgment], any Error>
    do {
      let judgments = try await withThrowingTaskGroup(of: (String, Judgment?).self) { group in
        var waiting = texts[...]
        var judgments: [String: Judgment] = [:]
        func start() {
          guard let text = waiting.popFirst() else { return }
          group.addTask {
            do {
              let sample = EndpointJudgeTests.sample(text)
              return (text, try await judge.judgment(of: sample, in: run))
            } catch {
              // As a stage does: nobody else begins anything.
              run.end()
              throw error
            }
          }
        }
        for _ in 0..<settings.concurrency { start() }
        while let (text, judgment) = try await group.next() {
          judgments[text] = judgment
          start()
        }
        return judgments
      }
      result = .success(judgments)
    } catch {
      result = .failure(error)
    }
    await judge.close()
    return try result.get()
  }

  static let texts = (0..<12).map { "Text number \($0)." }

  @Test(arguments: [401, 402, 403, 404])
  func `a sample that is refused for itself has no score, and the others go on`(
    _ status: Int
  )
    async throws
  {
    for structured in [EndpointSettings.Structured.never, .auto] {
      let endpoint = try OwnEndpoint { question in
        question.sample == "Text number 5."
          ? HTTPServer.Reply(status: status, body: #"{"error":"moderated"}"#) : .score(3)
      }
      defer { endpoint.stop() }
      var settings = EndpointRefusalTests.settings(endpoint)
      settings.structured = structured
      let judgments = try await EndpointRefusalTests.judgments(
        of: EndpointRefusalTests.texts,
        settings
      )
      #expect(judgments.count == 12)
      for (text, judgment) in judgments {
        let isRefused = text == "Text number 5."
        #expect(judgment.score == (isRefused ? nil : 3))
        #expect(judgment.reason == (isRefused ? "refused: HTTP \(status)" : nil))
      }
    }
  }

  @Test(arguments: [400, 401, 403, 404, 422])
  func `an endpoint that refuses all leaves no sample without a score`(_ status: Int) async throws {
    for structured in [EndpointSettings.Structured.never, .auto] {
      let endpoint = try OwnEndpoint { _ in
        HTTPServer.Reply(status: status, body: #"{"error":"this is not supported"}"#)
      }
      defer { endpoint.stop() }
      var settings = EndpointRefusalTests.settings(endpoint)
      settings.structured = structured
      let refusing = settings
      let failure = try await #require(throws: Failure.self) {
        _ = try await EndpointRefusalTests.judgments(of: EndpointRefusalTests.texts, refusing)
      }
      #expect(failure.what.contains("refuses all requests (HTTP \(status))"), "\(failure)")
      #expect(failure.what.contains("this is not supported"))
      // One question of each that was under way, with a schema and without, and the one about them.
      #expect(endpoint.questions.count <= 4 * settings.concurrency)
    }
  }

  /// With `always` a question without a schema says nothing of those with one.
  @Test func `an endpoint that refuses schemas that must be leaves no sample without a score`()
    async throws
  {
    let endpoint = try OwnEndpoint { question in
      question.isStructured ? HTTPServer.Reply(status: 400, body: "{}") : .score(3)
    }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.structured = .always
    let strict = settings
    await #expect(throws: Failure.self) {
      _ = try await EndpointRefusalTests.judgments(of: EndpointRefusalTests.texts, strict)
    }
  }

  @Test func `an endpoint that gives pages in place of completions ends the run`() async throws {
    let endpoint = try OwnEndpoint { _ in HTTPServer.Reply(body: "<html>Log in.</html>") }
    defer { endpoint.stop() }
    let settings = EndpointRefusalTests.settings(endpoint)
    let failure = try await #require(throws: Failure.self) {
      _ = try await EndpointRefusalTests.judgments(of: (0..<100).map { "Text \($0)." }, settings)
    }
    #expect(failure.what.contains("no chat completions"))
  }

  @Test func `an endpoint that begins to refuse all is noticed`() async throws {
    let endpoint = try OwnEndpoint { question in
      question.number < 3 ? .score(3) : HTTPServer.Reply(status: 422, body: "{}")
    }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.concurrency = 1
    let sequential = settings
    let failure = try await #require(throws: Failure.self) {
      _ = try await EndpointRefusalTests.judgments(of: (0..<100).map { "Text \($0)." }, sequential)
    }
    #expect(failure.what.contains("HTTP 422"))
    #expect(endpoint.questions.count == 3 + 20 + 1)
  }

  @Test func `an address that leads elsewhere ends the run at once`() async throws {
    let endpoint = try OwnEndpoint { _ in
      HTTPServer.Reply(status: 307, headers: [("Location", "http://127.0.0.1:9/")], body: "")
    }
    defer { endpoint.stop() }
    let settings = EndpointRefusalTests.settings(endpoint)
    let failure = try await #require(throws: Failure.self) {
      _ = try await EndpointRefusalTests.judgments(of: EndpointRefusalTests.texts, settings)
    }
    #expect(failure.what.contains("another address (HTTP 307)"))
    #expect(endpoint.questions.count <= settings.concurrency)
  }

  /// The models are listed all the while.
  @Test func `an endpoint that always has no time ends the run`() async throws {
    let endpoint = try OwnEndpoint { _ in HTTPServer.Reply(status: 503, body: "busy") }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.longestPause = 0.01
    let texts = (0..<200).map { "Text \($0)." }
    // By the circuit, and where that is as good as off, by the samples in a row.
    for breakerFailures in [5, 1_000_000] {
      settings.breakerFailures = breakerFailures
      let chosen = settings
      let failure = try await #require(throws: Failure.self) {
        _ = try await EndpointRefusalTests.judgments(of: texts, chosen)
      }
      #expect(failure.what.contains("does not answer: HTTP 503"))
    }
    #expect(Set(endpoint.questions.map(\.sample)).count < 60)
  }

  // MARK: The server's pace

  /// An endpoint that lets one request through in some seconds.
  private static func slowEndpoint(
    _ seconds: Double,
    headers: [(String, String)] = []
  ) throws -> OwnEndpoint {
    let last = Mutex(ContinuousClock.now - .seconds(60))
    return try OwnEndpoint { _ in
      let passes = last.withLock { last in
        let now = ContinuousClock.now
        guard now - last >= .seconds(seconds) else { return false }
        last = now
        return true
      }
      return passes ? .score(3) : HTTPServer.Reply(status: 429, headers: headers, body: "{}")
    }
  }

  @Test func `a limit of rate costs no sample its score`() async throws {
    for (seconds, headers, count) in [(0.1, [], 24), (1.0, [("Retry-After", "1")], 4)] {
      let endpoint = try EndpointRefusalTests.slowEndpoint(seconds, headers: headers)
      defer { endpoint.stop() }
      var settings = EndpointRefusalTests.settings(endpoint)
      settings.attempts = 1
      settings.longestPause = 60
      let judgments = try await EndpointRefusalTests.judgments(
        of: (0..<count).map { "Text \($0)." },
        settings
      )
      #expect(judgments.values.map(\.score) == Array(repeating: 3, count: count))
    }
  }

  @Test func `a sample that is too quick for ever has a reason in the end`() async throws {
    let endpoint = try OwnEndpoint { question in
      question.sample == "Text number 5."
        ? HTTPServer.Reply(status: 429, headers: [("Retry-After", "0")], body: "{}") : .score(3)
    }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.longestPause = 0.05
    let judgments = try await EndpointRefusalTests.judgments(
      of: EndpointRefusalTests.texts,
      settings
    )
    #expect(judgments.values.count { $0.score == 3 } == 11)
    let refused = try #require(judgments["Text number 5."])
    #expect(refused.reason == "no answer: HTTP 429" && refused.attempts >= settings.attempts)
    #expect(refused.seconds >= 0.5)
  }

  @Test func `an endpoint that finds all too quick for ever ends the run`() async throws {
    let endpoint = try OwnEndpoint { _ in HTTPServer.Reply(status: 429, body: "{}") }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.longestPause = 0.05
    let quick = settings
    let failure = try await #require(throws: Failure.self) {
      _ = try await EndpointRefusalTests.judgments(of: EndpointRefusalTests.texts, quick)
    }
    #expect(failure.what.contains("HTTP 429"))
  }

  /// The pauses are drawn, but the same for the same sample; a starved machine only makes them longer.
  @Test(arguments: ["0", "Sun, 06 Nov 1994 08:49:37 GMT"])
  func `a server that wants to be asked again at once is not`(_ value: String) async throws {
    let endpoint = try OwnEndpoint { _ in
      HTTPServer.Reply(status: 503, headers: [("Retry-After", value)], body: "{}")
    }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.firstPause = 0.2
    settings.attempts = 4
    let text = "A text."
    let policy = RetryPolicy(firstPause: 0.2, longestPause: 1)
    let hash = EndpointJudgeTests.sample(text).textHash
    let seed = SHA256.hash("\(settings.seed) \(hash)").word(0)
    let pauses = (1...3).map { policy.pause(afterFailure: $0, seed: seed) }.reduce(0, +)
    #expect(pauses > 0.2)
    let judgments = try await EndpointRefusalTests.judgments(of: [text], settings)
    let judgment = try #require(judgments[text])
    #expect(judgment.reason == "no answer: HTTP 503" && judgment.attempts == 4)
    #expect(judgment.seconds >= pauses)
  }

  // MARK: What an answer says

  @Test func `a refusal is no answer`() async throws {
    let endpoint = try OwnEndpoint { question in
      let content = question.number == 0 ? "null" : #""""#
      return HTTPServer.Reply(
        body: #"{"choices":[{"message":{"content":\#(content),"refusal":"Educational score: 3"}}]}"#
      )
    }
    defer { endpoint.stop() }
    let judgments = try await EndpointRefusalTests.judgments(
      of: ["A text."],
      EndpointRefusalTests.settings(endpoint)
    )
    #expect(judgments["A text."]?.score == nil)
    #expect(judgments["A text."]?.reason == "the judge refused to answer")
    #expect(judgments["A text."]?.answer == "Educational score: 3")
  }

  @Test func `an answer in parts is read, and probabilities that cannot be read do not harm it`()
    async throws
  {
    for body in [
      #"{"choices":[{"message":{"content":[{"type":"text","text":"Educational "},{"text":"score: 3"}]}}]}"#,
      #"{"choices":[{"message":{"content":"Educational score: 3"},"logprobs":{"content":[{"token":null}]}}]}"#,
      #"{"choices":[{"message":{"content":"Educational score: 3"},"finish_reason":7}],"usage":[]}"#,
    ] {
      let endpoint = try OwnEndpoint { _ in HTTPServer.Reply(body: body) }
      defer { endpoint.stop() }
      var settings = EndpointRefusalTests.settings(endpoint)
      settings.expectedScore = true
      let judgments = try await EndpointRefusalTests.judgments(of: ["A text."], settings)
      #expect(judgments["A text."]?.score == 3)
      #expect(judgments["A text."]?.expectedScore == nil)
    }
  }

  // MARK: No connection

  @Test(arguments: [
    // Port 1 is one that nothing listens on.
    ("http://127.0.0.1:1/v1", "the connection was refused"),
    ("http://no-such-host.invalid/v1", "the host is unknown"),
  ])
  func `a refused connection and an unknown host are told apart`(
    _ address: String,
    _ reason: String
  ) async throws {
    var settings = EndpointSettings(endpoint: address, model: "test-model")
    settings.attempts = 1
    let judge = try EndpointJudge(settings, rubric: Rubric(named: "educational"), key: nil)
    let failure = try await #require(throws: Failure.self) { _ = try await judge.identity() }
    await judge.close()
    #expect(failure.what.contains(reason), "\(failure)")
  }
}
