// A training run: a folder, the two shards, a model and settings. Opening it finds out whether it
// begins or goes on; running it ends, stops or fails with the last checkpoint intact.

private import Documents
private import Evaluation
import Files
private import Foundation
private import Kernels
public import Modeling
public import Tokenization

/// Trains a model on a token shard, in a folder that lets it be stopped and resumed bit for bit.
///
/// ```swift
/// let run = TrainingRun(
///   directory: "workspace/runs/first",
///   model: ModelConfiguration(preset: .nano, vocabularySize: tokenizer.vocabularySize),
///   settings: TrainingSettings(preset: .nano),
///   train: "workspace/tokens/mix--bpe/train-00000",
///   dev: "workspace/tokens/mix--bpe/dev-00000",
///   tokenizer: tokenizer
/// )
/// let report = try run.run(progress: { print($0.step, $0.loss) })
/// ```
public struct TrainingRun: Sendable {
  /// The run's folder; made where it is missing.
  public var directory: String
  /// The shape of the network.
  public var model: ModelConfiguration
  /// How it is trained.
  public var settings: TrainingSettings
  /// The train shard's path, without `.bin` or `.idx`.
  public var train: String
  /// The dev shard's path, without `.bin` or `.idx`.
  public var dev: String?
  /// The tokenizer of the shards, for bits per byte; checked against their hash.
  public var tokenizer: Tokenizer?
  /// The number of threads, which does not change the result; one a core where it is `nil`.
  public var threadCount: Int?

  /// Creates a run; nothing is read or written yet.
  ///
  /// - Parameters:
  ///   - directory: The run's folder.
  ///   - model: The shape of the network.
  ///   - settings: How it is trained.
  ///   - train: The train shard's path, without `.bin` or `.idx`.
  ///   - dev: The dev shard's path, likewise.
  ///   - tokenizer: The tokenizer of the shards, for bits per byte.
  ///   - threadCount: The number of threads; `nil` takes one a core.
  public init(
    directory: String,
    model: ModelConfiguration,
    settings: TrainingSettings,
    train: String,
    dev: String? = nil,
    tokenizer: Tokenizer? = nil,
    threadCount: Int? = nil
  ) {
    self.directory = directory
    self.model = model
    self.settings = settings
    self.train = train
    self.dev = dev
    self.tokenizer = tokenizer
    self.threadCount = threadCount
  }

  /// Trains from the newest checkpoint, or from the start where there is none.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked between steps; `true` saves a checkpoint and ends the call.
  ///   - progress: Told after each step.
  /// - Returns: What the run did, also in its `report.json`.
  /// - Throws: `ConfigurationError` for a setting that cannot work; `Failure` for a shard, a run
  ///   folder or a checkpoint that cannot be used, and for a loss, gradient or parameter that is
  ///   not finite.
  public func run(
    shouldStop: () -> Bool = { false },
    progress: (TrainingProgress) -> Void = { _ in }
  ) throws -> TrainingReport {
    try model.validate()
    try settings.validate()
    try checkMemory()
    do {
      let trainShard = try shard(train)
      let devShard = try dev.map(shard)
      try claimFolder(train: trainShard, dev: devShard)
      var trainer = try Trainer(self, train: trainShard, dev: devShard)
      try trainer.train(shouldStop: shouldStop, progress: progress)
      let report = try trainer.report()
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try writeDurably(Array(encoder.encode(report)), to: directory + "/report.json")
      return report
    } catch  where !(error is Failure || error is ConfigurationError) {
      throw Failure(
        what: "a file of the run cannot be read or written (\(error.localizedDescription))",
        place: directory,
        remedy: "check the folder's permissions and the free space"
      )
    }
  }

  func shard(_ path: String) throws -> TokenShardReader {
    let shard = try TokenShardReader(path: path, tokenizer: tokenizer)
    if let tokenizer {
      try shard.checkNoPadding(tokenizer)
      guard !model.isolateDocuments || tokenizer.endOfText == 0 else {
        throw Failure(
          what: "documents are told apart by the id 0, and the tokenizer begins them with the id "
            + "\(tokenizer.endOfText)",
          place: path + ".bin",
          remedy: "leave `isolateDocuments` out of the model, or learn a tokenizer with "
            + "`blalm tokenizer train`"
        )
      }
    }
    guard shard.header.vocabularySize == model.vocabularySize else {
      throw Failure(
        what: "the shard has a vocabulary of \(shard.header.vocabularySize) ids, "
          + "the model one of \(model.vocabularySize)",
        place: path + ".bin",
        remedy: "set the model's vocabularySize to \(shard.header.vocabularySize), "
          + "or tokenize with the model's tokenizer"
      )
    }
    return shard
  }

  private func claimFolder(
    train trainShard: TokenShardReader,
    dev devShard: TokenShardReader?
  ) throws {
    if let devShard, devShard.header.tokenizerHash != trainShard.header.tokenizerHash {
      throw Failure(
        what: "the dev shard was made with another tokenizer than the train shard",
        place: (dev ?? "") + ".bin",
        remedy: "run `blalm tokenize` again for both splits"
      )
    }
    do {
      try FileManager.default.createDirectory(
        atPath: directory,
        withIntermediateDirectories: true
      )
    } catch {
      throw Failure(
        what: "the run's folder cannot be made (\(error.localizedDescription))",
        place: directory,
        remedy: "check the path and its permissions"
      )
    }
    try RunConfiguration(
      model: model,
      settings: settings,
      tokenizer: SHA256.Digest(bytes: trainShard.header.tokenizerHash).description,
      train: RunConfiguration.Shard(trainShard, path: train, from: directory),
      dev: zip(devShard, dev).map { try .init($0, path: $1, from: directory) },
      products: ProductLibrary.current.rawValue
    ).claim(directory: directory)
  }
}

/// Both values, or `nil`.
private func zip<A, B>(_ first: A?, _ second: B?) -> (A, B)? {
  guard let first, let second else { return nil }
  return (first, second)
}
