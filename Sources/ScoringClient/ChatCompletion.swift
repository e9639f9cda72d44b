// The two JSON texts of a chat endpoint: the request, and what of the answer is of use.
//
// After the interface that OpenAI published and that vLLM, llama.cpp, Ollama and others speak.

import Documents
import Foundation
import Rubrics

/// A request for one completion.
struct ChatRequest {
  let settings: EndpointSettings
  let rubric: Rubric
  let prompt: Prompt
  let form: Rubric.Form
  /// How many answers on the sample have gone before at most, those of earlier repetitions included;
  /// each has its own seed.
  let round: Int

  /// The most probabilities that servers give for one token.
  private static let likeliestTokens = 20

  /// The request's body.
  var body: [UInt8] {
    var messages: [MetadataValue] = []
    if !prompt.system.isEmpty { messages.append(message("system", prompt.system)) }
    messages.append(message("user", prompt.user))
    var members: [String: MetadataValue] = [
      "model": .text(settings.model), "messages": .list(messages),
      "temperature": .number(settings.temperature), "seed": .integer(settings.seed + round),
    ]
    // The name that newer endpoints want goes into `extra`, and must not meet the older one.
    if settings.extra["max_completion_tokens"] == nil {
      members["max_tokens"] = .integer(settings.maxTokens)
    }
    if form == .structured {
      members["response_format"] = .object([
        "type": .text("json_schema"),
        "json_schema": .object([
          "name": .text("judgment"), "strict": .flag(true), "schema": rubric.schema,
        ]),
      ])
    }
    if settings.expectedScore {
      members["logprobs"] = .flag(true)
      members["top_logprobs"] = .integer(ChatRequest.likeliestTokens)
    }
    members.merge(settings.extra) { $1 }
    var json: [UInt8] = []
    do {
      try appendJSONObject(members, to: &json)
    } catch {
      preconditionFailure("settings that were not validated hold a number that is not finite")
    }
    return json
  }

  private func message(_ role: String, _ content: String) -> MetadataValue {
    .object(["role": .text(role), "content": .text(content)])
  }
}

/// What an endpoint answered.
struct ChatCompletion: Decodable {
  private struct Choice: Decodable {
    struct Message: Decodable {
      let content: String?
      let refusal: String?
    }
    struct Probabilities: Decodable {
      struct Token: Decodable {
        let token: String
        let logprob: Double?
        let topLogprobs: [Token]?
      }
      let content: [Token]?
    }
    let message: Message
    let finishReason: String?
    let logprobs: Probabilities?
  }

  private struct Usage: Decodable {
    let promptTokens: Int?
    let completionTokens: Int?
  }

  /// The judge's words; empty where it said nothing.
  let content: String
  /// What the server says of the end.
  let finish: String?
  /// The tokens read, where the server counts them.
  let inputTokens: Int?
  /// The tokens written, where the server counts them.
  let outputTokens: Int?
  /// The answer's tokens with their probabilities, where they were asked for.
  let tokens: [TokenProbabilities]

  /// Reads an answer's body; `nil` where it is no completion.
  static func read(_ body: [UInt8]) -> ChatCompletion? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(ChatCompletion.self, from: Data(body))
  }

  private enum CodingKeys: String, CodingKey {
    case choices
    case usage
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let choices = try container.decode([Choice].self, forKey: .choices)
    guard let choice = choices.first else {
      throw DecodingError.dataCorruptedError(
        forKey: .choices,
        in: container,
        debugDescription: "there is no choice"
      )
    }
    content = choice.message.content ?? choice.message.refusal ?? ""
    finish = choice.finishReason
    // A count that cannot be is as good as none.
    let usage = try? container.decodeIfPresent(Usage.self, forKey: .usage)
    func count(_ value: Int?) -> Int? {
      value.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
    }
    inputTokens = count(usage?.promptTokens)
    outputTokens = count(usage?.completionTokens)
    tokens = (choice.logprobs?.content ?? []).map { token in
      TokenProbabilities(
        token: token.token,
        likeliest: (token.topLogprobs ?? []).compactMap { likely in
          likely.logprob.map { (likely.token, $0) }
        }
      )
    }
  }
}

/// What an endpoint says of the model it serves, as JSON with sorted keys, or nothing.
///
/// Members that differ from one question to the next, such as the time, are left out.
///
/// - Parameters:
///   - model: The model's name.
///   - body: The answer to `GET models`.
/// - Returns: What identifies the model.
func identity(ofModel model: String, in body: [UInt8]) -> String {
  guard
    case .object(let root)? = try? JSONDecoder().decode(MetadataValue.self, from: Data(body)),
    case .list(let models)? = root["data"]
  else { return "" }
  for case .object(let members) in models where members["id"] == .text(model) {
    let lasting = members.filter {
      ["id", "root", "parent", "owned_by", "meta", "max_model_len", "digest"].contains($0.key)
    }
    var json: [UInt8] = []
    guard (try? appendJSONObject(lasting, to: &json)) != nil, json.count <= 4_096 else { return "" }
    return String(decoding: json, as: UTF8.self)
  }
  return ""
}
