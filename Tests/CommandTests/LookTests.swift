import Documents
import Files
import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport
import Testing

/// A small workspace of the samples with everything in it that looking needs.
private let samples = Result {
  let folder = try TemporaryFolder()
  folder.keepUntilExit()
  let data = Program.root + "/data"
  for arguments in [
    ["ingest", "tinystories", data + "/tinystories"],
    ["ingest", "childes", data + "/childes"],
    ["ingest", "wikipedia", data + "/wikipedia/simplewiki-sample.xml"],
    ["ingest", "fineweb-edu", data + "/fineweb-edu"],
    // The stories themselves as the evaluation, so that each of them is hit.
    ["decontaminate", data + "/tinystories/stories.txt"],
    [
      "select", "tinystories=1000", "childes=700", "fineweb-edu", "--dev-share", "0.3",
      "--contaminated", "keep",
    ],
    ["tokenizer", "train", "--vocabulary-size", "400"],
    ["tokenize"],
  ] {
    let result = try Program.run(arguments + ["-w", folder("w"), "-q"])
    guard result.status == 0 else {
      throw Failure(what: result.errors, place: "\(arguments)", remedy: "")
    }
  }
  // Copied before anybody opens the index, whose side files come and go with its readers.
  try FileManager.default.copyItem(atPath: folder("w"), toPath: folder("copy"))
  return folder
}

/// Reads an index that other tests read and that the program opens meanwhile.
private func read<Value>(_ index: String, _ body: (Database) throws -> Value) throws -> Value {
  var configuration = Configuration()
  configuration.readonly = true
  configuration.busyMode = .timeout(30)
  return try DatabaseQueue(path: index, configuration: configuration).read(body)
}

/// Documents, tokens and the index as a user looks at them.
@Suite struct LookTests {
  let workspace: String

  init() throws {
    workspace = try samples.get()("w")
  }

  func run(_ arguments: String...) throws -> Program.Result {
    try Program.run(arguments + ["-w", workspace])
  }

  func rows(_ sql: String) throws -> [Row] {
    try read(workspace + "/corpus.sqlite") { try Row.fetchAll($0, sql: sql) }
  }

  /// The text of a document as the shard holds it, read by zstd and Foundation.
  func text(of id: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "for f in '\(workspace)'/shards/*.zst; do zstd -dcq $f; done"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    for line in output.split(separator: UInt8(ascii: "\n")) {
      let object = try JSONSerialization.jsonObject(with: line) as? [String: Any]
      if object?["id"] as? String == id { return object?["text"] as? String ?? "" }
    }
    return ""
  }

  @Test func `show prints a document with all that is known of it`() throws {
    let row = try #require(
      try rows(
        """
        SELECT id, corpus.* FROM corpus JOIN selectedDocument s ON s.document = id
        WHERE s.split = 'train' AND contaminated > 0 ORDER BY id LIMIT 1
        """
      ).first
    )
    let id: String = row["id"]
    let shown = try run("show", id)
    #expect(shown.status == 0, "\(shown.errors)")
    let parts = [
      "document \(id)", "tinystories", row["key"] as String, row["file"] as String,
      row["textHash"] as String, "contamination\n  evaluation stories.txt, kind ngram",
      "evaluation stories.txt, kind sentence",
      "selections\n  selection main, split train", "tokens\n  tokens main--main, split train",
    ]
    for part in parts { #expect(shown.output.contains(part), "\(part)\n\(shown.output)") }
    let text = try text(of: id)
    #expect(!text.isEmpty && shown.output.hasSuffix("\n\n" + text + "\n"))
    #expect(try run("show", id, "--text").output == text)

    // The first digits are enough where no other document has them; their case does not count.
    let ids = try rows("SELECT id FROM document").map { $0[0] as String }
    let length = try #require(
      (1...32).first { length in ids.filter { $0.hasPrefix(id.prefix(length)) }.count == 1 }
    )
    #expect(try run("show", id.prefix(length).uppercased()).output == shown.output)

