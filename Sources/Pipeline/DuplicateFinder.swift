// The work of `dedupe`, in bounded memory: one pass over the shards writes what texts are compared by
// into working files; each band's keys are then sorted in memory in turn, and documents with a key in
// common are joined. The guide of duplicates says how much memory and disk that takes.

import Curation
import Documents
import Files
import Storage

/// Finds the duplicates of a workspace.
struct DuplicateFinder {
  /// With a threshold, a document is compared with this many before it in its bucket.
  private static let windowLength = 64

  let context: StageContext
  let settings: DedupeSettings
  let functions: MinHash
  let sources: [String]
  /// The documents of all sources, numbered by the sources' names and in each by its order.
  private let count: Int

  init(_ context: StageContext, settings: DedupeSettings) throws {
    self.context = context
    self.settings = settings
    functions = MinHash(bands: settings.bands, rows: settings.rows)
    sources = try context.workspace.index.sourceNames()
    count = try sources.reduce(0) { try $0 + context.workspace.index.documentCount(of: $1) }
    guard count < Int(UInt32.max) else {
      throw Failure(
        what: "\(count) documents are more than can be compared at once",
        place: context.workspace.path,
        remedy: "compare parts of them in workspaces of their own"
      )
    }
  }

  /// Does all of it.
  ///
  /// - Parameter replacing: Called before the index is touched.
  /// - Returns: The report.
  /// - Throws: ``Failure``; ``Interrupted``. The index is then as it was.
  func find(replacing: () throws -> Void) throws -> StageReport {
    let files = try signedSources()
    let clusters = try clusters(in: files)
    let repetitions = try repetitions(in: files)
    var report = DedupeReport(sources: sources, settings: settings)
    report.plan(
      documents: count,
      clustered: clusters.documents.count,
      largestFile: files.paragraphCounts.max() ?? 0
    )
    try files.forEachPiece { records, _ in for record in records { report.count(record) } }
    try replacing()
    try context.workspace.index.replaceDuplicates { replacement in
      try write(clusters, of: files, to: replacement, &report)
      try files.forEachPiece { records, first in
        for (index, record) in records.enumerated() {
          let paragraphs = Int(repetitions.paragraphs[first + index])
          guard paragraphs > 0 else { continue }
          let words = Int(repetitions.words[first + index])
          try replacement.append(repeatedParagraphs: paragraphs, words: words, of: record.id)
          report.count(repeatedParagraphs: paragraphs, words: words)
        }
      }
    }
    return report.stageReport
  }

  private func show(_ completed: Int, _ note: String) {
    context.progress(
      StageProgress(
        stage: "dedupe",
        completed: completed,
        total: count,
        unit: "documents",
        note: note
      )
    )
  }

  /// Reads every text once and writes down what it is compared by.
  private func signedSources() throws -> SignatureFiles {
    var files = try SignatureFiles(
      in: context.workspace.path(of: "shards"),
      bands: settings.bands,
      minima: functions.count
    )
    for (index, source) in sources.enumerated() {
      let settings = settings
      let functions = functions
      try context.forEachFrame(of: source) { frame in
        try SignedFrame(frame, functions, paragraphWords: settings.paragraphWords)
      } _: { frame in
        try files.append(frame, source: index)
        show(files.count, source)
      }
    }
    guard files.count == count else {
      throw Failure(
        what: "the shards hold \(files.count) documents, but the index knows \(count)",
        place: context.workspace.path,
        remedy: "delete the shards of the source and run `blalm ingest` (or `build`) again"
      )
    }
    return files
  }

  /// Joins equal texts, then those that share a band.
  private func clusters(in files: SignatureFiles) throws -> DuplicateClusters {
    var sets = DisjointSets(count: count)
    var isCompared = [Bool](repeating: false, count: count)
    try joinEqualTexts(in: files, &sets, &isCompared)
    for band in 0..<settings.bands {
      try context.stop.check()
      show(count, "band \(band + 1) of \(settings.bands)")
      try join(band, in: files, &sets, isCompared)
    }
    return try DuplicateClusters(
      sets.clusters(),
      files: files,
      rule: KeeperRule(settings.keep),
      ranks: ranks,
      index: context.workspace.index
    )
  }

  /// Each source's place in the list of preferred sources.
  private var ranks: [Int] {
    sources.map { settings.sources.firstIndex(of: $0) ?? settings.sources.count }
  }

  /// Joins documents with the same normalised text, and marks in `isCompared` the first one of each
  /// text that has words: the others share its bands anyway.
  private func joinEqualTexts(
    in files: SignatureFiles,
    _ sets: inout DisjointSets,
    _ isCompared: inout [Bool]
  ) throws {
    var entries: [KeyedDocument] = []
    entries.reserveCapacity(count)
    try files.forEachPiece { records, first in
      for (index, record) in records.enumerated() where record.textKey != 0 {
        isCompared[first + index] = true
        entries.append(KeyedDocument(key: record.textKey, document: UInt32(first + index)))
      }
    }
    sortByKey(&entries)
    forEachShared(entries) { range in
      for index in range.dropFirst() {
        sets.join(entries[range.lowerBound].document, entries[index].document)
        isCompared[Int(entries[index].document)] = false
      }
    }
  }

