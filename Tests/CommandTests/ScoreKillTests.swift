import Foundation
import GRDB
import JudgeServer
import TestSupport
import Testing

/// Scorings that are killed at random moments and run again: some in CI, 50 with BLALM_LONG_TESTS set.
@Suite struct ScoreKillTests {
  static let kills = ProcessInfo.processInfo.environment["BLALM_LONG_TESTS"] == nil ? 8 : 50
  static let concurrency = 4

  @Test func `no request whose answer was committed is sent again`() throws {
    let test = try ScoreTests()
    let server = try JudgeServer(delay: 0.004)
    defer { server.stop() }
    let texts = (0..<(ScoreKillTests.kills * 60)).map { "A plain text, number \($0)." }
    try test.ingest(texts)
    let arguments = test.options(
      server,
      ["--quiet", "--concurrency", "\(ScoreKillTests.concurrency)"]
    )
    var numbers = SeededNumbers(4_711)
    var landed = 0
    for kill in 0..<ScoreKillTests.kills {
      let before = server.seen.questions
      let process = Process()
      process.executableURL = URL(filePath: Program.path)
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // From before the first request to after some dozen.
      let wanted = server.seen.total + Int.random(in: 0...50, using: &numbers)
      let deadline = Date().addingTimeInterval(10)
      while server.seen.total < wanted, process.isRunning, Date() < deadline {
        Thread.sleep(forTimeInterval: 0.001)
      }
      Thread.sleep(forTimeInterval: Double.random(in: 0...0.01, using: &numbers))
      _ = Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { landed += 1 }
      // What is asked without an answer in the index is what was under way.
      let asked = server.seen.questions
      let answered = try committed(test)
      let lost = asked.keys.filter { !answered.contains($0) }
      #expect(lost.count <= ScoreKillTests.concurrency, "kill \(kill): \(lost.count) lost")
      let repeated = asked.filter { $0.value > before[$0.key, default: 0] && before[$0.key] != nil }
      #expect(repeated.count <= ScoreKillTests.concurrency, "kill \(kill)")
    }
    #expect(landed > ScoreKillTests.kills / 2)
    let before = server.seen.questions
    let answered = try committed(test)
    let result = try Program.run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    let after = server.seen.questions
    for text in answered { #expect(after[text] == before[text], "\(text) was asked again") }
    #expect(try committed(test).count == texts.count)
    // Over all kills, no more repeats than were under way at each.
    #expect(server.seen.total - texts.count <= ScoreKillTests.kills * ScoreKillTests.concurrency)
    let verified = try Program.run(["verify", "-w", test.workspace, "--quiet"])
    #expect(verified.status == 0, "\(verified.output)")
  }

  /// The texts whose answers are in the index.
  private func committed(_ test: ScoreTests) throws -> Set<String> {
    let queue = try DatabaseQueue(path: test.workspace + "/corpus.sqlite")
    defer { try? queue.close() }
    return try queue.read { database in
      try String.fetchSet(
        database,
        sql: """
          SELECT preview FROM document JOIN judgment ON judgment.textHash = document.textHash
          """
      )
    }
  }
}
