// The loop of a run and all that changes in it. One value owned by the call that trains; what it
// holds between two steps is exactly what a checkpoint holds.

internal import Evaluation
import Files
internal import Kernels
internal import Modeling
internal import Tokenization

/// The moving parts of a run.
struct Trainer {
  private let run: TrainingRun
  private let schedule: LearningRateSchedule
  private let store: CheckpointStore
  private let trainShard: TokenShardReader
  private let devShard: TokenShardReader?
  private var loader: BatchLoader
  private var batch: Batch
  private var engine: BatchEngine
  private var optimizer: Optimizer
  private var parameters: ParameterBuffer
  private var gradient: ParameterBuffer
  private var log: RunLog
  private var state: CheckpointState
  private var dev: SplitPerplexity?
  private var warnings: [String]
  private let operationsPerToken: Double
  /// The most operations a second of this machine, measured before the first step.
  private var peak: Double?
  private let workers: Parallel
  private var secondsHere = 0.0
  private var tokensHere = 0
  private var optimizerSeconds = 0.0

  /// Sets a run up from its newest checkpoint, or from the start where there is none.
  init(_ run: TrainingRun, train: TokenShardReader, dev: TokenShardReader?) throws {
    let settings = run.settings
    self.run = run
    trainShard = train
    devShard = dev
    warnings = settings.warnings
    loader = try BatchLoader(
      shard: train,
      path: run.train,
      contextLength: run.model.contextLength,
      settings: settings,
      cap: try ExposureRule.cap(settings, corpusWords: train.wordCount, path: run.train + ".bin")
    )
    batch = loader.makeBatch()
    let steps = loader.stepCount
    if steps < settings.epochs * loader.stepsPerEpoch {
      try checkCut(settings, steps: steps, loader.stepsPerEpoch, words: train.wordCount)
    }
    schedule = LearningRateSchedule(
      stepCount: min(steps, settings.maximumSteps ?? steps),
      settings: settings
    )
    let model = try Model(run.model)
    engine = BatchEngine(
      model: model,
      laneCount: settings.gradientLanes,
      windowsPerPass: settings.windowsPerPass,
      threadCount: run.threadCount,
      recomputesActivations: settings.recomputeActivations
    )
    workers = Parallel(threadCount: run.threadCount ?? Parallel.coreCount)
    optimizer = Optimizer(layout: model.layout, settings: settings, workers: workers)
    operationsPerToken = run.model.trainingOperationsPerToken
    gradient = ParameterBuffer(zerosFor: model.layout)
    store = CheckpointStore(
      folder: run.directory + "/checkpoints",
      keptCount: settings.keptCheckpoints
    )
    if let found = try store.latest(layout: model.layout, second: optimizer.secondLayout) {
      let checkpoint = found.value
      warnings += found.passedOver.map {
        "\($0); the run goes on from step \(checkpoint.state.step)"
      }
      state = checkpoint.state
      parameters = checkpoint.parameters
      optimizer.restore(
        first: checkpoint.first,
        keptSecond: checkpoint.keptSecond,
        stepCount: checkpoint.state.step
      )
    } else {
      state = CheckpointState()
      parameters = model.initialParameters(seed: settings.seed)
    }
    log = try RunLog(path: run.directory + "/log.jsonl", keeping: state.logByteCount)
    try store.prepare()
  }

  /// Takes the steps that are left, or those until a stop is asked for.
  mutating func train(shouldStop: () -> Bool, progress: (TrainingProgress) -> Void) throws {
    var savedStep = state.step
    if state.step < schedule.stepCount { peak = measuredPeak(workers) }
    while state.step < schedule.stepCount {
      if shouldStop() { break }
      progress(try takeStep())
      if isEvaluationDue { try evaluate() }
      if state.step.isMultiple(of: run.settings.checkpointInterval) {
        try save()
        savedStep = state.step
      }
    }
    if state.step > savedStep { try save() }
    if state.step == schedule.stepCount, dev == nil { try measureDev() }
    try log.close()
  }

