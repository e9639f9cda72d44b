import Documents
import Files
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct ShardGatheringTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Texts that a JSON writer must escape, and some that it need not.
  static let pieces = [
    "\"", "\\", "\n", "\t", "/", "\u{e9}", "\u{1f9f8}", "\u{2028}", "\u{7f}", "\u{fffd}", "</a>",
    " ",
    "\\u0041", "{\"text\":\"", "\"}", "word", "\u{10ffff}", "\u{0}", "\u{1f}", "\r",
  ]

  func text(_ random: inout SeededNumbers) -> String {
    (0..<Int.random(in: 0...40, using: &random))
      .map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
  }

  func documents(_ count: Int, source: String, _ random: inout SeededNumbers) -> [Document] {
    (0..<count).map { index in
      Document(
        source: source,
        key: "\(index) " + text(&random),
        text: text(&random)
          + String(repeating: "A long line. ", count: index % 50 == 0 ? 3_000 : 1),
        license: "CC0-1.0",
        origin: Origin(file: "a\"b.txt", line: index % 3 == 0 ? nil : index + 1),
        metadata: [
          "title": .text(text(&random)),
          "deep": .list([.object(["a}": .text("]\"")]), .number(1.5)]),
        ]
      )
    }
  }

  @Test func `shards and places are the same for any number of threads that compress`() throws {
    var random = SeededNumbers(5)
    // Fourteen frames and more, so that some wait for others.
    let documents = (0..<2_000).map { index in
      Document(
        source: "one",
        key: "\(index)",
        text: (0..<150).map { _ in String(UInt64.random(in: 0...(.max), using: &random)) }
          .joined(separator: " "),
        license: "CC0-1.0",
        origin: Origin(file: "a.txt", line: index + 1)
      )
    }
    var shards: [Data] = []
    var places: [[ShardPlace]] = []
    for threads in [1, 2, 5] {
      let workspace = try Workspace.openForWriting(folder("threads\(threads)"))
      let record = SourceRecord(format: "tinystories", options: "{}", files: [])
      try workspace.replaceSource("one", record: record, stage: "ingest one", threads: threads) {
        for document in documents { try $0.append(try PreparedDocument(document)) }
      }
      let file = workspace.path(of: "shards/one-00000.jsonl.zst")
      shards.append(try Data(contentsOf: URL(filePath: file)))
      places.append(
        try workspace.index.candidates(of: "one").sorted { $0.id < $1.id }.map(\.place)
      )
    }
    #expect(Set(places[0].map(\.frameOffset)).count > 14)
    #expect(shards[0] == shards[1] && shards[0] == shards[2])
    #expect(places[0] == places[1] && places[0] == places[2])
  }

  @Test func `what is gathered in any order is what single reads give`() throws {
    var random = SeededNumbers(11)
    let workspace = try Workspace.openForWriting(folder("w"))
    var requests: [ShardGathering.Request] = []
    var expected: [Document] = []
    for source in ["one", "two"] {
      let documents = documents(400, source: source, &random)
      let record = SourceRecord(format: "tinystories", options: "{}", files: [])
      try workspace.replaceSource(source, record: record, stage: "ingest \(source)") {
        replacement in
        for document in documents { try replacement.append(try PreparedDocument(document)) }
      }
      let places = Dictionary(
        uniqueKeysWithValues: try workspace.index.candidates(of: source).map { ($0.id, $0.place) }
      )
      expected += documents
      requests += try documents.map {
        ShardGathering.Request(id: $0.id, place: try #require(places[$0.id]), bytes: .max)
      }
    }
    #expect(Set(requests.map(\.place.frameOffset)).count > 2)
    let order = requests.indices.shuffled(using: &random)
    let found = try ShardGathering(workspace)
      .documents(order.map { requests[$0] }, withMetadata: true)
    for (index, found) in zip(order, found) {
      let document = expected[index]
      #expect(found.text == Array(document.text.utf8))
      let metadata = try #require(
        try JSONSerialization.jsonObject(with: Data(found.metadata)) as? [String: Any]
      )
      #expect(metadata["key"] as? String == document.key)
      #expect(metadata["title"].map { .text($0 as? String ?? "") } == document.metadata["title"])
      #expect(
        jsonValue(of: "license", in: found.metadata).map { Array($0) } == Array("\"CC0-1.0\"".utf8)
      )
      let line = jsonValue(of: "line", in: found.metadata).map {
        String(decoding: $0, as: UTF8.self)
      }
      #expect(line == document.origin.line.map { "\($0)" })
      #expect(jsonValue(of: "a}", in: found.metadata) == nil, "no name of an inner object")
    }
  }

  @Test func `a kept beginning is what is handed out`() throws {
    var random = SeededNumbers(3)
    let workspace = try Workspace.openForWriting(folder("w"))
    let document = documents(1, source: "one", &random)[0]
    let record = SourceRecord(format: "tinystories", options: "{}", files: [])
    try workspace.replaceSource("one", record: record, stage: "ingest one") {
      try $0.append(try PreparedDocument(document))
    }
    let row = try #require(try workspace.index.candidates(of: "one").first)
    for bytes in [0, 1, 77, row.bytes, row.bytes + 1] {
      let request = ShardGathering.Request(id: row.id, place: row.place, bytes: bytes)
      let found = try ShardGathering(workspace).documents([request], withMetadata: false)
      #expect(found[0].text == Array(document.text.utf8.prefix(bytes)))
      #expect(found[0].metadata.isEmpty)
    }
  }

  /// Skips without the program `zstd`, which makes a shard that is whole but not ours.
  @Test(.enabled(if: hasZstd, "needs the program zstd"))
  func `lines that are no documents are refused, however they are broken`() throws {
    let workspace = try Workspace.openForWriting(folder("w"))
    let id = DocumentID(source: "tales", key: "1")
    let good = Array(
      #"{"id":"\#(id)","metadata":{"key":"1","a":[{}]},"source":"tales","text":"a\u00e9\ud83e\uddf8\"b"}"#
        .utf8
    )
    var random = SeededNumbers(5)
    var lines = (0..<good.count).map { Array(good[..<$0]) } + [good + good, []]
    let damage = Array("\"\\{}[]:,u09\u{1}".utf8)
    for _ in 0..<2_000 {
      var line = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        line[Int.random(in: 0..<line.count, using: &random)] =
          damage.randomElement(using: &random) ?? 0
      }
      lines.append(line)
    }
    for escape in [#"\ud83e"#, #"\ud83e\u0041"#, #"\udfff"#, #"\u12"#, #"\x"#, #"\"#] {
      let bytes = Array(escape.utf8)
      lines.append(good.dropLast(2) + bytes + Array("\"}".utf8))
    }
    let name = "tales-00000.jsonl.zst"
    let path = try folder.write("lines", lines.flatMap { $0 + [10] } + good + [10])
    try shell("zstd -q -f '\(path)' -o '\(folder("w"))/shards/\(name)'")
    let size = try Data(contentsOf: URL(filePath: folder("w/shards/" + name))).count
    func read(_ line: Int) throws -> [UInt8] {
      let place = ShardPlace(shard: name, frameOffset: 0, frameLength: size, line: line)
      let request = ShardGathering.Request(id: id, place: place, bytes: .max)
      return try ShardGathering(workspace).documents([request], withMetadata: true)[0].text
    }
    var refused = 0
    for line in lines.indices {
      do {
        _ = try read(line)
      } catch let failure as Failure {
        refused += 1
        #expect(failure.place.hasSuffix("\(name), offset 0"))
      }
    }
    #expect(refused >= good.count + 5, "every cut line and nearly every bad escape")
    #expect(String(decoding: try read(lines.count), as: UTF8.self) == "a\u{e9}\u{1f9f8}\"b")
    #expect(throws: Failure.self) { _ = try read(lines.count + 1) }
  }
}

private let hasZstd = (try? shell("zstd --version > /dev/null")) != nil

private struct ShellFailure: Error {}

private func shell(_ command: String) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", command]
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw ShellFailure() }
}
