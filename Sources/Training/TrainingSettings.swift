// How a model is trained: everything that decides the result besides the model and the data.
//
// Each field has a preset's value (model.md's table; where the paper is silent the values are ours)
// and can be set alone; nothing here depends on the machine or its number of threads.

public import Modeling

/// The settings of a training run, as the `settings` object of its `config.json`.
///
/// Decoding takes missing keys from the preset named by `preset` (``ModelConfiguration/Preset/nano``
/// where that is missing too) and refuses unknown keys.
public struct TrainingSettings: Sendable, Equatable, Codable {
  /// Which rule moves the blocks' weight matrices.
  public enum OptimizerChoice: String, Sendable, Codable, CaseIterable {
    /// Muon for the blocks' matrices, AdamW for the rest.
    case muon
    /// AdamW for everything.
    case adamw
  }

  /// How the learning rate falls after the warm-up.
  public enum ScheduleChoice: String, Sendable, Codable, CaseIterable {
    /// Half a cosine over all steps that are left.
    case cosine
    /// A straight line over all steps that are left.
    case linear
    /// Level, then a straight line over the last ``decayShare`` of all steps.
    case warmUpStableDecay
  }

  /// In which order an epoch visits its windows.
  public enum WindowOrderChoice: String, Sendable, Codable, CaseIterable {
    /// A seeded shuffle, another one each epoch.
    case shuffled
    /// As the token shard has them, which is the selection's own order: a curriculum.
    case selection
  }

  /// The preset whose values missing keys take.
  public var preset: ModelConfiguration.Preset
  /// The passes over the train split.
  public var epochs: Int
  /// The windows of one step's batch; an epoch's last batch may be smaller.
  public var batchWindows: Int
  /// The windows that one worker takes through the network at once; a matter of speed and memory,
  /// and of the last bits of the sums.
  public var windowsPerPass: Int
  /// Whether the backward pass computes every block anew, for less memory and a third more time; it
  /// changes no number.
  public var recomputeActivations: Bool
  /// The sums that a batch's gradient is gathered in, which makes it independent of the threads.
  public var gradientLanes: Int
  /// The highest learning rate, reached after the warm-up.
  public var learningRate: Double
  /// The factor of ``learningRate`` for the tensors of a ``ParameterGroup``, by its name; 1 where
  /// none is given.
  public var groupRates: [String: Double]
  /// The weight decay of the tensors of a ``ParameterGroup``, by its name, in place of the usual.
  public var groupDecays: [String: Double]
  /// How the rate falls after the warm-up.
  public var schedule: ScheduleChoice
  /// The share of the steps in which a ``ScheduleChoice/warmUpStableDecay`` falls.
  public var decayShare: Double
  /// The share of ``learningRate`` that the schedule falls to.
  public var minimumLearningRateShare: Double
  /// The share of the steps in which the rate rises.
  public var warmUpShare: Double
  /// Which rule moves the blocks' weight matrices.
  public var optimizer: OptimizerChoice
  /// The decoupled decay of matrices and embeddings.
  public var weightDecay: Double
  /// AdamW's decay of the first moment.
  public var adamBeta1: Double
  /// AdamW's decay of the second moment.
  public var adamBeta2: Double
  /// AdamW's addend to the root of the second moment.
  public var adamEpsilon: Double
  /// Muon's decay of the momentum.
  public var muonMomentum: Double
  /// The highest global norm of a gradient; longer ones are scaled to it.
  public var gradientClip: Double
  /// In which order an epoch visits its windows.
  public var windowOrder: WindowOrderChoice
  /// The most words to be seen, repeats included; `nil` takes the BabyLM rule's (``ExposureRule``).
  public var exposureCap: Int?
  /// Whether the run may break the BabyLM rules.
  public var outsideRules: Bool
  /// The seed of the start values and of the windows' order.
  public var seed: UInt64
  /// The steps between two checkpoints; one more is kept at the end.
  public var checkpointInterval: Int
  /// How many of the last checkpoints are kept.
  public var keptCheckpoints: Int
  /// The steps between two evaluations on the dev split, besides the one after each epoch.
  public var evaluationInterval: Int?
  /// Ends the run, and its schedule, before the epochs do.
  public var maximumSteps: Int?

