// What a run did, and how far it is while it runs.

/// What a training run did; its `report.json`.
public struct TrainingReport: Sendable, Equatable, Codable {
  /// The steps done, those before a resume included.
  public var steps: Int
  /// The steps that the run has in all.
  public var stepCount: Int
  /// What the run has seen.
  public var ledger: WordLedger
  /// The targets seen, repeats included.
  public var tokens: Int
  /// The words seen, repeats included.
  public var words: Int
  /// The parameters of the model.
  public var parameters: Int
  /// The first step's loss, in nats per token.
  public var firstLoss: Double?
  /// The last step's loss, in nats per token.
  public var lastLoss: Double?
  /// The perplexity of the dev split after the last step.
  public var devPerplexity: Double?
  /// The bits a byte of the dev split's text, where the tokenizer is known.
  public var devBitsPerByte: Double?
  /// The perplexity of each source's part of the dev split.
  public var sourcePerplexities: [String: Double]?
  /// The perplexity of an add-one unigram model of the train split on the same targets.
  public var unigramPerplexity: Double?
  /// The seconds of training, evaluations and checkpoints not counted.
  public var seconds: Double
  /// ``tokens`` by ``seconds``.
  public var tokensPerSecond: Double
  /// The share of ``seconds`` in this call that the optimiser took, clipping included.
  public var optimizerShare: Double
  /// Whether the run did all its steps; else it was stopped and can be resumed.
  public var finished: Bool
  /// What the settings had better not do.
  public var warnings: [String]
}

/// How far a run is, after each step.
public struct TrainingProgress: Sendable, Equatable {
  /// The step just done, from 1.
  public var step: Int
  /// The steps of the run.
  public var stepCount: Int
  /// The step's loss, in nats per token.
  public var loss: Double
  /// The targets a second since the run was started or resumed.
  public var tokensPerSecond: Double
  /// The seconds left at that rate.
  public var secondsLeft: Double
}
