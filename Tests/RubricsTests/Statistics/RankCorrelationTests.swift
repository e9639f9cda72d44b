import Rubrics
import Testing

/// Spearman's correlation against `scipy.stats.spearmanr` of SciPy 1.17.
@Suite struct RankCorrelationTests {
  @Test func `ties share the mean of their ranks`() {
    #expect(meanRanks(of: [3, 1, 3, 2, 3]) == [4, 1, 4, 2, 4])
  }

  @Test func `correlations with ties equal SciPy's`() throws {
    let correlation = try #require(
      spearmanCorrelation(
        [1.5, 2.25, 2.25, 9, -1, 0, 3.5, 3.5, 3.5, 7],
        [2, 1, 4, 8, 0, 0, 5, 3, 5, 5]
      )
    )
    #expect(abs(correlation - 0.91875) < 1e-12)
    let falling = try #require(
      spearmanCorrelation([1, 1, 2, 3, 3, 3, 4, 4], [4, 3, 3, 2, 2, 1, 1, 1])
    )
    #expect(abs(falling + 0.9166666666666667) < 1e-12)
  }

  @Test func `equal numbers have no correlation`() {
    #expect(spearmanCorrelation([1, 1, 1], [1, 2, 3]) == nil)
    #expect(spearmanCorrelation([], []) == nil)
  }
}
