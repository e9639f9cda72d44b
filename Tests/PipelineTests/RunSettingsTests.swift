import Files
import Modeling
import Pipeline
import Settings
import Testing
import Training

/// The `model` and `training` of a recipe, with values that cannot work.
@Suite struct RunSettingsTests {
  private func settings(model: String, training: String = "epochs: 1") throws -> RunSettings {
    let root = try Setting.parse(
      "model:\n  preset: nano\n  \(model)\ntraining:\n  seed: 3\n  \(training)",
      file: "own.yaml"
    )
    return try RunSettings(
      model: try #require(root.value(at: ["model"])),
      training: root.value(at: ["training"])
    )
  }

  @Test(arguments: [
    "hiddenSize: 0", "hiddenSize: -1", "hiddenSize: 9223372036854775807", "headCount: 3",
    "headCount: 0", "feedForwardSize: 0", "contextLength: 0", "contextLength: 99999999",
    "chunkLength: 0", "convolutionWidth: -1", "convolutionWidth: 65", "inputGateBias: 15.5",
    "slidingWindowMemory: 4",
  ])
  func `a model that cannot work is refused by field and line`(line: String) throws {
    let error = #expect(throws: Failure.self) { try settings(model: line) }
    #expect(error?.kind == .usage && error?.place == "own.yaml:3")
    #expect(error?.what.contains("`model.\(line.prefix { $0 != ":" })`") == true)
  }

  @Test(arguments: [
    "batchWindows: 0", "batchWindows: -1", "batchWindows: 9223372036854775807",
    "learningRate: 0", "learningRate: 1e308", "learningRate: -1e-3", "gradientClip: 1e308",
    "weightDecay: 1e308", "warmUpShare: 1.5", "adamBeta1: 1", "adamEpsilon: 0", "epochs: 1000000",
    "gradientLanes: 1000", "windowsPerPass: 0", "milestoneWords: [0]", "maximumSteps: -5",
  ])
  func `a training that cannot work is refused by field and line`(line: String) throws {
    let error = #expect(throws: Failure.self) {
      try settings(model: "blockCount: 1", training: line)
    }
    #expect(error?.kind == .usage && error?.place == "own.yaml:6")
    #expect(error?.what.contains("`training.\(line.prefix { $0 != ":" })`") == true)
  }

  @Test(arguments: [
    "hiddenSize: 1e308", "hiddenSize: .inf", "blockCount: 3.5", "headCount: [2]",
    "contextLength: 99999999999999999999", "inputGateBias: .nan", "tiesOutput: 3",
  ])
  func `a value of another kind is refused with its line`(line: String) throws {
    let error = #expect(throws: Failure.self) { try settings(model: line) }
    #expect(error?.kind == .usage && error?.place == "own.yaml:3")
    #expect(error?.what.hasPrefix("`\(line.prefix { $0 != ":" })` is ") == true)
  }

  @Test func `the optimizer decides the usual learning rate, and a given one stands`() throws {
    func rate(_ training: String) throws -> Double {
      let root = try Setting.parse(
        "model: {preset: paper-strict}\ntraining: \(training)",
        file: "own.yaml"
      )
      let settings = try RunSettings(
        model: try #require(root.value(at: ["model"])),
        training: root.value(at: ["training"]),
        seed: 9
      )
      #expect(settings.training.seed == 9)
      return settings.training.learningRate
    }
    #expect(try rate("{epochs: 2}") == 5.5e-4)
    #expect(try rate("{optimizer: muon}") == 5.5e-4)
    #expect(try rate("{optimizer: adamw}") == 5e-4)
    #expect(try rate("{optimizer: adamw, learningRate: 0.01}") == 0.01)
    #expect(throws: Failure.self) { try rate("{optimizer: sgd}") }
  }

  /// Each value is in range alone; together no machine holds them, and sums of them overflow.
  @Test(arguments: [
    ("{hiddenSize: 65536, blockCount: 1024}", "", "hiddenSize"),
    ("{feedForwardSize: 1048576, hiddenSize: 65536}", "", "feedForwardSize"),
    ("{contextLength: 1048576, chunkLength: 1}", "windowsPerPass: 65536", "windowsPerPass"),
    (
      "{contextLength: 1048576, chunkLength: 1, hiddenSize: 4096, headCount: 1}", "",
      "contextLength"
    ),
    ("{hiddenSize: 1024}", "windowsPerPass: 65536, gradientLanes: 256", "windowsPerPass"),
    ("{contextLength: 1048576}", "batchWindows: 1048576, windowsPerPass: 1", "batchWindows"),
  ])
  func `sizes that no memory holds are refused by a field of the largest part`(
    model: String,
    training: String,
    field: String
  ) throws {
    let root = try Setting.parse("model: \(model)\ntraining: {\(training)}", file: "own.yaml")
    let error = #expect(throws: Failure.self) {
      try RunSettings(
        model: try #require(root.value(at: ["model"])),
        training: root.value(at: ["training"])
      )
    }
    #expect(error?.what.contains(".\(field)`") == true, "\(error?.what ?? "")")
    #expect(error?.what.contains("of memory or more") == true)
    #expect(error?.place == (model.contains(field) ? "own.yaml:1" : "own.yaml:2"))
  }

  @Test(arguments: ModelConfiguration.Preset.allCases)
  func `every preset passes`(preset: ModelConfiguration.Preset) throws {
    let root = try Setting.parse("preset: \(preset.rawValue)", file: "own.yaml")
    #expect(try RunSettings(model: root, training: nil).training.preset == preset)
  }
}
