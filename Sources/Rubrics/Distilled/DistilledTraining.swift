// Training of a distilled judge: choose the penalty by cross-validation, place the cut-points by the
// same texts' numbers, learn from all of them, and test on texts held out.
//
// Everything is decided by the texts, their identities and the seed: a second training gives the same
// bytes.

package import Documents

/// How a judge is distilled.
public struct DistillationSettings: Sendable, Equatable, Codable {
  /// The logarithm of the number of buckets, 10 to 22.
  public var bits = 18
  /// The share of the texts that are held out to test on.
  public var heldOut = 0.2
  /// Decides which texts are held out, the folds and the order of the texts.
  public var seed = 1
  /// The lowest whole score that counts as a yes in the report.
  public var threshold = 3
  /// The texts to learn from at most; of more, those that the seed chooses.
  public var mostTexts = 20_000

  /// The usual settings.
  public init() {}
}

/// Gathers texts with a judge's scores and learns from them.
package struct DistilledTraining {
  private static let folds = 4
  private static let penalties = [0.1, 0.3, 1, 3, 10]
  /// The fewest texts that can be divided into folds and say anything.
  package static let fewestTexts = 20

  private let settings: DistillationSettings
  private let scale: ClosedRange<Int>
  private var collector: BucketCollector
  private var rows = BucketRows()
  private var targets: [Double] = []
  private var ids: [DocumentID] = []
  private var tests: [(text: [UInt8], score: Double)] = []

  /// Prepares to learn.
  ///
  /// - Parameters:
  ///   - settings: How.
  ///   - scale: The rubric's scores.
  package init(_ settings: DistillationSettings, scale: ClosedRange<Int>) {
    self.settings = settings
    self.scale = scale
    collector = BucketCollector(bits: settings.bits)
  }

  /// Whether a document is held out, by its identity alone.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - settings: The share and the seed.
  /// - Returns: Whether it is.
  package static func isHeldOut(_ id: DocumentID, _ settings: DistillationSettings) -> Bool {
    id.fraction(seed: finalized(UInt64(bitPattern: Int64(settings.seed)))) < settings.heldOut
  }

  /// Adds a text.
  ///
  /// - Parameters:
  ///   - id: A document with the text.
  ///   - text: The text as UTF-8.
  ///   - score: The judge's score; what lies off the scale counts as its end.
  package mutating func add(_ id: DocumentID, _ text: [UInt8], score: Double) {
    let score = min(max(score, Double(scale.lowerBound)), Double(scale.upperBound))
    if DistilledTraining.isHeldOut(id, settings) {
      tests.append((text, score))
    } else {
      collector.read(text.span)
      rows.append(collector.buckets)
      targets.append(score)
      ids.append(id)
    }
  }

  /// The texts to learn from so far.
  package var trainedTexts: Int { targets.count }

  /// Whether the texts to learn from have two different whole scores.
  package var hasDifferentScores: Bool {
    let first = targets.first.flatMap(wholeScore)
    return targets.contains { wholeScore($0) != first }
  }

  /// Learns from the texts.
  ///
  /// - Parameters:
  ///   - description: Whose scores they are; the report is filled in.
  ///   - check: Called between fits; what it throws ends the training.
  /// - Returns: The model.
  /// - Throws: What `check` throws.
  /// - Precondition: There are ``fewestTexts`` texts with different scores.
  package func model(
    _ description: DistilledModel.Description,
    check: () throws -> Void
  ) throws -> DistilledModel {
    precondition(targets.count >= DistilledTraining.fewestTexts, "too few texts to learn from")
    let importances = importances(of: rows, buckets: 1 << settings.bits)
    let mean = targets.reduce(0, +) / Double(targets.count)
    let centred = targets.map { $0 - mean }
    var best: (error: Double, penalty: Double, numbers: [Double])?
    for penalty in DistilledTraining.penalties {
      try check()
      let numbers = unseenNumbers(centred, importances, penalty: penalty)
      let error = zip(numbers, centred).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      if error < best?.error ?? .infinity { best = (error, penalty, numbers) }
    }
    guard let best else { preconditionFailure("targets are finite") }
    try check()
    let regression = fit(centred, Array(targets.indices), importances, penalty: best.penalty)
    let model = DistilledModel(
      description: description,
      scale: scale,
      bits: settings.bits,
      intercept: mean,
      ordinal: OrdinalScale(
        numbers: best.numbers.map { $0 + mean },
        scores: targets.compactMap(wholeScore)
      ),
      importances: importances,
      weights: regression.weights
    )
    return tested(model, penalty: best.penalty, mean: mean)
  }

  private func fit(
    _ targets: [Double],
    _ chosen: [Int],
    _ importances: [UInt8],
    penalty: Double
  ) -> RidgeRegression {
    RidgeRegression(
      rows,
      targets: targets,
      chosen: chosen,
      importances: importances,
      penalty: penalty,
      seed: UInt64(bitPattern: Int64(settings.seed))
    )
  }

  /// For each text the number from a regression that has not seen it.
  private func unseenNumbers(
    _ targets: [Double],
    _ importances: [UInt8],
    penalty: Double
  ) -> [Double] {
    let salt = finalized(UInt64(bitPattern: Int64(settings.seed)) &+ 1)
    let folds = ids.map { Int($0.mixed(seed: salt) % UInt64(DistilledTraining.folds)) }
    var numbers = [Double](repeating: 0, count: targets.count)
    for fold in 0..<DistilledTraining.folds {
      let seen = targets.indices.filter { folds[$0] != fold }
      let regression = fit(targets, seen, importances, penalty: penalty)
      for row in targets.indices where folds[row] == fold {
        numbers[row] = regression.prediction(rows, row, importances)
      }
    }
    return numbers
  }

  private func tested(_ model: DistilledModel, penalty: Double, mean: Double) -> DistilledModel {
    var scorer = DistilledScorer(model)
    let scores = tests.map { scorer.score($0.text.span) }
    let truth = tests.map(\.score)
    func error(_ scores: [Double]) -> Double? {
      scores.isEmpty
        ? nil : zip(scores, truth).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(scores.count)
    }
    var description = model.description
    description.report.trainedTexts = targets.count
    description.report.penalty = penalty
    if !tests.isEmpty {
      description.report.heldOut = ScoreAgreement(
        scores,
        truth,
        scale: scale,
        threshold: settings.threshold
      )
    }
    description.report.meanAbsoluteError = error(scores)
    description.report.meanAbsoluteErrorOfMean = error(truth.map { _ in mean })
    return DistilledModel(
      description: description,
      scale: model.scale,
      bits: model.bits,
      intercept: model.intercept,
      ordinal: model.ordinal,
      importances: model.importances,
      weights: model.weights
    )
  }
}
