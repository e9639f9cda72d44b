import Rubrics
import Testing

@Suite struct RepeatRateTests {
  @Test func `no score is an answer, and ranges are of known scores`() throws {
    let rate = RepeatRate([[3, 3, 3], [1, 2, 4], [nil, nil, nil], [nil, 2, 2]])
    #expect(rate.texts == 4 && rate.times == 3)
    #expect(rate.steady == 0.5)
    #expect(rate.meanRange == 1)
    #expect(rate.withoutScore == 4.0 / 12)
    // Over the pairs of rounds with both scores: {3,1}×{3,2}, {3,1}×{3,4}, {3,2,2}×{3,4,2}; kappas
    // of scikit-learn 1.8's cohen_kappa_score(weights="quadratic"): 0.6667, -0.2857, -0.0000.
    #expect(abs(try #require(rate.quadraticWeightedKappa) - 0.1269841269841269) < 1e-12)
  }

  @Test func `nothing asked has no rate`() {
    let rate = RepeatRate([])
    #expect(rate.steady == nil && rate.meanRange == nil && rate.withoutScore == nil)
    #expect(rate.quadraticWeightedKappa == nil)
  }
}
