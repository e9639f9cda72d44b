import Documents
import Files
import Foundation
import GRDB
import Storage
import TestSupport
import Testing

@Suite struct StorageTests {
  let folder: TemporaryFolder

  let record = SourceRecord(
    format: "tinystories",
    options: "{}",
    files: [SourceRecord.File(file: "tales.txt", sha256: SHA256.hash("tales").description)]
  )

  init() throws {
    folder = try TemporaryFolder()
  }

  func document(_ index: Int, text: String? = nil, source: String = "tales") -> Document {
    Document(
      source: source,
      key: "k\(index)",
      text: text ?? "Tale \(index) \u{e9}\n\"quoted\" / end.",
      license: "CC0-1.0",
      origin: Origin(file: "tales.txt", line: index + 1),
      metadata: ["title": .text("T\(index)"), "score": .number(0.5), "tags": .list([.integer(1)])]
    )
  }

  func fill(
    _ workspace: Workspace,
    source: String = "tales",
    _ documents: [Document],
    rejections: [Rejection] = []
  ) throws {
    try workspace.replaceSource(source, record: record, stage: "ingest \(source)") {
      replacement in
      for document in documents {
        try replacement.append(try PreparedDocument(document))
      }
      for rejection in rejections { try replacement.append(rejection) }
    }
  }

