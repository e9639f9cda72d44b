// The door that training and evaluation use: a batch of windows in, losses or a gradient out. The
// batch is dealt over a fixed number of lanes, each with its own gradient and activations, and the
// lanes' gradients are added in order; the result does not depend on the number of threads.

import Kernels

/// The loss of a batch: the sum over its targets, and their number.
public struct BatchLoss: Sendable, Equatable {
  /// The sum of the cross-entropies, in nats.
  public var nats: Double
  /// The number of targets that carry a loss.
  public var targetCount: Int

  /// Creates a loss.
  ///
  /// - Parameters:
  ///   - nats: The sum of the cross-entropies.
  ///   - targetCount: The number of targets.
  public init(nats: Double, targetCount: Int) {
    self.nats = nats
    self.targetCount = targetCount
  }

  /// The mean over the targets, in nats; NaN where there is none.
  public var meanNats: Double { nats / Double(targetCount) }
}

/// Runs batches of windows through a network on several threads.
///
/// A window is `contextLength + 1` ids: the first `contextLength` go in, the last `contextLength`
/// are the targets. An id of −1 is padding, before the text or after it: it goes in as the pad token,
/// 1, no token sees it, and there is a loss only where both input and target are of the text. Where
/// the model isolates documents, each id 0 begins one. Buffers are allocated once and reused by every call.
public struct BatchEngine: Sendable {
  /// The network.
  public let model: Model
  /// The number of lanes a batch is dealt over, which decides the order of the sums.
  public let laneCount: Int
  /// The number of windows a lane runs at a time; a matter of memory and speed.
  public let windowsPerPass: Int
  /// Whether the backward pass computes every block anew from its input, which takes a third more
  /// time and leaves of the activations little more than one block's.
  public let recomputesActivations: Bool

  private let pool: Parallel
  private var lanes: [Lane]

  /// Allocates the lanes and starts the threads.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - laneCount: The number of lanes; more threads than lanes have nothing to do.
  ///   - windowsPerPass: The windows a lane runs at a time; `nil` takes about 1,024 tokens' worth.
  ///   - threadCount: The number of threads; `nil` takes one a core, at most one a lane.
  ///   - recomputesActivations: Whether the backward pass computes every block anew.
  /// - Precondition: Every count is positive.
  public init(
    model: Model,
    laneCount: Int = 2,
    windowsPerPass: Int? = nil,
    threadCount: Int? = nil,
    recomputesActivations: Bool = false
  ) {
    precondition(laneCount >= 1 && windowsPerPass ?? 1 >= 1 && threadCount ?? 1 >= 1)
    let windows = windowsPerPass ?? max(1, 1_024 / model.configuration.contextLength)
    self.model = model
    self.laneCount = laneCount
    self.windowsPerPass = windows
    self.recomputesActivations = recomputesActivations
    pool = Parallel(threadCount: min(threadCount ?? Parallel.coreCount, laneCount))
    lanes = (0..<laneCount).map { _ in
      Lane(model, windowCapacity: windows, recomputesActivations: recomputesActivations)
    }
  }

  /// Computes the loss of a batch and the gradient of its mean.
  ///
  /// - Parameters:
  ///   - ids: The windows, [windowCount, contextLength + 1].
  ///   - windowCount: The number of windows.
  ///   - parameters: The parameters.
  ///   - gradient: Overwritten by the gradient of the mean loss over all targets of this call; 0
  ///     where there is no target.
  /// - Returns: The summed loss and the number of targets.
  /// - Precondition: Every id is −1 or inside the vocabulary; the buffers have the model's layout.
  public mutating func lossAndGradient(
    ids: Span<Int32>,
    windowCount: Int,
    parameters: borrowing ParameterBuffer,
    into gradient: inout ParameterBuffer
  ) -> BatchLoss {
    precondition(gradient.values.count == model.layout.count)
    let targetCount = deal(ids, windowCount, parameters)
    let scale = 1 / Float(max(1, targetCount))
    let values = parameters.values
    pool.forEach(&lanes) { [model] _, lane in
      lane.differentiate(values, model.places, scale: scale)
    }
    var nats = 0.0
    for index in lanes.indices {
      scaledAdd(
        lanes[index].gradient,
        range: 0..<model.layout.count,
        keep: index == 0 ? 0 : 1,
        into: &gradient.values
      )
      nats += lanes[index].nats
    }
    return BatchLoss(nats: nats, targetCount: targetCount)
  }

  /// Computes the loss of every target of a batch.
  ///
  /// - Parameters:
  ///   - ids: The windows, [windowCount, contextLength + 1].
  ///   - windowCount: The number of windows.
  ///   - parameters: The parameters.
  ///   - losses: Receives nats for each target, [windowCount · contextLength]; 0 where padded.
  /// - Precondition: Every id is −1 or inside the vocabulary; the buffers have the model's layout.
  public mutating func losses(
    ids: Span<Int32>,
    windowCount: Int,
    parameters: borrowing ParameterBuffer,
    into losses: inout MutableSpan<Float>
  ) {
    precondition(losses.count == windowCount * model.configuration.contextLength)
    _ = deal(ids, windowCount, parameters)
    let values = parameters.values
    pool.forEach(&lanes) { [model] _, lane in lane.measure(values, model.places) }
    var at = 0
    for index in lanes.indices { lanes[index].copyLosses(to: &losses, at: &at) }
  }

