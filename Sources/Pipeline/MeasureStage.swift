// Metrics of every document become columns of the index.
//
// Only what is missing is measured: documents are looked up of which some metric has no numbers, read
// from the shards some at a time, measured on all cores, and entered in source order, a transaction a
// batch. What was entered stays when the stage is stopped or killed.

import Documents
import Files
import Foundation
package import Metrics
public import Storage

extension StageContext {
  /// The ledger's name of the stage.
  private static let measureStage = "measure"

  /// Measures every document of the workspace of which a metric has no numbers.
  ///
  /// - Parameter settings: What to measure, and with what.
  /// - Returns: The report: documents in and out, their words; in its details the documents that were
  ///   `measured` now and those that were `upToDate`, and the columns without a value by reason.
  /// - Throws: ``Failure`` where a setting names nothing, a word list cannot be read, the workspace has
  ///   no documents, or a shard is damaged; ``Interrupted``.
  public func measure(_ settings: MeasureSettings = MeasureSettings()) throws -> StageReport {
    try measure(settings, among: allMetrics)
  }

  /// Measures, with the metrics that there are as a value.
  ///
  /// - Parameters:
  ///   - settings: What to measure, and with what.
  ///   - known: All metrics that there are.
  /// - Returns: The report.
  /// - Throws: As ``measure(_:)``.
  package func measure(
    _ settings: MeasureSettings,
    among known: [any Metric]
  ) throws -> StageReport {
    let place = "the settings of `measure`"
    let metrics = try settings.chosen(among: known, place: place)
    let sources = try MeasuredSources(self, settings: settings, place: place)
    let resources = try MeasuringResources(self, settings, metrics: metrics, sources: sources)
    let tables = metrics.map { MetricTable($0, settings: resources.settings(of: $0)) }
    let identity = StageIdentity(
      name: StageContext.measureStage,
      version: 1,
      inputs: [sources.digest, sources.segmentation],
      settings: canonicalJSON(tables.map { [$0.name, "\($0.version)", $0.settings] })
    )
    var measured = 0
    var report = try run(identity, outputs: []) { replacing in
      let index = workspace.index
      try replacing()
      try index.prepareMetrics(tables, known: Set(known.map(\.name)))
      _ = try index.strikeOutdatedMeasurements { source, file in
        (sources[source]?.mode(of: file) ?? .prose).rawValue
      }
      let measurement = Measurement(
        context: self,
        stage: identity.name,
        workers: MeasuringWorkers(metrics, resources: resources.values),
        tables: tables
      )
      measured = try measurement.measure(sources)
      try index.finishMetrics(
        tables.map(\.name),
        sources: sources.digest,
        segmentation: sources.segmentation
      )
      return try measureReport(of: tables)
    }
    // How much of it was done this time is no part of what the ledger keeps, so that a stage that was
    // interrupted leaves what an undisturbed one leaves.
    report.details["measured"] = .integer(measured)
    report.details["upToDate"] = .integer(report.output - measured)
    return report
  }

  private func measureReport(of tables: [MetricTable]) throws -> StageReport {
    let index = workspace.index
    let summaries = try index.sourceSummaries()
    let documents = summaries.reduce(0) { $0 + $1.documents }
    var details: [String: MetadataValue] = [
      "metrics": .object(
        Dictionary(
          uniqueKeysWithValues: tables.map {
            ($0.name, .text("version \($0.version), \($0.columns.count) columns"))
          }
        )
      )
    ]
    var missing: [String: [String: MetadataValue]] = [:]
    for value in try index.missingValues(of: tables.map(\.name)) {
      missing[value.column, default: [:]][value.reason] = .integer(value.documents)
    }
    if !missing.isEmpty { details["missing"] = .object(missing.mapValues { .object($0) }) }
    return StageReport(
      stage: StageContext.measureStage,
      input: documents,
      output: documents,
      words: summaries.reduce(0) { $0 + $1.words },
      details: details
    )
  }

  /// The fingerprints of the metrics that have some of the columns, for the stages that read them.
  ///
  /// - Parameter columns: Columns of `corpus`, in any case of letters.
  /// - Returns: One fingerprint for each metric that has one of the columns, by the metrics' names.
  /// - Throws: ``Failure`` where a metric does not have the numbers of every document, or a source has
  ///   been read again since.
  func fingerprintsOfMetrics(with columns: some Sequence<String>) throws -> [String] {
    let columns = Set(columns.map { $0.lowercased() })
    let states = try workspace.index.metricStates()
    let used = states.filter { $0.columns.contains { columns.contains($0.lowercased()) } }
    let readsSegmentation = columns.contains("segmentation") && !states.isEmpty
    guard !used.isEmpty || readsSegmentation else { return [] }
    let digest = try MeasuredSources.digest(of: self)
    var fingerprints: [String] = []
    // Whichever metric has measured every document, all of them were divided into sentences.
    if readsSegmentation, let state = states.first(where: { $0.sources == digest }),
      let segmentation = state.segmentation
    {
      fingerprints.append("segmentation \(segmentation) \(digest)")
    } else if readsSegmentation, used.isEmpty {
      throw Failure(
        what: "no metric has measured every document, so that some have no `segmentation`",
        place: workspace.path,
        remedy: "run `blalm measure` again"
      )
    }
    return try fingerprints
      + used.map { state in
        guard state.sources == digest, let segmentation = state.segmentation else {
          throw Failure(
            what: state.sources == nil
              ? "the metric `\(state.name)` has not measured every document"
              : "what the index says by the metric `\(state.name)` is older than its sources",
            place: workspace.path,
            remedy: "run `blalm measure` again"
          )
        }
        return "\(state.name) \(state.version) \(state.settings) \(segmentation) \(digest)"
      }
  }
}

