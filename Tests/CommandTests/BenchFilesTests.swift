import Foundation
import TestSupport
import Testing

/// The measures on single files, and what they show of memory and damage.
@Suite struct BenchFilesTests {
  struct Figure: Decodable {
    var rows: Int
    var bytes: Int
    var rowGroups: Int
    var peakMemory: Int
  }

  struct Report: Decodable {
    var rounds: Int
    var failures: Int
    var documents: Int
    var rejections: Int
  }

  static let fixtures = Program.root + "/Tests/IngestionTests/Fixtures/"

  @Test func `memory does not grow with the number of row groups`() throws {
    // A mebibyte of text a row group: a hundred of them are far more than what may be held.
    let text = String(repeating: "A hen sat on the gate. ", count: 456)
    let page = HandMadeParquet.page([String](repeating: text, count: 100))
    let folder = try TemporaryFolder()
    func figure(_ rowGroups: Int) throws -> Figure {
      let path = folder("\(rowGroups).parquet")
      let file = HandMadeParquet(
        type: 6,
        meaning: 0,
        rowGroups: [[HandMadeParquet.Page]](repeating: [page], count: rowGroups)
      )
      try Data(file.bytes).write(to: URL(filePath: path))
      let result = try Program.run(["bench", "parquet", path, "--rounds", "1", "--json"])
      #expect(result.status == 0)
      return try JSONDecoder().decode(Figure.self, from: Data(result.output.utf8))
    }
    let (one, many) = (try figure(1), try figure(100))
    #expect(one.rows == 100 && many.rows == 10_000)
    #expect(many.bytes == 100 * one.bytes && many.rowGroups == 100)
    #expect(one.peakMemory > 0)
    #expect(many.peakMemory < one.peakMemory + 8_388_608)
  }

  @Test(arguments: [
    ("fineweb-edu", ["fineweb.parquet", "fineweb.jsonl"], 2_000),
    ("parquet", ["types.v2.parquet", "types.delta.parquet", "types.snappy.parquet"], 1_500),
    ("parquet", ["types.lz4.parquet", "types.gzip.parquet", "lists.parquet"], 1_500),
  ])
  func `damaged files end in documents, rejections or failures`(
    source: String,
    files: [String],
    rounds: Int
  ) throws {
    let result = try Program.run(
      ["bench", "fuzz", source] + files.map { Self.fixtures + $0 }
        + ["--rounds", "\(rounds)", "--seed", "7", "--json"]
    )
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    #expect(report.rounds == rounds)
    #expect(report.failures > rounds / 4)
  }

  @Test func `sources are read without being stored`() throws {
    let folder = try TemporaryFolder()
    let recipe = try folder.write(
      "recipe.yaml",
      """
      name: measure
      sources:
        fineweb-edu: {paths: \(Self.fixtures)fineweb.parquet}
        lines: {format: fineweb-edu, paths: \(Self.fixtures)fineweb.jsonl}
      """
    )
    let result = try Program.run(["bench", "read", recipe, "--rounds", "1"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.matches(of: /7 documents/).count == 2)
  }

  @Test func `a column that is not there is bad usage`() throws {
    let path = Self.fixtures + "fineweb.parquet"
    let result = try Program.run(["bench", "parquet", path, "--column", "txt"])
    #expect(result.status == 64)
    #expect(result.errors.contains("text"))
    #expect(try Program.run(["bench", "parquet", path, "--column", "score"]).status == 0)
  }
}
