import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport
import Testing

/// What `verify` finds and `repair` mends.
@Suite struct VerifyTests {
  let campaign: StoreCampaign
  let workspace: String

  init() throws {
    campaign = try StoreCampaign(words: 120_000)
    workspace = campaign.folder("undisturbed")
  }

  func verify(_ path: String? = nil) throws -> VerificationReport {
    try StageContext(workspace: .openForChecking(path ?? workspace)).verify()
  }

  /// Changes a copy of the workspace and returns its path.
  func damaged(_ name: String, _ change: (String) throws -> Void) throws -> String {
    let copy = campaign.folder(name)
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: workspace, toPath: copy)
    try change(copy)
    return copy
  }

  func execute(_ sql: String, in workspace: String) throws {
    let queue = try DatabaseQueue(path: workspace + "/corpus.sqlite")
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  func flip(_ path: String, at place: Int, bit: Int) throws {
    var bytes = Array(try Data(contentsOf: URL(filePath: path)))
    bytes[place] ^= 1 << UInt8(bit)
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func `a sound workspace is sound, and so is its copy elsewhere`() throws {
    let report = try verify()
    #expect(report.isSound && report.notes.isEmpty, "\(report)")
    let web = try #require(report.parts.first { $0.name == "source web" })
    #expect(web.counts["frames", default: 0] >= 3)
    #expect(web.counts["words", default: 0] >= 120_000)
    let copy = try damaged("copy") { try FileManager.default.removeItem(atPath: $0 + "/.lock") }
    #expect(try verify(copy).isSound)
  }

  @Test func `a flipped bit in any file is found there`() throws {
    var numbers = SeededNumbers(7)
    for name in campaign.expected.fileNames {
      let path = workspace + "/" + name
      let good = try Data(contentsOf: URL(filePath: path))
      for _ in 0..<3 {
        let place = Int.random(in: 0..<good.count, using: &numbers)
        try flip(path, at: place, bit: Int.random(in: 0..<8, using: &numbers))
        let report = try verify()
        #expect(
          report.findings.contains { $0.place.contains(name) },
          "\(name), byte \(place): \(report.findings)"
        )
        try good.write(to: URL(filePath: path))
      }
    }
    #expect(try verify().isSound)
  }

  /// Statements that make a row untrue, and words of the finding.
  static let untruths: [(sql: String, words: String)] = [
    ("UPDATE document SET words = words + 1 WHERE ordinal = 3", "other words or bytes"),
    ("UPDATE document SET bytes = bytes - 1 WHERE ordinal = 3", "other words or bytes"),
    ("UPDATE document SET textHash = lower(hex(zeroblob(32))) WHERE ordinal = 3", "whose hash"),
    ("UPDATE document SET key = key || 'x' WHERE ordinal = 3", "columns"),
    ("UPDATE document SET file = 'x' WHERE ordinal = 3", "columns"),
    ("UPDATE document SET line = 9999 WHERE ordinal = 3", "columns"),
    ("UPDATE document SET license = 'x' WHERE ordinal = 3", "columns"),
    ("UPDATE document SET preview = preview || 'x' WHERE ordinal = 3", "columns"),
    (
      """
      PRAGMA foreign_keys = OFF;
      UPDATE attribute SET document = lower(hex(zeroblob(16)))
      WHERE document = (SELECT id FROM document WHERE source = 'web' AND ordinal = 3);
      UPDATE document SET id = lower(hex(zeroblob(16))) WHERE source = 'web' AND ordinal = 3
      """,
      "identity"
    ),
    ("UPDATE document SET frameLine = 99 WHERE ordinal = 3", "number its lines"),
    ("UPDATE document SET frameOffset = 10 WHERE source = 'web' AND ordinal = 3", "another frame"),
    ("UPDATE document SET frameLength = 1000000000 WHERE source = 'web'", "beyond the end"),
    ("UPDATE document SET shard = 'web-00009.jsonl.zst' WHERE source = 'web'", "does not list"),
    ("UPDATE document SET ordinal = 100000 WHERE source = 'web' AND ordinal = 3", "ordinals"),
    ("DELETE FROM document WHERE source = 'web' AND ordinal = 3", "no row"),
    ("DELETE FROM document WHERE source = 'web' AND frameOffset = 0", "no frame of the index"),
    ("UPDATE shard SET sha256 = lower(hex(zeroblob(32)))", "whose digest"),
    ("UPDATE shard SET bytes = bytes + 1", "the index says"),
    ("UPDATE shard SET documents = documents + 1", "rows lie in this shard"),
    ("DELETE FROM selectedDocument WHERE position = 2", "the positions of"),
    ("UPDATE selectedDocument SET words = words + 1 WHERE position = 2", "the manifest"),
    (
      "UPDATE selectedDocument SET bytes = 100000000 WHERE position = 2", "keep more words or bytes"
    ),
    (
      "UPDATE selectedDocument SET document = lower(hex(zeroblob(16))) WHERE position = 2 AND split = 'train'",
      "does not have"
    ),
    ("UPDATE tokenizer SET sha256 = lower(hex(zeroblob(32)))", "tokenizer"),
    ("UPDATE tokenizer SET vocabularySize = 7", "tokenizer"),
    ("DELETE FROM tokenRange WHERE firstToken = 0", "token ranges"),
    (
      "UPDATE tokenRange SET document = lower(hex(zeroblob(16))) WHERE firstToken = 0",
      "token range"
    ),
    ("UPDATE output SET bytes = bytes + 1", "the ledger says"),
    ("PRAGMA foreign_keys = OFF; DELETE FROM source WHERE name = 'childes'", "that is not there"),
  ]

  @Test func `a row that is not true is found`() throws {
    for (sql, words) in VerifyTests.untruths {
      let copy = try damaged("rows") { try execute(sql, in: $0) }
      let report = try verify(copy)
      #expect(
        report.findings.contains { $0.what.contains(words) },
        "\(sql): \(report.findings)"
      )
      #expect(report.findings.allSatisfy { $0.remedy.contains("blalm repair") })
    }
  }

  @Test func `files that nothing refers to and missing ones are found`() throws {
    let copy = try damaged("files") { path in
      let shards = path + "/shards/"
      try FileManager.default.copyItem(
        atPath: shards + "web-00000.jsonl.zst",
        toPath: shards + "web-00003.jsonl.zst"
      )
      try Data([1]).write(to: URL(filePath: shards + "x.partial"))
      try Data([1]).write(to: URL(filePath: path + "/selections/main/notes.txt"))
      try FileManager.default.removeItem(atPath: path + "/tokens/main--main/dev-00000.idx")
      try FileManager.default.removeItem(atPath: path + "/shards/childes-00000.jsonl.zst")
    }
    let report = try verify(copy)
    for name in ["web-00003", "x.partial", "dev-00000.idx", "childes-00000"] {
      #expect(report.findings.contains { $0.place.contains(name) }, "\(name)")
    }
    #expect(report.notes.contains { $0.contains("notes.txt") })
    let result = try Program.run(["verify", "-w", copy, "--json", "--quiet"])
    #expect(result.status == 1 && result.output.contains("\"isSound\":false"))
  }

  @Test func `an interrupted verification stops`() throws {
    let stop = StopSignal()
    stop.request()
    let context = StageContext(workspace: try .openForChecking(workspace), stop: stop)
    #expect(throws: Interrupted.self) { try context.verify() }
  }

  /// Damage of every kind, by name.
  static let damages: [String: @Sendable (String) throws -> Void] = [
    "lost index": { path in
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: path + "/corpus.sqlite" + suffix)
      }
    },
    "index of garbage": {
      try Data(repeating: 0x41, count: 9_000).write(to: URL(filePath: $0 + "/corpus.sqlite"))
    },
    "index cut in half": { path in
      let data = try Data(contentsOf: URL(filePath: path + "/corpus.sqlite"))
      try data.prefix(data.count / 2).write(to: URL(filePath: path + "/corpus.sqlite"))
    },
    "empty index": { try Data().write(to: URL(filePath: $0 + "/corpus.sqlite")) },
    "index overwritten inside": { path in
      var data = try Data(contentsOf: URL(filePath: path + "/corpus.sqlite"))
      data.replaceSubrange(20_000..<60_000, with: Data(repeating: 0x5a, count: 40_000))
      try data.write(to: URL(filePath: path + "/corpus.sqlite"))
    },
    "shard cut": { path in
      let data = try Data(contentsOf: URL(filePath: path + "/shards/web-00000.jsonl.zst"))
      try data.prefix(data.count * 2 / 3).write(
        to: URL(filePath: path + "/shards/web-00000.jsonl.zst")
      )
    },
    "shard overwritten inside": { path in
      var data = try Data(contentsOf: URL(filePath: path + "/shards/web-00000.jsonl.zst"))
      data.replaceSubrange(3_000..<3_100, with: Data(repeating: 0x28, count: 100))
      try data.write(to: URL(filePath: path + "/shards/web-00000.jsonl.zst"))
    },
    "shard lost": {
      try FileManager.default.removeItem(atPath: $0 + "/shards/childes-00000.jsonl.zst")
    },
    "leftovers": { path in
      try Data([1]).write(to: URL(filePath: path + "/shards/web-00005.jsonl.zst"))
      try Data([1]).write(to: URL(filePath: path + "/shards/web-00001.jsonl.zst.partial"))
      try FileManager.default.createDirectory(
        atPath: path + "/tokens/main--main.partial",
        withIntermediateDirectories: true
      )
    },
    "selection changed": {
      try Data([65]).write(to: URL(filePath: $0 + "/selections/main/web.train"))
    },
    "folder in the place of a file": { path in
      try FileManager.default.removeItem(atPath: path + "/selections/main/web.dev")
      try FileManager.default.createDirectory(
        atPath: path + "/selections/main/web.dev",
        withIntermediateDirectories: false
      )
    },
    "manifest that names other folders": { path in
      let manifest = path + "/selections/main/manifest.json"
      let text = try String(contentsOfFile: manifest, encoding: .utf8)
      try Data(text.replacing("web.dev", with: "..").utf8).write(to: URL(filePath: manifest))
    },
    "manifest lost": {
      try FileManager.default.removeItem(atPath: $0 + "/selections/main/manifest.json")
    },
    "tokenizer changed": {
      try Data([65]).write(to: URL(filePath: $0 + "/tokenizers/main/tokenizer.json"))
    },
    "token shards lost": { try FileManager.default.removeItem(atPath: $0 + "/tokens") },
    "token shard cut": {
      try Data(count: 64).write(to: URL(filePath: $0 + "/tokens/main--main/dev-00000.bin"))
    },
  ]

  @Test func `a person's own folder among blalm's is told of, and stays`() throws {
    let own = [
      "selections/notes/a.txt", "tokenizers/other/tokenizer.json", "tokens/x--y/train.bin",
    ]
    let copy = try damaged("own") { path in
      for name in own {
        let file = URL(filePath: path + "/" + name)
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("my own".utf8).write(to: file)
      }
      // A copy that a person has changed.
      let selections = path + "/selections/"
      try FileManager.default.copyItem(atPath: selections + "main", toPath: selections + "mine")
      try Data("my own".utf8).write(to: URL(filePath: selections + "mine/web.train"))
    }
    let report = try verify(copy)
    #expect(report.isSound, "\(report.findings)")
    for name in own + ["selections/mine/web.train"] {
      let folder = name.split(separator: "/")[..<2].joined(separator: "/")
      #expect(report.notes.contains { $0.contains(folder) }, "\(name): \(report.notes)")
    }
    #expect(try Program.run(["repair", "-w", copy, "--quiet"]).status == 0)
    for name in own + ["selections/mine/web.train"] {
      #expect(try Data(contentsOf: URL(filePath: copy + "/" + name)) == Data("my own".utf8))
    }
  }

  @Test func `no damaged index takes the place of an earlier one that was put aside`() throws {
    let first = Data(repeating: 0x41, count: 9_000)
    let copy = try damaged("twice") { try first.write(to: URL(filePath: $0 + "/corpus.sqlite")) }
    #expect(try Program.run(["repair", "-w", copy, "--quiet"]).status == 0)
    // As a full disk leaves it at the first repair.
    try Data().write(to: URL(filePath: copy + "/corpus.sqlite"))
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: copy + "/corpus.sqlite" + suffix)
    }
    let empty = try Program.run(["verify", "-w", copy, "--quiet"])
    #expect(empty.status == 1 && empty.errors.contains("run `blalm repair`"), "\(empty)")
    let repaired = try Program.run(["repair", "-w", copy, "--quiet"])
    #expect(repaired.status == 0 && repaired.output.contains(".damaged-2"), "\(repaired)")
    #expect(try Data(contentsOf: URL(filePath: copy + "/corpus.sqlite.damaged")) == first)
    #expect(try Data(contentsOf: URL(filePath: copy + "/corpus.sqlite.damaged-2")).isEmpty)
  }

  @Test func `what was damaged is repaired, verifies, and is built to the same bytes`() throws {
    func names(_ path: String) throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        .filter { !$0.hasPrefix("corpus.sqlite-") }
    }
    for (name, damage) in VerifyTests.damages.sorted(by: { $0.key < $1.key }) {
      let copy = try damaged("damaged", damage)
      #expect(try Program.run(["verify", "-w", copy, "--quiet"]).status == 1, "\(name)")
      let before = try names(copy)
      let plan = try Program.run(["repair", "-w", copy, "--quiet", "--dry-run"])
      #expect(plan.status == 0 && plan.output.hasPrefix("would "), "\(name): \(plan)")
      #expect(try names(copy) == before, "\(name)")
      let repair = try Program.run(["repair", "-w", copy, "--quiet"])
      #expect(repair.status == 0, "\(name): \(repair.output)\(repair.errors)")
      try campaign.expectSound(copy, "\(name), repaired")
      try campaign.expectUndisturbed(copy, "\(name), built again")
    }
  }

  @Test func `repair keeps what can be read of a damaged shard`() throws {
    let copy = try damaged("kept", VerifyTests.damages["shard overwritten inside"] ?? { _ in })
    #expect(try Program.run(["repair", "-w", copy, "--quiet"]).status == 0)
    func documents(_ path: String) throws -> Int {
      try Workspace.openForReading(path).index.sourceSummaries().reduce(0) { $0 + $1.documents }
    }
    let all = try documents(workspace)
    let kept = try documents(copy)
    #expect(kept > all / 4 && kept < all, "\(kept) of \(all)")
    let status = try Program.run(["status", "-w", copy])
    #expect(!status.output.contains("ingest web") && status.output.contains("ingest childes"))
  }

  @Test func `repair of a sound workspace changes nothing`() throws {
    let copy = try damaged("sound") { _ in }
    let repair = try Program.run(["repair", "-w", copy, "--quiet"])
    #expect(repair.status == 0 && repair.output.contains("nothing to repair"), "\(repair)")
    #expect(try Outcome(of: copy).differences(from: campaign.expected) == [])
    #expect(try Program.run(["repair", "-w", campaign.folder("nowhere")]).status == 1)
  }
}
