// Source files become documents in the shards, or counted rejections.

import Documents
import Files
import Foundation
import Ingestion
import Storage

/// What to read, and how.
public struct IngestSettings: Sendable {
  /// The source's name in the workspace, part of every document's identity.
  public var name: String
  /// The format of its files.
  public var format: SourceFormat
  /// Files and folders.
  public var paths: [String]
  /// The reader with its options.
  public var reader: ConfiguredReader

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The source's name in the workspace.
  ///   - format: The format of its files.
  ///   - paths: Files and folders.
  ///   - reader: The reader with its options.
  public init(name: String, format: SourceFormat, paths: [String], reader: ConfiguredReader) {
    self.name = name
    self.format = format
    self.paths = paths
    self.reader = reader
  }
}

extension StageContext {
  /// Reads a source into the workspace, replacing what it held of it.
  ///
  /// All or nothing: after any error the workspace holds what it held before.
  ///
  /// - Parameter settings: What to read, and how.
  /// - Returns: The report: records in, documents out, rejections by reason, words.
  /// - Throws: ``Failure`` where a file is damaged, missing or empty, where two different files have
  ///   one name, or where nothing came out; ``Interrupted``.
  public func ingest(_ settings: IngestSettings) throws -> StageReport {
    try checkName(settings.name, of: "source")
    var files: [InputFile] = []
    for path in settings.paths {
      files += try InputFile.files(at: path, extensions: settings.format.fileExtensions)
    }
    // The order in which paths are given changes nothing, as their folders do not.
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var known: [String: (path: String, digest: String?)] = [:]
    let inputs = try files.map { file in
      try stop.check()
      // What standard input will hold nobody knows before it is read.
      let digest =
        file.isStandardInput ? nil : try workspace.index.digest(ofInput: file.path)
      if let other = known.updateValue((file.path, digest), forKey: file.name),
        other.digest != digest
      {
        throw Failure(
          what: "this file and `\(other.path)` are both known as `\(file.name)`, but differ",
          place: file.path,
          remedy: "give the folder that holds both, or rename one"
        )
      }
      // So it is new each time.
      return "\(file.name)=\(digest ?? UUID().uuidString)"
    }
    let name = "ingest \(settings.name)"
    let identity = StageIdentity(
      name: name,
      version: 1_000 * settings.reader.reader.version + 2,
      inputs: inputs,
      settings: "\(settings.format.rawValue) \(settings.reader.options)"
    )
    func shards() throws -> [String] {
      try workspace.index.shards(of: settings.name).map { "shards/\($0)" }
    }
    return try run(identity, outputs: try shards()) { _ in
      var ingestion = SourceIngestion(stage: name, context: self)
      try workspace.replaceSource(
        settings.name,
        record: SourceRecord(
          format: settings.format.rawValue,
          options: settings.reader.options,
          files: known.sorted { $0.key < $1.key }
            .map { SourceRecord.File(file: $0.key, sha256: $0.value.digest) }
        ),
        stage: name
      ) { replacement in
        try ingestion.read(files, with: settings.reader.reader, into: &replacement)
        guard replacement.documents > 0 else { throw ingestion.nothingCameOut(of: settings) }
      }
      return ingestion.report
    }
  }
}

/// The running counts of one ingestion.
private struct SourceIngestion {
  let stage: String
  let context: StageContext
  private var records = 0
  private var bytes = 0
  private var documents = 0
  private var words = 0
  private var rejected: [String: Int] = [:]
  private var warnings: [String] = []
  private var sums = MetadataSums()
  private var seen: Set<DocumentID> = []

  init(stage: String, context: StageContext) {
    self.stage = stage
    self.context = context
  }

  var report: StageReport {
    var details = sums.details
    details["bytes"] = .integer(bytes)
    if !warnings.isEmpty { details["warnings"] = .list(warnings.map { .text($0) }) }
    return StageReport(
      stage: stage,
      input: records,
      output: documents,
      rejected: rejected,
      words: words,
      details: details
    )
  }

  mutating func read(
    _ files: [InputFile],
    with reader: any SourceReader,
    into replacement: inout SourceReplacement
  ) throws {
    // The rows of one batch go into the store while the next batch is converted.
    let converted = BatchQueue<ConvertedBatch> { push in
      try forEachBatchAhead(of: files, with: reader) { batch, file in
        try push(ConvertedBatch(batch, of: file, with: reader))
      }
    }
    defer { converted.abandon() }
    while let batch = try converted.next() {
      try context.stop.check()
      try store(batch, warningOf: reader.reasonsToWarnOf, in: &replacement)
    }
  }

  private mutating func store(
    _ batch: ConvertedBatch,
    warningOf reasonsToWarnOf: Set<String>,
    in replacement: inout SourceReplacement
  ) throws {
    for outcome in batch.outcomes.joined() {
      switch outcome {
      case .document(let document, let summed):
        guard seen.insert(document.id).inserted else {
          try append(
            Rejection(
              reason: "the same record twice",
              origin: document.origin,
              detail: document.key
            ),
            to: &replacement
          )
          continue
        }
        documents += 1
        words += document.words
        sums.add(summed)
        try replacement.append(document)
      case .rejection(let rejection):
        if reasonsToWarnOf.contains(rejection.reason) {
          warnings.append("\(batch.file) is \(rejection.reason): \(rejection.detail)")
        }
        try append(rejection, to: &replacement)
      }
    }
    records += batch.records
    bytes += batch.bytes
    context.progress(
      StageProgress(stage: stage, completed: bytes, total: nil, unit: "bytes", note: batch.file)
    )
  }

  private mutating func append(
    _ rejection: Rejection,
    to replacement: inout SourceReplacement
  ) throws {
    rejected[rejection.reason, default: 0] += 1
    try replacement.append(rejection)
  }

  func nothingCameOut(of settings: IngestSettings) -> Failure {
    let reasons = rejected.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
      .map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    return Failure(
      what: "no document came out of \(records) records"
        + (reasons.isEmpty ? "" : "; most were rejected as: \(reasons)"),
      place: settings.paths.joined(separator: ", "),
      remedy: "check that these are \(settings.format.rawValue) files, and the reader's options"
    )
  }
}

/// Records that were converted on all cores, with what the report says of them.
private struct ConvertedBatch: Sendable {
  let outcomes: [[PreparedOutcome]]
  /// The file that the batch ends in.
  let file: String
  let records: Int
  let bytes: Int

  init(_ batch: [RawRecord], of file: InputFile, with reader: any SourceReader) throws {
    outcomes = try WorkerPool.map(batch) { record in
      try reader.outcomes(of: record).map {
        try PreparedOutcome($0, summing: reader.summedMetadata)
      }
    }
    self.file = file.name
    records = batch.reduce(0) { $0 + $1.count }
    bytes = batch.reduce(0) { $0 + $1.size }
  }
}

/// An outcome as it goes into the store, prepared on a worker.
private enum PreparedOutcome: Sendable {
  case document(PreparedDocument, summed: [String: MetadataValue])
  case rejection(Rejection)

  init(_ outcome: IngestOutcome, summing names: [String]) throws {
    switch outcome {
    case .document(let document):
      let summed =
        document.metadata.isEmpty ? [:] : document.metadata.filter { names.contains($0.key) }
      self = .document(try PreparedDocument(document), summed: summed)
    case .rejection(let rejection): self = .rejection(rejection)
    }
  }
}
