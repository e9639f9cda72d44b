/// What became of one sample at a judge: a score, or the reason why there is none.
public struct Judgment: Sendable, Equatable {
  /// The score, or `nil`.
  public var score: Double?
  /// Why there is no score, in a short phrase that is the same for all such samples; `nil` where
  /// there is one.
  public var reason: String?
  /// The points in the rubric's order, 0 or 1 each, where the answer states them all.
  public var points: [Int]?
  /// The judge's justification, where the answer has one.
  public var justification: String?
  /// The mean of the scores under the judge's own probabilities, where it was asked for and given.
  public var expectedScore: Double?
  /// The answer as it came, or what stands for it where none came.
  public var answer: String?
  /// The form in which the answer was asked for, where there was a prompt.
  public var form: Rubric.Form?
  /// The bytes of the sample that did not reach the judge.
  public var leftOut: Int
  /// The tokens that the judge read for this sample, over all requests.
  public var inputTokens: Int
  /// The tokens that it wrote.
  public var outputTokens: Int
  /// The seconds from the first request to the last answer.
  public var seconds: Double
  /// The requests sent.
  public var attempts: Int

  /// Creates a judgment without a score.
  ///
  /// - Parameter reason: Why there is none.
  public init(reason: String) {
    self.reason = reason
    leftOut = 0
    inputTokens = 0
    outputTokens = 0
    seconds = 0
    attempts = 0
  }

  /// Creates a judgment with a score.
  ///
  /// - Parameters:
  ///   - score: The score.
  ///   - points: The points, in the rubric's order.
  public init(score: Double, points: [Int]? = nil) {
    self.init(reason: "")
    self.score = score
    self.points = points
    reason = nil
  }
}
