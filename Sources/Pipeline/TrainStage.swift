// Token shards become a trained model.

import Documents
import Files
import Foundation
public import Modeling
public import Settings
import Storage
import Tokenization
public import Training

/// Which model to train on what, and how.
public struct RunSettings: Sendable, Equatable {
  /// The run's name.
  public var name: String
  /// The selection that the token shards come from.
  public var selection: String
  /// The tokenizer that made them.
  public var tokenizer: String
  /// The network's shape; the tokenizer decides its vocabulary.
  public var model: ModelConfiguration
  /// How it is trained.
  public var training: TrainingSettings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The run's name.
  ///   - selection: The selection that the token shards come from.
  ///   - tokenizer: The tokenizer that made them.
  ///   - model: The network's shape; its vocabulary is replaced by the tokenizer's.
  ///   - training: How it is trained.
  public init(
    name: String = "main",
    selection: String = "main",
    tokenizer: String = "main",
    model: ModelConfiguration,
    training: TrainingSettings
  ) {
    self.name = name
    self.selection = selection
    self.tokenizer = tokenizer
    self.model = model
    self.training = training
  }

  /// Reads a recipe's `model` and `training`.
  ///
  /// - Parameters:
  ///   - modelSetting: A preset and what differs from it.
  ///   - trainingSetting: What differs from the preset's training, and the run's name, or `nil`.
  ///   - name: The run's name where `trainingSetting` has none.
  ///   - selection: The selection that the token shards come from.
  ///   - tokenizer: The tokenizer that made them.
  ///   - seed: The seed where `trainingSetting` has none.
  /// - Throws: ``Failure`` with the line of what cannot be understood or cannot work.
  public init(
    model modelSetting: Setting,
    training trainingSetting: Setting?,
    name: String = "main",
    selection: String = "main",
    tokenizer: String = "main",
    seed: UInt64 = 1
  ) throws {
    let (presetSetting, shape) = try modelSetting.splitting(off: "preset")
    let preset = try presetSetting.map {
      try $0.decode(over: ModelConfiguration.Preset.nano)
    }
    if let given = try shape.splitting(off: "vocabularySize").value {
      throw Failure(
        .usage,
        what: "the model's vocabularySize is the tokenizer's",
        place: given.place,
        remedy: "take the key out, and set `vocabularySize` under `tokenizer:`"
      )
    }
    model = try shape.decode(over: ModelConfiguration(preset: preset ?? .nano))
    var training = TrainingSettings(preset: preset ?? .nano)
    training.seed = seed
    var name = name
    if let trainingSetting {
      let (nameSetting, rest) = try trainingSetting.splitting(off: "name")
      name = try nameSetting?.text() ?? name
      if let given = try rest.splitting(off: "preset").value {
        throw Failure(
          .usage,
          what: "the preset belongs to the model",
          place: given.place,
          remedy: "write `preset` under `model:`"
        )
      }
      // The optimizer decides the usual learning rate.
      let optimizer = try rest.splitting(off: "optimizer").value?.decode(over: training.optimizer)
      training = TrainingSettings(preset: preset ?? .nano, optimizer: optimizer ?? .muon)
      training.seed = seed
      training = try rest.decode(over: training)
    }
    self.name = name
    self.training = training
    self.selection = selection
    self.tokenizer = tokenizer
    try checkName(name, of: "run")
    do {
      try model.validate()
    } catch let error as ConfigurationError {
      throw RunSettings.failure(error, in: modelSetting, key: "model")
    }
    do {
      try training.validate()
    } catch let error as ConfigurationError {
      throw RunSettings.failure(error, in: trainingSetting ?? modelSetting, key: "training")
    }
    do {
      // The tokenizer decides the vocabulary, which is not known here.
      var least = model
      least.vocabularySize = 2
      try training.checkMemory(of: least)
    } catch let error as ConfigurationError {
      let isShape = Mirror(reflecting: model).children.contains { $0.label == error.field }
      throw RunSettings.failure(
        error,
        in: isShape ? modelSetting : trainingSetting ?? modelSetting,
        key: isShape ? "model" : "training"
      )
    }
  }

  private static func failure(
    _ error: ConfigurationError,
    in setting: Setting,
    key: String
  ) -> Failure {
    let field = try? setting.splitting(off: error.field).value
    return Failure(
      .usage,
      what: "`\(key).\(error.field)` cannot work: \(error.message)",
      place: (field ?? setting).place,
      remedy: "change `\(error.field)`"
    )
  }
}

