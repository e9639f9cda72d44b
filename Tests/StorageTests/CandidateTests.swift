import Documents
import Files
import Foundation
import GRDB
import Storage
import TestSupport
import Testing

/// Filters, and what a selection reads of the index.
@Suite struct CandidateTests {
  let folder: TemporaryFolder
  let workspace: Workspace

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.openForWriting(folder("w"))
    for source in ["a", "b"] {
      try workspace.replaceSource(
        source,
        record: SourceRecord(format: "tinystories", options: "{}", files: []),
        stage: "ingest \(source)"
      ) {
        for index in 0..<100 {
          var metadata: [String: MetadataValue] = ["name": .text("n\(index % 7)")]
          if index % 4 != 0 { metadata["score"] = .number(Double(index) - 50) }
          if index % 3 != 0 { metadata["level"] = .integer(index % 5) }
          try $0.append(
            try PreparedDocument(
              Document(
                source: source,
                key: "k/\(index)",
                text: String(repeating: "word ", count: index),
                license: "CC0-1.0",
                origin: Origin(file: "f"),
                metadata: metadata
              )
            )
          )
        }
      }
    }
  }

  func read(
    _ filter: String?,
    sources: [String] = ["a"],
    values: [String] = [],
    names: [String] = []
  ) throws -> CandidateTable {
    try workspace.index.candidates(
      sources.map { CandidateQuery(source: $0, filter: filter, place: "here") },
      values: values,
      names: names
    ) {}
  }

  func verdicts(_ filter: String) throws -> [Int: FilterVerdict] {
    let table = try read(filter)
    return Dictionary(
      uniqueKeysWithValues: table.rows.indices.map {
        (table.ordinals[$0], table.verdictKinds[Int(table.verdicts[$0])])
      }
    )
  }

  @Test func `documents come in the order of identities, with what the index holds of them`() throws
  {
    let table = try read(nil, sources: ["b", "a"])
    #expect(table.rows.count == 200)
    #expect(table.rows.map(\.id) == table.rows.map(\.id).sorted())
    for (number, source) in ["b", "a"].enumerated() {
      let expected = try workspace.index.candidates(of: source)
      let found = table.rows.indices.filter { table.sources[$0] == number }
        .sorted { table.ordinals[$0] < table.ordinals[$1] }.map { table.rows[$0] }
      #expect(found.map(\.id) == expected.map(\.id))
      #expect(found.map(\.words) == expected.map(\.words))
      #expect(found.map(\.bytes) == expected.map(\.bytes))
      #expect(found.map(\.place) == expected.map(\.place))
      #expect(found.allSatisfy { $0.source == source })
    }
  }

  @Test func `a filter is true, false or without a value, by its first column that is NULL`() throws
  {
    for (ordinal, verdict) in try verdicts("level >= 2 AND score > 0") {
      let level = ordinal % 3 != 0 ? ordinal % 5 : nil
      let score = ordinal % 4 != 0 ? ordinal - 50 : nil
      let expected: FilterVerdict
      switch (level.map { $0 >= 2 }, score.map { $0 > 0 }) {
      case (true, true): expected = .passes
      case (false, _), (_, false): expected = .fails
      case (nil, _): expected = .noValue("level")
      case (_, nil): expected = .noValue("score")
      }
      #expect(verdict == expected, "\(ordinal)")
    }
    #expect(try verdicts("nullif(words, words)").values.allSatisfy { $0 == .noResult })
    #expect(try verdicts("'3' + 0 = 3 OR score").values.allSatisfy { $0 == .passes })
    #expect(
      try verdicts(
        "coalesce(score, 1) > 0 OR (level IS NULL AND \"order\" IS NULL)"
          .replacing("\"order\"", with: "duplicateOf")
      ).values.contains(.passes)
    )
  }

  @Test func `each source has its own filter`() throws {
    let table = try workspace.index.candidates([
      CandidateQuery(source: "b", filter: "words < 10", place: "here"),
      CandidateQuery(source: "a", filter: nil, place: "here"),
    ]) {}
    let passing = table.rows.indices.filter { table.verdicts[$0] == 0 }.map {
      table.rows[$0].source
    }
    #expect(passing.filter { $0 == "b" }.count == 10)
    #expect(passing.filter { $0 == "a" }.count == 100)
  }

  @Test func `columns come as values and as names`() throws {
    let table = try read(nil, values: ["score", "name"], names: ["name", "level"])
    for index in table.rows.indices {
      let ordinal = table.ordinals[index]
      #expect(
        table.values[0].values[index].number == (ordinal % 4 != 0 ? Double(ordinal) - 50 : nil)
      )
      #expect(table.values[1].values[index].kind == .text)
      let name = table.names[0].names[Int(table.names[0].codes[index])]
      #expect(String(decoding: name, as: UTF8.self) == "n\(ordinal % 7)")
      let level = Int(table.names[1].codes[index])
      #expect((level < 0) == (ordinal % 3 == 0))
    }
    #expect(table.names[0].names.count == 7)
    let scores = table.values[0].values
    for (left, right) in zip(scores, scores.dropFirst()) {
      guard let a = left.number, let b = right.number else { continue }
      #expect((a < b) == (left.key < right.key))
    }
  }

  @Test(arguments: [
    ("1); DROP TABLE document; --", "was not opened"),
    ("1; DROP TABLE document", "`;`"),
    ("load_extension('x')", "`load_extension`"),
    ("readfile('/etc/passwd') IS NULL", "readfile"),
    ("(SELECT count(*) FROM shard) > 0", "`SELECT`"),
    ("words IN shard", "`shard`"), ("words IN main.document", "`document`"),
    ("1 IN json_each('[1]')", "not allowed"), ("1 IN pragma_database_list", "not allowed"),
    (
      "(WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t)",
      "`WITH`"
    ),
    ("(VALUES (1))", "`VALUES`"), ("random() > 0", "`random`"), ("date('now') > 1", "`date`"),
    ("CURRENT_TIMESTAMP > 1", "`current_timestamp`"), ("max(words) > 3", "aggregate"),
    ("count(*) > 3", "count"), ("row_number() OVER () = 1", "`row_number`"),
    ("1) OR (1", "was not opened"), ("(1", "not closed"), ("words = 'x", "no end"),
    ("words > ?", "`?`"), ("words > :w", "`:`"), ("words -- > 3", "comments"),
    ("words /* */ > 3", "comments"), ("", "empty"), ("words >", "syntax"),
    ("1 ORDER BY words", "ORDER"), ("1 LIMIT 1", "LIMIT"), ("nope > 1", "nope"),
    ("\"nope\" = 1", "nope"), ("document.words > 1", "document.words"),
    ("zeroblob(1000000000) IS NULL", "`zeroblob`"), ("printf('%09999d', 1) > 1", "`printf`"),
    (String(repeating: "(", count: 150) + "1" + String(repeating: ")", count: 150), "overflow"),
    (String(repeating: "1+", count: 1_000) + "1", "depth"),
    (String(repeating: "1 OR ", count: 3_000) + "1", "10000"),
    ("1\0 OR 1", "not allowed"),
  ])
  func `a hostile filter is refused, and says why`(filter: String, reason: String) throws {
    let before = try Data(contentsOf: URL(filePath: folder("w/corpus.sqlite")))
    let failure = try #require(throws: Failure.self) { try read(filter) }
    #expect(failure.kind == .usage)
    #expect(failure.place == "here")
    #expect(failure.what.contains(reason), "\(failure.what)")
    #expect(try Data(contentsOf: URL(filePath: folder("w/corpus.sqlite"))) == before)
  }

  @Test(arguments: [
    "corpus.words > 3", "words BETWEEN 1 AND 5 AND name LIKE 'n%'", "lower(name) IN ('n1', 'n2')",
    "CASE WHEN score > 0 THEN 1 ELSE level END", "name = 'it''s; -- (' OR 1",
    "max(words, bytes) > min(level, 3)", "[words] > `level`", "cast(name AS integer) = 0",
    String(repeating: "1+", count: 197) + "1",
    "instr(key, '/') AND length(preview) > 1 AND abs(round(score)) >= 0 AND duplicateOf IS NULL",
  ])
  func `a fair filter is understood`(filter: String) throws {
    #expect(try read(filter).rows.count == 100)
  }

  @Test func `a filter that takes too many steps is stopped`() throws {
    let terms = (0..<900).map { "words+\($0)" }.joined(separator: ",")
    let filter = "-1 IN (\(terms))"
    let failure = try #require(throws: Failure.self) { try read(filter) }
    #expect(failure.what.contains("steps"), "\(failure.what)")
  }

  @Test func `a filter that fails on a document says so`() throws {
    let failure = try #require(throws: Failure.self) { try read("json_extract(name, '$.x') = 1") }
    #expect(failure.what.contains("malformed JSON"))
  }

  @Test func `reading can be stopped`() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try workspace.index.candidates([CandidateQuery(source: "a", filter: nil, place: "")]) {
        throw Stop()
      }
    }
  }
}
