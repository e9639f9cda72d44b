// Sizes that no machine could hold, refused by the field that makes them so before anything is
// allocated or summed up: each field is in range alone, their product need not be. What a run takes
// exactly is TrainingPlan.swift's matter.

import Files
private import Foundation
package import Modeling

extension TrainingSettings {
  /// The least memory that training takes, in parts, with the field that weighs most in each.
  ///
  /// In floating point, since the products of fields pass the whole numbers.
  private func leastMemory(
    of model: ModelConfiguration
  ) -> [(part: String, field: String, bytes: Double)] {
    let hidden = Double(model.hiddenSize)
    let inner = Double(model.feedForwardSize)
    let blocks = Double(model.blockCount)
    let length = Double(model.contextLength)
    let vocabulary = Double(model.vocabularySize) * hidden * (model.tiesOutput ? 1 : 2)
    let matrices = blocks * (4 * hidden * hidden + 3 * hidden * inner)
    let lanes = Double(gradientLanes)
    let tokens = lanes * Double(windowsPerPass) * length
    let kept = recomputeActivations ? 1 : blocks
    var activations = tokens * kept * (5 * hidden + 2 * inner)
    if model.mixer == .mlstm {
      let chunks = (length / Double(model.chunkLength)).rounded(.up)
      activations +=
        lanes * Double(windowsPerPass) * kept * (chunks - 1) * Double(model.keySize) * hidden
    }
    let factors = [
      ("windowsPerPass", Double(windowsPerPass)), ("gradientLanes", lanes),
      ("contextLength", length / 64),
    ]
    let perPass = factors.max { $0.1 < $1.1 }?.0 ?? "windowsPerPass"
    let perMatrix = inner > 4 * hidden ? "feedForwardSize" : "hiddenSize"
    // Parameters, their gradient, the first moments; each lane's gradient.
    return [
      (
        "parameters", vocabulary > matrices ? "vocabularySize" : perMatrix,
        4 * (3 + lanes) * (vocabulary + matrices)
      ),
      ("activations", perPass, 4 * activations),
      ("the logits", "gradientLanes", 4 * lanes * Double(model.vocabularySize)),
      ("a batch", "batchWindows", 4 * Double(batchWindows) * (length + 1)),
    ]
  }

  /// Refuses sizes that need more memory than a limit.
  ///
  /// - Parameters:
  ///   - model: The shape of the network, valid.
  ///   - limit: The bytes; one tebibyte where none is given, for a recipe that may be read on another
  ///     machine than it runs on.
  /// - Throws: `ConfigurationError` that names a field of the largest part.
  package func checkMemory(of model: ModelConfiguration, limit: Double = 0x1p40) throws {
    let parts = leastMemory(of: model)
    let bytes = parts.reduce(0) { $0 + $1.bytes }
    guard bytes > limit, let largest = parts.max(by: { $0.bytes < $1.bytes }) else { return }
    throw ConfigurationError(
      field: largest.field,
      message: "with the other sizes it takes \(gibibytes(bytes)) of memory or more, "
        + "\(largest.part) most; \(gibibytes(limit)) may be taken"
    )
  }
}

extension TrainingRun {
  /// Refuses a run whose buffers this machine's memory cannot hold.
  func checkMemory() throws {
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    do {
      try settings.checkMemory(of: model, limit: memory)
    } catch let error as ConfigurationError {
      throw tooLarge(error.description, lower: error.field)
    }
    let buffers = try trainingBuffers(model: model, settings: settings)
    let bytes = buffers.reduce(0) { $0 + Double($1.bytes) }
    guard bytes > memory, let largest = buffers.max(by: { $0.bytes < $1.bytes }) else { return }
    throw tooLarge(
      "the run's buffers take \(gibibytes(bytes)), \(largest.name) most, "
        + "and this machine has \(gibibytes(memory))",
      lower: "windowsPerPass"
    )
  }

  private func tooLarge(_ what: String, lower field: String) -> Failure {
    Failure(
      .usage,
      what: what,
      place: directory,
      remedy: "lower `\(field)`, set `recomputeActivations: true`, or look at `blalm train --plan` "
        + "of a smaller model"
    )
  }
}

/// Bytes in gibibytes, with one decimal where they are few.
private func gibibytes(_ bytes: Double) -> String {
  let count = bytes / 0x1p30
  return count < 100 ? "\((count * 10).rounded() / 10) GiB" : "\(count.rounded()) GiB"
}
