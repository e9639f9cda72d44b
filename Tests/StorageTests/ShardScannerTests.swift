import Documents
import Files
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct ShardScannerTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Documents of many frames, one of them longer than the scanner's piece of a file.
  func workspace() throws -> (Workspace, [Document]) {
    let workspace = try Workspace.openForWriting(folder("w"))
    var numbers = SeededNumbers(5)
    let documents = (0..<400).map { index in
      // Random digits, which zstd cannot shrink below four bits each.
      let count = index == 123 ? 700_000 : 200
      let words = (0..<count).map { _ in String(UInt64.random(in: 0...UInt64.max, using: &numbers))
      }
      return Document(
        source: "tales",
        key: "k\(index)",
        text: words.joined(separator: " "),
        license: "CC0-1.0",
        origin: Origin(file: "tales.txt", line: index + 1),
        metadata: ["title": .text("T\(index)")]
      )
    }
    try workspace.replaceSource(
      "tales",
      record: SourceRecord(format: "text", options: "{}", files: []),
      stage: "ingest tales"
    ) { replacement in
      for document in documents { try replacement.append(try PreparedDocument(document)) }
    }
    return (workspace, documents)
  }

  @Test(arguments: [1, 3, 1_000])
  func `a scan yields every document in order, however many frames are taken at once`(
    limit: Int
  ) throws {
    let (workspace, documents) = try workspace()
    var scanner = try ShardScanner(workspace, source: "tales")
    var ids: [DocumentID] = []
    var texts: [String] = []
    var calls = 0
    while true {
      let frames = try scanner.next(limit)
      if frames.isEmpty { break }
      calls += 1
      #expect(frames.count <= limit)
      for frame in frames {
        let found = try frame.texts()
        ids += found.map(\.id)
        texts += found.map { String(decoding: $0.text, as: UTF8.self) }
      }
    }
    #expect(ids == documents.map(\.id))
    #expect(texts == documents.map(\.text))
    #expect(limit == 1_000 || calls > 2)
    #expect(try scanner.next(1).isEmpty)
  }

  @Test func `a source that is not there has no frames`() throws {
    let (workspace, _) = try workspace()
    var scanner = try ShardScanner(workspace, source: "none")
    #expect(try scanner.next(5).isEmpty)
  }

  @Test(arguments: [true, false])
  func `a cut or a changed shard is named with its offset`(isCut: Bool) throws {
    let (workspace, _) = try workspace()
    let path = workspace.path(of: "shards/tales-00000.jsonl.zst")
    var bytes = Array(try Data(contentsOf: URL(filePath: path)))
    if isCut { bytes.removeLast(1_000) } else { bytes[bytes.count - 1_000] ^= 0xff }
    try Data(bytes).write(to: URL(filePath: path))
    let failure = try #require(throws: Failure.self) {
      var scanner = try ShardScanner(workspace, source: "tales")
      for frame in try scanner.next(10_000) { _ = try frame.texts() }
    }
    #expect(failure.place.hasPrefix(path + ", offset "))
    try FileManager.default.removeItem(atPath: path)
    let missing = try #require(throws: Failure.self) {
      var scanner = try ShardScanner(workspace, source: "tales")
      _ = try scanner.next(1)
    }
    #expect(missing.what == "the shard is missing")
  }
}
