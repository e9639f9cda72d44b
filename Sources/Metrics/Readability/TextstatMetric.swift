/// What textstat 0.7.13 gives for English, for papers that must compare; not what its sources say.
///
/// Its words, sentences and syllables are counted as it counts them (`TextstatPass`), its constants
/// are kept where they are not the published ones, and its rounding is off, as it is by default. Two
/// things differ: words outside the CMU Pronouncing Dictionary are counted by our rules, not by points
/// of hyphenation; and a text without words has no values, where textstat has zeros.
package struct TextstatMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "textstat"
  package let version = 2
  package let summary = "Readability as the program textstat 0.7.13 gives it."

  /// The name of the list of easy words; textstat's own is its file `resources/en/easy_words.txt`.
  static let easyWords = "textstatEasyWords"

  package var wordLists: [String] { [TextstatMetric.easyWords] }

  package let columns = [
    MetricColumn("textstatFleschReadingEase", .real, "textstat's flesch_reading_ease."),
    MetricColumn("textstatFleschKincaidGrade", .real, "textstat's flesch_kincaid_grade."),
    MetricColumn("textstatSmogIndex", .real, "textstat's smog_index, for texts of any length."),
    MetricColumn(
      "textstatColemanLiauIndex",
      .real,
      "textstat's coleman_liau_index, with 0.058 where the paper has 0.0588."
    ),
    MetricColumn(
      "textstatAutomatedReadabilityIndex",
      .real,
      "textstat's automated_readability_index, which counts punctuation as characters."
    ),
    MetricColumn(
      "textstatLinsearWrite",
      .real,
      "textstat's linsear_write_formula, on the first 100 words."
    ),
    MetricColumn("textstatLix", .real, "textstat's lix."),
    MetricColumn("textstatRix", .real, "textstat's rix."),
    MetricColumn(
      "textstatGunningFog",
      .real,
      "textstat's gunning_fog, on the user's list textstatEasyWords."
    ),
    MetricColumn(
      "textstatDaleChall",
      .real,
      "textstat's dale_chall_readability_score, on the user's list textstatEasyWords."
    ),
    MetricColumn(
      "textstatSpache",
      .real,
      "textstat's spache_readability, on the user's list textstatEasyWords."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    TextstatMeasurer(easyWords: resources.wordLists[TextstatMetric.easyWords])
  }
}

private struct TextstatMeasurer: Measurer, Sendable {
  let easyWords: WordTable?

  init(easyWords: [String: Double]?) {
    self.easyWords = easyWords.map { list in
      var table = WordTable(capacity: list.count)
      for word in list.keys where !word.isEmpty { table.insert(WordKey.key(of: word.utf8), 1) }
      return table
    }
  }

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    var pass = TextstatPass(easyWords: easyWords)
    pass.read(text)
    let counts = pass.counts
    guard counts.words > 0 else {
      for _ in 0..<11 { values.append(.missing("no words")) }
      return
    }
    let words = Double(counts.words)
    let sentences = Double(counts.sentences)
    let length = words / sentences
    let syllables = Double(counts.syllables) / words
    let polysyllables = Double(counts.polysyllables)
    let longWords = Double(counts.longWords)
    values.append(.real(206.835 - 1.015 * length - 84.6 * syllables))
    values.append(.real(0.39 * length + 11.8 * syllables - 15.59))
    values.append(.real(1.043 * (30 * (polysyllables / sentences)).squareRoot() + 3.1291))
    let letters = Double(counts.wordCharacters) / words * 100
    values.append(.real(0.058 * letters - 0.296 * (sentences / words * 100) - 15.8))
    let characters = Double(counts.characters) / Double(counts.tokens)
    values.append(.real(4.71 * characters + 0.5 * length - 21.43))
    let rate =
      Double(counts.sample.easy + 3 * counts.sample.hard) / Double(counts.sample.sentences)
    values.append(.real(rate <= 20 ? (rate - 2) / 2 : rate / 2))
    values.append(.real(length + 100 * longWords / words))
    values.append(.real(longWords / sentences))
    guard easyWords != nil else {
      for _ in 0..<3 { values.append(.missing("no word list textstatEasyWords")) }
      return
    }
    values.append(.real(0.4 * (length + 100 * Double(counts.difficult[3]) / words)))
    let unlisted = 100 * Double(counts.difficult[0]) / words
    let daleChall = 0.1579 * unlisted + 0.0496 * length
    values.append(.real(unlisted > 5 ? daleChall + 3.6365 : daleChall))
    let difficult = 100 * Double(counts.difficult[2]) / words
    values.append(.real(0.141 * length + 0.086 * difficult + 0.839))
  }
}
