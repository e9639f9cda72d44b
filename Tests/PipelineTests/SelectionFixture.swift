import Documents
import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport

/// A workspace of three sources of made-up documents with scores, books and duplicates.
struct SelectionFixture {
  /// A document with all that a selection could ask of it.
  struct Item {
    let document: Document
    let ordinal: Int
    let score: Double?
    let book: String?
    var keeper: DocumentID?

    /// The words as a reader counts them, and not as the program does.
    var words: [Substring] { document.text.split { $0 == " " || $0 == "\n" } }
  }

  let folder: TemporaryFolder
  let context: StageContext
  private(set) var items: [Item] = []

  /// The documents of a source, in its order.
  func items(of source: String) -> [Item] { items.filter { $0.document.source == source } }

  init(seed: UInt64 = 3) throws {
    folder = try TemporaryFolder()
    let workspace = try Workspace.openForWriting(folder("w"))
    context = StageContext(workspace: workspace)
    var random = SeededNumbers(seed)
    for (source, count) in [("a", 120), ("b", 60), ("c", 200)] {
      for ordinal in 0..<count {
        items.append(SelectionFixture.item(source, ordinal, &random))
      }
    }
    markDuplicates(&random)
    for source in ["a", "b", "c"] {
      let documents = items(of: source).map(\.document)
      try workspace.replaceSource(
        source,
        record: SourceRecord(format: "tinystories", options: "{}", files: []),
        stage: "ingest \(source)"
      ) {
        for document in documents { try $0.append(try PreparedDocument(document)) }
      }
      try workspace.index.recordStage(
        StageRecord(
          name: "ingest \(source)",
          fingerprint: SHA256.hash(source).description,
          outputs: [],
          report: "{}",
          seconds: 0
        )
      )
    }
    let clusters = Dictionary(grouping: items.filter { $0.keeper != nil }, by: \.keeper)
    try workspace.index.write { database in
      for (keeper, copies) in clusters {
        guard let keeper else { continue }
        try database.execute(
          sql: "INSERT INTO duplicateCluster VALUES (?, ?, 0, 'first')",
          arguments: [keeper.description, copies.count + 1]
        )
        for copy in copies {
          try database.execute(
            sql: "INSERT INTO duplicate VALUES (?, ?, 'near', 0.9)",
            arguments: [copy.document.id.description, keeper.description]
          )
        }
        try database.execute(
          sql: "INSERT INTO duplicate VALUES (?1, ?1, 'keeper', 1)",
          arguments: [keeper.description]
        )
      }
    }
  }

  private static func item(
    _ source: String,
    _ ordinal: Int,
    _ random: inout SeededNumbers
  ) -> Item {
    let sentences = (0..<Int.random(in: 1...8, using: &random)).map { _ in
      let words = Int.random(in: 1...(source == "b" ? 30 : 9), using: &random)
      return (0..<words).map { _ in random.pick(["dog", "a", "runs", "we're"]) }
        .joined(separator: " ") + random.pick([".", "!", "?\"", "\u{2026}", ".)"])
    }
    var text = sentences[0]
    for sentence in sentences.dropFirst() {
      text += random.pick([" ", "\n", "\n\n", "  "]) + sentence
    }
    if Int.random(in: 0..<40, using: &random) == 0 { text = "" }
    let score =
      Int.random(in: 0..<5, using: &random) == 0
      ? nil : Double(Int.random(in: -20...20, using: &random)) / 4
    let book =
      Int.random(in: 0..<6, using: &random) == 0
      ? nil : "book\(Int.random(in: 0..<15, using: &random))"
    var metadata: [String: MetadataValue] = [:]
    metadata["score"] = score.map { .number($0) }
    metadata["book"] = book.map { .text($0) }
    return Item(
      document: Document(
        source: source,
        key: "\(ordinal)",
        text: text,
        license: "CC0-1.0",
        origin: Origin(file: "f.txt"),
        metadata: metadata
      ),
      ordinal: ordinal,
      score: score,
      book: book,
      keeper: nil
    )
  }

  /// Declares every tenth document or so a copy of an earlier one, of any source.
  private mutating func markDuplicates(_ random: inout SeededNumbers) {
    var keepers: Set<DocumentID> = []
    for index in items.indices.dropFirst() where Int.random(in: 0..<10, using: &random) == 0 {
      let other = Int.random(in: 0..<index, using: &random)
      guard items[other].keeper == nil, !keepers.contains(items[index].document.id) else {
        continue
      }
      keepers.insert(items[other].document.id)
      items[index].keeper = items[other].document.id
    }
  }

  /// What became of each document in a selection.
  func rows(of selection: String) throws -> [DocumentID: SelectionRow] {
    try context.workspace.index.read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT document, split, position, words, bytes, reason FROM selectedDocument
          WHERE selection = ?
          """,
        arguments: [selection]
      )
      return Dictionary(
        uniqueKeysWithValues: rows.compactMap { row in
          guard let id = DocumentID(row[0] as String) else { return nil }
          let split = (row[1] as String?).flatMap(Split.init(rawValue:))
          return (
            id,
            SelectionRow(
              id: id,
              split: split,
              position: row[2],
              words: row[3],
              bytes: row[4],
              reason: row[5]
            )
          )
        }
      )
    }
  }
}

extension SeededNumbers {
  /// One of some choices, at random.
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: choices.indices, using: &self)]
  }
}
