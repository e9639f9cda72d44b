import Documents
import Foundation
import GRDB
import Metrics
import TestSupport
import Testing

/// A workspace of the samples that has been measured.
private let measured = Result {
  let folder = try TemporaryFolder()
  let data = Program.root + "/data"
  for arguments in [
    ["ingest", "tinystories", data + "/tinystories"], ["ingest", "childes", data + "/childes"],
    ["measure"],
  ] {
    let result = try Program.run(arguments + ["-w", folder("w"), "-q"])
    try #require(result.status == 0, "\(arguments): \(result.errors)")
  }
  return folder
}

/// `measure`, `samples` and `histogram` as a user meets them.
@Suite struct MeasureTests {
  let workspace: String

  init() throws {
    workspace = try measured.get()("w")
  }

  func run(_ arguments: [String], columns: Int? = nil) throws -> Program.Result {
    try Program.run(
      arguments + ["-w", workspace],
      environment: columns.map { ["COLUMNS": "\($0)"] } ?? [:]
    )
  }

  func rows(_ sql: String) throws -> [Row] {
    var configuration = Configuration()
    configuration.readonly = true
    // Other tests write to the same index meanwhile.
    configuration.busyMode = .timeout(30)
    return try DatabaseQueue(path: workspace + "/corpus.sqlite", configuration: configuration)
      .read { try Row.fetchAll($0, sql: sql) }
  }

  @Test func `every metric measures every document once`() throws {
    let documents = try #require(try rows("SELECT count(*) FROM document").first?[0] as Int?)
    #expect(documents > 10)
    for metric in allMetrics {
      #expect(try rows("SELECT count(*) FROM \(metric.name)").first?[0] == documents)
    }
    let again = try run(["measure"])
    #expect(again.status == 0 && again.output.contains("measured: 0"), "\(again.output)")
    #expect(again.output.contains("up to date"))
    let verified = try run(["verify", "-q"])
    #expect(verified.status == 0, "\(verified.output)")
    for arguments in [
      ["--word-list", "x"], ["--word-list", "a=b", "--word-list", "a=c"], ["countz"],
      ["--segmentation", "childes=verse"], ["--segmentation", "none=prose"],
    ] {
      #expect(try run(["measure"] + arguments).status == 64, "\(arguments)")
    }
    let usage = try run(["measure", "--word-list", "x"])
    #expect(usage.errors.contains("blalm measure"), "\(usage.errors)")
    let unread = try run(["measure", "qualityC4", "--word-list", "daleChall=x"])
    #expect(unread.status == 64 && unread.errors.contains("`counts`"), "\(unread.errors)")
  }

  @Test func `samples prints columns as JSON and CSV as the index has them`() throws {
    let arguments = [
      "samples", "--columns", "id,WORDS,mtld,preview", "--filter", "words > 20", "--sort", "-words",
      "--limit", "7",
    ]
    let expected = try rows(
      "SELECT id, words, mtld, preview FROM corpus WHERE words > 20 ORDER BY words DESC, id LIMIT 7"
    )
    let json = try run(arguments + ["--json"])
    #expect(json.status == 0, "\(json.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    )
    #expect(object["columns"] as? [String] == ["id", "words", "mtld", "preview"])
    let samples = try #require(object["samples"] as? [[String: Any]])
    #expect(samples.count == 7)
    for (sample, row) in zip(samples, expected) {
      #expect(sample["id"] as? String == row["id"] as String)
      #expect(sample["words"] as? Int == row["words"] as Int)
      let (mtld, wanted) = (sample["mtld"] as? Double, row["mtld"] as Double?)
      #expect((mtld == nil) == (wanted == nil))
      // Foundation's own parser loses the last digit.
      #expect(abs((mtld ?? 0) - (wanted ?? 0)) < 1e-12)
      #expect(sample["preview"] as? String == row["preview"] as String)
    }
    let csv = try run(arguments + ["--csv"])
    #expect(csv.output.hasPrefix("id,words,mtld,preview\n\(expected[0]["id"] as String),"))
    let preview = (expected[0]["preview"] as String).replacing("\"", with: "\"\"")
    #expect(csv.output.contains("\"\(preview)\""))
    let none = try run(["samples", "--filter", "words < 0", "--json"])
    #expect(none.output.contains(#""samples":["#) && none.output.hasSuffix("]}\n"))
    #expect(try run(["samples", "--all", "--csv"]).output.count { $0 == "\n" } > expected.count)
  }

