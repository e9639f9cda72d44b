// What a training run will take, asked for without beginning it.

import Files
import Modeling
import Storage
import Tokenization
public import Training

extension StageContext {
  /// Plans a run as ``train(_:)`` would begin it; the workspace stays as it is.
  ///
  /// - Parameter settings: Which model, on what, how.
  /// - Returns: Its buffers, steps, words and time.
  /// - Throws: ``Failure``.
  public func planTraining(_ settings: RunSettings) throws -> TrainingPlan {
    try checkName(settings.name, of: "run")
    let tokens = TokenizeSettings(selection: settings.selection, tokenizer: settings.tokenizer)
    _ = try fingerprint(of: "tokenize \(tokens.tokens)", remedy: "run `blalm tokenize` first")
    let tokenizer = try openTokenizer(settings.tokenizer)
    var model = settings.model
    model.vocabularySize = tokenizer.vocabularySize
    return try TrainingRun(
      directory: workspace.path(of: "runs/\(settings.name)"),
      model: model,
      settings: settings.training,
      train: workspace.path(of: "tokens/\(tokens.tokens)") + "/train-00000",
      tokenizer: tokenizer
    ).plan()
  }
}
