import Foundation
import TestSupport
import Testing

/// What the program does when its output is full, closed or nobody reads it.
@Suite struct StandardStreamsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("s.txt", "One dog ran home. It was late.\n<|endoftext|>\n")
  }

  /// Runs the program under a shell, which can close and redirect its streams.
  func shell(_ arguments: String, _ streams: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "'\(Program.path)' \(arguments) \(streams)"]
    process.currentDirectoryURL = URL(filePath: folder.path)
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  @Test(arguments: ["2>/dev/full", "2>&-", "<&- >&- 2>&-"])
  func `a message that nobody can read changes no exit status`(streams: String) throws {
    #expect(try shell("ingest tinystories nowhere -w w", streams) == 1)
    #expect(try shell("ingest nothing nowhere -w w", streams) == 64)
    #expect(try shell("ingest tinystories s.txt -w w", streams) == 0)
  }

  @Test func `a result that cannot be written is a failure`() throws {
    #expect(try shell("ingest tinystories s.txt -w w", ">/dev/full 2>/dev/null") == 1)
    #expect(try shell("status -w w", ">/dev/full 2>/dev/null") == 1)
    let tokenizer = Program.root + "/Tests/TokenizationTests/Fixtures/tokenizer.json"
    try folder.write("s.ids", "5 6\n")
    #expect(try shell("tokenizer decode '\(tokenizer)'", "<s.ids >/dev/null") == 0)
    #expect(
      try shell("tokenizer decode '\(tokenizer)'", "<s.ids >/dev/full 2>/dev/null") == 1
    )
  }

  @Test func `what is printed lands in no file of the workspace`() throws {
    #expect(try shell("ingest tinystories s.txt -w w", ">&- 2>&- <&-") == 0)
    let owner = try String(contentsOfFile: folder("w/.lock"), encoding: .utf8)
    #expect(owner.hasPrefix("process ") && owner.hasSuffix("Z"), "\(owner)")
  }
}
