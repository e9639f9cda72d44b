import Files
import Foundation
import JudgeServer
import Rubrics
import ScoringClient
import Testing

/// The limit of a request's time, which holds from the first step to the last byte.
@Suite struct TimeLimitTests {
  /// A starved machine may be too slow for the limit more than once.
  @Test(arguments: ["slow", "stall", "drip"])
  func `an answer that is not whole in time is asked for again`(_ step: String) async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    let text = "SCRIPT \(step) score:3"
    var settings = EndpointJudgeTests.settings(server)
    settings.timeout = 1
    settings.attempts = 20
    let judgment = try #require(try await EndpointJudgeTests.judgment(of: text, settings))
    #expect(judgment.score == 3 && judgment.attempts >= 2)
    #expect(server.seen.questions[text, default: 0] >= 2)
  }

  @Test func `a run that ends waits for a stalled request no longer than its limit`() async throws {
    let server = try JudgeServer()
    defer { server.stop() }
    var settings = EndpointJudgeTests.settings(server)
    settings.timeout = 1
    settings.attempts = 1_000
    let run = JudgingRun()
    let chosen = settings
    async let judgment = EndpointJudgeTests.judgment(of: "SCRIPT stall", chosen, run: run)
    while server.seen.total == 0 { try await Task.sleep(for: .milliseconds(10)) }
    run.end()
    #expect(try await judgment == nil)
  }

  private static func stalled() throws -> OwnEndpoint {
    var models = HTTPServer.Reply(body: #"{"data":[{"id":"test-model"}]}"#)
    models.holdAfter = 0
    return try OwnEndpoint(models: models) { _ in .score(3) }
  }

  @Test func `a list of models that does not come to its end is given up`() async throws {
    let endpoint = try TimeLimitTests.stalled()
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.timeout = 0.5
    let judge = try EndpointJudge(settings, rubric: Rubric(named: "educational"), key: nil)
    let failure = try await #require(throws: Failure.self) { _ = try await judge.identity() }
    await judge.close()
    #expect(failure.what.contains("no answer in time"))
  }

  /// As Ctrl-C does before the first sample is asked about.
  @Test func `whoever waits for the list of models may give up`() async throws {
    let endpoint = try TimeLimitTests.stalled()
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.timeout = 86_400
    let judge = try EndpointJudge(settings, rubric: Rubric(named: "educational"), key: nil)
    let task = Task { try await judge.identity() }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: (any Error).self) { _ = try await task.value }
    await judge.close()
  }
}