  @Test func `documents come back whole from their places, across many frames`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let long = String(repeating: "A long line of words. ", count: 20_000)
    let documents = (0..<300).map { document($0, text: $0 % 97 == 5 ? long : nil) }
    try fill(workspace, documents)
    let rows = try workspace.index.candidates(of: "tales")
    #expect(rows.map(\.id) == documents.map(\.id))
    #expect(Set(rows.map(\.place.frameOffset)).count > 2)
    var reader = ShardReader(workspace, cacheBytes: 1_000_000)
    for index in rows.indices.reversed() {
      #expect(try reader.document(rows[index].id, at: rows[index].place) == documents[index])
    }
  }

  @Test func `a shard is JSON Lines for other programs`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, (0..<3).map { document($0) })
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "zstd -dc \(folder("w"))/shards/tales-00000.jsonl.zst"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let lines = output.split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 3)
    let first = try #require(try JSONSerialization.jsonObject(with: lines[0]) as? [String: Any])
    #expect(first["id"] as? String == document(0).id.description)
    #expect(first["text"] as? String == document(0).text)
    let metadata = try #require(first["metadata"] as? [String: Any])
    #expect(metadata["file"] as? String == "tales.txt")
    #expect(metadata["title"] as? String == "T0")
  }

  @Test func `replacing a source replaces its rows, rejections and files`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let rejection = Rejection(reason: "empty", origin: Origin(file: "a", line: 3))
    try fill(workspace, (0..<5).map { document($0) }, rejections: [rejection, rejection])
    try fill(workspace, source: "other", [document(0, source: "other")])
    #expect(try workspace.index.sourceSummaries().map(\.documents) == [1, 5])
    try fill(workspace, [document(7)])
    let summary = try #require(try workspace.index.sourceSummaries().last)
    #expect(summary.documents == 1 && summary.rejections.isEmpty)
    #expect(try workspace.index.candidates(of: "other").count == 1)
  }

  @Test func `an error on the way leaves rows and files as they were`() throws {
    struct Stop: Error {}
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, (0..<5).map { document($0) })
    let shard = folder("w/shards/tales-00000.jsonl.zst")
    let before = try Data(contentsOf: URL(filePath: shard))
    #expect(throws: Stop.self) {
      try workspace.replaceSource("tales", record: record, stage: "ingest tales") {
        replacement in
        try replacement.append(try PreparedDocument(document(9)))
        throw Stop()
      }
    }
    #expect(try workspace.index.candidates(of: "tales").count == 5)
    #expect(try Data(contentsOf: URL(filePath: shard)) == before)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("w/shards"))
    #expect(names == ["tales-00000.jsonl.zst"])
  }

  @Test func `two writers do not meet, and the second learns who the first is`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let failure = try #require(throws: Failure.self) {
      _ = try Workspace.openForWriting(folder("w"))
    }
    #expect(failure.what.contains("process \(getpid())"))
    #expect(try Workspace.openForReading(workspace.path).index.stages().isEmpty)
  }

  @Test func `a newer schema is refused and left alone`() throws {
    do { _ = try Workspace.openForWriting(folder("w")) }
    let queue = try DatabaseQueue(path: folder("w/corpus.sqlite"))
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 from the future')")
    }
    try queue.close()
    for open in [{ try Workspace.openForWriting($0) }, Workspace.openForReading] {
      let failure = try #require(throws: Failure.self) { _ = try open(folder("w")) }
      #expect(failure.what.contains("newer"))
      #expect(failure.place.hasSuffix("corpus.sqlite"))
    }
  }

  @Test func `what is no workspace, or cannot be one, is refused`() throws {
    try folder.write("file", "x")
    #expect(throws: Failure.self) { _ = try Workspace.openForWriting(folder("file/w")) }
    #expect(throws: Failure.self) { _ = try Workspace.openForWriting("/proc/blalm") }
    #expect(throws: Failure.self) { _ = try Workspace.openForReading(folder("nowhere")) }
    try folder.write("broken/corpus.sqlite", String(repeating: "not a database ", count: 100))
    #expect(throws: Failure.self) { _ = try Workspace.openForWriting(folder("broken")) }
  }

  @Test func `a damaged or missing shard names file and offset`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, (0..<50).map { document($0) })
    let row = try #require(try workspace.index.candidates(of: "tales").first)
    let path = folder("w/shards/tales-00000.jsonl.zst")
    let good = Array(try Data(contentsOf: URL(filePath: path)))
    for index in stride(from: 0, to: good.count, by: 7) {
      var bad = good
      bad[index] ^= 0x41
      try Data(bad).write(to: URL(filePath: path))
      var reader = ShardReader(workspace)
      let failure = #expect(throws: Failure.self) { _ = try reader.document(row.id, at: row.place) }
      #expect(failure?.place.contains("tales-00000.jsonl.zst, offset 0") == true)
    }
    try FileManager.default.removeItem(atPath: path)
    var reader = ShardReader(workspace)
    #expect(throws: Failure.self) { _ = try reader.document(row.id, at: row.place) }
  }

  @Test func `a shard that is not the one that was indexed is refused`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    try fill(workspace, (0..<2).map { document($0) })
    let rows = try workspace.index.candidates(of: "tales")
    var reader = ShardReader(workspace)
    let failure = #expect(throws: Failure.self) {
      _ = try reader.document(rows[0].id, at: rows[1].place)
    }
    #expect(failure?.what.contains("indexed") == true)
  }

  @Test func `a committed transaction survives a power cut`() throws {
    let index = try Workspace.openForWriting(folder("w")).index
    let synchronous = try index.database.writeWithoutTransaction {
      try Int.fetchOne($0, sql: "PRAGMA synchronous")
    }
    #expect(synchronous == 2, "FULL, which syncs the log at each commit")
  }

  @Test func `a device or pipe has no digest`() throws {
    let index = try Workspace.openForWriting(folder("w")).index
    let failure = try #require(throws: Failure.self) { try index.digest(ofInput: "/dev/zero") }
    #expect(failure.place == "/dev/zero")
    try #require(unsafe mkfifo(folder("pipe"), 0o600) == 0)
    #expect(throws: Failure.self) { try index.digest(ofInput: folder("pipe")) }
  }

  @Test func `the ledger keeps, replaces and forgets stages`() throws {
    let index = try Workspace.openForWriting(folder("w")).index
    let record = StageRecord(
      name: "ingest tales",
      fingerprint: SHA256.hash("a").description,
      outputs: ["shards/x"],
      report: "{}",
      seconds: 1.5
    )
    try index.recordStage(record)
    #expect(try index.stage("ingest tales") == record)
    try index.forgetStage("ingest tales")
    #expect(try index.stage("ingest tales") == nil)
  }

  @Test func `an input's digest is computed again when the file changes`() throws {
    let index = try Workspace.openForWriting(folder("w")).index
    let path = try folder.write("input.txt", "one")
    #expect(try index.digest(ofInput: path) == SHA256.hash("one").description)
    try folder.write("input.txt", "three")
    #expect(try index.digest(ofInput: path) == SHA256.hash("three").description)
    #expect(throws: Failure.self) { try index.digest(ofInput: folder("missing")) }
  }

  @Test func `a selection's rows come back in its order`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let documents = (0..<4).map { document($0) }
    try fill(workspace, documents)
    let rows = [
      SelectionRow(
        id: documents[2].id,
        split: .train,
        position: 0,
        words: 5,
        bytes: 10,
        reason: "in"
      ),
      SelectionRow(
        id: documents[0].id,
        split: .train,
        position: 1,
        words: 5,
        bytes: 20,
        reason: "in"
      ),
      SelectionRow(
        id: documents[1].id,
        split: .dev,
        position: 0,
        words: 5,
        bytes: 20,
        reason: "in"
      ),
      SelectionRow(
        id: documents[3].id,
        split: nil,
        position: nil,
        words: 0,
        bytes: 0,
        reason: "out"
      ),
    ]
    try workspace.index.replaceSelection("main", settings: "{}", rows: rows)
    let train = try workspace.index.documents(in: "main", split: .train)
    #expect(train.map(\.row.id) == [documents[2].id, documents[0].id])
    #expect(train.map(\.keptBytes) == [10, 20])
    // The same source read again keeps the selection.
    try fill(workspace, documents)
    #expect(try workspace.index.documents(in: "main", split: .dev).count == 1)
    #expect(try workspace.index.selectionSummaries().map(\.words) == [10, 5])
  }
}
