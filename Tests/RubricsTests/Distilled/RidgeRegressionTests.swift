import Rubrics
import Testing

/// Predictions against scikit-learn 1.8: `Ridge(alpha, fit_intercept=False, solver="cholesky")` over
/// rows with the roots of the importances, each divided by its length.
@Suite struct RidgeRegressionTests {
  static let importances: [UInt8] = [4, 9, 1, 16, 25, 3, 7, 0]
  static let targets = [1, -0.5, 2, -1.5, 0.25]

  static let rows: BucketRows = {
    var rows = BucketRows()
    for row in [[0, 1, 2, 5], [1, 2, 3], [0, 3, 4, 5], [2, 4, 6], [5, 6, 1]] as [[UInt32]] {
      rows.append(row)
    }
    return rows
  }()

  static let goldens: [(penalty: Double, predictions: [Double])] = [
    (
      0.1,
      [
        0.879648562195085, -0.19971611768719064, 1.474957066465178, -1.0685138902293994,
        -1.09700838809371,
      ]
    ),
    (
      2,
      [
        0.3435083850188827, 0.17327518039353013, 0.3359806131789603, -0.15000554409602734,
        -0.02319111446622843,
      ]
    ),
  ]

  @Test(arguments: goldens)
  func `the fit equals scikit-learn's`(_ penalty: Double, _ golden: [Double]) {
    let fit = RidgeRegression(
      Self.rows,
      targets: Self.targets,
      chosen: [0, 1, 2, 3],
      importances: Self.importances,
      penalty: penalty,
      seed: 7
    )
    for (row, expected) in golden.enumerated() {
      #expect(abs(fit.prediction(Self.rows, row, Self.importances) - expected) < 5e-3)
    }
  }

  @Test func `rare buckets count nothing and frequent ones little`() {
    let counts = Rubrics.importances(of: Self.rows, buckets: 8)
    // Five texts; bucket 7 is in none, 0 in two, 1 in three.
    #expect(counts[7] == 0)
    #expect(counts[0] > counts[1] && counts[1] > 0)
  }
}
