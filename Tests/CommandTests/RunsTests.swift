import Foundation
import Pipeline
import TestSupport
import Testing

/// Generating, comparing and sweeping by the real program, on one small trained workspace.
@Suite struct RunsTests {
  let trained: TrainedWorkspace
  let workspace: String

  init() throws {
    trained = try TrainedWorkspace()
    workspace = trained.path
  }

  func run(_ arguments: [String]) throws -> String { try trained.run(arguments) }

  @Test func `several prompts give what each gives alone`() throws {
    let options = ["-w", workspace, "--tokens", "12", "--top-k", "20"]
    let prompts = ["One day", "The dog", ""]
    let file = try trained.folder.write("prompts.txt", "One day\nThe dog\n")
    let together = try run(["generate"] + prompts + ["--json"] + options)
      .split(separator: "\n").map { try decode($0) }
    #expect(together.map(\.prompt) == prompts)
    for (index, text) in together.enumerated() {
      let alone = try run(["generate", text.prompt, "--seed", "\(index + 1)", "--json"] + options)
      #expect(try decode(Substring(alone)) == text)
      let streamed = try run(["generate", text.prompt, "--seed", "\(index + 1)"] + options)
      #expect(streamed == text.prompt + text.text + "\n")
    }
    let fromFile = try run(["generate", "--prompt-file", file] + options)
    #expect(
      fromFile == together[..<2].map { $0.prompt + $0.text + "\n" }.joined(separator: "---\n")
    )
  }

  private func decode(_ line: Substring) throws -> GeneratedText {
    try JSONDecoder().decode(GeneratedText.self, from: Data(line.utf8))
  }

  @Test func `a stop string ends the text and is not printed`() throws {
    let options = ["-w", workspace, "--tokens", "40", "--temperature", "0", "--json"]
    let whole = try decode(Substring(run(["generate", "One day"] + options)))
    let stop = try #require(whole.text.split(separator: "").dropFirst(3).first.map(String.init))
    let cut = try decode(Substring(run(["generate", "One day", "--stop", stop] + options)))
    let expected = whole.text[..<(try #require(whole.text.range(of: stop)).lowerBound)]
    #expect(cut.text == expected && cut.end == .stopString)
  }

  @Test func `a penalty on repetition changes a greedy text`() throws {
    let options = ["generate", "One day", "-w", workspace, "--tokens", "40", "--temperature", "0"]
    #expect(try run(options) != run(options + ["--repetition-penalty", "3"]))
  }

  @Test(arguments: [
    ["--top-k", "0"], ["--repetition-penalty", "0"], ["--stop", ""], ["--prompt-file", "none.txt"],
    ["--tokens", "0"], ["--temperature", "nan"],
  ])
  func `what cannot be generated is refused`(options: [String]) throws {
    let result = try Program.run(["generate", "x", "-w", workspace] + options)
    #expect(result.status == 64 || result.status == 1)
    #expect(result.output.isEmpty && result.errors.contains("what to do"), "\(result.errors)")
  }

  @Test func `a sweep runs what is missing and tells mean and deviation`() throws {
    let recipe = try trained.recipe()
    let command = [
      "sweep", recipe, "-w", workspace, "--grid", "training.optimizer=muon,adamw", "--quiet",
    ]
    let first = try run(command + ["--seeds", "1"])
    #expect(first.contains("train sweep-optimizer-muon-seed-1"))
    #expect(first.contains("training.optimizer"))
    let second = try run(command + ["--seeds", "1,2"])
    #expect(!second.contains("optimizer-muon-seed-1 ") && second.contains("muon-seed-2"))
    let report = try JSONDecoder().decode(
      SweepReport.self,
      from: Data(run(command + ["--seeds", "1,2", "--json"]).utf8)
    )
    #expect(report.rows.map(\.values) == ["muon", "adamw"].map { ["training.optimizer": $0] })
    struct Figures: Decodable {
      let devPerplexity: Double
    }
    for row in report.rows {
      let values = try row.runs.map { run in
        try JSONDecoder().decode(
          Figures.self,
          from: Data(contentsOf: URL(filePath: "\(workspace)/runs/\(run)/report.json"))
        ).devPerplexity
      }
      #expect(values.count == 2 && values[0] != values[1])
      let figure = try #require(row.devPerplexity)
      #expect(abs(figure.mean - (values[0] + values[1]) / 2) < 1e-9)
      let deviation = try #require(figure.deviation)
      #expect(abs(deviation - abs(values[0] - values[1]) / 2.0.squareRoot()) < 1e-9)
    }
    let table = try run(["runs", "-w", workspace])
    #expect(table.contains("sweep-optimizer-adamw-seed-2") && table.contains("optimizer"))
    let runs = try JSONDecoder().decode(
      [RunSummary].self,
      from: Data(run(["runs", "-w", workspace, "--json"]).utf8)
    )
    #expect(runs.count == 5 && runs.allSatisfy { $0.steps == 12 && $0.stepCount == 12 })
    #expect(Set(runs.flatMap(\.differences.keys)) == ["training.optimizer", "training.seed"])
    #expect(runs.allSatisfy { ($0.devPerplexity ?? 0) > 1 })
  }

  @Test func `a training that diverges is a result, and the sweep goes on`() throws {
    let command = [
      "sweep", try trained.recipe(), "-w", workspace, "--quiet", "--seeds", "1,2",
      "--grid", "training.weightDecay=0.1,10", "--grid", "training.learningRate=900,0.006",
    ]
    let report = try JSONDecoder().decode(
      SweepReport.self,
      from: Data(run(command + ["--json"]).utf8)
    )
    #expect(report.rows.count == 4)
    let diverged = try #require(
      report.rows.first {
        $0.values == ["training.weightDecay": "10", "training.learningRate": "900"]
      }
    )
    #expect(Set(diverged.diverged.keys) == Set(diverged.runs) && diverged.devPerplexity == nil)
    for message in diverged.diverged.values {
      #expect(
        message.contains("not finite in step") || message.contains("the gradient is 0 in step"),
        "\(message)"
      )
    }
    let last = try #require(report.rows.last)
    #expect(last.diverged.isEmpty && last.devPerplexity?.deviation != nil)
    let table = try run(command)
    #expect(table.contains("0 of 2") && table.contains("\(diverged.runs[0]): the "))
  }

  @Test func `runs that cannot be read do not hide the others`() throws {
    let runs = workspace + "/runs"
    try Data().write(to: URL(filePath: runs + "/file"))
    for name in ["empty", "broken", "young", "noise"] {
      try FileManager.default.createDirectory(
        atPath: runs + "/" + name,
        withIntermediateDirectories: false
      )
    }
    try Data("{".utf8).write(to: URL(filePath: runs + "/broken/config.json"))
    // One that was ended before its first step, and one whose log is not text.
    for name in ["young", "noise"] {
      try FileManager.default.copyItem(
        atPath: runs + "/main/config.json",
        toPath: "\(runs)/\(name)/config.json"
      )
    }
    try Data((0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 193 &+ $0 / 7) })
      .write(to: URL(filePath: runs + "/noise/log.jsonl"))
    let result = try Program.run(["runs", "-w", workspace, "--json"])
    #expect(result.status == 0 && result.errors.contains("runs/broken/config.json"))
    let found = try JSONDecoder().decode([RunSummary].self, from: Data(result.output.utf8))
    #expect(found.map(\.name) == ["main", "noise", "young"])
    #expect(found.map(\.steps) == [12, 0, 0])
  }

  @Test func `a damaged checkpoint is passed over by generate and evaluate, with a warning`() throws
  {
    let checkpoints = workspace + "/runs/main/checkpoints"
    let newest = URL(filePath: checkpoints + "/step-000012/model.safetensors")
    var data = try Data(contentsOf: newest)
    data[data.count - 1] ^= 0x40
    try data.write(to: newest)
    let commands = [["generate", "One", "--tokens", "2", "--json"], ["evaluate", "--json"]]
    for command in commands {
      let result = try Program.run(command + ["-w", workspace])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("warning: ") && result.errors.contains("step-000012"))
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: checkpoints) {
      try Data("{}".utf8).write(to: URL(filePath: "\(checkpoints)/\(name)/state.json"))
    }
    for command in commands {
      let result = try Program.run(command + ["-w", workspace])
      #expect(result.status == 1 && result.output.isEmpty, "\(result.output)")
      #expect(result.errors.contains("step-000012") && result.errors.contains("what to do"))
    }
  }
}
