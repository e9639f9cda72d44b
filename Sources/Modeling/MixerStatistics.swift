// What the mixers do with a batch, one value a block, for a run's log.

import Kernels

/// Figures of one block's mLSTM over some windows.
public struct MixerStatistics: Sendable, Equatable, Codable {
  /// The mean capped input gate, ĩ.
  public var meanInputGate: Double
  /// The mean of the forget gate, σ(f̃): the share of the state that a step keeps.
  public var meanForgetGate: Double
  /// The least variance of a head's outputs before the head norm, each averaged over the steps.
  ///
  /// Near the norm's epsilon, 1e-6, a head is mute.
  public var leastHeadVariance: Double
  /// The sliding window's learned share, before its bound; `nil` where none is learned.
  public var alpha: Double?
}

extension NetworkPass {
  /// Runs windows through the blocks and tells what each mixer did; empty for another mixer.
  mutating func statistics(
    windowCount: Int,
    _ parameters: [Float],
    _ places: NetworkPlaces
  ) -> [MixerStatistics] {
    let rows = windowCount * sizes.stepCount
    guard sizes.hasCell, rows > 0 else { return [] }
    gather(parameters, at: places.embedding, inputs, rows, sizes.hiddenSize, into: &scratch.stream)
    return places.blocks.indices.map { index in
      let kept = blockInputs.isEmpty ? index : 0
      blockForward(
        windowCount: windowCount,
        parameters,
        places.blocks[index],
        sizes,
        starts,
        &blocks[kept],
        &scratch
      )
      let gates = blocks[kept].mlstm.meanGates(sizes.mlstmShape(windowCount: windowCount))
      let variances = headVariances(
        blocks[kept].mixed,
        rows: rows,
        heads: sizes.headCount,
        headSize: sizes.headSize
      )
      let learnsShare = [.modulated, .bounded].contains(sizes.configuration.slidingWindow)
      return MixerStatistics(
        meanInputGate: gates.input,
        meanForgetGate: gates.forget,
        leastHeadVariance: variances.min() ?? 0,
        alpha: learnsShare ? Double(parameters[places.blocks[index].alpha]) : nil
      )
    }
  }
}
