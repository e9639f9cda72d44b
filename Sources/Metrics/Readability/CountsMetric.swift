/// The raw counts that formulas use, so that any of them can be redone in SQL.
package struct CountsMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "counts"
  package let version = 2
  package let summary = "Raw counts of characters, words, sentences and syllables."

  package var wordLists: [String] { [ReadabilityCounter.daleChall, ReadabilityCounter.spache] }

  package let columns = [
    MetricColumn("characterCount", .integer, "Characters that are not white space."),
    MetricColumn("letterCount", .integer, "Letters."),
    MetricColumn("digitCount", .integer, "Digits and other numbers, characters each."),
    MetricColumn("punctuationCount", .integer, "Characters of Unicode's punctuation."),
    MetricColumn(
      "wordCount",
      .integer,
      "Words as readability counts them: runs of letters and digits; a budget's words are others."
    ),
    MetricColumn(
      "sentenceCount",
      .integer,
      "Sentences; in a transcript, lines with a word."
    ),
    MetricColumn("paragraphCount", .integer, "Paragraphs, which blank lines part."),
    MetricColumn("lineCount", .integer, "Lines with something visible."),
    MetricColumn(
      "syllableCount",
      .integer,
      "Syllables, by the CMU Pronouncing Dictionary, else by rules."
    ),
    MetricColumn("polysyllableCount", .integer, "Words of 3 syllables or more."),
    MetricColumn(
      "fogWordCount",
      .integer,
      "Words of 3 syllables or more but names, compounds of easy words and forms in -es and -ed (Gunning 1952)."
    ),
    MetricColumn("longWordCount", .integer, "Words of more than 6 letters."),
    MetricColumn(
      "unfamiliarWordCount",
      .integer,
      "Words outside the user's list daleChall, by the rules of Dale and Chall (1948)."
    ),
    MetricColumn(
      "spacheWordCount",
      .integer,
      "Words outside the user's list spache, each once in every hundred words (Spache 1953)."
    ),
    MetricColumn(
      "upperCaseWordCount",
      .integer,
      "Words of two letters or more, all of them upper case."
    ),
    MetricColumn("questionCount", .integer, "Sentences that end with a question mark."),
    MetricColumn(
      "quotationCount",
      .integer,
      "Passages between double quotation marks inside a paragraph."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    CountsMeasurer(counter: ReadabilityCounter(resources))
  }
}

private struct CountsMeasurer: Measurer, Sendable {
  var counter: ReadabilityCounter

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    let counts = counter.count(text, scan)
    values.append(.integer(scan.counts.characters))
    values.append(.integer(scan.counts.letters))
    values.append(.integer(scan.counts.digits))
    values.append(.integer(scan.counts.punctuation))
    values.append(.integer(scan.words.count))
    values.append(.integer(scan.sentences.count))
    values.append(.integer(scan.paragraphs.count))
    values.append(.integer(scan.lines.count))
    values.append(.integer(scan.counts.syllables))
    values.append(.integer(scan.counts.polysyllables))
    values.append(.integer(counts.fogWords))
    values.append(.integer(scan.counts.longWords))
    values.append(
      counts.unfamiliarWords.map { .integer($0) } ?? .missing("no word list daleChall")
    )
    values.append(counts.spacheWords.map { .integer($0) } ?? .missing("no word list spache"))
    values.append(.integer(scan.counts.upperCaseWords))
    values.append(.integer(scan.counts.questions))
    values.append(.integer(scan.counts.quotations))
  }
}
