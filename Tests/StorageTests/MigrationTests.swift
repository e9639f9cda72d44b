import Files
import Foundation
import GRDB
import Storage
import TestSupport
import Testing

/// A workspace of the first schema, as the foundation wrote it.
@Suite struct MigrationTests {
  let folder: TemporaryFolder
  var file: String { folder("w/corpus.sqlite") }

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("w/shards"),
      withIntermediateDirectories: true
    )
    let queue = try DatabaseQueue(path: folder("w/corpus.sqlite"))
    try migrations.migrate(queue, upTo: "1 sources, documents, selections, tokens, stages")
    try queue.write { database in
      let id = String(repeating: "a", count: 32)
      let hash = String(repeating: "0", count: 64)
      try database.execute(
        sql: """
          INSERT INTO source VALUES ('tales', 'tinystories');
          INSERT INTO shard VALUES ('tales-00000.jsonl.zst', 'tales', 10, 1, '\(hash)');
          INSERT INTO document VALUES ('\(id)', 'tales', 0, 'k', 'f', 1, 'CC0-1.0', 3, 12, '\(hash)',
            'One two.', 'tales-00000.jsonl.zst', 0, 10, 0);
          INSERT INTO rejection VALUES ('tales', 0, 'empty', 'f', 2, '');
          INSERT INTO selection VALUES ('main', '{}');
          INSERT INTO selectedDocument VALUES ('main', '\(id)', 'train', 0, 3, 12, 'in');
          INSERT INTO tokenizer VALUES ('main', 'main', 300, 3, '\(hash)');
          INSERT INTO tokenRange VALUES ('main--main', 'train', 0, 5, '\(id)');
          INSERT INTO stage VALUES ('select main', '\(hash)', '[]', '{}', 1.5, '2026-01-01');
          INSERT INTO inputFile VALUES ('/f', 12, 1.0, '\(hash)');
          """
      )
    }
    try queue.close()
  }

  func rows(_ table: String, columns: String = "*") throws -> [Row] {
    let queue = try DatabaseQueue(path: file)
    defer { try? queue.close() }
    return try queue.read { try Row.fetchAll($0, sql: "SELECT \(columns) FROM \(table)") }
  }

  @Test func `the first schema is brought to the present one with its rows`() throws {
    let tables = [
      "source", "shard", "document", "rejection", "selection", "selectedDocument", "tokenizer",
      "tokenRange", "stage", "inputFile",
    ]
    let before = try tables.map { try rows($0) }
    do { _ = try Workspace.openForWriting(folder("w")) }
    for (table, earlier) in zip(tables, before) {
      let names = try #require(earlier.first).columnNames.map { "\"\($0)\"" }
      #expect(try rows("\(table)", columns: names.joined(separator: ", ")) == earlier, "\(table)")
    }
    #expect(before.allSatisfy { $0.count == 1 })
    // What the second schema allows and adds.
    let queue = try DatabaseQueue(path: file)
    try queue.write { database in
      try database.execute(sql: "UPDATE selectedDocument SET split = 'test'")
      try database.execute(sql: "UPDATE tokenRange SET split = 'test'")
      let shown = try String.fetchAll(
        database,
        sql: "SELECT key FROM corpus WHERE contaminated = 0"
      )
      #expect(shown == ["k"])
      #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
      #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
    }
    try queue.close()
    #expect(try Workspace.openForReading(folder("w")).index.stages().count == 1)
  }

  @Test func `an index of the first schema that is only read asks for a build`() throws {
    for open in [Workspace.openForReading, Workspace.openForChecking] {
      let failure = try #require(throws: Failure.self) { _ = try open(folder("w")) }
      #expect(failure.what.contains("older schema") && failure.place == file)
      #expect(failure.remedy.contains("blalm build"))
    }
    #expect(try rows("selectedDocument").count == 1)
  }
}
