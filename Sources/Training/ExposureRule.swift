// How many words a run may see: the BabyLM rules' cap, or the run's own.
//
// The 2025 and 2026 rules: a corpus of at most 10 million words (STRICT-SMALL) may be seen for 100
// million words in all, one of at most 100 million words (STRICT) for 1 billion, repeats included.

import Files

/// The cap on the words that a run sees, repeats included.
public enum ExposureRule {
  /// The cap that the rules set for a corpus.
  ///
  /// - Parameter corpusWords: The words of the train split.
  /// - Returns: 100 million words, 1 billion words, or `nil` where the corpus is larger than any track
  ///   allows.
  public static func cap(corpusWords: Int) -> Int? {
    switch corpusWords {
    case ...10_000_000: 100_000_000
    case ...100_000_000: 1_000_000_000
    default: nil
    }
  }

  /// The cap of a run.
  ///
  /// - Parameters:
  ///   - settings: The run's own cap, and whether it may break the rules.
  ///   - corpusWords: The words of the train split.
  ///   - path: The train shard, for the message.
  /// - Returns: The most words to be seen, or `nil` where there is no limit.
  /// - Throws: `Failure` where the corpus or the run's own cap is above the rules' and the run is not
  ///   marked as outside them.
  static func cap(
    _ settings: TrainingSettings,
    corpusWords: Int,
    path: String
  ) throws -> Int? {
    if settings.outsideRules { return settings.exposureCap }
    guard let rule = cap(corpusWords: corpusWords) else {
      throw Failure(
        .usage,
        what: "the train split has \(corpusWords) words; the BabyLM rules allow 100000000",
        place: path,
        remedy: "select fewer words, or set `outsideRules: true` under `training`"
      )
    }
    guard let own = settings.exposureCap else { return rule }
    guard own <= rule else {
      throw Failure(
        .usage,
        what: "an exposure of \(own) words is above the \(rule) that the BabyLM rules allow for a "
          + "train split of \(corpusWords) words",
        place: "training.exposureCap",
        remedy: "lower it, or set `outsideRules: true` under `training`"
      )
    }
    return own
  }
}
