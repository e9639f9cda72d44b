import Documents
import Files
import GRDB
import Storage
import TestSupport
import Testing

/// Metadata as columns of the index.
@Suite struct AttributeTests {
  let folder: TemporaryFolder
  let workspace: Workspace

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.openForWriting(folder("w"))
  }

  func fill(_ source: String, _ metadata: [[String: MetadataValue]]) throws {
    try workspace.replaceSource(
      source,
      record: SourceRecord(format: "tinystories", options: "{}", files: []),
      stage: "ingest \(source)"
    ) {
      for (index, values) in metadata.enumerated() {
        try $0.append(
          try PreparedDocument(
            Document(
              source: source,
              key: "\(index)",
              text: "Text \(index).",
              license: "CC0-1.0",
              origin: Origin(file: "f"),
              metadata: values
            )
          )
        )
      }
    }
  }

  func rows(_ sql: String) throws -> [[DatabaseValue]] {
    try workspace.index.read { try Row.fetchAll($0, sql: sql).map { Array($0.databaseValues) } }
  }

  @Test func `scalars become columns with their own types`() throws {
    try fill(
      "a",
      [
        ["title": .text("One"), "score": .number(2.5), "good": .flag(true), "list": .list([])],
        ["score": .integer(3), "good": .flag(false), "inner": .object(["x": .integer(1)])],
        [:],
      ]
    )
    #expect(
      try rows("SELECT title, score, typeof(score), good FROM corpus ORDER BY ordinal") == [
        ["One".databaseValue, 2.5.databaseValue, "real".databaseValue, 1.databaseValue],
        [.null, 3.databaseValue, "integer".databaseValue, 0.databaseValue],
        [.null, .null, "null".databaseValue, .null],
      ]
    )
    #expect(try workspace.index.corpusColumns().contains("list") == false)
    #expect(try workspace.index.corpusColumns().contains("inner") == false)
  }

  @Test func `names that cannot or must not be columns get none`() throws {
    let long = String(repeating: "a", count: 65)
    try fill(
      "a",
      [
        [
          "two words": .integer(1), "1st": .integer(1), "": .integer(1), long: .integer(1),
          "x\"; DROP TABLE document; --": .integer(1), "Words": .integer(1), "id": .integer(1),
          "document": .integer(1), "rowid": .integer(1), "contaminated": .integer(1),
          "é": .integer(1), "order": .integer(1), "_fine9": .integer(1),
        ]
      ]
    )
    let columns = try rows("SELECT name FROM pragma_table_info('attribute') ORDER BY cid")
    #expect(columns == [["document"], ["_fine9"], ["order"]].map { $0.map(\.databaseValue) })
  }

  @Test func `names that differ in case alone share a column`() throws {
    try fill("a", [["Title": .text("A"), "title": .text("b")], ["title": .text("c")]])
    #expect(
      try rows("SELECT title FROM corpus ORDER BY ordinal")
        == [["A".databaseValue], ["c".databaseValue]]
    )
  }

  @Test func `the number of columns has a limit`() throws {
    let many = Dictionary(
      uniqueKeysWithValues: (100..<350).map { ("c\($0)", MetadataValue.integer($0)) }
    )
    try fill("a", [many])
    let columns = try rows("SELECT name FROM pragma_table_info('attribute') ORDER BY cid")
    #expect(columns.count == 201)
    #expect(columns.last == ["c299".databaseValue])
    #expect(try rows("SELECT c299 FROM corpus") == [[299.databaseValue]])
  }

  @Test func `columns stand by name whichever source came first`() throws {
    try fill("b", [["zebra": .integer(1)]])
    try fill("a", [["apple": .integer(2), "zebra": .integer(3)]])
    let columns = try workspace.index.corpusColumns()
    let apple = try #require(columns.firstIndex(of: "apple"))
    #expect(columns[apple...].prefix(2) == ["apple", "zebra"])
    #expect(try rows("SELECT source, apple, zebra FROM corpus ORDER BY source").count == 2)
  }

  @Test func `replacing a source replaces its attributes, and an error keeps them`() throws {
    struct Stop: Error {}
    try fill("a", [["x": .integer(1)], ["x": .integer(2)]])
    #expect(throws: Stop.self) {
      try workspace.replaceSource(
        "a",
        record: SourceRecord(format: "tinystories", options: "{}", files: []),
        stage: "ingest a"
      ) { replacement in
        for index in 0..<1_000 {
          try replacement.append(
            try PreparedDocument(
              Document(
                source: "a",
                key: "\(index)",
                text: String(repeating: "text ", count: 300),
                license: "",
                origin: Origin(file: "f"),
                metadata: ["y": .integer(1)]
              )
            )
          )
        }
        throw Stop()
      }
    }
    #expect(
      try rows("SELECT x FROM attribute ORDER BY x") == [[1.databaseValue], [2.databaseValue]]
    )
    #expect(try !workspace.index.corpusColumns().contains("y"))
    try fill("a", [["x": .integer(3)]])
    #expect(try rows("SELECT x FROM attribute") == [[3.databaseValue]])
  }

  @Test func `a column goes with its last value`() throws {
    try fill("a", [["x": .integer(1), "y": .integer(2)]])
    try fill("b", [["x": .integer(3)]])
    try fill("a", [["z": .integer(4)]])
    let columns = try workspace.index.corpusColumns()
    #expect(columns.contains("x") && columns.contains("z") && !columns.contains("y"))
    #expect(try rows("SELECT x FROM corpus WHERE source = 'b'") == [[3.databaseValue]])
    #expect(try rows("SELECT x, z FROM corpus WHERE source = 'a'") == [[.null, 4.databaseValue]])
  }
}