  /// The words seen at which the parameters are kept for good, as ``ExposureMilestone/babyLM``.
  public var milestoneWords: [Int]

  /// Creates a preset's settings.
  ///
  /// - Parameters:
  ///   - preset: The named size; its batch and learning rate go with it.
  ///   - optimizer: Which rule moves the blocks' matrices. The paper's sizes have a lower rate where
  ///     AdamW moves all; the paper has none for the smaller ones.
  public init(preset: ModelConfiguration.Preset, optimizer: OptimizerChoice = .muon) {
    self.preset = preset
    epochs = 1
    gradientLanes = 2
    groupRates = [:]
    groupDecays = [:]
    schedule = .cosine
    decayShare = 0.2
    recomputeActivations = false
    minimumLearningRateShare = 0
    warmUpShare = 0.1
    self.optimizer = optimizer
    weightDecay = 0.1
    adamBeta1 = 0.9
    adamBeta2 = 0.95
    adamEpsilon = 1e-8
    muonMomentum = 0.95
    gradientClip = 1
    windowOrder = .shuffled
    outsideRules = false
    seed = 1
    checkpointInterval = 100
    keptCheckpoints = 2
    milestoneWords = ExposureMilestone.babyLM
    switch preset {
    case .nano: (batchWindows, windowsPerPass, learningRate) = (16, 4, 6e-3)
    case .small: (batchWindows, windowsPerPass, learningRate) = (32, 2, 2e-3)
    case .base: (batchWindows, windowsPerPass, learningRate) = (64, 2, 1e-3)
    case .paper, .paperStrictSmall:
      (batchWindows, windowsPerPass, learningRate) = (64, 2, 7e-4)
    case .paperStrict: (batchWindows, windowsPerPass, learningRate) = (64, 2, 5.5e-4)
    case .paperTransformer: (batchWindows, windowsPerPass, learningRate) = (64, 2, 4e-4)
    }
    switch (optimizer, preset) {
    case (.adamw, .paper), (.adamw, .paperStrictSmall), (.adamw, .paperStrict):
      learningRate = 5e-4
    default: break
    }
  }

  /// What the settings may do but had better not, in words for the user.
  public var warnings: [String] {
    epochs > 10
      ? ["epochs: \(epochs) passes over the corpus; the BabyLM rule allows at most 10"] : []
  }

  /// The settings without those that decide only what is saved and measured on the way and how
  /// memory is spared, which a resumed run may change.
  var decisive: TrainingSettings {
    var settings = self
    settings.checkpointInterval = 1
    settings.keptCheckpoints = 1
    settings.recomputeActivations = false
    settings.evaluationInterval = nil
    settings.milestoneWords = []
    return settings
  }

  /// Checks every field.
  ///
  /// - Throws: `ConfigurationError` that names the first field that cannot work.
  public func validate() throws {
    try check("epochs", epochs, in: 1...100_000)
    try check("batchWindows", batchWindows, in: 1...1_048_576)
    try check("windowsPerPass", windowsPerPass, in: 1...65_536)
    try check("gradientLanes", gradientLanes, in: 1...256)
    try check("learningRate", learningRate, in: 1e-12...1e3)
    try check("minimumLearningRateShare", minimumLearningRateShare, in: 0...1)
    try check("warmUpShare", warmUpShare, in: 0...1)
    try check("weightDecay", weightDecay, in: 0...10)
    try check("adamBeta1", adamBeta1, in: 0...0.999_999_9)
    try check("adamBeta2", adamBeta2, in: 0...0.999_999_9)
    try check("adamEpsilon", adamEpsilon, in: 1e-30...1)
    try check("muonMomentum", muonMomentum, in: 0...0.999_999_9)
    try check("gradientClip", gradientClip, in: 1e-12...1e12)
    for (group, factor) in groupRates.sorted(by: { $0.key < $1.key }) {
      try checkGroup(group, of: "groupRates")
      try check("groupRates", factor, in: 0...1e6)
    }
    for (group, decay) in groupDecays.sorted(by: { $0.key < $1.key }) {
      try checkGroup(group, of: "groupDecays")
      try check("groupDecays", decay, in: 0...10)
    }
    try check("decayShare", decayShare, in: 0...1)
    guard schedule != .warmUpStableDecay || warmUpShare + decayShare <= 1 else {
      throw ConfigurationError(
        field: "decayShare",
        message: "with warmUpShare \(warmUpShare) it takes more than all steps"
      )
    }
    if let exposureCap { try check("exposureCap", exposureCap, in: 1...1_000_000_000_000) }
    try check("checkpointInterval", checkpointInterval, in: 1...1_000_000_000)
    try check("keptCheckpoints", keptCheckpoints, in: 1...1_000_000)
    if let evaluationInterval {
      try check("evaluationInterval", evaluationInterval, in: 1...1_000_000_000)
    }
    for words in milestoneWords { try check("milestoneWords", words, in: 1...1_000_000_000_000) }
    if let maximumSteps { try check("maximumSteps", maximumSteps, in: 1...1_000_000_000) }
  }

