// A model with its tokenizer, writing text: one token at a time by the recurrence, so that memory does
// not grow with the text.

import Files
import Modeling
import Storage
import Tokenization
import Training

/// Continues prompts with a trained model.
public struct TextGenerator: Sendable {
  let trained: TrainedModel
  let tokenizer: Tokenizer

  /// Why newer checkpoints of the run were passed over, the newest first; mostly empty.
  public var warnings: [String] { trained.passedOver }

  /// Continues a prompt, handing out the bytes as they come.
  ///
  /// - Parameters:
  ///   - settings: What to generate.
  ///   - stop: Asked before every token.
  ///   - emit: Receives bytes of the text, which may end within a character.
  /// - Returns: The whole text with its counts.
  /// - Throws: ``Failure`` for settings out of range; ``Interrupted``; what `emit` throws.
  @discardableResult
  public func continuePrompt(
    _ settings: GenerationSettings,
    stop: StopSignal,
    emit: ([UInt8]) throws -> Void
  ) throws -> GeneratedText {
    try settings.validate()
    var encoder = TokenEncoder(tokenizer)
    var ids = [tokenizer.endOfText]
    if !settings.prompt.isEmpty { encoder.encode(Array(settings.prompt.utf8).span, into: &ids) }
    var sampler = Sampler(settings.sampling)
    var state = DecodingState(trained.model)
    var logits = [Float](repeating: 0, count: tokenizer.vocabularySize)
    func read(_ id: Int) throws {
      try stop.check()
      sampler.note(id)
      trained.model.step(
        token: id,
        parameters: trained.parameters,
        state: &state,
        logits: &logits
      )
    }
    for id in ids { try read(Int(id)) }
    var filter = StopStrings(settings.stop)
    var text: [UInt8] = []
    func pass(_ bytes: [UInt8]) throws {
      guard !bytes.isEmpty else { return }
      text += bytes
      try emit(bytes)
    }
    var end = GeneratedText.End.tokens
    var count = 0
    while count < settings.tokens {
      let next = sampler.next(logits)
      guard next != Int(tokenizer.endOfText), next != Int(tokenizer.padding) else {
        end = .endOfText
        break
      }
      count += 1
      try pass(filter.take(Array(tokenizer.bytes(of: UInt32(next)))))
      if filter.hasEnded {
        end = .stopString
        break
      }
      if count < settings.tokens { try read(next) }
    }
    try pass(filter.rest())
    return GeneratedText(
      prompt: settings.prompt,
      text: String(decoding: text, as: UTF8.self),
      promptTokens: ids.count,
      tokens: count,
      end: end
    )
  }

  /// Continues several prompts, several at a time, each as it would be alone.
  ///
  /// - Parameters:
  ///   - prompts: The texts to continue.
  ///   - settings: How to continue them; prompt number i, from 0, has the seed `seed` + i.
  ///   - stop: Asked before every token.
  /// - Returns: The texts, in the order of the prompts.
  /// - Throws: ``Failure`` for settings out of range; ``Interrupted``.
  public func continuePrompts(
    _ prompts: [String],
    _ settings: GenerationSettings,
    stop: StopSignal
  ) throws -> [GeneratedText] {
    try WorkerPool.map(Array(prompts.enumerated())) { index, prompt in
      var own = settings
      own.prompt = prompt
      own.seed &+= UInt64(index)
      return try continuePrompt(own, stop: stop) { _ in }
    }
  }
}
