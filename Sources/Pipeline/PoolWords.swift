// The most frequent words of all documents of a workspace, which metrics hold each document against.

import Documents
import Files
import Metrics
import Storage

extension StageContext {
  /// The most frequent words of the pool, counted anew where a source has changed.
  ///
  /// - Parameter sources: The sources.
  /// - Returns: The words' ranks from 1 by key, and a digest of what can make a difference: which words
  ///   are among the first 1,000 and the first 3,000, not how they are ranked among them.
  /// - Throws: ``Failure`` where a shard is damaged or no document has a word; ``Interrupted``.
  func countPoolWords(
    of sources: MeasuredSources
  ) throws -> (ranks: [UInt64: Double], digest: String) {
    let identity = StageIdentity(
      name: "count words",
      version: 2,
      inputs: [sources.digest, sources.segmentation],
      settings: "\(MetricResources.poolWords)"
    )
    _ = try run(identity, outputs: []) { replacing in
      let (counts, documents, words) = try poolCounts(of: sources, stage: identity.name)
      let mostFrequent = counts.mostFrequent(MetricResources.poolWords)
      try replacing()
      try workspace.index.replacePoolWords(mostFrequent)
      return StageReport(
        stage: identity.name,
        input: documents,
        output: mostFrequent.count,
        words: words
      )
    }
    let words = try workspace.index.poolWords()
    var ranks: [UInt64: Double] = [:]
    for (index, word) in words.enumerated() {
      let key = WordKey.key(of: word.utf8)
      ranks[key] = ranks[key] ?? Double(index + 1)
    }
    let first = inOrder(words.prefix(1_000))
    let rest = inOrder(words.dropFirst(1_000))
    return (ranks, SHA256.hash(first + "\n\n" + rest).description)
  }

  private func poolCounts(
    of sources: MeasuredSources,
    stage: String
  ) throws -> (counts: WordFormCounts, documents: Int, words: Int) {
    let total = try sources.names.reduce(0) { try $0 + workspace.index.documentCount(of: $1) }
    var counts = WordFormCounts()
    var documents = 0
    var words = 0
    for source in sources.names {
      let transcripts = try transcripts(of: source, sources[source])
      // A frame at a time, whichever thread counts it, so that what is let go is always the same.
      let count = { @Sendable frame in try frameCounts(frame, transcripts) }
      try forEachFrame(of: source, count) { frame in
        counts.add(frame.counts)
        documents += frame.documents
        words += frame.words
        progress(
          StageProgress(
            stage: stage,
            completed: documents,
            total: total,
            unit: "documents",
            note: source
          )
        )
      }
    }
    return (counts, documents, words)
  }

  /// Which documents of a source are transcripts, whose speakers' labels are no words.
  private func transcripts(
    of source: String,
    _ segmentation: SourceSegmentation?
  ) throws -> Transcripts {
    guard let segmentation else { return .none }
    if let mode = segmentation.mode { return mode == .transcript ? .all : .none }
    var found: Set<DocumentID> = []
    let query = CorpusQuery(columns: ["id", "file"], sources: [source], place: "the pool's words")
    try workspace.index.forEachDocument(of: query) { row in
      guard case .text(let id) = row[0], case .text(let file) = row[1], let id = DocumentID(id),
        segmentation.mode(of: file) == .transcript
      else { return }
      found.insert(id)
    }
    return .some(found)
  }
}

/// The documents of a source that are transcripts.
private enum Transcripts: Sendable {
  case none
  case all
  case some(Set<DocumentID>)

  func contains(_ document: DocumentID) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .some(let documents): documents.contains(document)
    }
  }
}

/// Words in the order of their bytes, a line each.
private func inOrder(_ words: some Sequence<String>) -> String {
  words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "\n")
}

/// Counts the word forms of the documents of a frame.
private func frameCounts(
  _ frame: ShardFrame,
  _ transcripts: Transcripts
) throws -> (counts: WordFormCounts, documents: Int, words: Int) {
  var counts = WordFormCounts()
  var scan = TextScan()
  var words = 0
  let texts = try frame.texts()
  for (id, text) in texts {
    scan.segmentation = transcripts.contains(id) ? .transcript : .prose
    scan.read(text.span)
    counts.add(scan, of: text.span)
    words += scan.words.count
  }
  return (counts, texts.count, words)
}