  /// What the run did.
  func report() throws -> TrainingReport {
    TrainingReport(
      steps: state.step,
      stepCount: schedule.stepCount,
      ledger: state.ledger,
      tokens: state.ledger.tokens,
      words: state.ledger.words,
      parameters: parameters.layout.count,
      firstLoss: state.firstLoss,
      lastLoss: state.lastLoss,
      devPerplexity: dev?.whole.perplexity,
      devBitsPerByte: dev?.whole.bitsPerByte,
      sourcePerplexities: dev?.sources.mapValues(\.perplexity),
      unigramPerplexity: try devShard.flatMap {
        $0.tokenCount < 2 ? nil : try UnigramBaseline.perplexity(train: trainShard, dev: $0)
      },
      seconds: state.seconds,
      tokensPerSecond: state.seconds > 0 ? Double(state.ledger.tokens) / state.seconds : 0,
      optimizerShare: secondsHere > 0 ? optimizerSeconds / secondsHere : 0,
      finished: state.step == schedule.stepCount,
      warnings: warnings
    )
  }

  private mutating func takeStep() throws -> TrainingProgress {
    let clock = ContinuousClock()
    let start = clock.now
    let step = state.step + 1
    try loader.load(step: step, into: &batch)
    let loss = differentiate(
      batch,
      engine: &engine,
      parameters: parameters,
      into: &gradient
    ).meanNats
    let differentiated = clock.now
    let norm = sumOfSquares(gradient.values, range: 0..<gradient.values.count).squareRoot()
    guard loss.isFinite, norm.isFinite else {
      throw notFinite(loss.isFinite ? "gradient" : "loss", of: gradient, step: step)
    }
    // Activations that overflow within a norm come out as 0, and with them every gradient.
    guard norm > 0 else {
      let largest = parameters.layout.tensors.max {
        sumOfSquares(parameters.values, range: $0.range)
          < sumOfSquares(parameters.values, range: $1.range)
      }
      throw Failure(
        .divergence,
        what: "the gradient is 0 in step \(step): the network has overflowed; its largest numbers "
          + "stand in tensor \"\(largest?.name ?? "")\"",
        place: run.directory,
        remedy: "train anew with a lower learningRate; the last checkpoint is untouched"
      )
    }
    if norm > run.settings.gradientClip {
      scale(&gradient.values, by: Float(run.settings.gradientClip / norm))
    }
    let rate = schedule.rate(at: step)
    optimizer.step(&parameters, gradient: gradient, learningRate: rate)
    guard sumOfSquares(parameters.values, range: 0..<parameters.values.count).isFinite else {
      throw notFinite("parameter", of: parameters, step: step)
    }
    let end = clock.now
    state.step = step
    state.ledger.enter(
      words: batch.sourceWords,
      of: loader.sourceNames,
      tokens: batch.targetCount,
      epoch: batch.epoch
    )
    try keepMilestones()
    state.firstLoss = state.firstLoss ?? loss
    state.lastLoss = loss
    dev = nil
    let seconds = seconds(end - start)
    state.seconds += seconds
    secondsHere += seconds
    tokensHere += batch.targetCount
    optimizerSeconds += self.seconds(end - differentiated)
    let operations = operationsPerToken * Double(batch.targetCount) / seconds
    try log.append(
      .step(
        .init(
          step: step,
          epoch: batch.epoch + 1,
          loss: loss,
          learningRate: rate,
          gradientNorm: norm,
          tokens: state.ledger.tokens,
          words: state.ledger.words,
          tokensPerSecond: Double(batch.targetCount) / seconds,
          operationsPerSecond: operations,
          peakShare: peak.map { operations / $0 } ?? 0
        )
      )
    )
    return progress(loss: loss)
  }