  private func join(
    _ band: Int,
    in files: SignatureFiles,
    _ sets: inout DisjointSets,
    _ isCompared: [Bool]
  ) throws {
    var entries: [KeyedDocument] = []
    entries.reserveCapacity(count)
    try files.forEachPiece(ofBand: band) { keys, first in
      append(keys, first, isCompared, to: &entries)
    }
    sortByKey(&entries)
    try forEachShared(entries) { bucket in
      if let threshold = settings.threshold {
        try joinSimilar(entries[bucket], threshold, files, &sets)
      } else {
        for index in bucket.dropFirst() {
          sets.join(entries[bucket.lowerBound].document, entries[index].document)
        }
      }
    }
  }

  /// Joins the pairs of a bucket whose signatures are similar enough.
  private func joinSimilar(
    _ bucket: ArraySlice<KeyedDocument>,
    _ threshold: Double,
    _ files: SignatureFiles,
    _ sets: inout DisjointSets
  ) throws {
    var window: [(document: UInt32, signature: [Int32])] = []
    for entry in bucket {
      var signature = [Int32](repeating: 0, count: functions.count)
      try files.readSignature(of: entry.document, into: &signature)
      for earlier in window
      where sets.root(of: earlier.document) != sets.root(of: entry.document)
        && functions.similarity(earlier.signature, signature) >= threshold
      {
        sets.join(earlier.document, entry.document)
      }
      if window.count == DuplicateFinder.windowLength { window.removeFirst() }
      window.append((entry.document, signature))
    }
  }

  /// Counts, for each document, its paragraphs that occur in another document, too.
  private func repetitions(in files: SignatureFiles) throws -> Repetitions {
    var repetitions = Repetitions(count: count)
    for index in 0..<SignatureFiles.paragraphFiles {
      try context.stop.check()
      var entries = try files.paragraphs(inFile: index)
      sortByKey(&entries)
      forEachShared(entries) { range in
        guard entries[range.lowerBound].document != entries[range.upperBound - 1].document
        else { return }
        for entry in entries[range] { repetitions.count(entry) }
      }
    }
    return repetitions
  }

  private func write(
    _ clusters: DuplicateClusters,
    of files: SignatureFiles,
    to replacement: borrowing DuplicateReplacement,
    _ report: inout DedupeReport
  ) throws {
    let rule = KeeperRule(settings.keep).text(preferring: settings.sources)
    var keeperSignature = [Int32](repeating: 0, count: functions.count)
    var signature = keeperSignature
    for cluster in 0..<clusters.count {
      let members = clusters.members(of: cluster)
      let keeper = clusters.keepers[cluster]
      let keeperRecord = clusters.records[keeper]
      try replacement.append(
        DuplicateClusterRow(
          keeper: keeperRecord.id,
          documents: members.count,
          words: members.reduce(0) { $0 + Int(clusters.records[$1].words) },
          rule: rule
        )
      )
      try files.readSignature(of: clusters.documents[keeper], into: &keeperSignature)
      for member in members {
        let record = clusters.records[member]
        var kind = DuplicateRow.Kind.keeper
        var similarity = 1.0
        if member != keeper {
          kind = record.textKey == keeperRecord.textKey ? .exact : .near
          if kind == .near {
            try files.readSignature(of: clusters.documents[member], into: &signature)
            similarity = functions.similarity(signature, keeperSignature)
          }
          report.count(record, isExact: kind == .exact, keeper: keeperRecord)
        }
        try replacement.append(
          DuplicateRow(
            document: record.id,
            keeper: keeperRecord.id,
            kind: kind,
            similarity: similarity
          )
        )
      }
    }
    report.count(clusters: clusters.count)
  }
}

/// The paragraphs of each document that occur in other documents, too.
private struct Repetitions {
  private(set) var paragraphs: [UInt32]
  private(set) var words: [UInt32]

  init(count: Int) {
    paragraphs = Array(repeating: 0, count: count)
    words = paragraphs
  }

  mutating func count(_ paragraph: KeyedParagraph) {
    let document = Int(paragraph.document)
    paragraphs[document] += 1
    words[document] = UInt32(clamping: Int(words[document]) + Int(paragraph.words))
  }
}

/// Appends the keys of the documents that are compared: a function, because the loop would be slow
/// inside a closure that captures the arrays.
private func append(
  _ keys: [UInt64],
  _ first: Int,
  _ isCompared: [Bool],
  to entries: inout [KeyedDocument]
) {
  for index in keys.indices where isCompared[first + index] {
    entries.append(KeyedDocument(key: keys[index], document: UInt32(first + index)))
  }
}
