import Foundation
import GRDB
import TestSupport
import Testing

/// Choosing as a user does it, on the samples.
@Suite struct SelectionCommandTests {
  let folder: TemporaryFolder
  let samples = Program.root + "/data"

  init() throws {
    folder = try TemporaryFolder()
  }

  func run(_ arguments: String..., workspace: String = "w") throws -> Program.Result {
    try Program.run(arguments + ["-w", folder(workspace)])
  }

  func succeed(_ arguments: String..., workspace: String = "w") throws -> String {
    let result = try Program.run(arguments + ["-w", folder(workspace)])
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result.output
  }

  func ingest(workspace: String = "w", labels: String = "code") throws {
    let stories = "\(samples)/tinystories"
    _ = try succeed(
      "ingest",
      "childes",
      "\(samples)/childes",
      "-o",
      "labels=\(labels)",
      "-q",
      workspace: workspace
    )
    _ = try succeed("ingest", "tinystories", stories, "-q", workspace: workspace)
  }

  /// Each document's reason.
  func reasons(_ selection: String = "main", workspace: String = "w") throws -> [String: String] {
    let queue = try DatabaseQueue(path: folder(workspace + "/corpus.sqlite"))
    return try queue.read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT document, reason FROM selectedDocument WHERE selection = ?",
        arguments: [selection]
      )
      return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
  }

  @Test func `shares, filters, orders and limits go by options`() throws {
    try ingest()
    _ = try succeed(
      "select",
      "childes=25%",
      "tinystories=75%",
      "--words",
      "1_200",
      "--filter",
      "words < 500",
      "--order=-words",
      "--for",
      "childes.filter=targetChildAgeMonths > 20",
      "--for",
      "childes.limit=key/1=2",
      "--for",
      "tinystories.order=source",
      "--test-share",
      "0.1",
      "-q"
    )
    let reasons = try reasons()
    #expect(reasons.values.contains("out: the limit of its group"))
    let manifest = try String(
      contentsOfFile: folder("w/selections/main/manifest.json"),
      encoding: .utf8
    )
    #expect(manifest.contains("\"share\" : 0.25"))
    for (source, share) in [("childes", 300), ("tinystories", 900)] {
      let words = try String(
        contentsOfFile: folder("w/selections/main/\(source).train"),
        encoding: .utf8
      ).split(whereSeparator: \.isWhitespace).count
      #expect(words <= share && words > share - 40, "\(source): \(words)")
    }
  }

  @Test func `a dry run writes nothing, and compare sets two selections side by side`() throws {
    try ingest()
    let before = try FileManager.default.subpathsOfDirectory(atPath: folder("w")).sorted()
    let preview = try succeed("select", "childes=500", "tinystories", "--dry-run", "--by", "words")
    #expect(preview.contains("of 500 wanted") && preview.contains("words is at least"))
    #expect(preview.contains("not kept: out: the budget is met"))
    let json = try succeed(
      "select",
      "tinystories",
      "--dry-run",
      "--by",
      "words",
      "--at",
      "10,180.5",
      "--at-most",
      "--json"
    )
    #expect(json.contains("\"keeps\":\"at most\"") && json.contains("\"threshold\":180.5"))
    let after = try FileManager.default.subpathsOfDirectory(atPath: folder("w")).sorted()
    #expect(
      after.filter { !$0.hasPrefix("corpus.sqlite-") }
        == before.filter { !$0.hasPrefix("corpus.sqlite-") }
    )

    _ = try succeed("select", "childes=500", "-q", "--name", "one")
    _ = try succeed("select", "childes=800", "-q", "--name", "two")
    #expect(try succeed("compare", "one", "two").contains("both train on"))
    let comparison = try succeed("compare", "one", "two", "--json")
    #expect(comparison.contains("\"onlyFirst\":{\"documents\":0"))
    #expect(try run("compare", "one", "three").errors.contains("no selection `three`"))
  }

  @Test(arguments: [
    (["tinystories", "--filter", "1); DROP TABLE document; --"], "not opened"),
    (["tinystories", "--filter", "load_extension('x')"], "`load_extension`"),
    (["tinystories", "--order", "wordz"], "`words`"),
    (["tinystories=30%"], "no words"), (["tinystories=x%"], "no number of words"),
    (["tinystories", "--limit", "file"], "no limit"),
    (["tinystories", "--limit", "file=0"], "a limit of 0"),
    (["tinystories", "--for", "childes.order=words"], "--for"),
    (["tinystories", "--for", "tinystories.colour=red"], "`colour`"),
    (["tinystories", "--by", "words"], "--dry-run"),
    (["tinystories", "--dry-run", "--by", "words", "--at", "1,x"], "`x`"),
    (["tinystories", "--dry-run", "--by", "nope"], "`nope`"),
  ])
  func `what cannot be chosen by is bad usage`(arguments: [String], words: String) throws {
    _ = try succeed("ingest", "tinystories", samples + "/tinystories", "-q")
    let result = try Program.run(["select"] + arguments + ["-w", folder("w")])
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder("w/selections")))
  }

  @Test func `a source that falls short is an error, or others give its words`() throws {
    try ingest()
    let short = try run("select", "childes=100000", "tinystories=100")
    #expect(short.status == 1 && short.errors.contains("shortfall"))
    let shared = try succeed(
      "select",
      "childes=5000",
      "tinystories=100",
      "--shortfall",
      "share",
      "--json"
    )
    #expect(shared.contains("\"moved\":{\"childes\":-") && shared.contains("\"missing\":"))
  }

  @Test func `threads, the order of the inputs and the folder do not matter`() throws {
    // Two files each, given in either order; the second workspace is filled by one core, where the
    // system has `taskset`.
    let stories = try folder.write(
      "more.txt",
      (0..<200).map { "Story \($0) has a dog. It ran \($0 % 7) times.\n<|endoftext|>\n" }.joined()
    )
    let inputs = [samples + "/tinystories/stories.txt", stories]
    for (workspace, paths) in [("a", inputs), ("deep/b", inputs.reversed())] {
      let ingest = ["ingest", "tinystories"] + paths + ["-w", folder(workspace), "-q"]
      let select = ["select", "tinystories=900", "-w", folder(workspace), "-q"]
      for command in [ingest, select] {
        let taskset = "/usr/bin/taskset"
        let pinned = workspace != "a" && FileManager.default.isExecutableFile(atPath: taskset)
        let process = Process()
        process.executableURL = URL(filePath: pinned ? taskset : Program.path)
        process.arguments = (pinned ? ["-c", "0", Program.path] : []) + command
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
    }
    for file in ["tinystories.train", "tinystories.dev", "manifest.json"] {
      let paths = ["a", "deep/b"].map { folder("\($0)/selections/main/\(file)") }
      #expect(FileManager.default.contentsEqual(atPath: paths[0], andPath: paths[1]), "\(file)")
    }
    #expect(try reasons(workspace: "a") == reasons(workspace: "deep/b"))
  }

  @Test func `a changed cleaning rule changes texts, not ids or splits`() throws {
    try ingest(workspace: "a", labels: "code")
    try ingest(workspace: "b", labels: "none")
    for workspace in ["a", "b"] {
      _ = try succeed(
        "select",
        "childes",
        "--dev-share",
        "0.3",
        "--test-share",
        "0.2",
        "-q",
        workspace: workspace
      )
    }
    /// The side of a document, whether it found room there or not.
    func sides(_ workspace: String) throws -> [String: String] {
      try reasons(workspace: workspace).mapValues { reason in
        ["dev", "test"].first { reason.contains($0) } ?? "train"
      }
    }
    let first = try sides("a")
    #expect(first == (try sides("b")))
    #expect(Set(first.values).count > 1)
    let texts = try ["a", "b"].map {
      try String(contentsOfFile: folder("\($0)/selections/main/childes.train"), encoding: .utf8)
    }
    #expect(texts[0] != texts[1])
  }

  @Test func `a recipe makes several selections, and trains on the one it names`() throws {
    let recipe = try folder.write(
      "r.yaml",
      """
      name: r
      sources:
        childes:
          paths: \(samples)/childes
        tinystories:
          paths: \(samples)/tinystories
      selections:
        all:
        stories:
          filter: words > 180
          sources: {tinystories: {words: 1000, order: -words}}
      tokenizer:
        selection: stories
        vocabularySize: 300
      """
    )
    let build = try succeed("build", recipe, "-q")
    #expect(build.contains("select all") && build.contains("tokenize stories--main"))
    #expect(try succeed("build", recipe, "-q").contains("Nothing to do"))
    #expect(try reasons("stories").values.contains("out: the filter"))
    #expect(try reasons("all").count == 18)
  }

  /// Needs a user without the right to write: another one where the tests run as root.
  @Test(.enabled(if: ReadingUser.isThere))
  func `a filter is tried in a folder that one may only read`() throws {
    try ingest()
    let filtered = [
      "select", "childes=100", "--dry-run", "--filter", "words > 20", "-w", folder("w"),
    ]
    try ReadingUser.takeRights(on: [folder("."), folder("w"), folder("w/shards")])
    defer { ReadingUser.giveRights(on: [folder("w/shards"), folder("w"), folder(".")]) }
    let result = try ReadingUser.run(filtered)
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("nothing written"), "\(result.text)")
  }

  @Test func `what older marks would choose is not previewed`() throws {
    try ingest()
    _ = try succeed("dedupe", "-q")
    try ingest(labels: "none")
    for arguments in [["select", "childes=100"], ["select", "childes=100", "--dry-run"]] {
      let result = try Program.run(arguments + ["-w", folder("w")])
      #expect(result.status == 1, "\(result)")
      #expect(result.errors.contains("run `blalm dedupe` again"), "\(result)")
    }
  }

  @Test func `a key with a NUL is one key in the shard and in the index`() throws {
    let lines = #"""
      {"id":"a\u0000b","text":"One sentence stands here."}
      {"id":"a\u0000c","text":"Another sentence stands here."}
      {"id":"a","text":"A third sentence stands here."}
      """#
    let file = try folder.write("nul.jsonl", lines)
    let report = try succeed("ingest", "fineweb-edu", file, "-q")
    #expect(report.contains("3 in, 3 out"), "\(report)")
    _ = try succeed("verify", "-q")
  }
}

/// A user who may read the tests' folders and not write to them.
private enum ReadingUser {
  private static let isRoot = NSUserName() == "root"

  static var isThere: Bool { (try? run(["--version"]))?.status == 0 }

  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = (isRoot ? other : []) + [Program.path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  static func takeRights(on folders: [String]) throws {
    for folder in folders {
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
    }
  }

  static func giveRights(on folders: [String]) {
    for folder in folders {
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
    }
  }
}
