import Foundation
import Modeling
import Testing
import Training

@Suite struct TrainingSettingsTests {
  private func decode(_ json: String) throws -> TrainingSettings {
    try JSONDecoder().decode(TrainingSettings.self, from: Data(json.utf8))
  }

  @Test func `missing keys take the preset's values`() throws {
    #expect(try decode("{}") == TrainingSettings(preset: .nano))
    var small = TrainingSettings(preset: .small)
    small.learningRate = 1e-3
    small.optimizer = .adamw
    small.maximumSteps = 7
    let json = #"{"preset":"small","learningRate":0.001,"optimizer":"adamw","maximumSteps":7}"#
    #expect(try decode(json) == small)
    #expect(small.batchWindows == 32)
  }

  @Test(arguments: [
    (ModelConfiguration.Preset.nano, 6e-3, 16), (.small, 2e-3, 32), (.base, 1e-3, 64),
    (.paper, 7e-4, 64), (.paperStrictSmall, 7e-4, 64), (.paperStrict, 5.5e-4, 64),
    (.paperTransformer, 4e-4, 64),
  ])
  func `a preset trains as the model page says`(
    preset: ModelConfiguration.Preset,
    learningRate: Double,
    batchWindows: Int
  ) {
    let settings = TrainingSettings(preset: preset)
    #expect(settings.learningRate == learningRate && settings.batchWindows == batchWindows)
    #expect(settings.optimizer == .muon && settings.muonMomentum == 0.95)
    #expect(settings.adamBeta1 == 0.9 && settings.adamBeta2 == 0.95)
    #expect(settings.adamEpsilon == 1e-8 && settings.weightDecay == 0.1)
    #expect(settings.schedule == .cosine && settings.warmUpShare == 0.1)
    #expect(settings.minimumLearningRateShare == 0 && settings.gradientClip == 1)
    #expect(settings.groupRates.isEmpty && settings.groupDecays.isEmpty)
    #expect(settings.windowOrder == .shuffled && !settings.outsideRules)
    #expect(settings.milestoneWords == ExposureMilestone.babyLM)
  }

  @Test func `the paper's sizes have a rate of their own where AdamW moves all`() throws {
    for preset in [ModelConfiguration.Preset.paper, .paperStrictSmall, .paperStrict] {
      #expect(TrainingSettings(preset: preset, optimizer: .adamw).learningRate == 5e-4)
      let json = #"{"preset":"\#(preset.rawValue)","optimizer":"adamw"}"#
      #expect(try decode(json).learningRate == 5e-4)
    }
    for preset in [ModelConfiguration.Preset.nano, .small, .base, .paperTransformer] {
      let usual = TrainingSettings(preset: preset).learningRate
      #expect(TrainingSettings(preset: preset, optimizer: .adamw).learningRate == usual)
    }
  }

  @Test(arguments: ModelConfiguration.Preset.allCases)
  func `settings survive JSON and every preset is valid`(
    preset: ModelConfiguration.Preset
  ) throws {
    var settings = TrainingSettings(preset: preset)
    try settings.validate()
    settings.seed = .max
    settings.learningRate = 0.1 + 0.2
    settings.evaluationInterval = 3
    settings.milestoneWords = [5, 10]
    let data = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(TrainingSettings.self, from: data) == settings)
  }

  @Test(arguments: [
    #"{"learningrate":1}"#, #"{"epochs":"many"}"#, #"{"optimizer":"sgd"}"#, #"{"seed":-1}"#, "[]",
  ])
  func `what cannot be read is refused`(json: String) {
    #expect(throws: DecodingError.self) { try decode(json) }
  }

  @Test(arguments: [
    ("epochs", 0), ("batchWindows", 0), ("windowsPerPass", 0), ("gradientLanes", 0),
    ("learningRate", 0), ("minimumLearningRateShare", 2), ("warmUpShare", -1), ("weightDecay", -1),
    ("adamBeta1", 1), ("adamBeta2", 1), ("adamEpsilon", 0), ("muonMomentum", 1),
    ("gradientClip", 0), ("checkpointInterval", 0), ("evaluationInterval", 0), ("maximumSteps", 0),
    ("keptCheckpoints", 0), ("exposureCap", 0), ("decayShare", 2),
  ])
  func `a value that cannot work is refused by the field's name`(field: String, value: Int) throws {
    let settings = try decode("{\"\(field)\":\(value)}")
    let error = #expect(throws: ConfigurationError.self) { try settings.validate() }
    #expect(error?.field == field)
  }

  @Test(arguments: [
    (#"{"groupRates":{"matrixes":1}}"#, "groupRates", "no group"),
    (#"{"groupRates":{"gates":-1}}"#, "groupRates", "outside"),
    (#"{"groupDecays":{"gains":11}}"#, "groupDecays", "outside"),
    (#"{"schedule":"warmUpStableDecay","warmUpShare":0.9}"#, "decayShare", "all steps"),
  ])
  func `groups and shares that cannot work are refused`(
    json: String,
    field: String,
    part: String
  ) throws {
    let settings = try decode(json)
    let error = #expect(throws: ConfigurationError.self) { try settings.validate() }
    #expect(error?.field == field && error?.message.contains(part) == true)
  }

  @Test func `more than ten epochs are a warning`() throws {
    var settings = TrainingSettings(preset: .nano)
    settings.epochs = 10
    #expect(settings.warnings.isEmpty)
    settings.epochs = 11
    try settings.validate()
    #expect(settings.warnings.count == 1)
  }
}