  @Test(arguments: [20, 33, 60, 100, 237])
  func `a table fits its width`(width: Int) throws {
    for columns in ["id,source,words,preview", "words,preview,id,source,mtld,file,key,license"] {
      let table = try run(["samples", "--columns", columns, "--limit", "9"], columns: width)
      #expect(table.status == 0, "\(table.errors)")
      let lines = table.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count >= 10)
      for line in lines { #expect(line.count <= width, "\(line)") }
      for name in ["words", "source"] { #expect(table.output.contains(name)) }
    }
    let histogram = try run(["histogram", "words", "--bins", "6"], columns: width)
    #expect(histogram.status == 0)
    for line in histogram.output.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
  }

  @Test func `wide and hostile characters keep the columns in line`() throws {
    let folder = try TemporaryFolder()
    let texts = [
      "\u{4f60}\u{597d}\u{4e16}\u{754c} hello", "\u{1b}[31mred\u{7}\u{202e} and so on",
      "e\u{301}\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} family", "plain words\tand more of it",
    ]
    let lines = texts.enumerated().map { index, text in
      #"{"id":"\#(index)","text":\#(String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self))}"#
    }
    let pages = try folder.write("p.jsonl", lines.joined(separator: "\n"))
    let workspace = folder("w")
    #expect(try Program.run(["ingest", "fineweb-edu", pages, "-w", workspace, "-q"]).status == 0)
    let table = try Program.run(
      ["samples", "--columns", "preview,words", "-w", workspace],
      environment: ["COLUMNS": "40", "NO_COLOR": "1"]
    )
    #expect(!table.output.contains("\u{1b}") && !table.output.contains("\u{202e}"))
    // Cells by hand: the widest text takes 26, two blanks follow, then five for the number. Four Chinese
    // characters take 8, the family 2, its accent none.
    let rows = table.output.split(separator: "\n")
    func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
    try #require(rows.count == 5)
    #expect(rows[0] == "preview" + blanks(26 - 7 + 2) + "words")
    #expect(rows[1] == "\u{4f60}\u{597d}\u{4e16}\u{754c} hello" + blanks(26 - 14 + 2 + 4) + "2")
    let family = "e\u{301}\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} family"
    #expect(rows[3] == family + blanks(26 - 10 + 2 + 4) + "2")
    #expect(rows[4] == "plain words and more of it" + blanks(2 + 4) + "6")
  }

  @Test func `a histogram counts every document once, those without a value apart`() throws {
    struct Histogram: Decodable {
      struct Group: Decodable {
        let name: String
        let documents: Int
        let counts: [Int]
        let below: Int
        let above: Int
        let noValue: Int
        let texts: Int
        let mean: Double?
        let minimum: Double?
        let maximum: Double?
      }
      let column: String
      let edges: [Double]
      let groups: [Group]
    }
    for column in ["mtld", "words", "targetChildAgeMonths", "preview"] {
      let result = try run(["histogram", column, "--json", "--bins", "9"])
      #expect(result.status == 0, "\(result.errors)")
      let histogram = try JSONDecoder().decode(Histogram.self, from: Data(result.output.utf8))
      let numbers = "typeof(\(column)) IN ('integer', 'real')"
      let expected = try rows(
        """
        SELECT source, count(*), sum(\(column) IS NULL), avg(CASE WHEN \(numbers) THEN \(column) END),
          min(CASE WHEN \(numbers) THEN \(column) END), sum(typeof(\(column)) = 'text')
        FROM corpus GROUP BY 1 ORDER BY 1
        """
      )
      #expect(histogram.groups.map(\.name) == expected.map { $0[0] as String })
      for (group, row) in zip(histogram.groups, expected) {
        #expect(group.documents == row[1] && group.noValue == row[2] && group.texts == row[5])
        let binned = group.counts.reduce(0, +) + group.below + group.above
        #expect(binned + group.noValue + group.texts == group.documents)
        #expect(group.minimum == row[4] as Double?)
        if let mean = row[3] as Double? {
          #expect(abs((group.mean ?? 0) - mean) <= 1e-9 * max(1, abs(mean)))
        }
        for (bin, count) in group.counts.enumerated() {
          let found = try rows(
            """
            SELECT count(*) FROM corpus WHERE source = '\(group.name)' AND \(numbers)
              AND \(column) >= \(histogram.edges[bin]) AND \(column) < \(histogram.edges[bin + 1])
            """
          )
          #expect(found[0][0] == count, "\(column) \(group.name) \(bin)")
        }
      }
      #expect(histogram.edges == histogram.edges.sorted())
    }
  }

  @Test func `columns, filters and sources that are not there are bad usage`() throws {
    for arguments in [
      ["samples", "--columns", "none"], ["samples", "--sort", "-none"],
      ["samples", "--columns", ","],
      ["samples", "--source", "none"], ["samples", "--filter", "none > 1"],
      ["samples", "--filter", "1) UNION SELECT (sql"], ["samples", "--limit", "0"],
      ["samples", "--json", "--csv"], ["histogram", "none"],
      ["histogram", "words", "--by", "none"],
      ["histogram", "words", "--bins", "0"], ["histogram", "words", "--filter", "random() > 0"],
    ] {
      let result = try run(arguments)
      #expect(result.status == 64 && result.output.isEmpty, "\(arguments): \(result.errors)")
    }
  }

  @Test func `show says how a document's readability came about`() throws {
    let row = try #require(
      try rows(
        """
        SELECT id, fleschKincaidGrade, sentenceCount FROM corpus
        WHERE fleschKincaidGrade IS NOT NULL AND smogGrade IS NULL ORDER BY id LIMIT 1
        """
      ).first
    )
    let id: String = row["id"]
    let why = try run(["show", id, "--why"], columns: 60)
    #expect(why.status == 0, "\(why.errors)")
    let grade = String(format: "%.2f", row["fleschKincaidGrade"] as Double)
    for part in ["document \(id)", " \(grade)  = 0.39 × ", "hard words", "fewer than 30 sentences"]
    {
      #expect(why.output.contains(part), "\(part)\n\(why.output)")
    }
    let json = try run(["show", id, "--why", "--json"])
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    )
    #expect(object["sentences"] as? Int == row["sentenceCount"] as Int)
    let list = try measured.get().write("easy.txt", "the\na\n")
    let listed = try run(["show", id, "--why", "--word-list", "daleChall=\(list)"])
    #expect(listed.output.contains("outside daleChall"))
    #expect(try run(["show", id, "--why", "--text"]).status == 64)
    #expect(try run(["show", id, "--word-list", "daleChall=\(list)"]).status == 64)
    for name in ["dale", "ageOfAcquisition", "textstatEasyWords"] {
      #expect(try run(["show", id, "--why", "--word-list", "\(name)=\(list)"]).status == 64)
    }
  }

  @Test func `show names what the index has by a list that it was not given`() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "The dog ran. ", count: 50)
    let one = try folder.write("a.jsonl", "{\"text\":\"\(text)\",\"v\":0.75}\n")
    let list = try folder.write("list.txt", "the\ndog\n")
    let workspace = folder("w")
    for arguments in [["ingest", "jsonl", one], ["measure", "--word-list", "daleChall=\(list)"]] {
      #expect(try Program.run(arguments + ["-w", workspace, "-q"]).status == 0)
    }
    let found = try Program.run([
      "samples", "--csv", "--columns", "id,daleChall1948", "-w", workspace,
    ])
    let cells =
      found.output.split(separator: "\n").last?.split(separator: ",").map(String.init) ?? []
    let id = try #require(cells.first)
    let score = try #require(cells.last.flatMap(Double.init))
    let why = try Program.run(["show", id, "--why", "-w", workspace])
    let number = String(format: "%.2f", score)
    #expect(
      why.output.contains(
        "no word list daleChall; in the index: \(number); name the list to see how"
      ),
      "\(why.output)"
    )
    #expect(why.output.contains("no word list spache\n"))
    // One of a kind, and a label with as many decimals as the number has.
    let histogram = try Program.run(["histogram", "v", "-w", workspace])
    #expect(histogram.output.contains("1 document,"), "\(histogram.output)")
    #expect(histogram.output.contains("\n0.75  1"), "\(histogram.output)")
  }

  @Test func `a reader that has seen enough is no failure`() throws {
    for command in ["samples --all --columns id,key,preview,file,textHash", "histogram words"] {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = [
        "-c",
        "{ \"$0\" \(command) -w \"$1\" 2>\"$2\"; echo $? >\"$3\"; } | head -c 1 >/dev/null",
        Program.path, workspace, workspace + "/../errors", workspace + "/../status",
      ]
      try process.run()
      process.waitUntilExit()
      let status = try String(contentsOfFile: workspace + "/../status", encoding: .utf8)
      let errors = try String(contentsOfFile: workspace + "/../errors", encoding: .utf8)
      #expect(status == "0\n" && errors.isEmpty, "\(command): \(status) \(errors)")
    }
  }

  /// `script` of util-linux, which makes a terminal; without it the test skips.
  static let hasTerminals = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

  @Test(.enabled(if: hasTerminals, "needs script"))
  func `on a terminal a table goes through the pager, in colour only where that is wanted`() throws
  {
    func shown(_ environment: [String: String]) throws -> String {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/script")
      process.arguments = [
        "-qec", "'\(Program.path)' samples --limit 2 -w '\(workspace)'", "/dev/null",
      ]
      process.environment = ProcessInfo.processInfo.environment
        .merging(["TERM": "xterm", "COLUMNS": "70"]) { $1 }.merging(environment) { $1 }
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardInput = FileHandle.nullDevice
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return String(decoding: data, as: UTF8.self).replacing("\r\n", with: "\n")
    }
    let plain = try run(["samples", "--limit", "2"], columns: 70).output
    #expect(!plain.contains("\u{1b}"))
    #expect(try shown(["NO_COLOR": "1", "PAGER": "cat"]) == plain)
    #expect(try shown(["TERM": "dumb", "PAGER": ""]) == plain)
    let paged = try shown(["NO_COLOR": "1", "PAGER": "sed s/^/P:/"])
    #expect(paged.split(separator: "\n").map { $0.dropFirst(2) } == plain.split(separator: "\n"))
    #expect(try shown(["NO_COLOR": "", "PAGER": "cat"]).contains("\u{1b}[1mid"))
  }

  @Test func `a figure a core is measured for each metric`() throws {
    let result = try Program.run(["bench", "measure", "--words", "2000", "--rounds", "1", "--json"])
    #expect(result.status == 0, "\(result.errors)")
    for metric in allMetrics { #expect(result.output.contains("\"\(metric.name)\"")) }
    #expect(result.output.contains("counts, readability"))
    #expect(try Program.run(["bench", "measure", "/nowhere"]).status == 1)
  }
}
