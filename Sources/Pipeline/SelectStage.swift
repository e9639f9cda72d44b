// Documents of the workspace become a corpus of an exact number of words.

import Curation
import Documents
import Files
import Foundation
import Storage

extension StageContext {
  /// Chooses a corpus and writes it to `selections/<name>/`.
  ///
  /// - Parameter settings: What to choose.
  /// - Returns: The report: documents in, documents chosen, the rest by reason, words of train.
  /// - Throws: ``Failure`` where a source is not in the workspace or has too few words, a filter
  ///   cannot be used, or nothing would be trained on; ``Interrupted``.
  public func select(_ settings: SelectSettings) throws -> StageReport {
    try settings.validate()
    let identity = try identity(of: settings)
    let name = identity.name
    let output = "selections/\(settings.name)"
    var files: [String] = []
    return try run(identity, outputs: files.map { output + "/" + $0 }) { replacing in
      let selection = try choose(settings, stage: name)
      files = try SelectionWriter(context: self, stage: name, settings: settings)
        .write(selection, to: workspace.path(of: output), replacing: replacing)
      try workspace.index.replaceSelection(
        settings.name,
        settings: canonicalJSON(settings),
        rows: selection.rows
      )
      return selection.report(stage: name)
    }
  }

  /// The fingerprint of a selection, for the stages that read it.
  ///
  /// The index finds a selection's texts by identity, so that a source that was read again under
  /// other rules would lend it other texts, cut at the old places.
  ///
  /// - Parameter name: The selection's name.
  /// - Returns: The fingerprint.
  /// - Throws: ``Failure`` where it has not been made, or from sources that have changed since.
  func fingerprint(ofSelection name: String) throws -> String {
    let recorded = try fingerprint(of: "select \(name)", remedy: "run `blalm select` first")
    let json = try workspace.index.settings(ofSelection: name) ?? ""
    let settings = try? JSONDecoder().decode(SelectSettings.self, from: Data(json.utf8))
    guard let settings, try identity(of: settings).fingerprint == recorded else {
      throw Failure(
        what: "the selection `\(name)` is older than its sources",
        place: workspace.path,
        remedy: "run `blalm select` again"
      )
    }
    return recorded
  }

  private func identity(of settings: SelectSettings) throws -> StageIdentity {
    // What marks documents decides their splits too, so that it counts even where marks are kept.
    let marks = try [fingerprintOfDeduplication() ?? "", fingerprintOfDecontamination() ?? ""]
    let read = try settings.columns(in: workspace.index)
    return StageIdentity(
      name: "select \(settings.name)",
      version: 2,
      inputs: try fingerprints(ofSourcesOf: settings) + marks
        + fingerprintsOfMetrics(with: read) + digests(ofScores: read),
      settings: canonicalJSON(settings)
    )
  }

  private func fingerprints(ofSourcesOf settings: SelectSettings) throws -> [String] {
    let remedy = "run `blalm ingest` for it, or take it out of the selection"
    return try settings.sources.map { try fingerprint(of: "ingest \($0.name)", remedy: remedy) }
  }

  private func choose(_ settings: SelectSettings, stage: String) throws -> Selection {
    let documents = try SelectionCandidates(settings, from: workspace.index, check: stop.check)
    progress(
      StageProgress(
        stage: stage,
        completed: documents.table.rows.count,
        total: nil,
        unit: "documents"
      )
    )
    let pools = documents.pools()
    let wanted = settings.wantedWords
    let budgets =
      settings.shortfall == .share
      ? spreadShortfall(of: wanted, over: pools.map(\.trainWords)) : wanted
    let selection = try take(documents, pools, budgets)
    guard !selection[.train].isEmpty else {
      throw Failure(
        what:
          "no document is left to train on: of \(selection.candidates) all are filtered out or held "
          + "back, or no sentence of theirs fits the words wanted",
        place: "the selection `\(settings.name)`",
        remedy: "raise the words wanted, lower devShare, loosen the filters, or ingest more"
      )
    }
    return selection
  }

  /// Takes each source's documents under its budget.
  private func take(
    _ documents: SelectionCandidates,
    _ pools: [SourcePool],
    _ budgets: [Int?]
  ) throws -> Selection {
    let settings = documents.settings
    var selection = Selection(from: documents, budgets: budgets)
    var reader = ShardReader(workspace)
    for (index, pool) in pools.enumerated() {
      try stop.check()
      let words = Double(budgets[index] ?? pool.words)
      let budget = SourceBudget(
        words: budgets[index],
        devWords: Int(words * settings.devShare),
        testWords: Int(words * settings.testShare)
      )
      do {
        selection.add(
          try pool.choose(budget) { candidate in
            let row = documents.table.rows[candidate]
            return Array(try reader.document(row.id, at: row.place).text.utf8)
          }
        )
      } catch let short as ShortSource {
        throw Failure(
          what: "\(budget.words ?? 0) words are wanted, but the source has \(short.available) "
            + "to train on",
          place: "source `\(settings.sources[index].name)` of the selection `\(settings.name)`",
          remedy:
            "lower its words to at most \(short.available), lower devShare, loosen its filter, "
            + "ingest more, or set `shortfall: share`"
        )
      }
    }
    selection.arrange()
    return selection
  }

  /// Chooses without writing anything, and says what other thresholds of a column would leave.
  ///
  /// - Parameters:
  ///   - settings: What to choose.
  ///   - grid: The column and its thresholds, or `nil`.
  /// - Returns: What would be chosen; a source that falls short gives what it has.
  /// - Throws: ``Failure`` where a source is not in the workspace, a filter cannot be used, or marks
  ///   are older than the sources; ``Interrupted``.
  public func previewSelection(
    _ settings: SelectSettings,
    grid: ThresholdGrid? = nil
  ) throws -> SelectionPreview {
    try settings.validate()
    // What a selection could not be made of must not be previewed either.
    _ = try identity(of: settings)
    _ = try fingerprintsOfMetrics(with: grid.map { [$0.column] } ?? [])
    let documents = try SelectionCandidates(
      settings,
      from: workspace.index,
      reading: grid.map { [$0.column] } ?? [],
      check: stop.check
    )
    let pools = documents.pools()
    let available = pools.map(\.trainWords)
    let wanted = settings.wantedWords
    let spread =
      settings.shortfall == .share ? spreadShortfall(of: wanted, over: available) : wanted
    let budgets = zip(spread, available).map { budget, available in
      budget.map { min($0, available) }
    }
    let selection = try take(documents, pools, budgets)
    return SelectionPreview(
      selection,
      available: available,
      grid: try grid?.rows(of: documents, check: stop.check) ?? []
    )
  }
}
