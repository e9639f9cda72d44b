import Documents
import Foundation
import Pipeline
import Storage
import TestSupport
import Testing

/// Training by the real program, ended from outside and started again.
@Suite struct TrainingInterruptionTests {
  let folder: TemporaryFolder
  let workspace: String

  init() throws {
    let trained = try TrainedWorkspace()
    folder = trained.folder
    workspace = trained.path
  }

  func arguments(_ name: String) -> [String] {
    let settings = ["epochs=4", "maximumSteps=40", "batchWindows=4", "checkpointInterval=10"]
    return ["train", "--name", name, "-w", workspace, "--quiet", "--model", "contextLength=32"]
      + settings.flatMap { ["--training", $0] }
  }

  func checkpoint(_ name: String, _ step: Int) -> String {
    "\(workspace)/runs/\(name)/checkpoints/step-0000\(step)"
  }

  /// Starts a training and waits until it has kept a step; one that ended before anybody looked is
  /// begun anew.
  func start(_ name: String, until step: Int) throws -> Process {
    var process = Process()
    for _ in 0..<20 where !process.isRunning {
      try? FileManager.default.removeItem(atPath: "\(workspace)/runs/\(name)")
      process = Process()
      process.executableURL = URL(filePath: Program.path)
      process.arguments = arguments(name)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      while process.isRunning && !FileManager.default.fileExists(atPath: checkpoint(name, step)) {
        Thread.sleep(forTimeInterval: 0.002)
      }
    }
    return process
  }

  /// Lets a training go on to its end and compares it with one that nobody ended.
  func expectEqualEnd(_ name: String) throws {
    for run in [name, "straight"] {
      let result = try Program.run(arguments(run))
      #expect(result.status == 0, "\(result.errors)")
    }
    for file in ["model.safetensors", "optimizer.safetensors"] {
      let isEqual = FileManager.default.contentsEqual(
        atPath: checkpoint(name, 40) + "/" + file,
        andPath: checkpoint("straight", 40) + "/" + file
      )
      #expect(isEqual, "\(file)")
    }
  }

  @Test func `a killed training goes on to the same bits`() throws {
    let process = try start("killed", until: 20)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(!FileManager.default.fileExists(atPath: checkpoint("killed", 40)))
    try expectEqualEnd("killed")
  }

  @Test func `Ctrl-C keeps the last step, and the same command goes on`() throws {
    let process = try start("stopped", until: 10)
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    try expectEqualEnd("stopped")
  }

  @Test func `a run goes on with the library of products that it was started with`() throws {
    let process = try start("library", until: 10)
    process.interrupt()
    process.waitUntilExit()
    let refused = try Program.run(
      arguments("library"),
      environment: ["BLALM_PRODUCTS": "openblas"]
    )
    #expect(refused.status == 1 && refused.errors.contains("products by onednn"), "\(refused)")
    #expect(refused.errors.contains("set BLALM_PRODUCTS=onednn"), "\(refused.errors)")
    try expectEqualEnd("library")
    // A run of an older version does not tell; it goes on.
    let path = workspace + "/runs/library/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("\"products\" : \"onednn\","))
    let lines = text.split(separator: "\n").filter { !$0.contains("\"products\"") }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
    try FileManager.default.removeItem(atPath: checkpoint("library", 40))
    try FileManager.default.removeItem(atPath: workspace + "/runs/library/report.json")
    try expectEqualEnd("library")
  }

  @Test func `a stray number of threads in the environment changes nothing`() throws {
    for variable in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"] {
      let result = try Program.run(arguments("stray"), environment: [variable: "7"])
      #expect(result.status == 0, "\(result.errors)")
      try expectEqualEnd("stray")
      try FileManager.default.removeItem(atPath: workspace + "/runs/stray")
    }
  }

  @Test func `a request to stop ends an evaluation`() throws {
    let stop = StopSignal()
    let context = StageContext(workspace: try Workspace.openForReading(workspace), stop: stop)
    func evaluate() throws -> EvaluationReport {
      try context.evaluate(run: "main", selection: "main", tokenizer: "main", split: .dev)
    }
    #expect(try evaluate().perplexity > 1)
    stop.request()
    #expect(throws: Interrupted.self) { try evaluate() }
  }

  /// A limit on the size of files stands for a full disk: the parameters fit, the moments do not.
  @Test func `a disk that is full in a checkpoint leaves the older ones and nothing else`() throws {
    let process = try start("full", until: 10)
    process.interrupt()
    process.waitUntilExit()
    let checkpoints = workspace + "/runs/full/checkpoints"
    let kept = try FileManager.default.contentsOfDirectory(atPath: checkpoints)
    let size = try #require(
      FileManager.default.attributesOfItem(atPath: checkpoint("full", 10) + "/model.safetensors")[
        .size
      ] as? Int
    )
    let limited = Process()
    limited.executableURL = URL(filePath: "/bin/sh")
    let script = "ulimit -f \(size / 512 + 8); trap '' XFSZ; exec \"$@\" 2>\"$0\""
    let errors = folder("errors")
    limited.arguments = ["-c", script, errors, Program.path] + arguments("full")
    limited.standardOutput = FileHandle.nullDevice
    try limited.run()
    limited.waitUntilExit()
    let message = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(limited.terminationStatus == 1, "\(message)")
    #expect(
      message.contains("optimizer.safetensors") && message.contains("free space"),
      "\(message)"
    )
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: checkpoints).sorted() == kept.sorted()
    )
    try expectEqualEnd("full")
  }
}
