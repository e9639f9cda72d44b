import Foundation
import Synchronization

/// A chat endpoint that does what the sample before it says, one step an attempt.
///
/// A sample's script is the words after `SCRIPT` on a line of its own, such as
/// `SCRIPT 429 cut html score:4`; the last step is repeated. A sample without one gets a score that
/// depends on its bytes alone.
public final class JudgeServer: Sendable {
  /// What the server has seen.
  public struct Log: Sendable {
    /// The questions, by sample.
    public var questions: [String: Int] = [:]
    /// The questions that came with a schema.
    public var withSchema = 0
    /// The seeds, by sample.
    public var seeds: [String: [Int]] = [:]
    /// The keys that came.
    public var keys: Set<String> = []
    /// The questions after the name of whose model they asked.
    public var identityQuestions = 0

    /// All questions.
    public var total: Int { questions.values.reduce(0, +) }
  }

  private let server: HTTPServer

  /// The base address.
  public let address: String

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - delay: The seconds before each answer.
  ///   - model: The model that it says it serves.
  ///   - refusesSchemas: Whether a question with a schema gets status 400.
  ///   - key: The key that it asks for, or `nil`.
  /// - Throws: Where no port is free.
  public init(
    delay: Double = 0,
    model: String = "test-model",
    refusesSchemas: Bool = false,
    key: String? = nil
  ) throws {
    let log = LogBox()
    box = log
    let server = try HTTPServer { request in
      if let authorization = request.authorization {
        log.value.withLock { _ = $0.keys.insert(authorization) }
      }
      if let key, request.authorization != "Bearer \(key)" {
        return HTTPServer.Reply(
          status: 401,
          body: #"{"error":{"message":"wrong key: \#(request.authorization ?? "none")"}}"#
        )
      }
      if request.method == "GET" {
        log.value.withLock { $0.identityQuestions += 1 }
        return HTTPServer.Reply(
          body:
            #"{"data":[{"id":"\#(model)","owned_by":"tests","created":\#(Int.random(in: 1...9))}]}"#
        )
      }
      return JudgeServer.answer(request, log, delay: delay, refusesSchemas: refusesSchemas)
    }
    self.server = server
    address = "http://127.0.0.1:\(server.port)/v1"
  }

  private let box: LogBox

  /// What it has seen so far.
  public var seen: Log { box.value.withLock { $0 } }

  /// Forgets what it has seen.
  public func forget() { box.value.withLock { $0 = Log() } }

  /// Closes the port.
  public func stop() { server.stop() }

  private final class LogBox: Sendable {
    let value = Mutex(Log())
  }

  // MARK: Answers

  private struct Question: Decodable {
    struct Message: Decodable { let content: String }
    struct Format: Decodable { let type: String }
    let messages: [Message]
    let seed: Int?
    let responseFormat: Format?
    let logprobs: Bool?
  }

