// A trained model continues a prompt.

import Documents
import Files
import Modeling
import Storage
import Tokenization
import Training

/// What to generate.
public struct GenerationSettings: Sendable, Equatable, Codable {
  /// The text to continue; may be empty.
  public var prompt: String
  /// The most tokens to generate; a document's end ends the text earlier.
  public var tokens: Int
  /// 0 takes the likeliest token each time; 1 samples the model's own distribution.
  public var temperature: Double
  /// The share of probability that the tokens in question make up together, 0 < topP ≤ 1.
  public var topP: Double
  /// Decides the sampling.
  public var seed: UInt64

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - prompt: The text to continue.
  ///   - tokens: The most tokens to generate.
  ///   - temperature: 0 for the likeliest token each time.
  ///   - topP: The share of probability to sample from.
  ///   - seed: Decides the sampling.
  public init(
    prompt: String = "",
    tokens: Int = 100,
    temperature: Double = 0.8,
    topP: Double = 0.95,
    seed: UInt64 = 1
  ) {
    self.prompt = prompt
    self.tokens = tokens
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
  }

  /// Checks the ranges.
  ///
  /// - Throws: ``Failure`` that names the first setting out of range.
  public func validate() throws {
    func check(_ holds: Bool, _ field: String, _ range: String) throws {
      guard !holds else { return }
      throw Failure(
        .usage,
        what: "`\(field)` is out of range",
        place: "generate.\(field)",
        remedy: "give \(range)"
      )
    }
    try check(tokens >= 1 && tokens <= 1_000_000, "tokens", "a number from 1 to 1,000,000")
    try check(temperature >= 0 && temperature <= 100, "temperature", "a number from 0 to 100")
    try check(topP > 0 && topP <= 1, "topP", "a number above 0 and at most 1")
  }
}

extension StageContext {
  /// Continues a prompt with a run's newest checkpoint, as a stage: the text is kept in the ledger.
  ///
  /// - Parameters:
  ///   - settings: What to generate.
  ///   - run: The run's name.
  /// - Returns: The report, with prompt and text in its details.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func generate(_ settings: GenerationSettings, run: String) throws -> StageReport {
    try settings.validate()
    let trained = try fingerprint(of: "train \(run)", remedy: "run `blalm train` first")
    let name = "generate \(run)"
    let identity = StageIdentity(
      name: name,
      version: 1,
      inputs: [trained],
      settings: canonicalJSON(settings)
    )
    return try self.run(identity, outputs: []) { _ in
      var text: [UInt8] = []
      let counts = try continuePrompt(settings, run: run) { text += $0 }
      let whole = String(decoding: text, as: UTF8.self)
      return StageReport(
        stage: name,
        input: counts.prompt,
        output: counts.generated,
        words: WordCount.words(in: whole),
        details: ["prompt": .text(settings.prompt), "text": .text(whole)]
      )
    }
  }

  /// Continues a prompt, handing out the bytes as they come.
  ///
  /// Decoding runs by the recurrence, so that memory does not grow with the text.
  ///
  /// - Parameters:
  ///   - settings: What to generate.
  ///   - run: The run's name.
  ///   - emit: Receives each token's bytes, which may be part of a character.
  /// - Returns: The tokens of the prompt and the tokens generated.
  /// - Throws: ``Failure`` where the run or its tokenizer is missing; ``Interrupted``; what `emit`
  ///   throws.
  @discardableResult
  public func continuePrompt(
    _ settings: GenerationSettings,
    run: String,
    emit: ([UInt8]) throws -> Void
  ) throws -> (prompt: Int, generated: Int) {
    try settings.validate()
    try checkName(run, of: "run")
    let trained = try TrainedModel(directory: workspace.path(of: "runs/\(run)"))
    let tokenizer = try tokenizer(withHash: trained.configuration.tokenizer, for: run)
    var encoder = TokenEncoder(tokenizer)
    var ids = [tokenizer.endOfText]
    if !settings.prompt.isEmpty { encoder.encode(Array(settings.prompt.utf8).span, into: &ids) }
    let promptCount = ids.count
    var state = DecodingState(trained.model)
    var sampler = Sampler(
      temperature: settings.temperature,
      topP: settings.topP,
      seed: settings.seed
    )
    var logits = [Float](repeating: 0, count: tokenizer.vocabularySize)
    for id in ids {
      try stop.check()
      trained.model.step(
        token: Int(id),
        parameters: trained.parameters,
        state: &state,
        logits: &logits
      )
    }
    var generated = 0
    while generated < settings.tokens {
      try stop.check()
      let next = sampler.next(logits)
      guard next != Int(tokenizer.endOfText), next != Int(tokenizer.padding) else { break }
      try emit(Array(tokenizer.bytes(of: UInt32(next))))
      generated += 1
      trained.model.step(
        token: next,
        parameters: trained.parameters,
        state: &state,
        logits: &logits
      )
    }
    return (promptCount, generated)
  }

  /// The workspace's tokenizer whose file has a hash; runs name their tokenizer by it.
  private func tokenizer(withHash hash: String, for run: String) throws -> Tokenizer {
    guard let name = try workspace.index.tokenizer(withHash: hash) else {
      throw Failure(
        what: "the run's tokenizer is no longer in the workspace",
        place: "run `\(run)`",
        remedy: "train the run again with the tokenizer that is there now"
      )
    }
    return try openTokenizer(name)
  }
}
