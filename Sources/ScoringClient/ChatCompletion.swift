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

  /// The tokens that it may take at most: four bytes of the prompt to a token, and the longest answer.
  var bound: TokenCount {
    TokenCount(input: (prompt.bytes + 3) / 4, output: settings.longestAnswer)
  }

  private func message(_ role: String, _ content: String) -> MetadataValue {
    .object(["role": .text(role), "content": .text(content)])
  }
}

/// What an endpoint answered, as far as it can be read.
///
/// The tokens are read apart from the words: an answer that is of no use is paid for all the same.
struct ChatAnswer: Decodable {
  private struct Usage: Decodable {
    let input: Int?
    let output: Int?

    private enum CodingKeys: String, CodingKey {
      case promptTokens
      case completionTokens
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      // A count that cannot be is as good as none.
      func count(_ key: CodingKeys) -> Int? {
        guard let count = try? container.decode(Int.self, forKey: key) else { return nil }
        return (0...1_000_000_000).contains(count) ? count : nil
      }
      input = count(.promptTokens)
      output = count(.completionTokens)
    }
  }

  /// The completion; `nil` where it is none.
  let completion: ChatCompletion?
  /// The tokens read, where the server counts them.
  let inputTokens: Int?
  /// The tokens written, where the server counts them.
  let outputTokens: Int?

  /// Reads an answer's body.
  init(_ body: [UInt8]) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    if let answer = try? decoder.decode(ChatAnswer.self, from: Data(body)) {
      self = answer
    } else {
      (completion, inputTokens, outputTokens) = (nil, nil, nil)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case usage
  }

  init(from decoder: any Decoder) throws {
    completion = try? ChatCompletion(from: decoder)
    let usage = try? decoder.container(keyedBy: CodingKeys.self).decode(Usage.self, forKey: .usage)
    inputTokens = usage?.input
    outputTokens = usage?.output
  }
}

/// The first completion of an answer.
struct ChatCompletion: Decodable {
  private struct Choice: Decodable {
    struct Message: Decodable {
      let content: Content?
      let refusal: String?
    }
    /// Words, alone or in parts.
    struct Content: Decodable {
      struct Part: Decodable {
        let text: String?
      }
      let text: String

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self.text = text
        } else {
          text = try container.decode([Part].self).compactMap(\.text).joined()
        }
      }
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

    private enum CodingKeys: String, CodingKey {
      case message
      case finishReason
      case logprobs
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      message = try container.decode(Message.self, forKey: .message)
      // Neither is worth the answer: without them it has a score still.
      finishReason = try? container.decode(String.self, forKey: .finishReason)
      logprobs = try? container.decode(Probabilities.self, forKey: .logprobs)
    }
  }

  /// The judge's words; empty where it said nothing.
  let content: String
  /// Why it does not answer, where it says so in the place for that.
  let refusal: String?
  /// What the server says of the end.
  let finish: String?
  /// The answer's tokens with their probabilities, where they were asked for.
  let tokens: [TokenProbabilities]

  private enum CodingKeys: String, CodingKey {
    case choices
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
    content = choice.message.content?.text ?? ""
    refusal = choice.message.refusal
    finish = choice.finishReason
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
///   - struck: Takes the key out of a text; each text is shown to it as it reads, not as JSON writes it.
/// - Returns: What identifies the model.
func identity(ofModel model: String, in body: [UInt8], struck: (String) -> String) -> String {
  guard
    case .object(let root)? = try? JSONDecoder().decode(MetadataValue.self, from: Data(body)),
    case .list(let models)? = root["data"]
  else { return "" }
  for case .object(let members) in models where members["id"] == .text(model) {
    let lasting = members.filter {
      ["id", "root", "parent", "owned_by", "meta", "max_model_len", "digest"].contains($0.key)
    }
    var json: [UInt8] = []
    guard (try? appendJSONObject(lasting.mapValues { $0.struck(by: struck) }, to: &json)) != nil,
      json.count <= 4_096
    else { return "" }
    return String(decoding: json, as: UTF8.self)
  }
  return ""
}

extension MetadataValue {
  /// The value with all its texts and names changed.
  fileprivate func struck(by strike: (String) -> String) -> MetadataValue {
    switch self {
    case .text(let text): .text(strike(text))
    case .list(let values): .list(values.map { $0.struck(by: strike) })
    case .object(let members):
      .object(
        Dictionary(members.map { (strike($0), $1.struck(by: strike)) }) { first, _ in first }
      )
    default: self
    }
  }
}