  /// Tells what the mixers do with the first windows of a batch, as many as one pass takes.
  ///
  /// - Parameters:
  ///   - ids: The windows, [windowCount, contextLength + 1].
  ///   - windowCount: The number of windows.
  ///   - parameters: The parameters.
  /// - Returns: One value a block; none for a network without mLSTM or a batch without windows.
  /// - Precondition: Every id is −1 or inside the vocabulary; the buffers have the model's layout.
  public mutating func mixerStatistics(
    ids: Span<Int32>,
    windowCount: Int,
    parameters: borrowing ParameterBuffer
  ) -> [MixerStatistics] {
    let width = model.configuration.contextLength + 1
    precondition(windowCount >= 0 && ids.count == windowCount * width, "ids of another shape")
    precondition(parameters.values.count == model.layout.count, "parameters of another model")
    let count = min(windowCount, windowsPerPass)
    _ = lanes[0].take(ids, from: 0, to: count * width)
    return lanes[0].statistics(parameters.values, model.places)
  }

  /// Gives every lane its windows and counts the targets.
  private mutating func deal(
    _ ids: Span<Int32>,
    _ windowCount: Int,
    _ parameters: borrowing ParameterBuffer
  ) -> Int {
    let width = model.configuration.contextLength + 1
    precondition(windowCount >= 0 && ids.count == windowCount * width, "ids of another shape")
    precondition(parameters.values.count == model.layout.count, "parameters of another model")
    var targetCount = 0
    for index in lanes.indices {
      let first = windowCount * index / laneCount
      let last = windowCount * (index + 1) / laneCount
      targetCount += lanes[index].take(ids, from: first * width, to: last * width)
    }
    return targetCount
  }
}

/// One share of every batch, with all that is needed to work on it alone.
private struct Lane: Sendable {
  var gradient: [Float]
  var nats = 0.0
  private var pass: NetworkPass
  private var ids: [Int32] = []
  private var losses: [Float] = []

  init(_ model: Model, windowCapacity: Int, recomputesActivations: Bool) {
    gradient = []
    pass = NetworkPass(
      model.configuration,
      windowCapacity: windowCapacity,
      recomputesActivations: recomputesActivations
    )
  }

  /// Copies the lane's windows and counts their targets.
  mutating func take(_ source: Span<Int32>, from start: Int, to end: Int) -> Int {
    let width = pass.sizes.stepCount + 1
    ids.removeAll(keepingCapacity: true)
    var targetCount = 0
    for index in start..<end {
      let id = source[index]
      precondition(id >= -1 && Int(id) < pass.sizes.vocabularySize, "an id outside the vocabulary")
      ids.append(id)
      let isFirst = (index - start) % width == 0
      if !isFirst && id >= 0 && source[index - 1] >= 0 { targetCount += 1 }
    }
    return targetCount
  }

  /// The gradient of `scale · Σ losses` over the lane's windows.
  mutating func differentiate(_ parameters: [Float], _ places: NetworkPlaces, scale: Float) {
    if gradient.isEmpty { gradient = [Float](repeating: 0, count: parameters.count) }
    zero(&gradient, count: gradient.count)
    nats = 0
    var first = 0
    while let windowCount = load(from: first) {
      pass.forward(windowCount: windowCount, parameters, places)
      pass.backward(
        windowCount: windowCount,
        parameters,
        places,
        scale: scale,
        gradient: &gradient
      )
      nats += sum(pass.scratch.losses, count: windowCount * pass.sizes.stepCount)
      first += windowCount
    }
  }

  /// The loss of every target of the lane's windows.
  mutating func measure(_ parameters: [Float], _ places: NetworkPlaces) {
    losses.removeAll(keepingCapacity: true)
    var first = 0
    while let windowCount = load(from: first) {
      pass.forward(windowCount: windowCount, parameters, places)
      pass.measureLosses(windowCount: windowCount, parameters, places)
      losses.append(contentsOf: pass.scratch.losses[..<(windowCount * pass.sizes.stepCount)])
      first += windowCount
    }
  }

  /// What the mixers do with the lane's first windows.
  mutating func statistics(_ parameters: [Float], _ places: NetworkPlaces) -> [MixerStatistics] {
    guard let windowCount = load(from: 0) else { return [] }
    return pass.statistics(windowCount: windowCount, parameters, places)
  }

  /// Puts the next windows into the pass; `nil` after the last.
  private mutating func load(from first: Int) -> Int? {
    let steps = pass.sizes.stepCount
    let windowCount = min(pass.sizes.windowCapacity, ids.count / (steps + 1) - first)
    guard windowCount > 0 else { return nil }
    let isolates = pass.sizes.configuration.isolateDocuments
    for window in 0..<windowCount {
      let source = (first + window) * (steps + 1)
      var start: Int32 = 0
      for step in 0..<steps {
        let (input, target) = (ids[source + step], ids[source + step + 1])
        let follows = step > 0 && ids[source + step - 1] >= 0
        if input >= 0 && (!follows || isolates && input == documentStart) { start = Int32(step) }
        pass.inputs[window * steps + step] = input < 0 ? paddingInput : input
        pass.targets[window * steps + step] = input < 0 ? -1 : target
        pass.starts[window * steps + step] = start
      }
    }
    return windowCount
  }

  /// Writes the lane's losses behind those of the lanes before it.
  func copyLosses(to target: inout MutableSpan<Float>, at position: inout Int) {
    for loss in losses {
      target[position] = loss
      position += 1
    }
  }
}

/// The id that goes in where a window is padded: that of `<|pad|>`.
private let paddingInput: Int32 = 1

/// The id that every document begins with: that of `<|endoftext|>`.
let documentStart: Int32 = 0

/// The sum of the first elements, in double.
private func sum(_ values: [Float], count: Int) -> Double {
  var total = 0.0
  for index in 0..<count { total += Double(values[index]) }
  return total
}
