// How fast this machine trains: whole steps of a model on made-up tokens.
//
// Not a test of learning: the tokens are pseudorandom, so the loss stays where it is.

private import Foundation
private import Kernels
public import Modeling

/// Times whole training steps: forward, backward, clipping's norm and the optimiser.
public struct TrainingBenchmark: Sendable, Codable, Equatable {
  /// The parameters of the model.
  public let parameters: Int
  /// The tokens of a step.
  public let tokensPerStep: Int
  /// The tokens a second of the best step.
  public let tokensPerSecond: Double
  /// The tokens a second over all steps.
  public let meanTokensPerSecond: Double
  /// The operations a second of products in the best step, forward and backward.
  public let operationsPerSecond: Double
  /// ``operationsPerSecond`` as a share of what products were measured to reach on this machine.
  public let peakShare: Double
  /// The share of the time that the optimiser took.
  public let optimizerShare: Double
  /// The processor seconds used a second: 2.0 where two cores were busy all the time.
  public let busyCores: Double
  /// The most memory that the process has held, in bytes; 0 where the system does not tell.
  public let peakMemory: Int

  /// Runs the benchmark; the first step warms up and is not counted.
  ///
  /// - Parameters:
  ///   - configuration: The network.
  ///   - settings: The training settings, for the batch and the optimiser.
  ///   - steps: The steps to time, at least 1.
  ///   - threadCount: The threads; `nil` takes one a core.
  /// - Throws: `ConfigurationError` for a setting that cannot work.
  public init(
    configuration: ModelConfiguration,
    settings: TrainingSettings,
    steps: Int,
    threadCount: Int? = nil
  ) throws {
    precondition(steps >= 1)
    try settings.validate()
    let model = try Model(configuration)
    let workers = Parallel(threadCount: threadCount ?? Parallel.coreCount)
    var engine = BatchEngine(
      model: model,
      laneCount: settings.gradientLanes,
      windowsPerPass: settings.windowsPerPass,
      threadCount: threadCount,
      recomputesActivations: settings.recomputeActivations
    )
    var parameters = model.initialParameters(seed: settings.seed)
    var gradient = ParameterBuffer(zerosFor: model.layout)
    var optimizer = Optimizer(layout: model.layout, settings: settings, workers: workers)
    var state: UInt64 = 1
    let ids = (0..<settings.batchWindows * (configuration.contextLength + 1)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(truncatingIfNeeded: (state >> 33) % UInt64(configuration.vocabularySize))
    }
    let clock = ContinuousClock()
    var (whole, optimizing, best) = (Duration.zero, Duration.zero, Duration.seconds(1_000_000))
    var busy = 0.0
    for step in 0...steps {
      let startBusy = processorSeconds()
      let start = clock.now
      _ = engine.lossAndGradient(
        ids: ids.span,
        windowCount: settings.batchWindows,
        parameters: parameters,
        into: &gradient
      )
      let differentiated = clock.now
      optimizer.step(&parameters, gradient: gradient, learningRate: 1e-6)
      let end = clock.now
      guard step > 0 else { continue }
      whole += end - start
      optimizing += end - differentiated
      best = min(best, end - start)
      busy += processorSeconds() - startBusy
    }
    let memory = peakResidentBytes() ?? 0
    self.parameters = model.layout.count
    tokensPerStep = settings.batchWindows * configuration.contextLength
    tokensPerSecond = Double(tokensPerStep) / (best / .seconds(1))
    operationsPerSecond = configuration.trainingOperationsPerToken * tokensPerSecond
    peakShare = operationsPerSecond / measuredPeak(workers)
    meanTokensPerSecond = Double(tokensPerStep * steps) / (whole / .seconds(1))
    optimizerShare = optimizing / whole
    busyCores = busy / (whole / .seconds(1))
    peakMemory = memory
  }
}

/// The processor time that this process has used, in all threads.
private func processorSeconds() -> Double {
  var time = timespec()
  // Unsafe because the C call fills a structure through a pointer that lives for the call.
  guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
