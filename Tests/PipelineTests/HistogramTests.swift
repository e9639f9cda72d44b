import Files
import Pipeline
import Storage
import TestSupport
import Testing

/// Bins, groups and what stands outside them.
@Suite struct HistogramTests {
  /// Texts of so many words.
  func fixture(_ words: [Int]) throws -> MeasureFixture {
    try MeasureFixture([
      "a": words.map { count in (0..<count).map { _ in "word" }.joined(separator: " ") }
    ])
  }

  @Test func `whole numbers fall into bins of whole numbers`() throws {
    let fixture = try fixture([1, 1, 2, 3, 3, 3, 9, 10])
    let histogram = try Histogram(of: "words", bins: 5, in: fixture.context.workspace)
    #expect(histogram.edges == [0, 5, 10, 15])
    let group = try #require(histogram.groups.first)
    #expect(group.counts == [6, 1, 1] && group.below == 0 && group.above == 0)
    #expect(group.mean == 4 && group.median == 3 && group.minimum == 1 && group.maximum == 10)
    let one = try Histogram(of: "words", bins: 1, in: fixture.context.workspace)
    #expect(one.groups.map(\.counts) == [[8]])
  }

  @Test func `equal numbers make one bin, and outliers stand outside`() throws {
    let equal = try fixture([4, 4, 4])
    let same = try Histogram(of: "words", in: equal.context.workspace)
    #expect(same.edges == [4, 5] && same.groups[0].counts == [3])
    let long = try fixture(Array(repeating: 5, count: 150) + Array(6...60) + [4_000])
    let histogram = try Histogram(of: "words", bins: 10, in: long.context.workspace)
    #expect(try #require(histogram.edges.last) < 100)
    #expect(histogram.groups[0].above == 1 && histogram.groups[0].maximum == 4_000)
  }

  @Test func `a column of many values does not group`() throws {
    let fixture = try fixture(Array(1...60))
    let failure = try #require(throws: Failure.self) {
      try Histogram(of: "words", by: "id", in: fixture.context.workspace)
    }
    #expect(failure.kind == .usage && failure.remedy.contains("source"))
    let none = try Histogram(of: "words", filter: "words > 60", in: fixture.context.workspace)
    #expect(none.groups.isEmpty && none.edges.isEmpty)
  }

  /// A source of documents with a number each.
  func fixture(
    ofNumbers numbers: [String]
  ) throws -> (folder: TemporaryFolder, workspace: Workspace) {
    let folder = try TemporaryFolder()
    let context = StageContext(workspace: try Workspace.openForWriting(folder("w")))
    let rows = numbers.enumerated().map { "{\"text\":\"text \($0)\",\"v\":\($1)}" }
    let path = try folder.write("a.jsonl", rows.joined(separator: "\n"))
    _ = try context.ingest(
      IngestSettings(
        name: "a",
        format: .jsonl,
        paths: [path],
        reader: try ConfiguredReader(.jsonl, source: "a", options: nil)
      )
    )
    return (folder, context.workspace)
  }

  @Test(arguments: [
    (["1", "2", "9", "10"], 1), (["-0.5", "0.5"], 1), (["0.4", "10.4"], 1), (["99.5", "100.5"], 1),
    (["0", "1"], 1_000), (["-0.5", "0.5"], 2), (["99.5", "100.5"], 2), (["0.001", "1000000"], 3),
    (["1e308", "-1e308"], 20), (["0", "1", "2", "3", "4", "5", "6"], 3), (["-7", "3"], 4),
  ])
  func `there are as many bins as were asked for, at most`(_ numbers: [String], _ bins: Int) throws
  {
    let fixture = try fixture(ofNumbers: numbers)
    let histogram = try Histogram(of: "v", bins: bins, in: fixture.workspace)
    #expect((1...bins).contains(histogram.edges.count - 1), "\(histogram.edges)")
    #expect(histogram.edges == histogram.edges.sorted())
    #expect(histogram.groups[0].counts.reduce(0, +) == numbers.count)
  }

  @Test func `a mean of equal numbers is that number, and one of huge numbers is finite`() throws {
    let ofEqual = try fixture(ofNumbers: Array(repeating: "0.75", count: 49))
    let equal = try Histogram(of: "v", in: ofEqual.workspace)
    #expect(equal.groups[0].mean == 0.75)
    let ofHuge = try fixture(ofNumbers: ["1.5e308", "1.5e308"])
    let huge = try Histogram(of: "v", in: ofHuge.workspace)
    #expect(huge.groups[0].mean == 1.5e308)
  }

  @Test func `a column that is misspelt is guessed`() throws {
    let fixture = try fixture(ofNumbers: ["1"])
    let workspace = fixture.workspace
    let failure = try #require(throws: Failure.self) { try Histogram(of: "wrds", in: workspace) }
    #expect(failure.remedy == "did you mean `words`?")
    let query = SampleQuery(columns: ["sorce"], sources: [], filter: nil, sort: nil, limit: nil)
    let begin: ([String]) -> Void = { _ in }
    let other = try #require(throws: Failure.self) {
      try workspace.forEachSample(of: query, begin: begin) { _ in }
    }
    #expect(other.remedy == "did you mean `source`?")
  }
}
