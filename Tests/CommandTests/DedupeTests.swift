import Foundation
import GRDB
import TestSupport
import Testing

/// `blalm dedupe` as a user meets it.
@Suite struct DedupeTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Web pages in JSON Lines, of which every seventh is nearly that before it.
  func pages(_ count: Int, words: Int) throws -> String {
    var numbers = SeededNumbers(7)
    var lines = ""
    var page: [String] = []
    for index in 0..<count {
      if index % 7 == 6 {
        page[Int(numbers.next() % UInt64(page.count))] = "changed"
      } else {
        page = (0..<words).map { _ in "w\(numbers.next() % 20_000)" }
      }
      let text = page.joined(separator: " ")
      lines += "{\"id\": \"page\(index)\", \"text\": \"\(text)\"}\n"
    }
    return try folder.write("pages.jsonl", lines)
  }

  /// Everything that the index says of duplicates.
  func rows(_ workspace: String) throws -> [String] {
    let queue = try DatabaseQueue(path: workspace + "/corpus.sqlite")
    defer { try? queue.close() }
    return try queue.read { database in
      try ["duplicateCluster", "duplicate", "repeatedParagraph"].flatMap { table in
        try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map(\.description)
      }
    }
  }

  func ingest(_ path: String, _ workspace: String) throws {
    let result = try Program.run(["ingest", "fineweb-edu", path, "-w", workspace, "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func `a recipe asks for it between reading and choosing`() throws {
    let data = Program.root + "/data"
    let recipe = try folder.write(
      "r.yaml",
      """
      name: r
      sources:
        first: {format: tinystories, paths: \(data)/tinystories}
        second: {format: tinystories, paths: \(data)/tinystories}
      dedupe:
        keep: first
        sources: [second]
        threshold: 0.5
      """
    )
    let result = try Program.run(["build", recipe, "-w", folder("w"), "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
    let stages = result.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    #expect(stages.count == 4 && stages[2].hasPrefix("dedupe ") && stages[3].hasPrefix("select"))
    #expect(result.output.contains("13 not kept: exact duplicate"))
    let again = try Program.run(["build", recipe, "-w", folder("w"), "--quiet"])
    #expect(again.output.contains("every stage") && again.status == 0)
    for line in ["threshold: 2", "keepp: first", "bands: x", "sources: [third]"] {
      let text = try String(contentsOfFile: recipe, encoding: .utf8)
        .replacing("keep: first", with: line).replacing("  sources: [second]\n", with: "")
        .replacing("  threshold: 0.5\n", with: line.hasPrefix("threshold") ? "" : "  rows: 4\n")
      let broken = try folder.write("broken.yaml", text)
      let refused = try Program.run(["build", broken, "-w", folder("w"), "--quiet"])
      #expect(refused.status == 64, "\(line): \(refused.errors)")
    }
  }

  @Test(arguments: [
    ["--bands", "0"], ["--rows", "x"], ["--threshold", "2"], ["--keep", "nothing"],
    ["--source", "nowhere"], ["--paragraph-words", "-1"], ["surplus"],
  ])
  func `wrong arguments are bad usage`(arguments: [String]) throws {
    let data = Program.root + "/data/tinystories"
    let ingest = try Program.run(["ingest", "tinystories", data, "-w", folder("w"), "--quiet"])
    #expect(ingest.status == 0)
    let result = try Program.run(["dedupe", "-w", folder("w")] + arguments)
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.output.isEmpty && !result.errors.isEmpty)
    #expect(try rows(folder("w")).isEmpty)
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset"),
      "taskset, of util-linux, confines a program to one core"
    )
  )
  func `one core and all cores find the same`() throws {
    let path = try pages(700, words: 300)
    for workspace in ["one", "all"] { try ingest(path, folder(workspace)) }
    let all = try Program.run(["dedupe", "-w", folder("all"), "--quiet"])
    #expect(all.status == 0 && all.output.contains("100 not kept: near duplicate"), "\(all.output)")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/taskset")
    process.arguments = ["-c", "0", Program.path, "dedupe", "-w", folder("one"), "--quiet"]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try rows(folder("one")) == rows(folder("all")))
  }

  @Test func `a killed run leaves nothing behind, and the next one finds the same`() throws {
    let path = try pages(6_000, words: 400)
    try ingest(path, folder("ingested"))
    var process = Process()
    // The working files are open, without a name, while it runs.
    func hasWorkingFiles() -> Bool {
      let files = "/proc/\(process.processIdentifier)/fd"
      let open = try? FileManager.default.contentsOfDirectory(atPath: files)
      return (open ?? []).contains { name in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: files + "/" + name)
        return target?.contains("scratch.partial (deleted)") == true
      }
    }
    // A run that ended before anybody looked is begun anew.
    for _ in 0..<20 where !process.isRunning {
      try? FileManager.default.removeItem(atPath: folder("w"))
      try FileManager.default.copyItem(atPath: folder("ingested"), toPath: folder("w"))
      process = Process()
      process.executableURL = URL(filePath: Program.path)
      process.arguments = ["dedupe", "-w", folder("w"), "--quiet"]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      while process.isRunning && !hasWorkingFiles() { Thread.sleep(forTimeInterval: 0.001) }
    }
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try rows(folder("w")).isEmpty)
    // As if it had been killed between making a working file and taking its name.
    try folder.write("w/shards/scratch.partial", "rest")
    let again = try Program.run(["dedupe", "-w", folder("w"), "--quiet"])
    #expect(again.status == 0, "\(again.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("w/shards"))
    #expect(names == ["fineweb-edu-00000.jsonl.zst"])
    try ingest(path, folder("straight"))
    _ = try Program.run(["dedupe", "-w", folder("straight"), "--quiet"])
    #expect(try rows(folder("w")) == rows(folder("straight")))
    #expect(try rows(folder("w")).count > 2_000)
  }
}
