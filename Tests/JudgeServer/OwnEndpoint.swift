import Foundation
import Synchronization

/// A chat endpoint that answers each question as a test says.
public final class OwnEndpoint: Sendable {
  /// A question that came.
  public struct Question: Sendable {
    /// The sample in it; `A hen.` in the question that is always the same.
    public let sample: String
    /// Whether it asks for an answer under a schema.
    public let isStructured: Bool
    /// The longest answer that it asks for, in tokens, under either name.
    public let mostTokens: Int
    /// Its place among all questions, from 0.
    public let number: Int
  }

  private struct Body: Decodable {
    struct Message: Decodable { let content: String }
    struct Format: Decodable { let type: String }
    let messages: [Message]
    let responseFormat: Format?
    let maxTokens: Int?
    let maxCompletionTokens: Int?
  }

  private final class Log: Sendable {
    let questions = Mutex<[Question]>([])
  }

  private let server: HTTPServer
  private let log = Log()

  /// The base address.
  public let address: String

  /// The questions that came, in their order.
  public var questions: [Question] { log.questions.withLock { $0 } }

  /// Starts an endpoint.
  ///
  /// - Parameters:
  ///   - models: The answer to the question whom it serves.
  ///   - answer: The answer to a question.
  /// - Throws: Where no port is free.
  public init(
    models: HTTPServer.Reply = HTTPServer.Reply(body: #"{"data":[{"id":"test-model"}]}"#),
    _ answer: @escaping @Sendable (Question) -> HTTPServer.Reply
  ) throws {
    server = try HTTPServer { [log] request in
      if request.method == "GET" { return models }
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      guard let body = try? decoder.decode(Body.self, from: Data(request.body)) else {
        return HTTPServer.Reply(status: 400, body: "{}")
      }
      let question = log.questions.withLock { questions in
        let question = Question(
          sample: JudgeServer.sample(in: body.messages.last?.content ?? ""),
          isStructured: body.responseFormat != nil,
          mostTokens: max(body.maxTokens ?? 0, body.maxCompletionTokens ?? 0),
          number: questions.count
        )
        questions.append(question)
        return question
      }
      return answer(question)
    }
    address = "http://127.0.0.1:\(server.port)/v1"
  }

  /// Closes the port.
  public func stop() { server.stop() }
}

extension HTTPServer.Reply {
  /// A whole answer with a score.
  public static func score(_ score: Int, input: Int = 200, output: Int = 30) -> HTTPServer.Reply {
    HTTPServer.Reply(
      body: JudgeServer.completion("Educational score: \(score)", input: input, output: output)
    )
  }
}
