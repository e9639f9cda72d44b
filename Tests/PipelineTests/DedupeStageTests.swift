import Curation
import Documents
import Files
import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport
import Testing

/// Duplicates in workspaces that are filled with known texts.
@Suite struct DedupeStageTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A document in a cluster, as the index has it.
  struct Duplicate: Equatable {
    let key: String
    let keeper: String
    let kind: String
    let similarity: Double
  }

  /// A workspace with sources whose documents have the keys 0, 1 and so on.
  func workspace(_ sources: KeyValuePairs<String, [String]>) throws -> StageContext {
    let workspace = try Workspace.openForWriting(folder("w"))
    for (source, texts) in sources { try fill(workspace, source, texts) }
    return StageContext(workspace: workspace)
  }

  func fill(_ workspace: Workspace, _ source: String, _ texts: [String], mark: String = "a") throws
  {
    try workspace.replaceSource(
      source,
      record: SourceRecord(format: "text", options: "{}", files: []),
      stage: "ingest \(source)"
    ) { replacement in
      for (index, text) in texts.enumerated() {
        let document = Document(
          source: source,
          key: "\(index)",
          text: text,
          license: "CC0-1.0",
          origin: Origin(file: "\(source).txt", line: 1_000 - index)
        )
        try replacement.append(try PreparedDocument(document))
      }
    }
    try workspace.index.recordStage(
      StageRecord(
        name: "ingest \(source)",
        fingerprint: String(repeating: mark, count: 64),
        outputs: [],
        report: "{}",
        seconds: 0
      )
    )
  }

  func duplicates(_ context: StageContext) throws -> [Duplicate] {
    try context.workspace.index.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT d.source || d.key, k.source || k.key, kind, similarity FROM duplicate
          JOIN document d ON d.id = duplicate.document JOIN document k ON k.id = keeper ORDER BY 1
          """
      ).map { Duplicate(key: $0[0], keeper: $0[1], kind: $0[2], similarity: $0[3]) }
    }
  }

  func keepers(_ context: StageContext) throws -> [String: String] {
    Dictionary(uniqueKeysWithValues: try duplicates(context).map { ($0.key, $0.keeper) })
  }

  func detail(_ report: StageReport, _ path: String...) -> MetadataValue? {
    var value = MetadataValue.object(report.details)
    for name in path {
      guard case .object(let values) = value, let inner = values[name] else { return nil }
      value = inner
    }
    return value
  }

  static let story = (0..<120).map { "story\($0)" }.joined(separator: " ")
  /// The story with one word changed: five of 120 shingles differ.
  static let variant = story.replacing("story60 ", with: "other ")

  @Test func `exact and near duplicates are found within and across sources`() throws {
    let context = try workspace([
      "b": ["Alone here.", DedupeStageTests.story, "", "One two, three!"],
      "a": [DedupeStageTests.variant + " end", "one TWO three", "one two three", "...", ""],
    ])
    let report = try context.dedupe()
    let found = try duplicates(context)
    #expect(
      found.map(\.key) == ["a0", "a1", "a2", "b1", "b3"] && found[0].kind == "keeper"
        && found[0].keeper == "a0" && found[3].kind == "near" && found[3].keeper == "a0"
    )
    #expect(abs(found[3].similarity - 111 / 122) < 0.12)
    // The three short texts have three words each, so the lowest id decides.
    let short = try #require(found.first { $0.key == "a1" }).keeper
    #expect([found[1], found[2], found[4]].allSatisfy { $0.keeper == short && $0.similarity == 1 })
    #expect([found[1], found[2], found[4]].filter { $0.kind == "exact" }.count == 2)
    #expect(report.input == 9 && report.output == 6)
    #expect(report.rejected == ["exact duplicate": 2, "near duplicate": 1])
    #expect(report.words == 2 + 121 + 3 + 1)
    #expect(detail(report, "clusters") == .integer(2))
    #expect(detail(report, "duplicateWords") == .integer(126))
    #expect(detail(report, "sources", "b", "near") == .integer(1))
    let clusters = try context.workspace.index.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT documents, words, rule FROM duplicateCluster ORDER BY 2"
      )
      .map { "\($0[0] as Int) \($0[1] as Int) \($0[2] as String)" }
    }
    #expect(
      clusters == [
        "3 9 the most words, then the lowest id", "2 241 the most words, then the lowest id",
      ]
    )
    let copies = try context.workspace.index.read {
      try Int.fetchOne($0, sql: "SELECT count(duplicateOf) FROM corpus")
    }
    #expect(copies == 3)
  }

  @Test func `a pair across sources is counted with the words that would go`() throws {
    let context = try workspace([
      "a": [DedupeStageTests.story], "b": [DedupeStageTests.story + " x"],
    ])
    let report = try context.dedupe()
    #expect(
      detail(report, "acrossSources")
        == .list([
          .object([
            "kept": .text("b"), "duplicate": .text("a"), "documents": .integer(1),
            "words": .integer(120),
          ])
        ])
    )
  }

  @Test func `the settings choose the keeper`() throws {
    let story = DedupeStageTests.story
    let context = try workspace([
      "a": [story + ".", "Other.", story], "b": [story + " more", story], "c": [story + " - !"],
    ])
    func keeper(_ settings: DedupeSettings) throws -> Set<String> {
      _ = try context.dedupe(settings)
      return Set(try keepers(context).values)
    }
    // A dash alone is a word to budgets, so the last text has the most of them.
    #expect(try keeper(DedupeSettings()) == ["c0"])
    #expect(try keeper(DedupeSettings(keep: "first")) == ["a0"])
    #expect(try keeper(DedupeSettings(keep: "first", sources: ["c", "b"])) == ["c0"])
    #expect(try keeper(DedupeSettings(keep: "first", sources: ["b"])) == ["b0"])
    // The lines fall from 1,000 in each source: the first documents have the highest.
    #expect(try keeper(DedupeSettings(keep: "line", sources: ["b"])) == ["b0"])
    #expect(try keeper(DedupeSettings(keep: "ordinal")) == ["a2"])
    #expect(try keeper(DedupeSettings(keep: "source")) == ["c0"])
    #expect(try keeper(DedupeSettings(keep: "bytes")) == ["b0"])
  }

  @Test(arguments: [
    (DedupeSettings(keep: "longet"), "`longest`"), (DedupeSettings(keep: "duplicateOf"), "known"),
    (DedupeSettings(keep: "words\"; DROP TABLE document"), "known"),
    (DedupeSettings(sources: ["aa"]), "`a`"), (DedupeSettings(bands: 0), "128 bands"),
    (DedupeSettings(rows: 65), "64 rows"), (DedupeSettings(threshold: 1.5), "0 to 1"),
    (DedupeSettings(threshold: .nan), "0 to 1"), (DedupeSettings(paragraphWords: 0), "above 0"),
    (DedupeSettings(sources: ["a", "a"]), "once"),
  ])
  func `settings that name nothing are bad usage`(settings: DedupeSettings, words: String) throws {
    let context = try workspace(["a": ["One.", "one"]])
    let failure = try #require(throws: Failure.self) { _ = try context.dedupe(settings) }
    #expect(failure.kind == .usage && failure.remedy.contains(words), "\(failure)")
    #expect(try context.workspace.index.stage("dedupe") == nil)
  }

  @Test func `a workspace without documents says so`() throws {
    let failure = try #require(throws: Failure.self) { _ = try workspace([:]).dedupe() }
    #expect(failure.remedy.contains("ingest"))
  }

  @Test func `paragraphs that several documents have are counted for each`() throws {
    let rhyme = "The quick brown fox jumps over the lazy dog at noon."
    let context = try workspace([
      "a": [
        "First things first.\n\(rhyme)\nAnd then\n\(rhyme)", "Second.\n\(rhyme.uppercased())!",
        "Twice in one alone, which does not count at all.\n"
          + "Twice in one alone, which does not count at all.",
        "the quick brown fox",
      ],
      "b": ["Third.\n" + rhyme.replacing(" at", with: " -- at")],
    ])
    let report = try context.dedupe()
    let rows = try context.workspace.index.read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT source || key, paragraphs, r.words FROM repeatedParagraph r
          JOIN document d ON d.id = document ORDER BY 1
          """
      ).map { "\($0[0] as String) \($0[1] as Int) \($0[2] as Int)" }
    }
    #expect(rows == ["a0 2 22", "a1 1 11", "b0 1 12"])
    #expect(detail(report, "repeatedParagraphs", "paragraphs") == .integer(4))
    #expect(detail(report, "repeatedParagraphs", "words") == .integer(45))
    let fewer = try context.dedupe(DedupeSettings(paragraphWords: 12))
    #expect(detail(fewer, "repeatedParagraphs", "documents") == .integer(0))
  }

  @Test func `it runs once, and again where a source or a setting has changed`() throws {
    let context = try workspace(["a": ["One.", "one", "Two."]])
    #expect(try context.fingerprintOfDeduplication() == nil)
    #expect(try context.dedupe().status == .done)
    let fingerprint = try context.fingerprintOfDeduplication()
    #expect(fingerprint != nil)
    #expect(try context.dedupe().status == .upToDate)
    #expect(try context.fingerprintOfDeduplication() == fingerprint)
    #expect(try context.dedupe(DedupeSettings(keep: "first")).status == .done)
    #expect(try context.fingerprintOfDeduplication() != fingerprint)
    try fill(context.workspace, "a", ["One.", "Two.", "Three."], mark: "b")
    let failure = try #require(throws: Failure.self) {
      _ = try context.fingerprintOfDeduplication()
    }
    #expect(failure.remedy.contains("blalm dedupe"))
    #expect(try context.dedupe().status == .done)
    #expect(try duplicates(context).isEmpty)
    try fill(context.workspace, "b", ["three"])
    #expect(throws: Failure.self) { _ = try context.fingerprintOfDeduplication() }
    #expect(try context.dedupe().rejected == ["exact duplicate": 1])
  }

  /// Pairs at one similarity: those that become clusters, within four standard errors of the theory.
  @Test(arguments: [0.6, 0.7, 0.8, 0.9])
  func `planted pairs become clusters as often as the theory says`(similarity: Double) throws {
    let shingles = 120
    let common = Int((2 * Double(shingles) * similarity / (1 + similarity)).rounded())
    let exact = Double(common) / Double(2 * shingles - common)
    let pairs = 400
    func text(_ pair: Int, _ side: String) -> String {
      (0..<shingles + 4).map { $0 < common + 4 ? "p\(pair)c\($0)" : "p\(pair)\(side)\($0)" }
        .joined(separator: " ")
    }
    let context = try workspace([
      "left": (0..<pairs).map { text($0, "l") }, "right": (0..<pairs).map { text($0, "r") },
    ])
    let report = try context.dedupe()
    let expected = MinHash().recall(at: exact)
    let error = (expected * (1 - expected) / Double(pairs)).squareRoot()
    let found = Double(report.rejected["near duplicate"] ?? 0) / Double(pairs)
    #expect(abs(found - expected) <= 4 * error + 0.0025)
    // No cluster but those that were planted.
    for duplicate in try duplicates(context) {
      #expect(duplicate.key.drop { $0.isLetter } == duplicate.keeper.drop { $0.isLetter })
    }
    // A threshold above all of them leaves none; one below leaves all.
    let strict = try context.dedupe(DedupeSettings(threshold: 0.999))
    #expect(strict.rejected.isEmpty)
    let loose = try context.dedupe(DedupeSettings(threshold: 0.1))
    #expect(loose.rejected == report.rejected)
  }

  @Test func `a threshold joins exactly the pairs that reach it`() throws {
    let variants = (0..<40).map { index in
      DedupeStageTests.story.replacing("story\(index * 3) ", with: "v\(index) ")
    }
    let context = try workspace(["a": variants])
    let all = try context.dedupe(DedupeSettings(bands: 20, rows: 2))
    #expect(all.output == 1)
    let some = try context.dedupe(DedupeSettings(bands: 56, rows: 2, threshold: 0.95))
    #expect(some.output > 1)
    // Pair by pair, by the same signatures.
    let functions = MinHash(bands: 56, rows: 2)
    var signer = TextSigner(functions, paragraphWords: 5)
    var batch = SignatureBatch()
    for text in variants { signer.sign(text.utf8Span.span, into: &batch) }
    func signature(_ index: Int) -> [Int32] {
      Array(batch.minima[index * functions.count..<(index + 1) * functions.count])
    }
    var sets = DisjointSets(count: variants.count)
    for left in variants.indices {
      for right in variants.indices
      where left < right && functions.similarity(signature(left), signature(right)) >= 0.95 {
        sets.join(UInt32(left), UInt32(right))
      }
    }
    let (documents, starts) = sets.clusters()
    #expect(some.output == variants.count - documents.count + starts.count)
  }

  @Test func `a shard that holds other documents than the index is refused`() throws {
    let context = try workspace(["a": ["One.", "Two."], "b": ["Three."]])
    try context.workspace.index.write {
      try $0.execute(sql: "UPDATE shard SET documents = 3 WHERE source = 'a'")
    }
    let failure = try #require(throws: Failure.self) { _ = try context.dedupe() }
    #expect(failure.what.contains("hold 3 documents, but the index knows 4"))
  }

  @Test func `the measurement signs what the sources hold`() throws {
    let texts = ["One two.", "Three \u{e9}."]
    let context = try workspace(["a": [texts[0]], "b": [texts[1]]])
    let figure = try SigningBenchmark(context.workspace, rounds: 1)
    #expect(figure.documents == 2 && figure.bytes == texts.joined().utf8.count)
    #expect(figure.megabytesPerSecond > 0 && figure.seconds > 0)
  }

  @Test func `a request to stop leaves the index as it was`() throws {
    let context = try workspace(["a": ["One.", "one", "Two."]])
    _ = try context.dedupe()
    let before = try duplicates(context)
    let stop = StopSignal()
    stop.request()
    let stopped = StageContext(workspace: context.workspace, stop: stop)
    #expect(throws: Interrupted.self) { _ = try stopped.dedupe(DedupeSettings(keep: "first")) }
    #expect(try duplicates(context) == before)
    #expect(try context.dedupe().status == .upToDate)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("w/shards"))
    #expect(names == ["a-00000.jsonl.zst"])
  }
}
