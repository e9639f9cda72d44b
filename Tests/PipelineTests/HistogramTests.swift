import Files
import Pipeline
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
    #expect(histogram.edges == [0, 2, 4, 6, 8, 10, 12])
    let group = try #require(histogram.groups.first)
    #expect(group.counts == [2, 4, 0, 0, 1, 1] && group.below == 0 && group.above == 0)
    #expect(group.mean == 4 && group.median == 3 && group.minimum == 1 && group.maximum == 10)
    let one = try Histogram(of: "words", bins: 1, in: fixture.context.workspace)
    #expect(one.groups.map { $0.counts.reduce(0, +) } == [8])
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
}