  private func progress(loss: Double) -> TrainingProgress {
    let epochTokens = Double(max(1, trainShard.tokenCount - 1))
    let rate = Double(tokensHere) / max(secondsHere, 1e-9)
    let stepTokens = epochTokens / Double(loader.stepsPerEpoch)
    return TrainingProgress(
      step: state.step,
      stepCount: schedule.stepCount,
      loss: loss,
      tokensPerSecond: rate,
      secondsLeft: Double(schedule.stepCount - state.step) * stepTokens / max(rate, 1e-9)
    )
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private var isEvaluationDue: Bool {
    state.step == schedule.stepCount || state.step.isMultiple(of: loader.stepsPerEpoch)
      || run.settings.evaluationInterval.map { state.step.isMultiple(of: $0) } ?? false
  }

  /// Measures the dev split and logs what it finds.
  private mutating func evaluate() throws {
    try measureDev()
    guard let dev else { return }
    let statistics = ModelStatistics(parameters, mixers: try mixerStatistics())
    let bits = dev.sources.compactMapValues(\.bitsPerByte)
    try log.append(
      .evaluation(
        .init(
          step: state.step,
          devPerplexity: dev.whole.perplexity,
          devBitsPerByte: dev.whole.bitsPerByte,
          sourcePerplexities: dev.sources.mapValues(\.perplexity),
          sourceBitsPerByte: bits.isEmpty ? nil : bits,
          statistics: statistics
        )
      )
    )
    for warning in statistics.warnings(run.model.slidingWindow)
    where !warnings.contains(warning) {
      warnings.append(warning)
      try log.append(.warning(.init(step: state.step, warning: warning)))
    }
  }

  /// What the mixers do with windows spread over the dev split, as many as one pass takes.
  private mutating func mixerStatistics() throws -> [MixerStatistics] {
    guard let devShard else { return [] }
    var reader = WindowReader(shard: devShard, contextLength: run.model.contextLength)
    let rows = min(engine.windowsPerPass, reader.windows.count)
    var ids = [Int32](repeating: 0, count: rows * (run.model.contextLength + 1))
    for row in 0..<rows {
      _ = try reader.read(row * reader.windows.count / rows, into: &ids, row: row)
    }
    return engine.mixerStatistics(ids: ids.span, windowCount: rows, parameters: parameters)
  }

  private mutating func measureDev() throws {
    guard let devShard, devShard.tokenCount >= 2 else { return }
    dev = try SplitPerplexity(
      of: devShard,
      engine: &engine,
      parameters: parameters,
      batchWindows: run.settings.batchWindows,
      tokenizer: run.tokenizer
    )
    guard dev?.whole.perplexity.isFinite ?? true else {
      throw notFinite("dev perplexity", of: parameters, step: state.step)
    }
  }

  private mutating func save() throws {
    try log.synchronize()
    state.logByteCount = log.byteCount
    try store.write(state, parameters: parameters, optimizer: optimizer)
  }

  private func keepMilestones() throws {
    let seen = state.ledger.words
    let reached = ExposureMilestone.reached(
      of: run.settings.milestoneWords,
      after: seen - batch.words,
      by: batch.words
    )
    for milestone in reached {
      try store.writeMilestone(milestone, parameters: parameters, words: seen)
    }
  }

  private func notFinite(_ what: String, of buffer: ParameterBuffer, step: Int) -> Failure {
    let tensor = firstNonFiniteTensor(of: buffer) ?? "logits"
    return Failure(
      .divergence,
      what: "the \(what) is not finite in step \(step), first in tensor \"\(tensor)\"",
      place: run.directory,
      remedy: "train anew with a lower learningRate; the last checkpoint is untouched"
    )
  }
}

/// Refuses epochs that pass the rules' cap, unless the settings name a cap to end at.
private func checkCut(
  _ settings: TrainingSettings,
  steps: Int,
  _ stepsPerEpoch: Int,
  words: Int
) throws {
  guard settings.exposureCap == nil, settings.maximumSteps ?? .max > steps,
    let rule = ExposureRule.cap(corpusWords: words)
  else { return }
  throw Failure(
    .usage,
    what: "\(settings.epochs) epochs of \(words) words pass the \(rule) words that the BabyLM "
      + "rules allow to be seen",
    place: "training.epochs",
    remedy: "set `epochs: \(max(1, steps / stepsPerEpoch))`, or `exposureCap: \(rule)` to end "
      + "within an epoch, or `outsideRules: true`"
  )
}

/// The loss of a batch and the gradient of its mean.
private func differentiate(
  _ batch: Batch,
  engine: inout BatchEngine,
  parameters: ParameterBuffer,
  into gradient: inout ParameterBuffer
) -> BatchLoss {
  let width = engine.model.configuration.contextLength + 1
  return engine.lossAndGradient(
    ids: batch.ids.span.extracting(0..<batch.windowCount * width),
    windowCount: batch.windowCount,
    parameters: parameters,
    into: &gradient
  )
}

private func scale(_ values: inout [Float], by factor: Float) {
  var span = values.mutableSpan
  for index in 0..<span.count { span[index] *= factor }
}
