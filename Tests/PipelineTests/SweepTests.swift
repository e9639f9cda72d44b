import Files
import Modeling
import Pipeline
import Settings
import TestSupport
import Testing
import Training

@Suite struct SweepTests {
  private func recipe(_ sweep: String, training: String = "epochs: 1") throws -> Setting {
    try Setting.parse(
      """
      name: own
      sources:
        text: {paths: a.txt}
      tokenizer: {vocabularySize: 300}
      model: {preset: nano}
      training: {\(training)}
      generate: {prompt: One}
      \(sweep)
      """,
      file: "own.yaml"
    )
  }

  private func sweep(_ text: String) throws -> Sweep {
    try Sweep(yaml: recipe(text), folder: ".")
  }

  @Test func `every combination of values has a run for every seed`() throws {
    let sweep = try sweep(
      """
      sweep:
        name: rates
        grid:
          training.learningRate: [0.001, 0.002]
          model.blockCount: [1, 2, 3]
        seeds: [4, 7]
      """
    )
    #expect(sweep.fields == ["training.learningRate", "model.blockCount"])
    #expect(sweep.points.count == 12)
    #expect(Set(sweep.points.map(\.run)).count == 12)
    #expect(sweep.points[0].run == "rates-learningRate-0.001-blockCount-1-seed-4")
    for point in sweep.points {
      let run = try #require(point.recipe.run)
      #expect(run.name == point.run && run.training.seed == UInt64(point.seed))
      #expect("\(run.training.learningRate)" == point.values["training.learningRate"])
      #expect("\(run.model.blockCount)" == point.values["model.blockCount"])
      #expect(run.training.epochs == 1 && run.model.hiddenSize == 128)
      #expect(point.recipe.generation == nil)
    }
    // The seeds of one point stand side by side.
    #expect(sweep.points[0].values == sweep.points[1].values)
  }

  @Test func `a grid given apart stands in place of the recipe's`() throws {
    let root = try recipe("sweep: {grid: {training.epochs: [1, 2]}}")
    let axes = [try Sweep.axis("training.optimizer=muon,adamw")]
    let sweep = try Sweep(yaml: root, folder: ".", grid: axes, seeds: [1], name: "other")
    #expect(
      sweep.points.map(\.run) == ["other-optimizer-muon-seed-1", "other-optimizer-adamw-seed-1"]
    )
  }

  @Test func `a variant changes several fields, and each has every point of the grid`() throws {
    let sweep = try sweep(
      """
      sweep:
        variants:
          base:
          short: {model.convolutionWidth: 4, training.epochs: 3}
          plain: {model: {preset: nano, mixer: attention}}
        grid: {training.learningRate: [0.001, 0.002]}
        seeds: [1, 2]
      """
    )
    #expect(sweep.fields == ["variant", "training.learningRate"])
    #expect(sweep.points.count == 12)
    #expect(sweep.points[0].run == "sweep-base-learningRate-0.001-seed-1")
    for point in sweep.points {
      let run = try #require(point.recipe.run)
      let variant = point.values["variant"]
      #expect(run.model.convolutionWidth == (variant == "short" ? 4 : 0))
      #expect(run.training.epochs == (variant == "short" ? 3 : 1))
      #expect((run.model.mixer == .attention) == (variant == "plain"))
      #expect("\(run.training.learningRate)" == point.values["training.learningRate"])
    }
  }

  @Test func `the recipe of ablations trains each mechanism and optimiser with each seed`() throws {
    let sweep = try Sweep(path: Program.root + "/data/recipes/ablations.yaml")
    let runs = try sweep.points.map { try #require($0.recipe.run) }
    #expect(runs.count == 30 && Set(runs.map(\.name)).count == 30)
    for (index, run) in runs.enumerated() {
      let twins = runs.indices.filter {
        runs[$0].model == run.model && runs[$0].training.optimizer == run.training.optimizer
      }
      #expect(
        twins.count == 3 && Set(twins.map { sweep.points[$0].seed }) == [1, 2, 3],
        "\(index)"
      )
    }
  }

  @Test func `seeds alone are a sweep`() throws {
    let sweep = try sweep("sweep: {seeds: [1, 2, 3]}")
    #expect(sweep.points.map(\.seed) == [1, 2, 3] && sweep.fields.isEmpty)
  }

  @Test func `names that no folder can have get a digest`() throws {
    let sweep = try sweep(
      "sweep: {grid: {text.x: [1]}, seeds: [1]}".replacing(
        "text.x: [1]",
        with: "sources.text.filter: ['words > 3', 'words < 3']"
      )
    )
    #expect(Set(sweep.points.map(\.run)).count == 2)
    for point in sweep.points {
      #expect(point.run.utf8.count <= 100 && !point.run.contains(" "))
    }
  }

  @Test(arguments: [
    ("sweep: {}", "nothing to sweep over"), ("sweep: {seeds: [1, 1]}", "different numbers"),
    ("sweep: {grid: {training.epochs: []}}", "list of plain values"),
    ("sweep: {grid: {training.epochs: [[1]]}}", "list of plain values"),
    ("sweep: {grid: {training.seed: [1, 2]}}", "can be swept"),
    ("sweep: {grid: {training.epochs: [1, 1]}}", "the same"),
    ("sweep: {grid: {training.epoch: [1, 2]}}", "unknown key"),
    ("sweep: {grid: {training.epochs.x: [1, 2]}}", "no keys here"),
    ("sweep: {grid: {training.epochs: [0, 1]}}", "cannot work"),
    ("sweep: {variants: {a: 1}}", "keys and values"), ("sweep: {variants: {}}", "nothing to sweep"),
    ("sweep: {variants: {a: {training.seed: 1}}}", "can be swept"),
    ("sweep: {variants: {a: {model.x: 1}}}", "unknown key"),
    ("sweep: {grids: {}}", "unknown key"), ("sweep: {seeds: [1, -2]}", "whole number"),
  ])
  func `what cannot be swept over is refused before anything runs`(
    text: String,
    part: String
  ) throws {
    let error = #expect(throws: Failure.self) { try sweep(text) }
    #expect(
      error?.what.contains(part) == true || error?.description.contains(part) == true,
      "\(String(describing: error))"
    )
  }
}
