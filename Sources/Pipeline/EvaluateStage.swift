// A trained model is measured on a split that it has not seen.

public import Documents
import Evaluation
import Files
import Modeling
import Storage
import Tokenization
import Training

/// How well a model predicts a split.
public struct EvaluationReport: Sendable, Codable, Equatable {
  /// The run's name.
  public let run: String
  /// The step of the checkpoint.
  public let step: Int
  /// The split.
  public let split: Split
  /// The tokens predicted.
  public let targets: Int
  /// The perplexity a token.
  public let perplexity: Double
  /// The bits a byte of text, special tokens left out.
  public let bitsPerByte: Double?
  /// The same by source.
  public let sources: [String: SourceEvaluation]
  /// The perplexity of an add-one unigram model of the train split on the same targets.
  public let unigramPerplexity: Double
  /// Why newer checkpoints were passed over, the newest first; mostly empty.
  public let warnings: [String]
}

/// How well a model predicts a source's part of a split.
public struct SourceEvaluation: Sendable, Codable, Equatable {
  /// The tokens predicted.
  public let targets: Int
  /// The perplexity a token.
  public let perplexity: Double
  /// The bits a byte of text, special tokens left out.
  public let bitsPerByte: Double?
}

extension StageContext {
  /// Measures a run's newest checkpoint.
  ///
  /// - Parameters:
  ///   - run: The run's name.
  ///   - selection: The selection that the token shards come from.
  ///   - tokenizer: The tokenizer that made them.
  ///   - split: The split to measure on.
  /// - Returns: The figures.
  /// - Throws: ``Failure`` where something is missing or does not belong together, and where the
  ///   perplexity is not finite; ``Interrupted``.
  public func evaluate(
    run: String,
    selection: String,
    tokenizer: String,
    split: Split
  ) throws -> EvaluationReport {
    try checkName(run, of: "run")
    let tokens = TokenizeSettings(selection: selection, tokenizer: tokenizer).tokens
    let shards = workspace.path(of: "tokens/\(tokens)")
    let vocabulary = try openTokenizer(tokenizer)
    let trained = try TrainedModel(directory: workspace.path(of: "runs/\(run)"))
    guard trained.configuration.tokenizer == vocabulary.hash.description else {
      throw Failure(
        what: "the run was trained with another tokenizer",
        place: "run `\(run)`",
        remedy: "name its tokenizer with --tokenizer, or train the run again"
      )
    }
    let shard = try TokenShardReader(
      path: "\(shards)/\(split.rawValue)-00000",
      tokenizer: vocabulary
    )
    try shard.checkNoPadding(vocabulary)
    guard shard.tokenCount > 1 else {
      throw Failure(
        what: "the split is empty",
        place: "\(shards)/\(split.rawValue)-00000.bin",
        remedy: "select with a greater devShare, then tokenize again"
      )
    }
    var engine = BatchEngine(model: trained.model)
    let measured = try SplitPerplexity(
      of: shard,
      engine: &engine,
      parameters: trained.parameters,
      tokenizer: vocabulary,
      checkStop: stop.check
    )
    guard measured.whole.perplexity.isFinite else {
      throw Failure(
        what: "the perplexity is not finite; the training diverged",
        place: "run `\(run)`, step \(trained.step)",
        remedy: "train anew with a lower learningRate"
      )
    }
    let unigram = try UnigramBaseline.perplexity(
      train: try TokenShardReader(path: shards + "/train-00000", tokenizer: vocabulary),
      dev: shard
    )
    return EvaluationReport(
      run: run,
      step: trained.step,
      split: split,
      targets: measured.whole.targetCount,
      perplexity: measured.whole.perplexity,
      bitsPerByte: measured.whole.bitsPerByte,
      sources: measured.sources.mapValues {
        SourceEvaluation(
          targets: $0.targetCount,
          perplexity: $0.perplexity,
          bitsPerByte: $0.bitsPerByte
        )
      },
      unigramPerplexity: unigram,
      warnings: trained.passedOver
    )
  }
}
