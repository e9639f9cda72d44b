import Documents
import Files
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// Several processes and threads at one workspace.
@Suite struct ConcurrencyTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  func fill(_ workspace: Workspace, _ range: Range<Int>) throws {
    try workspace.replaceSource(
      "tales",
      record: SourceRecord(format: "tinystories", options: "{}", files: []),
      stage: "ingest tales"
    ) {
      replacement in
      for index in range {
        let document = Document(
          source: "tales",
          key: "k\(index)",
          text: "Tale \(index).",
          license: "CC0-1.0",
          origin: Origin(file: "tales.txt", line: index + 1)
        )
        try replacement.append(try PreparedDocument(document))
      }
    }
  }

  @Test func `two readers see whole states while a writer replaces a source`() async throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, 0..<40)
    final class Flag: Sendable { let isSet = Atomic<Bool>(false) }
    let done = Flag()
    let path = folder("w")
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<2 {
        group.addTask {
          var looks = 0
          while !done.isSet.load(ordering: .relaxed) || looks < 5 {
            let index = try Workspace.openForReading(path).index
            let summary = try index.summary()
            // 40 documents of two words, or 70: never a mixture, never none.
            let source = try #require(summary.sources.first)
            #expect(source.documents == 40 || source.documents == 70, "\(source)")
            #expect(source.words == 2 * source.documents)
            looks += 1
          }
          return looks
        }
      }
      for round in 0..<30 { try fill(workspace, round.isMultiple(of: 2) ? 30..<100 : 0..<40) }
      done.isSet.store(true, ordering: .relaxed)
      for try await looks in group { #expect(looks >= 5) }
    }
  }

  /// Needs the `sqlite3` program; skipped where it is not installed.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
  func `the sqlite3 shell reads the state before a transaction while it goes on`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, 0..<3)
    var seen = ""
    try workspace.replaceSource(
      "tales",
      record: SourceRecord(format: "tinystories", options: "{}", files: []),
      stage: "ingest tales"
    ) {
      replacement in
      let document = Document(
        source: "tales",
        key: "k9",
        text: "Tale 9.",
        license: "CC0-1.0",
        origin: Origin(file: "tales.txt", line: 9)
      )
      try replacement.append(try PreparedDocument(document))
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/sqlite3")
      process.arguments = [folder("w/corpus.sqlite"), "SELECT count(*) FROM document"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      seen = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
    }
    #expect(seen == "3\n")
    #expect(try workspace.index.sourceSummaries().map(\.documents) == [1])
  }

  @Test func `a refused writer learns the owner's process, command and time`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let failure = try #require(throws: Failure.self) {
      _ = try Workspace.openForWriting(workspace.path)
    }
    #expect(failure.what.contains("process \(getpid()), `"), "\(failure)")
    #expect(failure.what.contains(/since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/), "\(failure)")
    let checking = try #require(throws: Failure.self) {
      _ = try Workspace.openForChecking(workspace.path)
    }
    #expect(checking.what.contains("process \(getpid())"))
  }

  @Test func `a lock's file that a dead process left is no obstacle`() throws {
    try folder.write(
      "w/.lock",
      "process 999999999, `blalm build x.yaml`, since 2020-01-01T00:00:00Z"
    )
    let workspace = try Workspace.openForWriting(folder("w"))
    let owner = try String(contentsOfFile: folder("w/.lock"), encoding: .utf8)
    #expect(owner.hasPrefix("process \(getpid()), `"))
    #expect(try workspace.index.stages().isEmpty)
  }

  @Test func `those who check keep writers out, not each other`() throws {
    do { try fill(try Workspace.openForWriting(folder("w")), 0..<3) }
    let first = try Workspace.openForChecking(folder("w"))
    let second = try Workspace.openForChecking(folder("w"))
    let failure = try #require(throws: Failure.self) {
      _ = try Workspace.openForWriting(folder("w"))
    }
    #expect(failure.what.contains("blalm verify"), "\(failure)")
    #expect(try first.index.stages() == second.index.stages())
  }

  @Test func `shards that were entered but had no names yet get them`() throws {
    do { try fill(try Workspace.openForWriting(folder("w")), 0..<3) }
    let shard = folder("w/shards/tales-00000.jsonl.zst")
    let bytes = try Data(contentsOf: URL(filePath: shard))
    // As a kill leaves it between the transaction and the renaming, over an earlier shard.
    try FileManager.default.moveItem(atPath: shard, toPath: shard + partialSuffix)
    try folder.write("w/shards/tales-00000.jsonl.zst", "earlier")
    try folder.write("w/shards/tales-00001.jsonl.zst" + partialSuffix, "unfinished")
    do { _ = try Workspace.openForWriting(folder("w")) }
    #expect(try Data(contentsOf: URL(filePath: shard)) == bytes)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder("w/shards"))
        == ["tales-00000.jsonl.zst"]
    )
  }
}
