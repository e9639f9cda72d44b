// Measuring on all cores: texts in, rows of the index out, in source order.

import Documents
import Metrics
import Storage
import Synchronization

/// The most documents that are measured and entered at once.
private let documentsAtOnce = 50_000

/// The bytes of text after which what was measured is entered: some seconds of work.
private let bytesAtOnce = 67_108_864

/// The bytes of text that a worker reads at once.
private let bytesAPiece = 2_097_152

/// One run of `measure`.
struct Measurement {
  let context: StageContext
  let stage: String
  let workers: MeasuringWorkers
  let tables: [MetricTable]

  /// Measures what the metrics have no numbers of.
  ///
  /// - Parameter sources: The sources.
  /// - Returns: The number of documents that were measured.
  /// - Throws: ``Failure`` where a shard is damaged or the index cannot be written; ``Interrupted``.
  func measure(_ sources: MeasuredSources) throws -> Int {
    let index = context.workspace.index
    let total = try sources.names.reduce(0) { try $0 + index.documentCount(of: $1) }
    var measured = 0
    var passed = 0
    for source in sources.names {
      let count = try index.documentCount(of: source)
      var next: Int? = tables.isEmpty ? nil : 0
      while let first = next {
        try context.stop.check()
        let (documents, following) = try index.unmeasured(
          of: source,
          by: tables.map(\.name),
          from: first,
          documents: documentsAtOnce,
          bytes: bytesAtOnce
        )
        next = following
        guard !documents.isEmpty else { break }
        try measure(documents, of: sources[source])
        measured += documents.count
        context.progress(
          StageProgress(
            stage: stage,
            completed: passed + (following ?? count),
            total: total,
            unit: "documents",
            note: source
          )
        )
      }
      passed += count
    }
    return measured
  }

  private func measure(
    _ documents: [UnmeasuredDocument],
    of source: SourceSegmentation?
  ) throws {
    let gathering = ShardGathering(context.workspace)
    let batches = try WorkerPool.map(pieces(of: documents)) { piece in
      try context.stop.check()
      let requests = piece.map {
        ShardGathering.Request(id: $0.id, place: $0.place, bytes: $0.bytes)
      }
      let found = try gathering.documents(requests, withMetadata: false)
      return workers.withWorker { worker in
        for (document, text) in zip(piece, found) {
          worker.measure(
            text.text,
            of: document,
            segmentation: source?.mode(of: document.file) ?? .prose
          )
        }
      }
    }
    var batch = MeasurementBatch(metrics: tables.count)
    for part in batches { batch.append(part) }
    try context.workspace.index.appendMeasurements(batch, of: tables)
  }

  /// Neighbours whose texts make up a piece of work.
  private func pieces(of documents: [UnmeasuredDocument]) -> [ArraySlice<UnmeasuredDocument>] {
    var pieces: [ArraySlice<UnmeasuredDocument>] = []
    var start = 0
    var bytes = 0
    for (index, document) in documents.enumerated() {
      bytes += document.bytes
      guard bytes >= bytesAPiece || index == documents.count - 1 else { continue }
      pieces.append(documents[start...index])
      (start, bytes) = (index + 1, 0)
    }
    return pieces
  }
}

/// Workers that go from one piece of work to the next, so that their scratch memory is made once.
final class MeasuringWorkers: Sendable {
  private let metrics: [any Metric]
  private let resources: MetricResources
  private let idle = Mutex<[MeasuringWorker]>([])

  init(_ metrics: [any Metric], resources: MetricResources) {
    self.metrics = metrics
    self.resources = resources
  }

  /// Lends a worker, and returns what it has measured meanwhile.
  func withWorker(_ body: (inout MeasuringWorker) -> Void) -> MeasurementBatch {
    var worker =
      idle.withLock { $0.popLast() } ?? MeasuringWorker(metrics, resources: resources)
    body(&worker)
    let batch = worker.takeBatch()
    idle.withLock { $0.append(worker) }
    return batch
  }
}

/// Measures one text after another by all metrics.
struct MeasuringWorker: Sendable {
  private let names: [String]
  private let columns: [[MetricColumn]]
  private var measurers: [any Measurer]
  private var scan = TextScan()
  private var values: [MetricValue] = []
  private var batch: MeasurementBatch
  /// The numbers of patterns, which recur.
  private var patterns: [[MeasurementBatch.Missing]: Int] = [:]

  init(_ metrics: [any Metric], resources: MetricResources) {
    names = metrics.map(\.name)
    columns = metrics.map(\.columns)
    measurers = metrics.map { $0.makeMeasurer(resources) }
    batch = MeasurementBatch(metrics: metrics.count)
  }

  /// Measures a text by the metrics that lack it.
  mutating func measure(
    _ text: [UInt8],
    of document: UnmeasuredDocument,
    segmentation: Segmentation
  ) {
    scan.segmentation = segmentation
    scan.read(text.span)
    if document.isNew { batch.texts.append((document.id, segmentation.rawValue)) }
    for metric in document.lacking {
      values.removeAll(keepingCapacity: true)
      measurers[metric].measure(text.span, scan: scan, values: &values)
      append(document.id, metric)
    }
  }

  /// What was measured since the last call.
  mutating func takeBatch() -> MeasurementBatch {
    defer { batch = MeasurementBatch(metrics: names.count) }
    return batch
  }

  private mutating func append(_ document: DocumentID, _ metric: Int) {
    let columns = columns[metric]
    precondition(
      values.count == columns.count,
      "the metric \(names[metric]) gives a value for each column"
    )
    var missing: [MeasurementBatch.Missing] = []
    func miss(_ column: Int, _ reason: String) -> Double {
      missing.append(.init(column: columns[column].name, reason: reason))
      return .nan
    }
    for (index, value) in values.enumerated() {
      let number =
        switch value {
        case .integer(let value): Double(value)
        case .real(let value) where value.isFinite: value
        case .real: miss(index, "no finite number")
        case .missing(let reason): miss(index, reason)
        }
      batch.metrics[metric].values.append(number)
    }
    batch.metrics[metric].documents.append(document)
    batch.metrics[metric].patterns.append(missing.isEmpty ? nil : number(of: missing, metric))
  }

  private mutating func number(of missing: [MeasurementBatch.Missing], _ metric: Int) -> Int {
    let number =
      patterns[missing] ?? MeasurementBatch.pattern(of: names[metric], missing)
    // Reasons are few; should a metric tell numbers in them, they must not fill the memory.
    if patterns.count > 10_000 { patterns.removeAll() }
    patterns[missing] = number
    batch.patterns[metric][number] = missing
    return number
  }
}
