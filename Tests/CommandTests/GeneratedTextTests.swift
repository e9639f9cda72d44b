import Foundation
import Modeling
import Pipeline
import TestSupport
import Testing
import Tokenization
import Training

/// What `blalm generate` writes, against a plain loop over the model of the same run.
@Suite struct GeneratedTextTests {
  let trained: TrainedWorkspace
  let workspace: String

  init() throws {
    trained = try TrainedWorkspace()
    workspace = trained.path
  }

  private func generate(_ arguments: [String]) throws -> GeneratedText {
    let result = try Program.run(["generate"] + arguments + ["-w", workspace, "--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(GeneratedText.self, from: Data(result.output.utf8))
  }

  /// A text begins with `<|endoftext|>`, the prompt is read as it counts for the penalty, and either
  /// special token ends it.
  private func expected(
    _ prompt: String,
    _ tokenizer: Tokenizer,
    _ trained: TrainedModel,
    _ settings: SamplingSettings,
    tokens: Int
  ) -> (bytes: [UInt8], count: Int, ended: Bool, read: Int) {
    var sampler = Sampler(settings)
    var state = DecodingState(trained.model)
    var logits = [Float](repeating: .nan, count: trained.model.configuration.vocabularySize)
    func read(_ id: Int) {
      sampler.note(id)
      trained.model.step(
        token: id,
        parameters: trained.parameters,
        state: &state,
        logits: &logits
      )
    }
    let ids = [0] + (prompt.isEmpty ? [] : tokenizer.encode(prompt).map(Int.init))
    for id in ids { read(id) }
    var bytes: [UInt8] = []
    for count in 0..<tokens {
      let next = sampler.next(logits)
      if next < 2 { return (bytes, count, true, ids.count) }
      bytes += tokenizer.bytes(of: UInt32(next))
      read(next)
    }
    return (bytes, tokens, false, ids.count)
  }

  @Test func `the program writes what a loop over the model writes`() throws {
    let trained = try TrainedModel(directory: workspace + "/runs/main")
    let tokenizer = try Tokenizer(contentsOf: workspace + "/tokenizers/main/tokenizer.json")
    var ends: Set<GeneratedText.End> = []
    for (temperature, topK, topP, penalty) in [
      (0.0, 300, 1.0, 1.0), (0.0, 300, 1.0, 2.5), (0.9, 12, 0.8, 1.3), (90.0, 300, 1.0, 1.0),
    ] {
      for (seed, prompt) in zip(1..., ["One day", "The dog ran.", ""]) {
        let text = try generate([
          prompt, "--tokens", "150", "--temperature", "\(temperature)", "--top-k", "\(topK)",
          "--top-p", "\(topP)", "--repetition-penalty", "\(penalty)", "--seed", "\(seed)",
        ])
        let settings = SamplingSettings(
          temperature: temperature,
          topK: topK,
          topP: topP,
          repetitionPenalty: penalty,
          seed: UInt64(seed)
        )
        let expected = expected(prompt, tokenizer, trained, settings, tokens: 150)
        #expect(text.text == String(decoding: expected.bytes, as: UTF8.self))
        #expect(text.tokens == expected.count && text.promptTokens == expected.read)
        #expect((text.end == .endOfText) == expected.ended)
        ends.insert(text.end)
      }
    }
    #expect(ends == [.tokens, .endOfText])
  }

  @Test func `what only looked like a stop string stands at the text's end`() throws {
    let options = ["One day", "--tokens", "20", "--temperature", "0"]
    let whole = try generate(options)
    let again = try generate(options + ["--stop", String(whole.text.suffix(2)) + "\u{1}\u{1}"])
    #expect(again == whole && whole.end == .tokens)
  }
}
