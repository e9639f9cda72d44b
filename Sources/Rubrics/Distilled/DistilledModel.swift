// A model that has learnt a judge's scores: buckets of words and characters with a weight each.
//
// It knows which words go with which scores, and nothing of order beyond two words, of truth or of
// sense; see the guide.

import Documents

/// A model that has learnt a judge's scores.
public struct DistilledModel: Sendable, Equatable {
  /// Whose scores a model has learnt, and how well.
  public struct Description: Sendable, Codable, Equatable {
    /// The rubric's name.
    public var rubric: String
    /// The rubric's identity.
    public var rubricHash: String
    /// The column that the scores were read from.
    public var column: String
    /// The judge whose scores they are, as JSON, or nothing where a source states them.
    public var teacher: String
    /// What was found when the model was tested.
    public package(set) var report = DistillationReport()

    /// Creates a description of a model that has not been tested.
    ///
    /// - Parameters:
    ///   - rubric: The rubric's name.
    ///   - rubricHash: The rubric's identity.
    ///   - column: The column that the scores were read from.
    ///   - teacher: The judge whose scores they are, as JSON, or nothing.
    package init(rubric: String, rubricHash: String, column: String, teacher: String) {
      self.rubric = rubric
      self.rubricHash = rubricHash
      self.column = column
      self.teacher = teacher
    }
  }

  /// Whose scores it has learnt, and how well.
  public let description: Description
  /// The scores that it may give.
  public let scale: ClosedRange<Int>
  /// The logarithm of the number of buckets.
  let bits: Int
  /// What is added to the sum of the weights.
  let intercept: Double
  /// Where the scores begin.
  let ordinal: OrdinalScale
  /// How much each bucket counts.
  let importances: [UInt8]
  /// For each bucket the weight times the root of its importance.
  let weights: [Float]

  /// The number of a text, before the cut-points.
  func number(sum: Double, squares: Int) -> Double {
    squares > 0 ? intercept + sum / Double(squares).squareRoot() : intercept
  }

  /// The score of a text's number.
  func score(_ number: Double) -> Double {
    min(max(ordinal.score(number), Double(scale.lowerBound)), Double(scale.upperBound))
  }
}

/// What a test of a model on texts that it did not see has found.
public struct DistillationReport: Sendable, Codable, Equatable {
  /// The texts that it learnt from.
  public var trainedTexts = 0
  /// The weight of the penalty on weights, chosen by cross-validation.
  public var penalty = 0.0
  /// How far it agrees with the judge on the texts held out, the judge's scores being the truth.
  public var heldOut: ScoreAgreement?
  /// The mean of the absolute differences of scores on the texts held out.
  public var meanAbsoluteError: Double?
  /// The same of a judge that always gives the mean score of the texts learnt from.
  public var meanAbsoluteErrorOfMean: Double?
}

/// One place of a scorer's table: all that a bucket needs in one line of the processor's cache.
private struct Bucket {
  var weight: Float
  /// The number of the text that the bucket was last seen in, above the bucket's importance.
  var mark: UInt32
}

/// Scores texts one after another, with scratch memory that is used again.
package struct DistilledScorer: BucketVisitor {
  private let model: DistilledModel
  private var table: [Bucket]
  private var mark: UInt32 = 0
  private var sum = 0.0
  private var squares = 0

  /// Prepares to score.
  ///
  /// - Parameter model: The model.
  /// - Complexity: 8 bytes of memory a bucket.
  package init(_ model: DistilledModel) {
    self.model = model
    table = zip(model.weights, model.importances).map { Bucket(weight: $0, mark: UInt32($1)) }
  }

  @inline(__always)
  mutating func visit(_ bucket: Int) {
    let entry = table[bucket]
    guard entry.mark >> 8 != mark else { return }
    let importance = entry.mark & 0xff
    table[bucket].mark = mark << 8 | importance
    sum += Double(entry.weight)
    squares += Int(importance)
  }

  /// The score of a text.
  ///
  /// - Parameter text: The text as UTF-8.
  /// - Returns: A number on the model's scale; the same for the same text.
  /// - Complexity: O(bytes), nothing allocated.
  package mutating func score(_ text: Span<UInt8>) -> Double {
    if mark == 0xff_ffff {
      mark = 0
      for index in table.indices { table[index].mark &= 0xff }
    }
    mark += 1
    sum = 0
    squares = 0
    visitBuckets(of: text, bits: model.bits, into: &self)
    return model.score(model.number(sum: sum, squares: squares))
  }
}