  private func checkGroup(_ name: String, of field: String) throws {
    guard ParameterGroup(rawValue: name) == nil else { return }
    let known = ParameterGroup.allCases.map(\.rawValue).joined(separator: ", ")
    throw ConfigurationError(
      field: field,
      message: "\"\(name)\" is no group of parameters; there are \(known)"
    )
  }

  private func check<T: Comparable>(
    _ field: String,
    _ value: T,
    in range: ClosedRange<T>
  ) throws {
    guard range.contains(value) else {
      throw ConfigurationError(
        field: field,
        message: "\(value) lies outside \(range.lowerBound) ... \(range.upperBound)"
      )
    }
  }
}

extension TrainingSettings {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case preset
    case epochs
    case batchWindows
    case windowsPerPass
    case recomputeActivations
    case gradientLanes
    case learningRate
    case groupRates
    case groupDecays
    case schedule
    case decayShare
    case minimumLearningRateShare
    case warmUpShare
    case optimizer
    case weightDecay
    case adamBeta1
    case adamBeta2
    case adamEpsilon
    case muonMomentum
    case gradientClip
    case windowOrder
    case exposureCap
    case outsideRules
    case seed
    case checkpointInterval
    case keptCheckpoints
    case evaluationInterval
    case maximumSteps
    case milestoneWords
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Decodes settings; missing keys take the preset's values.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` for a wrong type or an unknown key.
  public init(from decoder: any Decoder) throws {
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys
    where CodingKeys(rawValue: key.stringValue) == nil {
      let known = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath + [key],
          debugDescription: "unknown training setting \"\(key.stringValue)\"; known are \(known)"
        )
      )
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      preset: try values.decodeIfPresent(ModelConfiguration.Preset.self, forKey: .preset) ?? .nano,
      optimizer: try values.decodeIfPresent(OptimizerChoice.self, forKey: .optimizer) ?? .muon
    )
    func take<T: Decodable>(_ key: CodingKeys, _ field: inout T) throws {
      if let value = try values.decodeIfPresent(T.self, forKey: key) { field = value }
    }
    try take(.epochs, &epochs)
    try take(.batchWindows, &batchWindows)
    try take(.windowsPerPass, &windowsPerPass)
    try take(.recomputeActivations, &recomputeActivations)
    try take(.gradientLanes, &gradientLanes)
    try take(.learningRate, &learningRate)
    try take(.groupRates, &groupRates)
    try take(.groupDecays, &groupDecays)
    try take(.schedule, &schedule)
    try take(.decayShare, &decayShare)
    try take(.minimumLearningRateShare, &minimumLearningRateShare)
    try take(.warmUpShare, &warmUpShare)
    try take(.weightDecay, &weightDecay)
    try take(.adamBeta1, &adamBeta1)
    try take(.adamBeta2, &adamBeta2)
    try take(.adamEpsilon, &adamEpsilon)
    try take(.muonMomentum, &muonMomentum)
    try take(.gradientClip, &gradientClip)
    try take(.windowOrder, &windowOrder)
    exposureCap = try values.decodeIfPresent(Int.self, forKey: .exposureCap)
    try take(.outsideRules, &outsideRules)
    try take(.seed, &seed)
    try take(.checkpointInterval, &checkpointInterval)
    try take(.keptCheckpoints, &keptCheckpoints)
    try take(.milestoneWords, &milestoneWords)
    evaluationInterval = try values.decodeIfPresent(Int.self, forKey: .evaluationInterval)
    maximumSteps = try values.decodeIfPresent(Int.self, forKey: .maximumSteps)
  }
}
