import Foundation
import JudgeServer
import Rubrics
import ScoringClient
import Testing

/// The key in what a server says, in every form that JSON has for it.
@Suite struct KeyStrikingTests {
  static let key = #"sk-AAAA/BBBB+CC"CC\DDDD=="#

  /// What is kept of an answer to one sample.
  static func kept(_ key: String, _ reply: HTTPServer.Reply) async throws -> Judgment {
    let endpoint = try OwnEndpoint { question in question.sample == "A hen." ? .score(1) : reply }
    defer { endpoint.stop() }
    var settings = EndpointRefusalTests.settings(endpoint)
    settings.askAgain = 0
    let judge = try EndpointJudge(
      settings,
      rubric: Rubric(named: "educational"),
      key: APIKey(key, place: "test")
    )
    let judgment = try await judge.judgment(
      of: EndpointJudgeTests.sample("A text."),
      in: JudgingRun()
    )
    await judge.close()
    return try #require(judgment)
  }

  /// The key as it is, as two writers of JSON write it, with every character as a number, and in JSON
  /// within JSON.
  static var forms: [String] {
    let escaped = key.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
    let slashed = escaped.replacing("/", with: #"\/"#)
    let numbered = key.utf8.map { #"\u00"# + String($0, radix: 16) }.joined()
    let once = key.replacing("/", with: #"\u002F"#)
    let within = slashed.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
    return [key, escaped, slashed, numbered, once, within]
  }

  @Test(arguments: forms.indices)
  func `a key in a refusal is struck in any form`(_ index: Int) async throws {
    let form = KeyStrikingTests.forms[index]
    for status in [200, 400] {
      let judgment = try await KeyStrikingTests.kept(
        KeyStrikingTests.key,
        HTTPServer.Reply(status: status, body: #"{"error":"wrong key: \#(form)."}"#)
      )
      #expect(judgment.answer == #"{"error":"wrong key: (key)."}"#)
    }
  }

  @Test func `a key in a justification is struck after it is read`() async throws {
    let form = KeyStrikingTests.forms[2]
    let points =
      #""points": {"relevance": 1, "coherence": 1, "readability": 1, "explanation": 0, "#
      + #""learnability": 0}, "score": 3}"#
    let answer = #"{"justification": "Your key is \#(form).", "# + points
    let judgment = try await KeyStrikingTests.kept(
      KeyStrikingTests.key,
      HTTPServer.Reply(body: JudgeServer.completion(answer))
    )
    #expect(judgment.score == 3 && judgment.justification == "Your key is (key).")
    #expect(judgment.answer == #"{"justification": "Your key is (key).", "# + points)
  }

  @Test func `no half of a key is left where an answer is cut`() async throws {
    for before in [65_520, 65_535, 65_536] {
      let judgment = try await KeyStrikingTests.kept(
        KeyStrikingTests.key,
        HTTPServer.Reply(
          status: 400,
          body: String(repeating: "x", count: before) + KeyStrikingTests.key + "yyyy"
        )
      )
      let answer = try #require(judgment.answer)
      #expect(answer.utf8.count <= 65_536 && !answer.contains("s"))
    }
  }

  @Test func `no half of a key is left where a justification is cut`() async throws {
    let filler = String(repeating: "x", count: AnswerReading.longestJustification - 10)
    let answer = "\(filler)\(KeyStrikingTests.key)\nEducational score: 3"
    let judgment = try await KeyStrikingTests.kept(
      KeyStrikingTests.key,
      HTTPServer.Reply(body: JudgeServer.completion(answer))
    )
    let justification = try #require(judgment.justification)
    #expect(judgment.score == 3 && justification.utf8.count > 60_000)
    #expect(justification.allSatisfy { $0 == "x" })
  }

  @Test func `a key that is a digit does not take the score`() async throws {
    let judgment = try await KeyStrikingTests.kept("3", .score(3))
    #expect(judgment.score == 3 && judgment.answer == "Educational score: (key)")
  }

  @Test func `a model's identity has no key, in names either`() async throws {
    let key = KeyStrikingTests.key
    let json = String(decoding: try JSONEncoder().encode([key: key]), as: UTF8.self)
    let endpoint = try OwnEndpoint(
      models: HTTPServer.Reply(
        body: #"{"data":[{"id":"test-model","owned_by":"x","meta":\#(json)}]}"#
      )
    ) { _ in .score(3) }
    defer { endpoint.stop() }
    let judge = try EndpointJudge(
      EndpointRefusalTests.settings(endpoint),
      rubric: Rubric(named: "educational"),
      key: APIKey(key, place: "test")
    )
    let identity = try await judge.identity()
    await judge.close()
    #expect(
      identity.endpointModel == #"{"id":"test-model","meta":{"(key)":"(key)"},"owned_by":"x"}"#
    )
  }
}
