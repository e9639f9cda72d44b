// The most frequent words of all documents of a workspace, which metrics hold each document against.

import Documents
import Files
import Metrics
import Storage

extension StageContext {
  /// The most frequent words of the pool, counted anew where a source has changed.
  ///
  /// - Parameter sources: The sources.
  /// - Returns: The words with their ranks from 1, and a digest of what can make a difference: which
  ///   words are among the first 1,000 and the first 3,000, not how they are ranked among them.
  /// - Throws: ``Failure`` where a shard is damaged or no document has a word; ``Interrupted``.
  func countPoolWords(
    of sources: MeasuredSources
  ) throws -> (ranks: [String: Double], digest: String) {
    let identity = StageIdentity(
      name: "count words",
      version: 1,
      inputs: [sources.digest],
      settings: "\(MetricResources.poolWords)"
    )
    _ = try run(identity, outputs: []) { replacing in
      let (counts, documents, words) = try poolCounts(of: sources.names, stage: identity.name)
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
    let ranks = words.enumerated().map { ($1, Double($0 + 1)) }
    let first = words.prefix(1_000).sorted().joined(separator: "\n")
    let rest = words.dropFirst(1_000).sorted().joined(separator: "\n")
    return (
      Dictionary(uniqueKeysWithValues: ranks), SHA256.hash(first + "\n\n" + rest).description
    )
  }

  private func poolCounts(
    of sources: [String],
    stage: String
  ) throws -> (counts: WordFormCounts, documents: Int, words: Int) {
    let total = try sources.reduce(0) { try $0 + workspace.index.documentCount(of: $1) }
    var counts = WordFormCounts()
    var documents = 0
    var words = 0
    for source in sources {
      // A frame at a time, whichever thread counts it, so that what is let go is always the same.
      try forEachFrame(of: source, frameCounts) { frame in
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
}

/// Counts the word forms of the documents of a frame.
private func frameCounts(
  _ frame: ShardFrame
) throws -> (counts: WordFormCounts, documents: Int, words: Int) {
  var counts = WordFormCounts()
  var scan = TextScan()
  var words = 0
  let texts = try frame.texts()
  for (_, text) in texts {
    scan.read(text.span)
    counts.add(scan, of: text.span)
    words += scan.words.count
  }
  return (counts, texts.count, words)
}
