import Rubrics
import Testing

/// Figures of agreement against scikit-learn 1.8 (`cohen_kappa_score(weights="quadratic")`,
/// `confusion_matrix`, `f1_score`) and SciPy 1.17 (`spearmanr`), printed once by a script over the
/// lists below.
@Suite struct ScoreAgreementTests {
  static let first = [0, 1, 2, 3, 4, 5, 3, 3, 2, 4, 1, 0, 5, 2, 3, 4, 4, 2, 1, 3]
  static let second = [0, 2, 2, 3, 5, 4, 3, 2, 2, 4, 0, 1, 5, 3, 3, 3, 4, 1, 1, 4]

  @Test func `kappa, F1, Spearman and the table equal those of scikit-learn and SciPy`() throws {
    let agreement = try #require(
      ScoreAgreement(Self.first.map(Double.init), Self.second.map(Double.init), threshold: 3)
    )
    #expect(abs(try #require(agreement.quadraticWeightedKappa) - 0.8831775700934579) < 1e-12)
    #expect(abs(try #require(agreement.spearman) - 0.8940809968847351) < 1e-12)
    #expect(abs(try #require(agreement.f1) - 0.9090909090909091) < 1e-12)
    #expect(agreement.exact == 0.5)
    // scikit-learn has the truth, here the second judge, in its rows.
    let golden = [
      [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 1, 2, 1, 0, 0], [0, 0, 1, 3, 1, 0],
      [0, 0, 0, 1, 2, 1], [0, 0, 0, 0, 1, 1],
    ]
    for row in 0..<6 {
      for column in 0..<6 {
        #expect(agreement.confusion.counts[row][column] == golden[column][row])
      }
    }
  }

  @Test func `judges that contradict each other have a kappa below zero`() throws {
    let table = try #require(
      ConfusionTable(Array(zip([1, 1, 2, 3, 3, 3, 4, 4], [4, 3, 3, 2, 2, 1, 1, 1])))
    )
    #expect(abs(try #require(table.quadraticWeightedKappa) + 0.8313253012048192) < 1e-12)
  }

  @Test func `what cannot be said has no value`() throws {
    let nothing = try #require(ScoreAgreement([], [], threshold: 3))
    #expect(nothing.texts == 0 && nothing.exact == nil && nothing.spearman == nil)
    #expect(nothing.quadraticWeightedKappa == nil && nothing.f1 == nil)
    let constant = try #require(ScoreAgreement([2, 2], [2, 2], threshold: 3))
    #expect(constant.quadraticWeightedKappa == nil && constant.f1 == nil && constant.exact == 1)
    #expect(ScoreAgreement([.infinity], [1], threshold: 3) == nil)
    #expect(ScoreAgreement([-4e8, 4e8], [1, 1], threshold: 3) == nil)
  }

  @Test func `halves are rounded up, below zero too`() throws {
    let agreement = try #require(ScoreAgreement([2.5, -0.5, -1.5], [3, 0, -1], threshold: 3))
    #expect(agreement.exact == 1)
  }
}
