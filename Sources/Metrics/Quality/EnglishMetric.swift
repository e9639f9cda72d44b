// Whether a text is English, guessed from the words that every English text is made of.
//
// No model: the share of common function words, from a list of our own. English prose has about half
// of its words in the list, text in a related language a few of them by chance (`in`, `die`, `an`), and
// names, code and lists have few, whatever their language.

/// The share of common English function words.
package struct EnglishMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityEnglish"
  package let version = 2
  package let summary = "How much of a text is English function words: a guess at its language."

  package let columns = [
    MetricColumn(
      "englishFunctionWordFraction",
      .real,
      "Words that are common English function words, over all words."
    ),
    MetricColumn(
      "englishFunctionWords",
      .integer,
      "How many different ones of the list's words occur."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { EnglishMeasurer() }

  /// The words of the list, each for its place: articles and determiners, pronouns, prepositions,
  /// conjunctions and particles, auxiliaries with their contractions, and question words.
  static let functionWords: [String] = """
    the a an this that these those some any each every no all both another other such

    i me my mine you your yours he him his she her hers it its we us our ours they them their theirs
    myself yourself himself herself itself ourselves themselves one someone something anything nothing

    of to in for on with at by from into about over after under between through during before without
    against among around behind below above across near off out up down until upon within

    and or but if because so than as while though although when where since not then there here too
    also just only very

    be is am are was were been being have has had having do does did doing will would can could shall
    should may might must i'm you're he's she's it's we're they're i've you've we've they've i'll you'll
    he'll she'll we'll they'll i'd you'd he'd she'd we'd they'd that's there's what's let's don't
    doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't couldn't
    shouldn't

    who whom whose what which why how
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  fileprivate static let table: WordNumbers = WordNumbers(
    Dictionary(uniqueKeysWithValues: functionWords.enumerated().map { ($1, Double($0)) })
  )
  fileprivate static let count = functionWords.count
}

private struct EnglishMeasurer: Measurer {
  let table = EnglishMetric.table
  /// Whether each word of the list has been met.
  var isMet = [Bool](repeating: false, count: EnglishMetric.count)

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    for index in isMet.indices { isMet[index] = false }
    var found = 0
    var different = 0
    let words = scan.words
    for word in words {
      guard let number = table[word.key] else { continue }
      found += 1
      let place = Int(number)
      if !isMet[place] {
        isMet[place] = true
        different += 1
      }
    }
    values.append(.fraction(found, of: words.count, "no words"))
    values.append(.integer(different))
  }
}
