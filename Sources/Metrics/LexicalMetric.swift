// Vocabulary and development: how many different words, how varied, how frequent, how early learnt.
//
// A word is a scan's word by its lower-case spelling (`TextScan`). Each measure has the least text
// that it says something of; below it there is no value, with the reason.

private import Codecs
private import Glibc

/// Types, diversity, entropy, compression, utterance length, questions, frequency, age of acquisition.
package struct LexicalMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "lexical"
  package let version = 2
  package let summary =
    "Vocabulary and development: diversity, entropy, utterances, word frequency."

  /// The name of the user's list of ages at which words are learnt.
  package static let ageOfAcquisition = "ageOfAcquisition"

  package var wordLists: [String] { [MetricResources.pool, LexicalMetric.ageOfAcquisition] }

  package let columns = [
    MetricColumn("types", .integer, "Different words."),
    MetricColumn("hapaxes", .integer, "Words that occur once."),
    MetricColumn("typeTokenRatio", .real, "Types over words; falls as texts grow longer."),
    MetricColumn(
      "mattr",
      .real,
      "Moving-average type–token ratio: the mean type–token ratio of all windows of 50 words (Covington and McFall 2010)."
    ),
    MetricColumn(
      "mtld",
      .real,
      "Measure of textual lexical diversity: words per factor of type–token ratio 0.72, mean of both directions (McCarthy and Jarvis 2010); from 100 words."
    ),
    MetricColumn("unigramEntropy", .real, "Entropy of the text's own word distribution, in bits."),
    MetricColumn(
      "compressionRatio",
      .real,
      "Bytes of the text over bytes of its zstd frame at level 1; from 100 bytes."
    ),
    MetricColumn(
      "meanLengthOfUtterance",
      .real,
      "Mean length of utterance in words, of transcripts; utterances without a word do not count."
    ),
    MetricColumn(
      "questionFraction",
      .real,
      "Sentences that end with a question mark, over all sentences."
    ),
    MetricColumn(
      "pool1000Fraction",
      .real,
      "Words that are among the 1,000 most frequent of the pool, over all words."
    ),
    MetricColumn(
      "pool3000Fraction",
      .real,
      "Words that are among the 3,000 most frequent of the pool, over all words."
    ),
    MetricColumn(
      "meanAgeOfAcquisition",
      .real,
      "Mean age in years at which the words that the user's list knows are learnt."
    ),
    MetricColumn(
      "ageOfAcquisitionKnown",
      .real,
      "Words that the user's list of ages knows, over all words."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    LexicalMeasurer(
      pool: resources.poolRanks.map { WordNumbers(keys: $0) },
      ages: resources.wordLists[LexicalMetric.ageOfAcquisition].map { WordNumbers($0) }
    )
  }
}

private struct LexicalMeasurer: Measurer {
  let pool: WordNumbers?
  let ages: WordNumbers?
  var types = WordTypes()
  var diversity = LexicalDiversity()
  let compression = CompressionMeter()

  static let leastBytes = 100
  static let leastDiversityWords = 100
  static let window = 50

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    let words = scan.words
    types.read(words.span)
    values.append(.integer(types.keys.count))
    values.append(.integer(types.hapaxes))
    values.append(.fraction(types.keys.count, of: words.count, "no words"))
    appendDiversity(&values)
    values.append(
      words.isEmpty ? .missing("no words") : .real(entropy(types.occurrences.span, of: words.count))
    )
    if text.count < LexicalMeasurer.leastBytes {
      values.append(.missing("fewer than \(LexicalMeasurer.leastBytes) bytes"))
    } else {
      values.append(.real(Double(text.count) / Double(compression.size(of: text))))
    }
    appendUtterances(scan, &values)
    appendFrequencies(words.count, &values)
    appendAges(words.count, &values)
  }

  private mutating func appendDiversity(_ values: inout [MetricValue]) {
    let tokens = types.tokens
    let ratio = diversity.movingAverageRatio(
      tokens.span,
      types: types.keys.count,
      window: LexicalMeasurer.window
    )
    values.append(
      ratio.map { .real($0) } ?? .missing("fewer than \(LexicalMeasurer.window) words")
    )
    guard tokens.count >= LexicalMeasurer.leastDiversityWords else {
      return values.append(.missing("fewer than \(LexicalMeasurer.leastDiversityWords) words"))
    }
    let textual = diversity.textualDiversity(
      tokens.span,
      types: types.keys.count,
      threshold: (types: 18, words: 25)
    )
    values.append(textual.map { .real($0) } ?? .missing("no word is repeated"))
  }

  private func appendUtterances(_ scan: borrowing TextScan, _ values: inout [MetricValue]) {
    switch scan.segmentation {
    case .prose: values.append(.missing("no transcript"))
    case .transcript:
      values.append(.fraction(scan.words.count, of: scan.sentences.count, "no utterances"))
    }
    values.append(.fraction(scan.counts.questions, of: scan.sentences.count, "no sentences"))
  }

  private func appendFrequencies(_ words: Int, _ values: inout [MetricValue]) {
    guard let pool else {
      values.append(.missing("the pool's words are not counted"))
      return values.append(.missing("the pool's words are not counted"))
    }
    var first = 0
    var second = 0
    for (key, count) in zip(types.keys, types.occurrences) {
      guard let rank = pool[key] else { continue }
      first += rank <= 1_000 ? count : 0
      second += rank <= 3_000 ? count : 0
    }
    values.append(.fraction(first, of: words, "no words"))
    values.append(.fraction(second, of: words, "no words"))
  }

  private func appendAges(_ words: Int, _ values: inout [MetricValue]) {
    guard let ages else {
      values.append(.missing("no list of ages of acquisition is given"))
      return values.append(.missing("no list of ages of acquisition is given"))
    }
    var known = 0
    // As a mean that is moved on, so that no sum overflows whatever numbers a list holds.
    var mean = 0.0
    for (key, count) in zip(types.keys, types.occurrences) {
      guard let age = ages[key] else { continue }
      known += count
      mean += (age - mean) * (Double(count) / Double(known))
    }
    values.append(known > 0 ? .real(mean) : .missing("no word is in the list of ages"))
    values.append(.fraction(known, of: words, "no words"))
  }
}

/// The entropy of a distribution of words, in bits.
private func entropy(_ occurrences: Span<Int>, of words: Int) -> Double {
  // log n − Σ c·log c ∕ n, so that one word has exactly none.
  let total = Double(words)
  var sum = 0.0
  for index in occurrences.indices where occurrences[index] > 1 {
    let count = Double(occurrences[index])
    sum += count * log2(count)
  }
  return max(0, log2(total) - sum / total)
}
