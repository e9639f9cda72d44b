// A text that a model writes, between two calls: a value, so that it can be copied, saved and
// continued, and k tokens and then n − k are the text that n tokens are.

import Files
import Modeling
import Storage
import Tokenization
import Training

/// A text under way: what its model has read, what was drawn and not yet read, what is held back.
public struct TextInProgress: Sendable {
  /// How it is written.
  public private(set) var settings: GenerationSettings
  /// What has ended it; `nil` where it can go on as it is.
  public internal(set) var end: GeneratedText.End?

  var decoding: DecodingState
  var sampler: Sampler
  /// The tokens that belong to the text and that the model has not read: the next to go in.
  var unread: [UInt32]
  var filter: StopStrings

  init(
    settings: GenerationSettings,
    decoding: DecodingState,
    memory: Sampler.Memory? = nil,
    unread: [UInt32],
    held: [UInt8] = [],
    end: GeneratedText.End? = nil
  ) {
    self.settings = settings
    self.end = end
    self.decoding = decoding
    self.unread = unread
    sampler = Sampler(settings.sampling, memory: memory)
    filter = StopStrings(settings.stop, held: held)
  }

  /// Changes how the text goes on; draws and penalties keep their memory.
  ///
  /// - Parameter settings: The settings; their prompt and seed are not looked at.
  /// - Throws: ``Failure`` for settings out of range.
  public mutating func change(_ settings: GenerationSettings) throws {
    try settings.validate()
    self.settings = settings
    sampler = Sampler(settings.sampling, memory: sampler.memory)
    filter = StopStrings(settings.stop, held: filter.held)
  }

  /// Begins the draws anew, from a seed.
  ///
  /// - Parameter seed: Decides the draws.
  public mutating func restartDraws(seed: UInt64) {
    settings.seed = seed
    sampler = Sampler(settings.sampling, memory: .init(random: seed, seen: sampler.memory.seen))
  }
}

extension TextGenerator {
  /// Begins a text; nothing is read yet.
  ///
  /// - Parameter settings: How it is written; the prompt is given to
  ///   ``goOn(_:with:tokens:keepsTail:stop:emit:)``.
  /// - Returns: The text before its first token.
  /// - Throws: ``Failure`` for settings out of range.
  public func begin(_ settings: GenerationSettings) throws -> TextInProgress {
    try settings.validate()
    return TextInProgress(
      settings: settings,
      decoding: DecodingState(trained.model),
      unread: [tokenizer.endOfText]
    )
  }

  /// Writes on.
  ///
  /// A text that has ended goes on only with more to read: after a document's end that is a new
  /// document; a stop string has been read with the text, though it was not handed out.
  ///
  /// - Parameters:
  ///   - text: The text; where it is stopped, it stands at its last token and can go on from there.
  ///   - prompt: What to append to it first; may be empty.
  ///   - tokens: The most tokens to write.
  ///   - keepsTail: Whether bytes that may begin a stop string or a character stay with the text, for
  ///     the call that goes on; else they are handed out at the end.
  ///   - stop: Asked before every token.
  ///   - emit: Receives the bytes of prompt and text as they come.
  /// - Returns: What was written, with its counts; its end is ``GeneratedText/End/interrupted`` where
  ///   somebody asked to stop.
  /// - Throws: What `emit` throws.
  @discardableResult
  public func goOn(
    _ text: inout TextInProgress,
    with prompt: String = "",
    tokens: Int,
    keepsTail: Bool = false,
    stop: StopSignal,
    emit: ([UInt8]) throws -> Void
  ) throws -> GeneratedText {
    var opening: [UInt8] = []
    let isNew = text.unread == [tokenizer.endOfText] && text.end == nil
    var promptTokens = isNew ? 1 : 0
    if !prompt.isEmpty {
      opening = text.filter.rest() + Array(prompt.utf8)
      let known = text.unread.count
      var encoder = TokenEncoder(tokenizer)
      encoder.encode(Array(prompt.utf8).span, into: &text.unread)
      promptTokens += text.unread.count - known
      text.end = nil
      text.filter = StopStrings(text.settings.stop)
      try emit(opening)
    }
    let draft = try write(&text, tokens: tokens, keepsTail: keepsTail, stop: stop, emit: emit)
    return GeneratedText(
      prompt: String(decoding: opening, as: UTF8.self),
      text: String(decoding: draft.bytes, as: UTF8.self),
      promptTokens: promptTokens,
      tokens: draft.tokens,
      end: draft.wasStopped ? .interrupted : text.end ?? .tokens
    )
  }

  /// Lets the model read what is unread; where it is stopped, the rest stays unread.
  ///
  /// - Returns: Whether all was read, so that the logits are those of the next token.
  private func read(
    _ text: inout TextInProgress,
    logits: inout [Float],
    stop: StopSignal
  ) -> Bool {
    var count = 0
    defer { text.unread.removeFirst(count) }
    while count < text.unread.count {
      if stop.isRequested { return false }
      let id = Int(text.unread[count])
      text.sampler.note(id)
      trained.model.step(
        token: id,
        parameters: trained.parameters,
        state: &text.decoding,
        logits: &logits
      )
      count += 1
    }
    return true
  }

  /// Reads what is unread and draws tokens until the text ends or there are enough.
  private func write(
    _ text: inout TextInProgress,
    tokens: Int,
    keepsTail: Bool,
    stop: StopSignal,
    emit: ([UInt8]) throws -> Void
  ) throws -> (bytes: [UInt8], tokens: Int, wasStopped: Bool) {
    var bytes: [UInt8] = []
    var count = 0
    var wasStopped = false
    var logits = [Float](repeating: 0, count: tokenizer.vocabularySize)
    func pass(_ next: [UInt8]) throws {
      guard !next.isEmpty else { return }
      bytes += next
      try emit(next)
    }
    while text.end == nil && count < tokens {
      guard read(&text, logits: &logits, stop: stop) else {
        wasStopped = true
        break
      }
      let next = UInt32(text.sampler.next(logits))
      guard next != tokenizer.endOfText, next != tokenizer.padding else {
        text.unread = [tokenizer.endOfText]
        text.end = .endOfText
        break
      }
      text.unread = [next]
      count += 1
      try pass(text.filter.take(Array(tokenizer.bytes(of: next))))
      if text.filter.hasEnded { text.end = .stopString }
    }
    if text.end != nil || !keepsTail { try pass(text.filter.rest()) }
    return (bytes, count, wasStopped)
  }
}
