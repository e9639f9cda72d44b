import Documents

/// The running counts of `dedupe`.
struct DedupeReport {
  /// What one source has.
  private struct Counts {
    var documents = 0
    var words = 0
    var exact = 0
    var near = 0
    var wordsOut = 0
  }

  /// Two sources: that of the keepers, and that of the others.
  private struct Pair: Hashable {
    let keeper: Int
    let other: Int
  }

  private let sources: [String]
  private let settings: DedupeSettings
  private var counts: [Counts]
  private var pairs: [Pair: (documents: Int, words: Int)] = [:]
  private var clusters = 0
  private var repeatedDocuments = 0
  private var repeatedParagraphs = 0
  private var repeatedWords = 0
  private var memory = 0

  init(sources: [String], settings: DedupeSettings) {
    self.sources = sources
    self.settings = settings
    counts = Array(repeating: Counts(), count: sources.count)
  }

  /// Counts a document that came in.
  mutating func count(_ record: SignedDocument) {
    counts[Int(record.source)].documents += 1
    counts[Int(record.source)].words += Int(record.words)
  }

  /// Counts a document that has a keeper in its place.
  mutating func count(_ record: SignedDocument, isExact: Bool, keeper: SignedDocument) {
    let source = Int(record.source)
    let words = Int(record.words)
    if isExact { counts[source].exact += 1 } else { counts[source].near += 1 }
    counts[source].wordsOut += words
    guard keeper.source != record.source else { return }
    let sum = pairs[Pair(keeper: Int(keeper.source), other: source), default: (0, 0)]
    pairs[Pair(keeper: Int(keeper.source), other: source)] = (sum.documents + 1, sum.words + words)
  }

  mutating func count(clusters: Int) { self.clusters = clusters }

  mutating func count(repeatedParagraphs paragraphs: Int, words: Int) {
    repeatedDocuments += 1
    repeatedParagraphs += paragraphs
    repeatedWords += words
  }

  /// The largest of the three phases' memory beside the texts in flight, as the guide states it.
  mutating func plan(documents: Int, clustered: Int, largestFile: Int) {
    memory = max(17 * documents, 5 * documents + 80 * clustered, 8 * documents + 16 * largestFile)
  }

  var stageReport: StageReport {
    let documents = counts.reduce(0) { $0 + $1.documents }
    let exact = counts.reduce(0) { $0 + $1.exact }
    let near = counts.reduce(0) { $0 + $1.near }
    let words = counts.reduce(0) { $0 + $1.words }
    let wordsOut = counts.reduce(0) { $0 + $1.wordsOut }
    var details: [String: MetadataValue] = [
      "clusters": .integer(clusters),
      "duplicateWords": .integer(wordsOut),
      "repeatedParagraphs": .object([
        "documents": .integer(repeatedDocuments),
        "paragraphs": .integer(repeatedParagraphs),
        "words": .integer(repeatedWords),
      ]),
      "sources": .object(perSource),
      "settings": .text(canonicalJSON(settings)),
      "workingBytes": .integer(memory),
    ]
    if !pairs.isEmpty { details["acrossSources"] = .list(acrossSources) }
    var rejected: [String: Int] = [:]
    if exact > 0 { rejected["exact duplicate"] = exact }
    if near > 0 { rejected["near duplicate"] = near }
    return StageReport(
      stage: "dedupe",
      input: documents,
      output: documents - exact - near,
      rejected: rejected,
      words: words - wordsOut,
      details: details
    )
  }

  private var perSource: [String: MetadataValue] {
    var result: [String: MetadataValue] = [:]
    for (source, counts) in zip(sources, counts) {
      result[source] = .object([
        "documents": .integer(counts.documents),
        "exact": .integer(counts.exact),
        "near": .integer(counts.near),
        "duplicateWords": .integer(counts.wordsOut),
      ])
    }
    return result
  }

  private var acrossSources: [MetadataValue] {
    pairs.sorted { ($0.key.keeper, $0.key.other) < ($1.key.keeper, $1.key.other) }.map { pair in
      .object([
        "kept": .text(sources[pair.key.keeper]),
        "duplicate": .text(sources[pair.key.other]),
        "documents": .integer(pair.value.documents),
        "words": .integer(pair.value.words),
      ])
    }
  }
}
