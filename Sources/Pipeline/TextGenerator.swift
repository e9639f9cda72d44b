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
  ///   - emit: Receives the bytes of prompt and text, each time whole characters but at the end.
  /// - Returns: The whole text with its counts.
  /// - Throws: ``Failure`` for settings out of range; ``Interrupted``; what `emit` throws.
  @discardableResult
  public func continuePrompt(
    _ settings: GenerationSettings,
    stop: StopSignal,
    emit: ([UInt8]) throws -> Void
  ) throws -> GeneratedText {
    var text = try begin(settings)
    return try goOn(
      &text,
      with: settings.prompt,
      tokens: settings.tokens,
      stop: stop,
      emit: emit
    ).whole()
  }

  /// Continues a text with several prompts, several at a time, each as it would be alone.
  ///
  /// - Parameters:
  ///   - prompts: What to append to the text, each to a copy of its own.
  ///   - text: The text that all of them continue.
  ///   - tokens: The most tokens to write for each.
  ///   - seed: Prompt number i, from 0, draws from `seed` + i; `nil` lets all draw as the text would.
  ///   - stop: Asked before every token.
  /// - Returns: The texts, in the order of the prompts.
  /// - Throws: ``Interrupted``.
  public func continuePrompts(
    _ prompts: [String],
    after text: TextInProgress,
    tokens: Int,
    seed: UInt64?,
    stop: StopSignal
  ) throws -> [GeneratedText] {
    try WorkerPool.map(Array(prompts.enumerated())) { index, prompt in
      var own = text
      if let seed { own.restartDraws(seed: seed &+ UInt64(index)) }
      return try goOn(&own, with: prompt, tokens: tokens, stop: stop) { _ in }.whole()
    }
  }
}
