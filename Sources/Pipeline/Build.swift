// The whole way of a recipe: ingest, measure, dedupe, decontaminate, score, select, tokenizer, tokenize,
// train, generate.

public import Rubrics

extension StageContext {
  /// Does every stage that a recipe names, in order.
  ///
  /// Each stage that was done with the same inputs, settings and version is left alone.
  ///
  /// - Parameters:
  ///   - recipe: The recipe.
  ///   - judge: Makes the judges that the recipe names; called for those that have work alone.
  ///   - report: Receives each stage's report as it ends.
  /// - Throws: ``Failure`` of the first stage that fails; ``Interrupted``.
  public func build(
    _ recipe: Recipe,
    judge: (ScoreSettings) throws -> any Judge,
    report: (StageReport) -> Void
  ) throws {
    for source in recipe.sources { report(try ingest(source)) }
    if let measurement = recipe.measurement { report(try measure(measurement)) }
    if let deduplication = recipe.deduplication { report(try dedupe(deduplication)) }
    if let decontamination = recipe.decontamination { report(try decontaminate(decontamination)) }
    for settings in recipe.scores {
      let scored = try score(settings, judge: judge)
      report(scored)
      if scored.status == .stopped { throw Interrupted() }
    }
    for selection in recipe.selections { report(try select(selection)) }
    guard let tokenizer = recipe.tokenizer else { return }
    report(try trainTokenizer(tokenizer))
    report(
      try tokenize(
        TokenizeSettings(selection: tokenizer.selection, tokenizer: tokenizer.name)
      )
    )
    guard let run = recipe.run else { return }
    let trained = try train(run)
    report(trained)
    if trained.status == .stopped { throw Interrupted() }
    guard let generation = recipe.generation else { return }
    report(try generate(generation, run: run.name))
  }
}
