// The checkpoints that the BabyLM evaluation asks for: by words seen, not by steps.
//
// The 2025 and 2026 pipelines load the revisions chck_1M ... chck_10M, chck_20M ... chck_100M and,
// in the STRICT track, chck_200M ... chck_1000M (`evaluation_pipeline/AoA_word/eval_util.py` of
// babylm/evaluation-pipeline-2025).

/// A number of words seen at which the model is kept for good.
public struct ExposureMilestone: Sendable, Equatable {
  /// The words, repeats included.
  public let words: Int

  /// Creates a milestone.
  ///
  /// - Parameter words: The words, repeats included.
  public init(words: Int) { self.words = words }

  /// The name of the revision, such as `chck_20M`; exact where the words are no whole millions.
  public var name: String {
    words.isMultiple(of: 1_000_000) ? "chck_\(words / 1_000_000)M" : "chck_\(words)"
  }

  /// The words of the BabyLM pipelines: 1M to 10M, 20M to 100M, 200M to 1000M.
  public static let babyLM: [Int] = [1, 10, 100].flatMap { unit in
    (unit == 1 ? 1...10 : 2...10).map { $0 * unit * 1_000_000 }
  }

  /// The milestones that a step has reached: those above what was seen before it, up to what has
  /// been seen after it.
  ///
  /// - Parameters:
  ///   - words: The words of the milestones.
  ///   - seen: The words seen before the step.
  ///   - step: The words of the step.
  /// - Returns: The milestones in their order; mostly none.
  public static func reached(
    of words: [Int],
    after seen: Int,
    by step: Int
  ) -> [ExposureMilestone] {
    words.filter { $0 > seen && $0 <= seen + step }.map(ExposureMilestone.init)
  }
}