    let json = try JSONSerialization.jsonObject(
      with: Data(try run("show", id, "--json").output.utf8)
    )
    let object = try #require(json as? [String: Any])
    #expect(object["text"] as? String == text)
    let columns = try #require(object["columns"] as? [String: Any])
    for (name, value) in row where !value.isNull {
      #expect("\(columns[name] ?? "missing")" == "\(value.storage.value ?? "")", "\(name)")
    }
  }

  @Test func `an id that fits many, none, or is none says so`() throws {
    let ids = try rows("SELECT id FROM document ORDER BY id").map { $0[0] as String }
    let digit = try #require(
      "0123456789abcdef".first { digit in ids.filter { $0.first == digit }.count > 1 }
    )
    let many = try run("show", String(digit))
    #expect(many.status == 64 && many.output.isEmpty)
    for id in ids.filter({ $0.first == digit }).prefix(10) { #expect(many.errors.contains(id)) }
    let missing = (0...).lazy.map { "fedcba\($0)" }.first { prefix in
      !ids.contains { $0.hasPrefix(prefix) }
    }
    let none = try run("show", try #require(missing))
    #expect(none.status == 1 && none.errors.contains("no document has an id"))
    for id in ["xyz", "'; DROP TABLE document; --", String(repeating: "0", count: 33), ""] {
      let result = try run("show", id)
      #expect(result.status == 64 && result.errors.contains("no document's id"), "\(id)")
    }
    #expect(try run("show", "00", "--text", "--json").status == 64)
    #expect(try Program.run(["show", "00", "-w", workspace + "/none"]).status == 1)
  }

  struct Trace: Decodable {
    let document: String
    let text: String
    let before: String
    let after: String
    let name: String
    let source: String
    let file: String
    let line: Int?
    let byteStart: Int
    let byteEnd: Int
    let textLine: Int
    let firstToken: Int
    let tokenCount: Int
  }

  func trace(_ token: Int, split: String = "train") throws -> Trace {
    let result = try run("trace", "\(token)", "--split", split, "--json")
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Trace.self, from: Data(result.output.utf8))
  }

  @Test(arguments: ["train", "dev"])
  func `tokens trace to their documents, and their bytes follow one another`(
    split: String
  ) throws {
    let spans = try rows(
      "SELECT * FROM tokenSpan WHERE tokens = 'main--main' AND split = '\(split)' ORDER BY firstToken"
    )
    let total = try #require(spans.last)["lastToken"] as Int + 1
    // The beginning of the second document, its neighbours, and places spread over the split.
    let second: Int = spans[1]["firstToken"]
    var end = 0
    for token in Array(second - 1...second + 12) + stride(from: 0, to: total, by: total / 9) {
      let trace = try trace(token, split: split)
      let span = try #require(spans.last { ($0["firstToken"] as Int) <= token })
      #expect(trace.document == span["document"])
      #expect(trace.source == span["source"] && trace.file == span["file"])
      #expect(trace.line == span["line"])
      #expect(trace.firstToken == span["firstToken"])
      let text = Array(try text(of: trace.document).utf8)
      let bytes = text[trace.byteStart..<trace.byteEnd]
      #expect(trace.text == String(decoding: bytes, as: UTF8.self))
      #expect(trace.textLine == 1 + text[..<trace.byteStart].count { $0 == 10 })
      let around = trace.before + trace.text + trace.after
      #expect(String(decoding: text, as: UTF8.self).contains(around))
      if token == trace.firstToken { #expect(trace.name == "<|endoftext|>" && bytes.isEmpty) }
      if second < token, token <= second + 12 { #expect(trace.byteStart == end) }
      end = trace.byteEnd
    }
    let words = try run("trace", "\(second + 3)", "--split", split)
    #expect(words.output.contains(spans[1]["document"] as String))
    #expect(words.output.contains("[["))
    #expect(words.output.contains("3 of \(spans[1]["lastToken"] as Int - second + 1)"))
  }

  @Test func `tokens that are not there are bad usage or say what to run`() throws {
    let total: Int = try rows("SELECT max(lastToken) + 1 FROM tokenSpan WHERE split = 'train'")[0][
      0
    ]
    let beyond = try run("trace", "\(total)")
    #expect(beyond.status == 64 && beyond.errors.contains("0 to \(total - 1)"))
    #expect(try run("trace", "0", "--split", "test").status == 64)
    #expect(try run("trace", "--", "-1").status == 64)
    #expect(try run("trace", "one").status == 64)
    #expect(try run("trace", "0", "--tokens", "main").status == 64)
    #expect(try run("trace", "0", "--tokens", "../x--main").status == 64)
    let missing = try run("trace", "0", "--tokens", "other--main")
    #expect(missing.status == 1 && missing.errors.contains("blalm tokenize"))
  }

  @Test func `tokens older than their documents are not traced`() throws {
    let copy = try samples.get()("copy")
    let again = try Program.run([
      "ingest", "childes", Program.root + "/data/childes", "-o", "labels=none", "-w", copy, "-q",
    ])
    #expect(again.status == 0)
    let token: Int = try rows(
      "SELECT firstToken + 2 FROM tokenSpan WHERE split = 'train' AND source = 'childes' LIMIT 1"
    )[0][0]
    let result = try Program.run(["trace", "\(token)", "-w", copy])
    #expect(result.status == 1)
    #expect(result.errors.contains("older than the document"), "\(result.errors)")
  }
}

/// The index as other programs see it.
@Suite struct SchemaTests {
  let index: String

  init() throws {
    index = try samples.get()("w/corpus.sqlite")
  }

  /// What the guide's page says, to be run with `blalm index schema > …` where it must change.
  let page = Program.root + "/Sources/Storage/Storage.docc/Schema.md"

  func queries() throws -> [String] {
    let guides = try ["Schema.md", "Storage.md"].map {
      try String(
        contentsOfFile: Program.root + "/Sources/Storage/Storage.docc/" + $0,
        encoding: .utf8
      )
    }
    let blocks = guides.joined().matches(of: /```sql\n((?:.|\n)*?)```/).map { $0.output.1 }
    return blocks.joined().split(separator: ";").map {
      $0.trimmingCharacters(in: .whitespacesAndNewlines)
    }.filter { !$0.isEmpty }
  }

  func output(_ program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  static func has(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  @Test func `the guide's page is what the program prints, and leaves nothing undescribed`() throws
  {
    let printed = try Program.run(["index", "schema"])
    #expect(printed.status == 0)
    let guide = try String(contentsOfFile: page, encoding: .utf8)
    #expect(guide == printed.output, "run `blalm index schema > \(page)`")
    #expect(!guide.lowercased().contains("not described"))
    #expect(guide.count { $0 == "#" } >= 40)
  }

  @Test func `a workspace's page names the columns that it has`() throws {
    let printed = try Program.run([
      "index", "schema", "-w", (index as NSString).deletingLastPathComponent,
    ])
    #expect(printed.status == 0)
    let names = try read(index) {
      try String.fetchAll($0, sql: "SELECT name FROM pragma_table_info('corpus')")
    }
    #expect(names.count > 15)
    for name in names { #expect(printed.output.contains("| `\(name)` |"), "\(name)") }
    #expect(try Program.run(["index", "schema", "-w", index + "/none"]).status == 1)
  }

  @Test func `every example query answers on a workspace`() throws {
    let queries = try queries()
    #expect(queries.count >= 11)
    let answered = try read(index) { database in
      try queries.count { try !Row.fetchAll(database, sql: $0).isEmpty }
    }
    // The samples hold no duplicates; every other question has an answer.
    #expect(answered >= queries.count - 1)
  }

  @Test func `the summaries agree with the tables`() throws {
    try read(index) { database in
      func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? -1 }
      for (view, table) in [
        ("SELECT sum(words) FROM sourceSummary", "SELECT sum(words) FROM document"),
        ("SELECT sum(rejections) FROM sourceSummary", "SELECT count(*) FROM rejection"),
        ("SELECT sum(records) FROM rejectionSummary", "SELECT count(*) FROM rejection"),
        ("SELECT sum(documents) FROM reasonSummary", "SELECT count(*) FROM selectedDocument"),
        ("SELECT sum(words) FROM splitSummary", "SELECT sum(words) FROM selectedDocument"),
        ("SELECT sum(hits) FROM contaminationSummary", "SELECT sum(hits) FROM contamination"),
        (
          "SELECT sum(lastToken - firstToken + 1) FROM tokenSpan",
          "SELECT sum(tokenCount) FROM tokenRange"
        ),
        (
          "SELECT count(*) FROM selectedText",
          "SELECT count(*) FROM selectedDocument WHERE split IS NOT NULL"
        ),
      ] {
        let (sum, whole) = (try number(view), try number(table))
        #expect(sum > 0 && sum == whole, "\(view)")
      }
    }
  }

  @Test(.enabled(if: has("sqlite3"), "needs sqlite3"))
  func `sqlite3 opens the index and answers every question`() throws {
    func ask(_ query: String) throws -> (status: Int32, text: String) {
      try output("sqlite3", ["-readonly", "-cmd", ".timeout 30000", index, query])
    }
    for query in try queries() {
      let result = try ask("\n" + query)
      #expect(result.status == 0, "\(query)")
    }
    #expect(try ask("PRAGMA integrity_check").text == "ok\n")
    #expect(try ask("PRAGMA foreign_key_check").text.isEmpty)
  }

  @Test(.enabled(if: has("python3"), "needs Python"))
  func `Python opens every table and view`() throws {
    let program = """
      import sqlite3, sys
      index = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
      names = [n for n, in index.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
      print(sum(len(index.execute(f'SELECT * FROM "{n}" LIMIT 5').description) for n in names), len(names))
      """
    let result = try output("python3", ["-c", program, index])
    #expect(result.status == 0)
    let counts = result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    #expect(counts.count == 2 && counts[0] > 100 && counts[1] > 20, "\(result.text)")
  }

  @Test(.enabled(if: has("datasette"), "needs pip install datasette"))
  func `Datasette inspects the index and serves tables and views`() throws {
    let inspected = try output("datasette", ["inspect", index])
    #expect(inspected.status == 0 && inspected.text.contains("\"selectedDocument\""))
    for name in ["document", "selectedDocument", "corpus", "sourceSummary", "tokenSpan"] {
      // An HTTP request without a server.
      let result = try output("datasette", [index, "--get", "/corpus/\(name).json?_size=2"])
      #expect(result.status == 0)
      let json = try JSONSerialization.jsonObject(with: Data(result.text.utf8))
      let rows = (json as? [String: Any])?["rows"] as? [Any]
      #expect(rows?.count == 2, "\(name)")
      #expect(try output("datasette", [index, "--get", "/corpus/\(name)"]).text.contains("<table"))
    }
  }
}