extension StageContext {
  /// Trains a model in `runs/<name>/`, going on where an earlier call with the same settings stopped.
  ///
  /// A run of that name with other settings or data is not touched but moved aside to
  /// `runs/<name>.1`, `.2` and so on.
  ///
  /// - Parameter settings: Which model, on what, how.
  /// - Returns: The report: tokens in, steps out, words seen; ``StageReport/Status/stopped`` after
  ///   Ctrl-C, with a checkpoint saved.
  /// - Throws: ``Failure``.
  public func train(_ settings: RunSettings) throws -> StageReport {
    try checkName(settings.name, of: "run")
    let tokens = TokenizeSettings(selection: settings.selection, tokenizer: settings.tokenizer)
    let tokenized = try fingerprint(
      of: "tokenize \(tokens.tokens)",
      remedy: "run `blalm tokenize` first"
    )
    let name = "train \(settings.name)"
    let output = "runs/\(settings.name)"
    let identity = StageIdentity(
      name: name,
      version: 1,
      inputs: [tokenized],
      settings: canonicalJSON(settings.model) + canonicalJSON(settings.training)
    )
    return try run(identity, outputs: [output + "/report.json"]) { replacing in
      try replacing()
      let folder = workspace.path(of: output)
      let superseded = try claim(folder, for: identity.fingerprint)
      let tokenizer = try openTokenizer(settings.tokenizer)
      var model = settings.model
      model.vocabularySize = tokenizer.vocabularySize
      let shards = workspace.path(of: "tokens/\(tokens.tokens)")
      let training = TrainingRun(
        directory: folder,
        model: model,
        settings: settings.training,
        train: shards + "/train-00000",
        dev: try devShard(in: shards),
        tokenizer: tokenizer
      )
      let report = try training.run(shouldStop: { stop.isRequested }) { step in
        progress(
          StageProgress(
            stage: name,
            completed: step.step,
            total: step.stepCount,
            unit: "steps",
            note: "loss \(short(step.loss))  \(Int(step.tokensPerSecond)) tokens/s"
          )
        )
      }
      return stageReport(name, report, superseded: superseded)
    }
  }

  /// The dev shard's path, or `nil` where the selection has no dev documents.
  private func devShard(in shards: String) throws -> String? {
    let path = shards + "/dev-00000"
    return try TokenShardReader(path: path).tokenCount > 1 ? path : nil
  }

  /// Makes the run's folder, or finds it to belong to the same settings, or moves it aside.
  private func claim(_ folder: String, for fingerprint: String) throws -> String? {
    let manager = FileManager.default
    let mark = folder + "/stage"
    var moved: String?
    if manager.fileExists(atPath: folder) {
      if (try? String(contentsOfFile: mark, encoding: .utf8)) == fingerprint { return nil }
      var number = 1
      while manager.fileExists(atPath: "\(folder).\(number)") { number += 1 }
      moved = "\(folder).\(number)"
      do {
        try manager.moveItem(atPath: folder, toPath: "\(folder).\(number)")
      } catch {
        throw writeFailure(error, path: folder)
      }
    }
    try makeEmptyFolder(folder)
    try writeDurably(Array(fingerprint.utf8), to: mark)
    return moved
  }

  private func stageReport(
    _ name: String,
    _ report: TrainingReport,
    superseded: String?
  ) -> StageReport {
    var details: [String: MetadataValue] = [
      "parameters": .integer(report.parameters),
      "tokensPerSecond": .number(report.tokensPerSecond),
      "optimizerShare": .number(report.optimizerShare),
    ]
    details["firstLoss"] = report.firstLoss.map { .number($0) }
    details["lastLoss"] = report.lastLoss.map { .number($0) }
    details["devPerplexity"] = report.devPerplexity.map { .number($0) }
    details["devBitsPerByte"] = report.devBitsPerByte.map { .number($0) }
    details["unigramPerplexity"] = report.unigramPerplexity.map { .number($0) }
    details["earlierRunMovedTo"] = superseded.map { .text($0) }
    if !report.warnings.isEmpty { details["warnings"] = .list(report.warnings.map { .text($0) }) }
    var stage = StageReport(
      stage: name,
      input: report.tokens,
      output: report.steps,
      words: report.words,
      details: details
    )
    if !report.finished { stage.status = .stopped }
    return stage
  }
}

/// A loss with three decimals.
private func short(_ value: Double) -> String {
  let thousandths = (value * 1_000).rounded() / 1_000
  return thousandths.isFinite ? "\(thousandths)" : "not finite"
}
