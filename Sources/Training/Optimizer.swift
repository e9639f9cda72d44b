// One step of every parameter: Muon for the blocks' matrices, AdamW for the rest, with the moments
// that go with them. Which tensor falls to which rule is the layout's word.

package import Kernels
package import Modeling

/// The optimiser of a run and its moments.
package struct Optimizer: Sendable {
  /// Muon's momentum or AdamW's first moment of every tensor.
  package private(set) var first: ParameterBuffer
  /// AdamW's second moment; 0 for the tensors that Muon moves.
  package private(set) var second: ParameterBuffer
  /// The layout of the tensors that have a second moment.
  package let secondLayout: ParameterLayout
  /// The number of steps taken.
  package private(set) var stepCount = 0

  private let settings: TrainingSettings
  private let muonTensors: [TensorDescription]
  /// The factor of the rate and the decay of each of ``adamTensors``.
  private let adamGroups: [(rate: Double, decay: Double)]
  private let muonGroup: (rate: Double, decay: Double)
  private let adamTensors: [TensorDescription]
  private let workers: Parallel
  private var lanes: [MuonLane]

  /// Creates an optimiser whose moments are zero.
  package init(layout: ParameterLayout, settings: TrainingSettings, workers: Parallel) {
    self.settings = settings
    self.workers = workers
    func usesMuon(_ tensor: TensorDescription) -> Bool {
      settings.optimizer == .muon && tensor.rule == .muon
    }
    /// What the settings say of a tensor's group; decay where its rule has one or they name it.
    func group(of tensor: TensorDescription) -> (rate: Double, decay: Double) {
      let name = ParameterGroup(of: tensor).rawValue
      return (
        settings.groupRates[name] ?? 1,
        settings.groupDecays[name] ?? (tensor.rule == .adam ? 0 : settings.weightDecay)
      )
    }
    first = ParameterBuffer(zerosFor: layout)
    second = ParameterBuffer(zerosFor: layout)
    secondLayout = layout.filter { !usesMuon($0) }
    adamTensors = layout.tensors.filter { !usesMuon($0) }
    muonTensors = layout.tensors.filter(usesMuon).sorted {
      ($1.count, $0.offset) < ($0.count, $1.offset)
    }
    adamGroups = adamTensors.map(group)
    muonGroup = muonTensors.first.map(group) ?? (1, settings.weightDecay)
    lanes = [MuonLane](
      repeating: MuonLane(for: muonTensors),
      count: min(workers.threadCount, max(1, muonTensors.count))
    )
  }

  /// The second moments that a checkpoint keeps, packed as ``secondLayout``.
  package var keptSecond: ParameterBuffer {
    var kept = ParameterBuffer(zerosFor: secondLayout)
    for (packed, tensor) in zip(secondLayout.tensors, adamTensors) {
      kept.values.replaceSubrange(packed.range, with: second.values[tensor.range])
    }
    return kept
  }

  /// Takes back the moments of a checkpoint.
  ///
  /// - Precondition: The buffers have the layouts of ``first`` and ``keptSecond``.
  package mutating func restore(
    first: ParameterBuffer,
    keptSecond: ParameterBuffer,
    stepCount: Int
  ) {
    precondition(first.layout == self.first.layout && keptSecond.layout == secondLayout)
    self.first = first
    for (packed, tensor) in zip(secondLayout.tensors, adamTensors) {
      second.values.replaceSubrange(tensor.range, with: keptSecond.values[packed.range])
    }
    self.stepCount = stepCount
  }

  /// Moves the parameters against the gradient.
  package mutating func step(
    _ parameters: inout ParameterBuffer,
    gradient: ParameterBuffer,
    learningRate: Double
  ) {
    stepCount += 1
    for tensor in muonTensors {
      scaledAdd(
        gradient.values,
        range: tensor.range,
        keep: Float(settings.muonMomentum),
        into: &first.values
      )
    }
    muon(
      muonTensors,
      parameters: &parameters.values,
      gradient: gradient.values,
      momentum: first.values,
      lanes: &lanes,
      workers: workers,
      MuonStep(
        learningRate: Float(learningRate * muonGroup.rate),
        decay: Float(muonGroup.decay),
        momentum: Float(settings.muonMomentum)
      )
    )
    var adam = AdamWStep(
      learningRate: Float(learningRate),
      beta1: Float(settings.adamBeta1),
      beta2: Float(settings.adamBeta2),
      epsilon: Float(settings.adamEpsilon),
      decay: 0,
      step: stepCount
    )
    for (tensor, group) in zip(adamTensors, adamGroups) {
      adam.learningRate = Float(learningRate * group.rate)
      adam.decay = Float(group.decay)
      adamW(
        &parameters.values,
        gradient: gradient.values,
        firstMoment: &first.values,
        secondMoment: &second.values,
        range: tensor.range,
        adam
      )
    }
  }
}
