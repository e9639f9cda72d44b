// What a run will take, said before it begins: its buffers by name, its steps, words and time. Sizes
// are counted; the speed, and what the libraries take besides, are measured on one short step.

private import Foundation
private import Kernels
public import Modeling
internal import Tokenization

/// The memory, steps and time of a run.
public struct TrainingPlan: Sendable, Codable, Equatable {
  /// The parameters of the model.
  public let parameters: Int
  /// Every buffer of the run.
  public let buffers: [PlannedBuffer]
  /// The bytes of all buffers.
  public let bufferBytes: Int
  /// The memory of the program and its libraries, once each thread has multiplied, in bytes.
  public let baseBytes: Int
  /// The steps of the whole run.
  public let stepCount: Int
  /// The steps of one epoch.
  public let stepsPerEpoch: Int
  /// The tokens of a full step.
  public let tokensPerStep: Int
  /// The words that the whole run sees, repeats included.
  public let words: Int
  /// The tokens a second, measured on a short step and reckoned for full ones.
  public let tokensPerSecond: Double
  /// The seconds of all steps at that speed, without evaluations and checkpoints.
  public let seconds: Double
}

extension TrainingRun {
  /// Plans the run, from its first step; nothing of it is read or changed.
  ///
  /// - Returns: What it will take.
  /// - Throws: `ConfigurationError` for a setting that cannot work; `Failure` for a shard that cannot
  ///   be used or an exposure that is not allowed.
  /// - Complexity: Two short steps of the model.
  public func plan() throws -> TrainingPlan {
    try model.validate()
    try settings.validate()
    try checkMemory()
    // The libraries take memory of their own when each thread first multiplies.
    _ = measuredPeak(Parallel(threadCount: threadCount ?? Parallel.coreCount))
    let base = residentBytes() ?? 0
    let shard = try shard(train)
    let loader = try BatchLoader(
      shard: shard,
      path: train,
      contextLength: model.contextLength,
      settings: settings,
      cap: try ExposureRule.cap(settings, corpusWords: shard.wordCount, path: train + ".bin")
    )
    let steps = min(loader.stepCount, settings.maximumSteps ?? loader.stepCount)
    var buffers = try trainingBuffers(model: model, settings: settings)
    var short = settings
    short.batchWindows = min(
      settings.batchWindows,
      settings.gradientLanes * settings.windowsPerPass
    )
    let figure = try TrainingBenchmark(
      configuration: model,
      settings: short,
      steps: 1,
      threadCount: threadCount
    )
    // Code that oneDNN makes for the shapes, and what it packs matrices into, cannot be counted.
    let held = buffers.reduce(0) { $0 + ($1.name == savedMoments ? 0 : $1.bytes) }
    let libraries = figure.peakMemory - base - held
    if libraries > 0 {
      buffers.append(PlannedBuffer(name: "libraries in a step, measured", bytes: libraries))
    }
    let shortSeconds = Double(figure.tokensPerStep) / figure.meanTokensPerSecond
    let optimizing = shortSeconds * figure.optimizerShare
    let stepSeconds =
      optimizing + (shortSeconds - optimizing) * Double(settings.batchWindows)
      / Double(short.batchWindows)
    let tokensPerStep = settings.batchWindows * model.contextLength
    return TrainingPlan(
      parameters: figure.parameters,
      buffers: buffers,
      bufferBytes: buffers.reduce(0) { $0 + $1.bytes },
      baseBytes: base,
      stepCount: steps,
      stepsPerEpoch: loader.stepsPerEpoch,
      tokensPerStep: tokensPerStep,
      words: loader.words(afterSteps: steps),
      tokensPerSecond: Double(tokensPerStep) / stepSeconds,
      seconds: stepSeconds * Double(steps)
    )
  }
}

/// What a checkpoint packs for a moment.
private let savedMoments = "second moments while saved"

/// Every buffer that training holds: parameters, gradients, moments, the engine's, the optimiser's.
func trainingBuffers(
  model configuration: ModelConfiguration,
  settings: TrainingSettings
) throws -> [PlannedBuffer] {
  let model = try Model(configuration)
  let whole = 4 * model.layout.count
  let muon = settings.optimizer == .muon ? model.layout.tensors.filter { $0.rule == .muon } : []
  let lanes = min(Parallel.coreCount, max(1, muon.count))
  let largest = muon.map(\.count).max() ?? 0
  let side = muon.map { min($0.shape[0], $0.shape[1]) }.max() ?? 0
  let muonCount = muon.reduce(0) { $0 + $1.count }
  let ids = settings.batchWindows * (configuration.contextLength + 1)
  let all =
    [
      PlannedBuffer(name: "parameters", bytes: whole),
      PlannedBuffer(name: "gradient", bytes: whole),
      PlannedBuffer(name: "first moments", bytes: whole),
      PlannedBuffer(name: "second moments", bytes: whole),
      PlannedBuffer(name: "Muon's matrices", bytes: lanes * 4 * (2 * largest + 2 * side * side)),
      PlannedBuffer(name: "batch", bytes: 4 * ids),
      PlannedBuffer(name: savedMoments, bytes: whole - 4 * muonCount),
    ]
    + BatchEngine.plan(
      model: model,
      laneCount: settings.gradientLanes,
      windowsPerPass: settings.windowsPerPass,
      recomputesActivations: settings.recomputeActivations
    )
  return all.filter { $0.bytes > 0 }
}

/// The memory that the process holds now, in bytes; `nil` where the system does not tell.
func residentBytes() -> Int? { statusBytes("VmRSS:") }

/// The most memory that the process has held, in bytes; `nil` where the system does not tell.
func peakResidentBytes() -> Int? { statusBytes("VmHWM:") }

private func statusBytes(_ field: String) -> Int? {
  guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = text.split(separator: "\n").first(where: { $0.hasPrefix(field) }),
    let kilobytes = Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "")
  else { return nil }
  return kilobytes * 1_024
}