extension MetricTable {
  /// Describes a metric's table.
  ///
  /// - Parameters:
  ///   - metric: The metric.
  ///   - settings: What else decides its numbers, as JSON.
  package init(_ metric: any Metric, settings: String = "{}") {
    self.init(
      name: metric.name,
      version: metric.version,
      summary: metric.summary,
      settings: settings,
      columns: metric.columns.map {
        Column(name: $0.name, isInteger: $0.kind == .integer, summary: $0.summary)
      }
    )
  }

  /// The tables of all metrics, for the description of the index.
  public static var all: [MetricTable] { allMetrics.map { MetricTable($0) } }
}

/// The sources of a workspace as `measure` sees them.
struct MeasuredSources: Sendable {
  /// The sources' names, in order.
  let names: [String]
  /// What decides every text.
  let digest: String
  /// How each source is divided into sentences, as JSON.
  let segmentation: String
  private let modes: [String: SourceSegmentation]

  /// Looks at a workspace.
  init(_ context: StageContext, settings: MeasureSettings, place: String) throws {
    let index = context.workspace.index
    names = try index.sourceNames()
    guard !names.isEmpty else {
      throw Failure(
        what: "the workspace has no documents",
        place: context.workspace.path,
        remedy: "run `blalm ingest` first"
      )
    }
    for name in settings.segmentation.keys.sorted() where !names.contains(name) {
      throw MeasuredSources.unknown(name, names, place)
    }
    for name in settings.segmentationByFormat.sorted() where !names.contains(name) {
      throw MeasuredSources.unknown(name, names, place)
    }
    let kept = settings.keepsSegmentation ? try index.measuredSegmentation() : []
    var modes: [String: SourceSegmentation] = [:]
    for name in names {
      let format = try index.source(name)?.format ?? ""
      var given = settings.segmentation[name]
      if given == nil, !settings.segmentationByFormat.contains(name) {
        given = SourceSegmentation(given: nil, format: format)
          .other(thatMeasured: kept.filter { $0.source == name })
      }
      modes[name] = SourceSegmentation(given: given, format: format)
    }
    self.modes = modes
    segmentation = canonicalJSON(modes.mapValues(\.name))
    digest = try MeasuredSources.digest(of: context)
  }

  private static func unknown(_ name: String, _ names: [String], _ place: String) -> Failure {
    Failure(
      .usage,
      what: "`\(name)`, whose segmentation is given, is no source of the workspace",
      place: place,
      remedy: "name one of \(names.joined(separator: ", "))"
    )
  }

  /// What decides every text of a workspace.
  static func digest(of context: StageContext) throws -> String {
    let fingerprints = try context.workspace.index.sourceNames().map { name in
      try "\(name)="
        + context.fingerprint(of: "ingest \(name)", remedy: "run `blalm ingest` for it again")
    }
    return SHA256.hash(fingerprints.joined(separator: "\n")).description
  }

  /// How a source is divided into sentences.
  subscript(source: String) -> SourceSegmentation? { modes[source] }
}

/// What the metrics are given, and what of it enters their identities.
private struct MeasuringResources {
  let values: MetricResources
  private var digests: [String: String] = [:]

  init(
    _ context: StageContext,
    _ settings: MeasureSettings,
    metrics: [any Metric],
    sources: MeasuredSources
  ) throws {
    let wanted = Set(metrics.flatMap(\.wordLists))
    var lists: [String: [String: Double]] = [:]
    for (name, path) in settings.wordLists.sorted(by: { $0.key < $1.key }) {
      // Hashed each time: a list is small, and who edits it twice in a moment means it.
      digests[name] = try digestOfFile(path).sha256
      lists[name] = try readWordList(path, named: name)
    }
    var ranks: [UInt64: Double]?
    if wanted.contains(MetricResources.pool) {
      let pool = try context.countPoolWords(of: sources)
      digests[MetricResources.pool] = pool.digest
      ranks = pool.ranks
    }
    values = MetricResources(wordLists: lists, poolRanks: ranks)
  }

  /// The digests of the lists that a metric reads, as JSON.
  func settings(of metric: any Metric) -> String {
    canonicalJSON(digests.filter { metric.wordLists.contains($0.key) })
  }
}
