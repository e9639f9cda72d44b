import Documents
import Foundation
import JudgeServer
import Rubrics
import ScoringClient
import Synchronization
import Testing

/// A limit of cost against an endpoint that bills each answer it gives.
@Suite struct MoneyTests {
  static let price = PriceTable.Price(input: 1, output: 10)
  static let limit = 0.05

  /// What an endpoint has billed.
  final class Bill: Sendable {
    let dollars = Mutex(0.0)

    func add(_ input: Int, _ output: Int) {
      dollars.withLock { $0 += MoneyTests.price.cost(input: input, output: output) }
    }

    var sum: Double { dollars.withLock { $0 } }
  }

  /// Asks about a hundred texts until the money is spent.
  static func spend(
    extra: [String: MetadataValue] = [:],
    structured: EndpointSettings.Structured = .never,
    _ answer: @escaping @Sendable (OwnEndpoint.Question, Bill) -> HTTPServer.Reply
  ) async throws -> (billed: Double, counted: Double, questions: Int) {
    let bill = Bill()
    let endpoint = try OwnEndpoint { answer($0, bill) }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.extra = extra
    settings.structured = structured
    let run = JudgingRun()
    run.limitCost(to: limit, price: price)
    _ = try await EndpointRefusalTests.judgments(
      of: (0..<100).map { "Text \($0)." },
      settings,
      run: run
    )
    #expect(run.isOutOfMoney && run.requests == endpoint.questions.count)
    return (bill.sum, run.spent, endpoint.questions.count)
  }

  @Test func `questions that are asked again are paid for, too`() async throws {
    let spent = try await MoneyTests.spend { _, bill in
      bill.add(600, 400)
      return HTTPServer.Reply(body: JudgeServer.completion("No idea.", input: 600, output: 400))
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions >= 8)
    #expect(abs(spent.billed - spent.counted) < 1e-9)
  }

  @Test(arguments: [
    #"{"choices":[{"message":{"content":{"no":"text"}}}],"usage":USAGE}"#,
    #"{"choices":[],"usage":USAGE}"#,
    #"{"choices":[{"message":{"content":"x"},"logprobs":{"content":[{"token":null}]}}],"usage":USAGE}"#,
  ])
  func `an answer that cannot be read costs what it says`(_ body: String) async throws {
    let spent = try await MoneyTests.spend { _, bill in
      bill.add(600, 400)
      let usage = #"{"prompt_tokens":600,"completion_tokens":400}"#
      return HTTPServer.Reply(body: body.replacing("USAGE", with: usage))
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions >= 8)
    #expect(abs(spent.billed - spent.counted) < 1e-9)
  }

  @Test(arguments: [200, 0])
  func `an answer that says nothing of tokens costs as much as it may`(_ status: Int) async throws {
    let spent = try await MoneyTests.spend { _, bill in
      bill.add(300, 400)
      var reply = HTTPServer.Reply(body: "<html>A page of some words.</html>")
      if status == 0 { reply.cutAfter = 10 }
      return reply
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions >= 5)
    #expect(spent.counted <= MoneyTests.limit)
  }

  @Test(arguments: ["max_tokens", "max_completion_tokens"])
  func `a longer answer that extra asks for is held back`(_ name: String) async throws {
    let spent = try await MoneyTests.spend(extra: [name: .integer(2_000)]) {
      question,
      bill in
      bill.add(600, question.mostTokens)
      return .score(3, input: 600, output: question.mostTokens)
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions == 2)
  }

  /// One answer has to show that the endpoint writes more than it is asked for.
  @Test func `answers that are longer than they may be are expected after the first`() async throws
  {
    let spent = try await MoneyTests.spend { _, bill in
      bill.add(600, 1_200)
      return .score(3, input: 600, output: 1_200)
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions == 3)
    let costly = try await MoneyTests.spend { _, bill in
      bill.add(600, 20_000)
      return .score(3, input: 600, output: 20_000)
    }
    #expect(costly.questions == 1)
  }

  @Test func `the question about schemas is asked once and paid for`() async throws {
    let spent = try await MoneyTests.spend(structured: .auto) { question, bill in
      if question.isStructured, question.sample != "A hen." {
        return HTTPServer.Reply(status: 400, body: "{}")
      }
      bill.add(600, 400)
      return .score(3, input: 600, output: 400)
    }
    #expect(spent.billed <= MoneyTests.limit && spent.questions >= 8)
    #expect(abs(spent.billed - spent.counted) < 1e-9)
  }

  @Test func `one task learns of schemas for all`() async throws {
    let endpoint = try OwnEndpoint { question in
      var reply =
        question.isStructured
        ? HTTPServer.Reply(status: 400, body: "{}") : HTTPServer.Reply.score(3)
      reply.delay = 0.1
      return reply
    }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.structured = .auto
    let judgments = try await EndpointRefusalTests.judgments(
      of: EndpointRefusalTests.texts,
      settings
    )
    #expect(judgments.values.allSatisfy { $0.score == 3 })
    let asked = endpoint.questions.count { $0.sample == "A hen." }
    #expect(asked == 1)
  }
}
