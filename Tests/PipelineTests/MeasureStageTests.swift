import Curation
import Documents
import Files
import Foundation
import GRDB
import Metrics
import Pipeline
import Settings
import Storage
import TestSupport
import Testing

/// Metrics of every document, measured once and no oftener.
@Suite struct MeasureStageTests {
  let fixture: MeasureFixture
  let metric = LetterMetric()

  init() throws {
    fixture = try MeasureFixture([
      "a": ["One two three. Four five.", "123 456.", "Rain falls here\non the old mill"],
      "b": ["The cat sat.", "The dog ran home."],
    ])
  }

  @discardableResult
  func measure(
    _ settings: MeasureSettings = MeasureSettings(),
    _ metrics: [any Metric]? = nil
  ) throws -> StageReport {
    try fixture.context.measure(settings, among: metrics ?? [metric])
  }

  func number(_ name: String, _ report: StageReport) -> Int? {
    if case .integer(let number) = report.details[name] { number } else { nil }
  }

  @Test func `numbers become columns of corpus, and what is missing has a reason`() throws {
    let report = try measure()
    #expect(report.status == .done && report.input == 5 && report.output == 5)
    #expect(number("measured", report) == 5 && number("upToDate", report) == 0)
    #expect(metric.texts.take().count == 5)
    let rows = try fixture.rows(
      """
      SELECT preview, letterCount, round(vowelShare, 4), markedWords, sentenceCount, segmentation
      FROM corpus ORDER BY source, ordinal
      """
    )
    #expect(
      rows == [
        ["One two three. Four five.", "19", "0.4737", "NULL", "2", "prose"],
        ["123 456.", "0", "NULL", "NULL", "1", "prose"],
        ["Rain falls here\non the old mill", "25", "0.36", "NULL", "1", "prose"],
        ["The cat sat.", "9", "0.3333", "NULL", "1", "prose"],
        ["The dog ran home.", "13", "0.3846", "NULL", "1", "prose"],
      ]
    )
    #expect(
      try fixture.rows("SELECT name, reason, count(*) FROM missingValue GROUP BY 1, 2")
        == [["markedWords", "no list", "5"], ["vowelShare", "no letters", "1"]]
    )
    #expect(
      report.details["missing"]
        == .object([
          "markedWords": .object(["no list": .integer(5)]),
          "vowelShare": .object(["no letters": .integer(1)]),
        ])
    )
    #expect(
      try fixture.rows("SELECT DISTINCT typeof(letterCount), typeof(vowelShare) FROM letters")
        .contains(["integer", "real"])
    )
    let page = try schemaPage(of: fixture.context.workspace.index, metrics: [])
    #expect(page.contains("### letters\n\nA row is a document.\n\nLetters of ASCII and what"))
    #expect(page.contains("| `vowelShare` | The part of the letters that are vowels. |"))
    #expect(!page.contains("Not described") && !page.contains("not described"))
  }

  @Test func `only what has changed is measured`() throws {
    try measure()
    _ = metric.texts.take()
    let again = try measure()
    #expect(again.status == .upToDate && number("measured", again) == 0)
    #expect(number("upToDate", again) == 5)

    // One text of three.
    let ids = "SELECT id, letterCount FROM corpus WHERE source = 'a' ORDER BY ordinal"
    let before = try fixture.rows(ids)
    try fixture.read(
      "a",
      ["One two three. Four five.", "Now with words.", "Rain falls here\non the old mill"]
    )
    // Until it is measured, the numbers of another text are not shown.
    #expect(try fixture.rows(ids).map { $0[1] } == ["19", "NULL", "25"])
    let changed = try measure()
    #expect(metric.texts.take() == ["Now with words."])
    #expect(number("measured", changed) == 1 && number("upToDate", changed) == 4)
    let after = try fixture.rows(ids)
    #expect(after.map { $0[0] } == before.map { $0[0] })
    #expect(after.map { $0[1] } == ["19", "12", "25"])
    #expect(
      try fixture.rows("SELECT count(*) FROM missingValue WHERE name = 'vowelShare'") == [["0"]]
    )

    // One document fewer, one more.
    try fixture.read("b", ["The cat sat."])
    try fixture.read("c", ["New."])
    try measure()
    #expect(metric.texts.take() == ["New."])
    #expect(try fixture.rows("SELECT count(*) FROM letters") == [["5"]])
    #expect(try fixture.rows("SELECT count(*) FROM measuredText") == [["5"]])
  }

  @Test func `a higher version measures all of the metric and nothing else`() throws {
    let other = PoolMetric()
    try measure(MeasureSettings(), [metric, other])
    #expect(other.texts.take().count == 5)
    var raised = metric
    raised.version = 2
    _ = metric.texts.take()
    let report = try measure(MeasureSettings(), [raised, other])
    #expect(metric.texts.take().count == 5 && other.texts.take().isEmpty)
    #expect(number("measured", report) == 5)
    #expect(
      try fixture.rows("SELECT name, version FROM metric ORDER BY name")
        == [["letters", "2"], ["poolShare", "1"]]
    )
    // One metric alone; another that is no more.
    try measure(MeasureSettings(metrics: ["letters"]), [metric])
    #expect(metric.texts.take().count == 5)
    #expect(try fixture.rows("SELECT name FROM metric") == [["letters"]])
    #expect(try !fixture.context.workspace.index.corpusColumns().contains("mostFrequentRank"))
  }

  @Test func `word lists and segmentation decide what is measured again`() throws {
    try measure()
    _ = metric.texts.take()
    let list = try fixture.folder.write("list.txt", "# mine\nCat\t1\ndog,2.5\nword;NA\n\nrain\n")
    var settings = MeasureSettings(wordLists: ["marked": list])
    try measure(settings)
    #expect(metric.texts.take().count == 5)
    let marked = "SELECT markedWords FROM corpus ORDER BY source, ordinal"
    #expect(try fixture.rows(marked) == [["0"], ["0"], ["1"], ["1"], ["1"]])

    settings.segmentation = ["a": .transcript]
    try measure(settings)
    #expect(metric.texts.take().count == 3)
    #expect(
      try fixture.rows("SELECT segmentation, sum(sentenceCount) FROM corpus GROUP BY source")
        == [["transcript", "4"], ["prose", "2"]]
    )
    #expect(
      try fixture.rows("SELECT segmentation ->> 'a', segmentation ->> 'b' FROM metric")
        == [["transcript", "prose"]]
    )
    // The same list under another name is the same list; another content is another one.
    let copy = try fixture.folder.write("copy.txt", "# mine\nCat\t1\ndog,2.5\nword;NA\n\nrain\n")
    settings.wordLists = ["marked": copy]
    #expect(try measure(settings).status == .upToDate)
    try fixture.folder.write("copy.txt", "home\n")
    try measure(settings)
    #expect(try fixture.rows(marked) == [["0"], ["0"], ["0"], ["0"], ["1"]])
  }

  @Test func `what cannot be measured says so`() throws {
    func refusal(_ settings: MeasureSettings) throws -> Failure {
      try #require(throws: Failure.self) { try measure(settings) }
    }
    let unknown = try refusal(MeasureSettings(metrics: ["letter"]))
    #expect(unknown.kind == .usage && unknown.remedy.contains("`letters`"))
    #expect(try refusal(MeasureSettings(wordLists: ["markd": "x"])).remedy.contains("`marked`"))
    #expect(try refusal(MeasureSettings(segmentation: ["z": .prose])).kind == .usage)
    let unread = try #require(throws: Failure.self) {
      try measure(
        MeasureSettings(metrics: ["poolShare"], wordLists: ["marked": "x"]),
        [
          metric, PoolMetric(),
        ]
      )
    }
    #expect(unread.kind == .usage && unread.remedy.contains("`letters`"), "\(unread)")
    for (text, line) in [("", ""), ("a\t1\nb\tmany\n", ":2"), ("# nothing\n\n", "")] {
      let path = try fixture.folder.write("bad.txt", text)
      let failure = try refusal(MeasureSettings(wordLists: ["marked": path]))
      #expect(failure.place == path + line, "\(failure)")
    }
    let missing = MeasureSettings(wordLists: ["marked": fixture.folder("none.txt")])
    #expect(try refusal(missing).kind == .work)
    let latin = fixture.folder("latin.txt")
    try Data([0x63, 0xe9, 0x0a]).write(to: URL(filePath: latin))
    #expect(try refusal(MeasureSettings(wordLists: ["marked": latin])).what.contains("UTF-8"))
    // Nothing of it has touched the index.
    #expect(try fixture.rows("SELECT * FROM metric").isEmpty)
  }

  /// Ingests files of a BabyLM corpus.
  private func ingestBabyLM(_ files: [(name: String, text: String)]) throws {
    for file in files { try fixture.folder.write("babylm/" + file.name, file.text) }
    _ = try fixture.context.ingest(
      IngestSettings(
        name: "babylm",
        format: .babylm,
        paths: [fixture.folder("babylm")],
        reader: try ConfiguredReader(.babylm, source: "babylm", options: nil)
      )
    )
  }

  @Test func `BabyLM's files of speech are transcripts and the others prose`() throws {
    try ingestBabyLM([
      ("childes.train", "*MOT:\tsit down\n*CHI:\tno no\n"), ("simple_wiki.train", "Rain\nfalls\n"),
    ])
    try measure()
    let rows = try fixture.rows(
      """
      SELECT file, segmentation, sum(sentenceCount) FROM corpus WHERE source = 'babylm'
      GROUP BY 1, 2
      """
    )
    #expect(
      rows == [
        ["babylm/childes.train", "transcript", "2"], ["babylm/simple_wiki.train", "prose", "1"],
      ]
    )
    #expect(try fixture.rows("SELECT segmentation ->> 'babylm' FROM metric") == [["by file"]])
  }

  @Test func `the pool's words are counted, with ties by their bytes`() throws {
    let pool = PoolMetric()
    try measure(MeasureSettings(), [pool])
    #expect(
      try fixture.rows("SELECT rank, word, count FROM poolWord ORDER BY rank LIMIT 3")
        == [["1", "the", "3"], ["2", "123", "1"], ["3", "456", "1"]]
    )
    #expect(try fixture.rows("SELECT DISTINCT mostFrequentRank FROM poolShare") == [["1"]])
    _ = pool.texts.take()
    // Other counts that leave the same words among the first change nothing.
    try fixture.read("b", ["The cat sat.", "The dog ran home. The dog ran home."])
    try measure(MeasureSettings(), [pool])
    #expect(pool.texts.take() == ["The dog ran home. The dog ran home."])
    let words = try fixture.rows("SELECT word FROM poolWord ORDER BY rank LIMIT 2")
    #expect(words == [["the"], ["dog"]])
    try fixture.read("c", ["Entirely new."])
    try measure(MeasureSettings(), [pool])
    #expect(pool.texts.take().count == 6)
  }

  @Test func `the pool's words are counted by what tells words apart`() throws {
    // One word to Swift in two spellings; the same word by its key in two spellings; what has no
    // lower case of one character; what is passed over inside a word.
    let texts = [
      "caf\u{e9} cafe\u{301}", "\u{130}stanbul i\u{307}stanbul", "well\u{2010}known well-known",
      "re\u{ad}port report", "co\u{200b}operate don\u{2bc}t don\u{2019}t",
    ]
    let fixture = try MeasureFixture(["a": texts])
    _ = try fixture.context.measure(MeasureSettings(metrics: ["lexical"]))
    #expect(
      try fixture.rows("SELECT DISTINCT pool1000Fraction, pool3000Fraction FROM corpus")
        == [["1.0", "1.0"]]
    )
    #expect(
      try fixture.rows("SELECT word, count FROM poolWord WHERE count > 1 ORDER BY rank")
        == [["don't", "2"], ["report", "2"], ["well-known", "2"]]
    )
    #expect(try fixture.rows("SELECT count(*) FROM poolWord") == [["8"]])
  }

  @Test func `labels of speakers are no words of the pool, file by file`() throws {
    try ingestBabyLM([
      ("childes.train", "*MOT:\tsit down\n*CHI:\tno no\n"),
      ("simple_wiki.train", "NATO: it rains\n"),
    ])
    _ = try fixture.context.measure(MeasureSettings(metrics: ["lexical", "counts"]))
    #expect(
      try fixture.rows("SELECT word FROM poolWord WHERE word IN ('mot', 'chi', 'nato')")
        == [["nato"]]
    )
    #expect(
      try fixture.rows(
        "SELECT meanLengthOfUtterance, wordCount FROM corpus WHERE file LIKE '%childes%'"
      ) == [["2.0", "4"]]
    )
    // Counted anew where a source is divided otherwise.
    _ = try fixture.context.measure(
      MeasureSettings(metrics: ["lexical"], segmentation: ["babylm": .prose])
    )
    #expect(try fixture.rows("SELECT count FROM poolWord WHERE word = 'mot'") == [["1"]])
  }

  @Test func `a list of ages has numbers, by the separator that a line has first`() throws {
    let fixture = try MeasureFixture(["a": ["dog zebra", "dog cat"]])
    func ages(_ list: String) throws -> [[String]] {
      let path = try fixture.folder.write("ages.txt", list)
      _ = try fixture.context.measure(
        MeasureSettings(metrics: ["lexical"], wordLists: ["ageOfAcquisition": path])
      )
      return try fixture.rows(
        "SELECT meanAgeOfAcquisition, ageOfAcquisitionKnown FROM corpus ORDER BY ordinal"
      )
    }
    #expect(try ages("dog\t3\nzebra\n") == [["3.0", "0.5"], ["3.0", "0.5"]])
    #expect(
      try ages("word;age\ndog;3.5;1,2\ncat\t4,x\n".replacing("4,x", with: "4.5"))
        == [["3.5", "0.5"], ["4.0", "1.0"]]
    )
    for (list, line) in [
      ("dog;3,5\ncat;4,5\n", ":1"), ("word\tage\ndog\t3,5\n", ":2"), ("dog\ncat\n", ""),
    ] {
      let failure = try #require(throws: Failure.self) { _ = try ages(list) }
      #expect(failure.place.hasSuffix("ages.txt" + line), "\(failure)")
    }
  }

  @Test func `a word list that was edited within the same second is another one`() throws {
    let list = try fixture.folder.write("list.txt", "cat\n")
    let date = Date(timeIntervalSince1970: 1_000_000_000)
    func write(_ text: String) throws {
      try fixture.folder.write("list.txt", text)
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: list)
    }
    let marked = "SELECT sum(markedWords) FROM corpus"
    try write("cat\n")
    try measure(MeasureSettings(wordLists: ["marked": list]))
    #expect(try fixture.rows(marked) == [["1"]])
    try write("the\n")
    try measure(MeasureSettings(wordLists: ["marked": list]))
    #expect(try fixture.rows(marked) == [["3"]])
  }

  @Test func `segmentation stays as it was measured where only some of it is said`() throws {
    func measured(_ settings: MeasureSettings) throws -> [[String]] {
      var settings = settings
      settings.keepsSegmentation = true
      try measure(settings)
      return try fixture.rows("SELECT DISTINCT source, segmentation FROM corpus ORDER BY source")
    }
    #expect(try measured(MeasureSettings()) == [["a", "prose"], ["b", "prose"]])
    let changed = [["a", "transcript"], ["b", "prose"]]
    #expect(try measured(MeasureSettings(segmentation: ["a": .transcript])) == changed)
    _ = metric.texts.take()
    #expect(try measured(MeasureSettings()) == changed)
    #expect(metric.texts.take().isEmpty)
    #expect(
      try measured(MeasureSettings(segmentation: ["b": .transcript]))
        == [["a", "transcript"], ["b", "transcript"]]
    )
    var settings = MeasureSettings()
    settings.segmentationByFormat = ["a"]
    #expect(try measured(settings) == [["a", "prose"], ["b", "transcript"]])
    settings.segmentationByFormat = ["z"]
    #expect(throws: Failure.self) { try measured(settings) }
    // A recipe says all of it.
    try measure()
    #expect(try fixture.rows("SELECT DISTINCT segmentation FROM corpus") == [["prose"]])
  }

  @Test func `a filter on the segmentation needs one metric that is up to date`() throws {
    let other = PoolMetric()
    var settings = ordered("words")
    settings.filter = "segmentation = 'prose'"
    try measure(MeasureSettings(), [metric, other])
    #expect(try fixture.context.select(settings).output == 5)
    try fixture.read("b", ["The cat sat.", "Another dog ran home."])
    let stale = try #require(throws: Failure.self) { try fixture.context.select(settings) }
    #expect(stale.what.contains("segmentation") && stale.remedy.contains("blalm measure"))
    try measure(MeasureSettings(metrics: ["letters"]), [metric, other])
    #expect(try fixture.context.select(settings).output == 5)
    // Another metric that catches up changes nothing of it.
    try measure(MeasureSettings(), [metric, other])
    #expect(try fixture.context.select(settings).status == .upToDate)
  }

  @Test func `a stage that was stopped goes on and leaves what an undisturbed one leaves`() throws {
    let texts = (0..<40).map { "Text number \($0) has some words." }
    let interrupted = try MeasureFixture(["a": texts, "b": texts.map { $0 + " More." }])
    let whole = try MeasureFixture(["a": texts, "b": texts.map { $0 + " More." }])
    let stop = StopSignal()
    let context = StageContext(workspace: interrupted.context.workspace, stop: stop) { progress in
      if progress.note == "a" { stop.request() }
    }
    #expect(throws: Interrupted.self) {
      try context.measure(MeasureSettings(), among: [metric])
    }
    #expect(metric.texts.take().count == 40)
    // What is there is not taken for the whole.
    #expect(try interrupted.rows("SELECT sources FROM metric") == [["NULL"]])
    let failure = try #require(throws: Failure.self) {
      try interrupted.context.select(ordered("letterCount"))
    }
    #expect(failure.what.contains("`letters` has not measured every document"))
    #expect(failure.remedy.contains("blalm measure"))
    let report = try interrupted.context.measure(MeasureSettings(), among: [metric])
    #expect(metric.texts.take().count == 40 && number("measured", report) == 40)
    _ = try whole.context.measure(MeasureSettings(), among: [metric])
    for table in ["letters", "measuredText", "missingReason", "metric", "metricColumn"] {
      let sql = "SELECT * FROM \(table)"
      #expect(try interrupted.rows(sql) == whole.rows(sql), "\(table)")
    }
    let ledger =
      "SELECT fingerprint, json_remove(report, '$.seconds') FROM stage WHERE name = 'measure'"
    #expect(try interrupted.rows(ledger) == whole.rows(ledger))
  }

  func ordered(_ column: String) -> SelectSettings {
    SelectSettings(
      sources: [.init(name: "a"), .init(name: "b")],
      order: TakingOrder("-" + column) ?? .random,
      devShare: 0
    )
  }

  @Test func `selections and keepers see the columns, and are made anew when metrics change`()
    throws
  {
    let context = fixture.context
    try measure()
    var settings = ordered("letterCount")
    settings.filter = "vowelShare < 0.4"
    #expect(try context.select(settings).output == 3)
    let rows = try fixture.rows(
      """
      SELECT preview, position, reason FROM selectedDocument JOIN document ON id = document
      ORDER BY position IS NULL, position, ordinal
      """
    )
    #expect(rows.map { $0[1] } == ["0", "1", "2", "NULL", "NULL"])
    #expect(rows.prefix(3).map { $0[0].first } == ["R", "T", "T"])
    #expect(
      rows.suffix(2).map { $0[2] } == ["out: the filter", "out: no value: vowelShare"]
    )
    #expect(try context.select(settings).status == .upToDate)
    var deduplication = DedupeSettings(keep: "letterCount")
    #expect(try context.dedupe(deduplication).status == .done)
    #expect(try context.dedupe(deduplication).status == .upToDate)
    deduplication.keep = "lettercounts"
    #expect(throws: Failure.self) { try context.dedupe(deduplication) }
    deduplication.keep = "letterCount"

    // A selection that reads no metric is none of their business.
    var plain = ordered("words")
    plain.name = "plain"
    plain.duplicates = .keep
    _ = try context.select(plain)

    var raised = metric
    raised.version = 2
    try measure(MeasureSettings(), [raised])
    #expect(try context.dedupe(deduplication).status == .done)
    #expect(try context.select(settings).status == .done)
    _ = try context.dedupe(DedupeSettings(keep: "first"))
    _ = try context.select(plain)
    try measure()
    #expect(try context.select(plain).status == .upToDate)

    // Sources that are newer than the numbers.
    try fixture.read("c", ["New."])
    let stale = try #require(throws: Failure.self) { try context.previewSelection(settings) }
    #expect(stale.what.contains("older") || stale.remedy.contains("again"), "\(stale)")
  }

  @Test func `a source's own column gives way to a metric's, whichever came first`() throws {
    let folder = try TemporaryFolder()
    let workspace = try Workspace.openForWriting(folder("w"))
    let context = StageContext(workspace: workspace)
    func read() throws {
      let document = Document(
        source: "a",
        key: "1",
        text: "Abc.",
        license: "CC0-1.0",
        origin: Origin(file: "f"),
        metadata: ["letterCount": .integer(99)]
      )
      try workspace.replaceSource(
        "a",
        record: SourceRecord(format: "text", options: "{}", files: []),
        stage: "ingest a"
      ) { try $0.append(try PreparedDocument(document)) }
      try workspace.index.recordStage(
        StageRecord(
          name: "ingest a",
          fingerprint: SHA256.hash("a").description,
          outputs: [],
          report: "{}",
          seconds: 0
        )
      )
    }
    func numbers() throws -> [Int?] {
      try workspace.index.read { database in
        try ["corpus", "attribute"].map {
          try Int.fetchOne(database, sql: "SELECT letterCount FROM \($0)")
        }
      }
    }
    try read()
    #expect(try numbers() == [99, 99])
    _ = try context.measure(MeasureSettings(), among: [metric])
    #expect(try numbers() == [3, 99])
    try read()
    #expect(try numbers() == [3, 99])
  }

  @Test func `a recipe's settings are checked with their lines`() throws {
    func recipe(_ measure: String) throws -> Recipe {
      try Recipe(
        yaml: Setting.parse(
          "name: r\nsources:\n  a: {format: text, paths: x}\nmeasure:\n\(measure)",
          file: "r.yaml"
        ),
        folder: "/folder"
      )
    }
    let settings = try recipe("  metrics: lexical\n  segmentation: {a: transcript}\n")
      .measurement
    #expect(settings == MeasureSettings(metrics: ["lexical"], segmentation: ["a": .transcript]))
    #expect(try recipe("  {}\n").measurement == MeasureSettings())
    #expect(
      try recipe("  wordLists: {ageOfAcquisition: lists/a.txt}\n").measurement?.wordLists
        == ["ageOfAcquisition": "/folder/lists/a.txt"]
    )
    for (text, line, remedy) in [
      ("  metric: lexical\n", "r.yaml:5", "metrics"),
      ("  metrics: lexica\n", "r.yaml:5", "lexical"),
      ("  metrics: []\n", "r.yaml:5", "measure all"),
      ("  metrics: lexical\n  wordLists: {daleChall: x}\n", "r.yaml:5", "`counts`"),
      ("  segmentation: {b: prose}\n", "r.yaml:5", "a"),
      ("  segmentation: {a: verse}\n", "r.yaml:5", "prose"),
      ("  wordLists: {pool: x}\n", "r.yaml:5", "ageOfAcquisition"),
    ] {
      let failure = try #require(throws: Failure.self) { try recipe(text) }
      #expect(failure.kind == .usage && failure.remedy.contains(remedy), "\(failure)")
      #expect(failure.place.hasPrefix(line), "\(failure)")
    }
  }

  @Test(arguments: ["", "a", "mmm", "4", "\u{1F600}\u{1F600}", "\u{5d0}\u{5d1} \u{5d2}", "\u{301}"])
  func `every metric has a value or a reason for every text`(text: String) throws {
    let long = String(repeating: text.isEmpty ? "x" : text, count: 20_000)
    let fixture = try MeasureFixture(["a": ["Something to read.", text + long]])
    _ = try fixture.context.measure()
    for metric in allMetrics {
      let rows = try fixture.rows("SELECT * FROM \(metric.name)")
      #expect(rows.count == 2)
      let missing = try fixture.rows(
        "SELECT count(*) FROM missingValue WHERE metric = '\(metric.name)'"
      )
      // Of each row all but the column `missing`.
      let nulls = rows.map { $0.dropLast() }.joined().count { $0 == "NULL" }
      #expect(missing == [["\(nulls)"]], "\(metric.name)")
    }
  }
}