  private static func answer(
    _ request: HTTPServer.Request,
    _ log: LogBox,
    delay: Double,
    refusesSchemas: Bool
  ) -> HTTPServer.Reply {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let question = try? decoder.decode(Question.self, from: Data(request.body)),
      let prompt = question.messages.last?.content
    else { return HTTPServer.Reply(status: 400, body: "{}") }
    let sample = sample(in: prompt)
    let isStructured = question.responseFormat != nil
    let attempt = log.value.withLock { log in
      log.questions[sample, default: 0] += 1
      log.seeds[sample, default: []].append(question.seed ?? -1)
      if isStructured { log.withSchema += 1 }
      return log.questions[sample] ?? 1
    }
    if refusesSchemas, isStructured {
      return HTTPServer.Reply(status: 400, body: #"{"error":{"message":"no response_format"}}"#)
    }
    let steps = script(of: sample)
    let step = steps.isEmpty ? "sure" : steps[min(attempt - 1, steps.count - 1)]
    var reply = reply(to: step, sample: sample, isStructured, withProbabilities: question.logprobs)
    reply.delay += delay
    return reply
  }

  /// What stands between the two lines with the mark.
  public static func sample(in prompt: String) -> String {
    guard let start = prompt.firstRange(of: /=== S[0-9a-f]{20} the sample begins ===\n/),
      let end = prompt[start.upperBound...].firstRange(
        of: /\n=== S[0-9a-f]{20} the sample ends ===/
      )
    else { return "" }
    return String(prompt[start.upperBound..<end.lowerBound])
  }

  private static func script(of sample: String) -> [String] {
    for line in sample.split(separator: "\n") where line.hasPrefix("SCRIPT ") {
      return line.dropFirst(7).split(separator: " ").map(String.init)
    }
    return []
  }

  /// The score of a sample without a script: 0 to 5.
  public static func score(of sample: String) -> Int {
    Int(sample.utf8.reduce(UInt32(7)) { ($0 &* 31) ^ UInt32($1) } % 6)
  }

  private static func reply(
    to step: String,
    sample: String,
    _ isStructured: Bool,
    withProbabilities: Bool?
  ) -> HTTPServer.Reply {
    let whole = completion(answer(of: score(of: sample), isStructured))
    var reply = HTTPServer.Reply(body: whole)
    switch step {
    case "sure": return HTTPServer.Reply(body: whole)
    case "429": return HTTPServer.Reply(status: 429, body: #"{"error":"busy"}"#)
    case "429after1":
      return HTTPServer.Reply(status: 429, headers: [("Retry-After", "1")], body: "{}")
    case "429date":
      return HTTPServer.Reply(
        status: 429,
        headers: [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")],
        body: "{}"
      )
    case "400", "408", "409", "422", "500", "502", "503":
      return HTTPServer.Reply(status: Int(step) ?? 500, body: #"{"error":"fault \#(step)"}"#)
    case "html": return HTTPServer.Reply(body: "<html><body>502 Bad Gateway</body></html>")
    case "html503":
      return HTTPServer.Reply(status: 503, body: "<html><body>upstream</body></html>")
    case "nothing": return HTTPServer.Reply(body: "")
    case "badjson": return HTTPServer.Reply(body: String(whole.dropLast(7)))
    case "otherjson": return HTTPServer.Reply(body: #"{"choices":[]}"#)
    // Longer than any test: no load on the machine lets the reply come before the caller gives up.
    case "slow": reply.delay = 86_400
    case "slower": reply.delay = 0.1
    case "cuthead": reply.cutAfter = -1
    case "cut": reply.cutAfter = whole.utf8.count / 2
    case "empty": return HTTPServer.Reply(body: completion(""))
    case "null":
      return HTTPServer.Reply(
        body: completion("").replacing("\"content\":\"\"", with: "\"content\":null")
      )
    case "truncated":
      return HTTPServer.Reply(body: completion("The text explains what", finish: "length"))
    case "prose":
      let prose =
        "Certainly! Here is what I think of it.\n\n**Educational score: 4/5**\n\nDo you need more?"
      return HTTPServer.Reply(body: completion(prose))
    case "german":
      return HTTPServer.Reply(body: completion("Der Text erklärt viel. Pädagogischer Wert: 3"))
    case "prob":
      return HTTPServer.Reply(body: completionWithProbabilities())
    default:
      if let number = step.split(separator: ":").last, step.hasPrefix("score:") {
        return HTTPServer.Reply(body: completion("Fine.\nEducational score: \(number)"))
      }
      if let number = step.split(separator: ":").last, step.hasPrefix("json:") {
        let whole = answer(of: Int(number) ?? 0, true)
        let object = whole.replacing(/"score": .*/, with: "\"score\": \(number)}")
        return HTTPServer.Reply(body: completion(object))
      }
    }
    return reply
  }

  private static func answer(of score: Int, _ isStructured: Bool) -> String {
    let names = ["relevance", "coherence", "readability", "explanation", "learnability"]
    guard isStructured else {
      let points = names.enumerated().map { "\($1): \($0 < score ? 1 : 0)" }
      return points.joined(separator: "\n")
        + "\nIt is as good as that.\nEducational score: \(score)"
    }
    let points = names.enumerated().map { "\"\($1)\": \($0 < score ? 1 : 0)" }
    return "{\"justification\": \"It is as good as that.\", \"points\": {"
      + points.joined(separator: ", ") + "}, \"score\": \(score)}"
  }

  private static func json(_ text: String) -> String {
    let data = try? JSONEncoder().encode(text)
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  private static func completion(_ content: String, finish: String = "stop") -> String {
    """
    {"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":\
    {"role":"assistant","content":\(json(content))},"finish_reason":"\(finish)"}],\
    "usage":{"prompt_tokens":200,"completion_tokens":30,"total_tokens":230}}
    """
  }

  private static func completionWithProbabilities() -> String {
    // The judge wrote 3 with probability 0.5, and could have written 4 with 0.25 and "the" with 0.25.
    let tokens = ["Educational", " score", ":", " ", "3"].map { token in
      """
      {"token":\(json(token)),"logprob":-0.1,"top_logprobs":[{"token":"3","logprob":-0.6931471805599453},\
      {"token":"4","logprob":-1.3862943611198906},{"token":"the","logprob":-1.3862943611198906}]}
      """
    }
    return """
      {"choices":[{"message":{"content":"Educational score: 3"},"finish_reason":"stop",\
      "logprobs":{"content":[\(tokens.joined(separator: ","))]}}]}
      """
  }
}
