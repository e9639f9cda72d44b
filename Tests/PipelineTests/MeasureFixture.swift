import Documents
import Files
import Foundation
import GRDB
import Metrics
import Pipeline
import Storage
import Synchronization
import TestSupport

/// A metric that counts what it does, so that tests see which texts were measured.
struct LetterMetric: Metric {
  let name = "letters"
  var version = 1
  let summary = "Letters of ASCII and what part of them are vowels."
  let columns = [
    MetricColumn("letterCount", .integer, "The letters of ASCII."),
    MetricColumn("vowelShare", .real, "The part of the letters that are vowels."),
    MetricColumn("markedWords", .integer, "The words that a list marks."),
    MetricColumn("sentenceCount", .integer, "The sentences."),
  ]
  let wordLists = ["marked"]
  /// The texts that were measured.
  let texts = Recorder()

  func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    LetterMeasurer(texts: texts, marked: resources.wordLists["marked"])
  }
}

/// The pool's words alone.
struct PoolMetric: Metric {
  let name = "poolShare"
  let version = 1
  let summary = "The part of the words that are frequent in the pool."
  let columns = [MetricColumn("mostFrequentRank", .integer, "The rank of the word `the`.")]
  let wordLists = [MetricResources.pool]
  let texts = Recorder()

  func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    PoolMeasurer(texts: texts, rank: resources.poolRanks?[WordKey.key(of: "the")])
  }
}

/// Texts, from whatever thread.
final class Recorder: Sendable {
  private let texts = Mutex<[String]>([])

  func add(_ text: Span<UInt8>) {
    let bytes = text.indices.map { text[$0] }
    texts.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
  }

  /// The texts since the last call, in order.
  func take() -> [String] {
    texts.withLock { texts in
      defer { texts = [] }
      return texts.sorted()
    }
  }
}

private struct LetterMeasurer: Measurer {
  let texts: Recorder
  let marked: [String: Double]?

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    texts.add(text)
    let string = String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
    let letters = string.lowercased().filter { $0.isASCII && $0.isLetter }
    values.append(.integer(letters.count))
    let vowels = letters.count { "aeiou".contains($0) }
    values.append(
      letters.isEmpty ? .missing("no letters") : .real(Double(vowels) / Double(letters.count))
    )
    if let marked {
      let words = string.lowercased().split { !$0.isLetter }
      values.append(.integer(words.count { marked[String($0)] != nil }))
    } else {
      values.append(.missing("no list"))
    }
    values.append(.integer(scan.sentences.count))
  }
}

private struct PoolMeasurer: Measurer {
  let texts: Recorder
  let rank: Double?

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    texts.add(text)
    values.append(rank.map { .integer(Int($0)) } ?? .missing("not frequent"))
  }
}

/// A workspace of plain texts, a line each, that can be read anew.
struct MeasureFixture {
  let folder: TemporaryFolder
  let context: StageContext

  init(_ sources: [String: [String]]) throws {
    folder = try TemporaryFolder()
    context = StageContext(workspace: try Workspace.openForWriting(folder("w")))
    for (name, texts) in sources.sorted(by: { $0.key < $1.key }) { try read(name, texts) }
  }

  /// Reads a source, in place of what it was.
  func read(_ name: String, _ texts: [String]) throws {
    let rows = texts.enumerated().map { index, text in
      canonicalJSON(["text": text, "id": "\(index)"])
    }
    let path = try folder.write("\(name).jsonl", rows.joined(separator: "\n") + "\n")
    _ = try context.ingest(
      IngestSettings(
        name: name,
        format: .finewebEdu,
        paths: [path],
        reader: try ConfiguredReader(.finewebEdu, source: name, options: nil)
      )
    )
  }

  func rows(_ sql: String) throws -> [[String]] {
    try context.workspace.index.read { database in
      try Row.fetchAll(database, sql: sql).map { row in
        row.map { _, value in
          switch value.storage {
          case .null, .blob: "NULL"
          case .int64(let number): "\(number)"
          case .double(let number): "\(number)"
          case .string(let text): text
          }
        }
      }
    }
  }
}
