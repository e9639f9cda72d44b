// Documents with the same or nearly the same text are found and joined to clusters.
//
// Nothing is removed: the index learns which document of a cluster stays and why, and a selection
// leaves the others out.

import Curation
import Documents
import Files
import Foundation
import Settings
import Storage

/// How duplicates are found, and which of them stays.
public struct DedupeSettings: Sendable, Codable, Equatable {
  /// The bands of a signature.
  public var bands: Int
  /// The minima of a band.
  public var rows: Int
  /// The least similarity that joins two documents with a band in common, as their signatures let it
  /// expect; `nil` joins all that have one.
  public var threshold: Double?
  /// Which document of a cluster stays: `longest`, `first`, or the highest value of a column.
  public var keep: String
  /// The preferred sources, in order, where the rule leaves a choice.
  public var sources: [String]
  /// The fewest words of a line that counts as a paragraph.
  public var paragraphWords: Int

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - bands: The bands of a signature.
  ///   - rows: The minima of a band.
  ///   - threshold: The least similarity that joins two documents, or `nil`.
  ///   - keep: Which document of a cluster stays.
  ///   - sources: The preferred sources, in order.
  ///   - paragraphWords: The fewest words of a line that counts as a paragraph.
  public init(
    bands: Int = 14,
    rows: Int = 8,
    threshold: Double? = nil,
    keep: String = "longest",
    sources: [String] = [],
    paragraphWords: Int = 8
  ) {
    self.bands = bands
    self.rows = rows
    self.threshold = threshold
    self.keep = keep
    self.sources = sources
    self.paragraphWords = paragraphWords
  }

  /// Reads a recipe's `dedupe`.
  init(yaml setting: Setting) throws {
    self = try setting.decode(over: DedupeSettings())
    try check(place: setting.place)
  }

  /// Refuses settings that mean nothing.
  ///
  /// - Parameter place: Where they stand.
  /// - Throws: ``Failure`` with what to write instead.
  public func check(place: String) throws {
    func refuse(_ what: String, _ remedy: String) -> Failure {
      Failure(.usage, what: what, place: place, remedy: remedy)
    }
    guard (1...128).contains(bands) else {
      throw refuse("\(bands) bands are no number of bands", "give 1 to 128 bands")
    }
    guard (1...64).contains(rows) else {
      throw refuse("\(rows) rows are no number of rows", "give 1 to 64 rows a band")
    }
    guard (0...1).contains(threshold ?? 0) else {
      throw refuse("the threshold \(threshold ?? 0) is no similarity", "give a number from 0 to 1")
    }
    guard paragraphWords > 0 else {
      throw refuse("a paragraph of \(paragraphWords) words is none", "give a number above 0")
    }
    guard Set(sources).count == sources.count else {
      throw refuse("a preferred source is named twice", "name it once")
    }
  }
}

extension StageContext {
  /// The ledger's name of the stage.
  private static let dedupeStage = "dedupe"

  /// Finds duplicates within and across all sources of the workspace.
  ///
  /// - Parameter settings: How they are found, and which of them stays.
  /// - Returns: The report: documents in, documents that stay, exact and near duplicates, the words
  ///   that stay; in its details what each source has, and the memory that was planned for.
  /// - Throws: ``Failure`` where a setting names nothing, the workspace has no documents, or a shard
  ///   is damaged; ``Interrupted``.
  public func dedupe(_ settings: DedupeSettings = DedupeSettings()) throws -> StageReport {
    try settings.check(place: "the settings of `dedupe`")
    try checkNames(in: settings)
    let identity = try identity(of: settings)
    return try run(identity, outputs: []) { replacing in
      let finder = try DuplicateFinder(self, settings: settings)
      return try finder.find(replacing: replacing)
    }
  }

  /// The fingerprint of what the index says of duplicates, for the stages that read it.
  ///
  /// - Returns: The fingerprint, or `nil` where duplicates have never been looked for.
  /// - Throws: ``Failure`` where a source has been read again since.
  package func fingerprintOfDeduplication() throws -> String? {
    guard let record = try workspace.index.stage(StageContext.dedupeStage) else { return nil }
    let report = try? JSONDecoder().decode(StageReport.self, from: Data(record.report.utf8))
    var settings: DedupeSettings?
    if case .text(let json) = report?.details["settings"] {
      settings = try? JSONDecoder().decode(DedupeSettings.self, from: Data(json.utf8))
    }
    guard let settings, try identity(of: settings).fingerprint == record.fingerprint else {
      throw Failure(
        what: "what the index says of duplicates is older than its sources",
        place: workspace.path,
        remedy: "run `blalm dedupe` again"
      )
    }
    return record.fingerprint
  }

  private func identity(of settings: DedupeSettings) throws -> StageIdentity {
    let remedy = "run `blalm ingest` for it again"
    var columns: [String] = []
    if case .column(let column) = KeeperRule(settings.keep) { columns.append(column) }
    return StageIdentity(
      name: StageContext.dedupeStage,
      version: 1,
      inputs: try workspace.index.sourceNames().map {
        try "\($0)=" + fingerprint(of: "ingest \($0)", remedy: remedy)
      } + fingerprintsOfMetrics(with: columns),
      settings: canonicalJSON(settings)
    )
  }

  /// Refuses sources and columns that the workspace does not have.
  private func checkNames(in settings: DedupeSettings) throws {
    let names = try workspace.index.sourceNames()
    guard !names.isEmpty else {
      throw Failure(
        what: "the workspace has no documents",
        place: workspace.path,
        remedy: "run `blalm ingest` first"
      )
    }
    for source in settings.sources where !names.contains(source) {
      throw unknown(source, "source", among: names)
    }
    guard case .column(let column) = KeeperRule(settings.keep) else { return }
    // What later stages say of a document, this one among them, cannot decide this one.
    let columns = try workspace.index.corpusColumns()
      .filter { !["duplicateOf", "repeatedWords", "contaminated"].contains($0) }
    guard columns.contains(column) else {
      throw unknown(column, "rule or column to choose by", among: ["longest", "first"] + columns)
    }
  }

  private func unknown(_ name: String, _ kind: String, among known: [String]) -> Failure {
    let nearest = nearestName(to: name, among: known)
    return Failure(
      .usage,
      what: "`\(name)` is no \(kind)",
      place: "the settings of `dedupe` for \(workspace.path)",
      remedy: nearest.map { "did you mean `\($0)`?" }
        ?? "known are: \(known.joined(separator: ", "))"
    )
  }
}
