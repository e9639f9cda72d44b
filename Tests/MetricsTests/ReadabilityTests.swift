// Every formula against other programs' numbers, below its least text, and what explains a score.

import Foundation
import Metrics
import Testing

/// A text with its counts and scores, made by `Fixtures/readability_goldens.py`.
struct ReadabilityGolden: Decodable {
  let text: String
  let familiar: [String]
  let counts: [String: Int]
  let scores: [String: Double]

  static func all() throws -> [ReadabilityGolden] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Fixtures/readability.json"))
    return try JSONDecoder().decode([ReadabilityGolden].self, from: data)
  }

  var resources: MetricResources {
    let list = Dictionary(uniqueKeysWithValues: familiar.map { ($0, 1.0) })
    return MetricResources(wordLists: ["daleChall": list, "spache": list])
  }

  var explanation: ReadabilityExplanation {
    ReadabilityExplanation(of: text, segmentation: .prose, resources: resources)
  }
}

@Suite struct ReadabilityTests {
  @Test func `three texts have the counts that were counted elsewhere`() throws {
    for golden in try ReadabilityGolden.all() {
      let counts = golden.explanation.counts
      let found = [
        "words": counts.words, "sentences": counts.sentences, "syllables": counts.syllables,
        "letters": counts.letters, "fogWords": counts.fogWords,
        "polysyllables": counts.polysyllables, "longWords": counts.longWords,
        "unfamiliarWords": counts.unfamiliarWords, "spacheWords": counts.spacheWords,
      ]
      #expect(found == golden.counts.mapValues(Optional.some))
    }
  }

  @Test(arguments: ReadabilityFormula.allCases)
  func `a formula gives three texts the scores of other programs`(
    _ formula: ReadabilityFormula
  ) throws {
    for golden in try ReadabilityGolden.all() {
      let expected = try #require(golden.scores[formula.rawValue])
      let score = try #require(formula.score(golden.explanation.counts))
      #expect(abs(score - expected) <= 0.000_051, "\(score) is not \(expected)")
    }
  }

  /// Worked out by hand from the equations as their papers print them.
  @Test func `round counts give the values that the equations print`() {
    var counts = ReadabilityCounts()
    counts.words = 100
    counts.sentences = 5
    counts.syllables = 150
    counts.letters = 450
    counts.lettersAndDigits = 450
    counts.polysyllables = 10
    counts.fogWords = 10
    counts.longWords = 20
    counts.unfamiliarWords = 10
    counts.spacheWords = 10
    let expected: [(ReadabilityFormula, Double)] = [
      (.fleschReadingEase, 59.635), (.fleschKincaidGrade, 9.91), (.gunningFog, 12),
      (.smogGrade, 11.208_1), (.colemanLiauIndex, 9.18), (.automatedReadabilityIndex, 9.765),
      (.linsearWrite, 12), (.lix, 40), (.rix, 4), (.daleChall1948, 6.207_5),
      (.daleChall1995, 40.7), (.spache1953, 4.519), (.spache1974, 3.899),
    ]
    for (formula, value) in expected {
      #expect(abs((formula.score(counts) ?? .nan) - value) < 0.000_1, "\(formula)")
    }
    #expect(expected.count == ReadabilityFormula.allCases.count)
  }

  @Test func `below a formula's least text there is no value but a reason`() {
    let metric = ReadabilityMetric()
    let short = measured(metric, "The cat sat on the mat. It was happy.")
    #expect(short["fleschKincaidGrade"] == .missing("fewer than 100 words"))
    #expect(short["smogGrade"] == .missing("fewer than 30 sentences"))
    #expect(short["lix"] == .real(4.5))
    let long = measured(metric, String(repeating: "The cat sat on the mat. ", count: 20))
    #expect(long["daleChall1995"] == .missing("no word list daleChall"))
    #expect(long["spache1974"] == .missing("no word list spache"))
    #expect(long["smogGrade"] == .missing("fewer than 30 sentences"))
    for value in measured(metric, "").values { #expect(value == .missing("no words")) }
  }

  @Test func `120 utterances of one or two words are 120 sentences near the floor`() {
    let lines = ["no", "more juice", "ball", "big doggie", "mommy", "want it"]
    let text = (0..<120).map { lines[$0 % lines.count] }.joined(separator: "\n")
    let counts = measured(CountsMetric(), text, .transcript)
    #expect(counts["sentenceCount"] == .integer(120))
    #expect(counts["wordCount"] == .integer(180))
    guard
      case .real(let grade)? = measured(ReadabilityMetric(), text, .transcript)[
        "fleschKincaidGrade"
      ]
    else {
      Issue.record("no grade")
      return
    }
    // The floor is -3.4: one-syllable words, one a sentence.
    #expect(grade < 1 && grade >= -3.41)
  }

  @Test func `counts of documents add up to those of the documents together`() throws {
    var texts = try ReadabilityGolden.all().map(\.text)
    texts += [
      "\u{201c}Stop!\u{201d} said \"Mr. Brown\". He left,\nand we... 3.5 \u{1f600} NASA. Why?", "",
      "?!\n\n",
      "A heading\n\nand, (so) well-known \"words",
    ]
    if SharedData.isThere { texts += try SharedData.texts().prefix(200) }
    for segmentation in Segmentation.allCases {
      let whole = measured(CountsMetric(), texts.joined(separator: "\n\n"), segmentation)
      var sums: [String: Int] = [:]
      for text in texts {
        for (column, value) in measured(CountsMetric(), text, segmentation) {
          if case .integer(let number) = value { sums[column, default: 0] += number }
        }
      }
      for (column, value) in whole {
        if case .integer(let number) = value { #expect(number == sums[column], "\(column)") }
      }
      #expect(sums.count == 15)
    }
  }

  @Test func `hard words for Gunning are no names, easy compounds or forms in -es and -ed`() {
    let text =
      "Dangerous Emmanuel created remembered trespasses. Self-confident easy-going, "
      + "butterfly-chasing Emmanuel."
    let explanation = ReadabilityExplanation(of: text, segmentation: .prose)
    let hard = explanation.hardWords.filter { $0.fogOccurrences > 0 }.map(\.text)
    #expect(Set(hard) == ["Dangerous", "remembered", "Self-confident", "butterfly-chasing"])
    #expect(explanation.counts.fogWords == 4)
  }

  @Test func `familiar words come in other forms`() {
    let list = ["big", "make", "carry", "cat", "happy", "quick", "run", "well", "known"]
    let resources = MetricResources(
      wordLists: ["daleChall": Dictionary(uniqueKeysWithValues: list.map { ($0, 1) })]
    )
    let text =
      "cats making carried cat's happier quickly running runner biggest well-known London 12; "
      + "unhappy makings catx well-read"
    let explanation = ReadabilityExplanation(of: text, segmentation: .prose, resources: resources)
    let unfamiliar = explanation.hardWords.filter { $0.unfamiliarOccurrences ?? 0 > 0 }
    #expect(Set(unfamiliar.map(\.text)) == ["unhappy", "makings", "catx", "well-read"])
  }

  @Test(arguments: [
    ("dog's year-old", "dog\u{2019}s year\u{2010}old"), ("dogs' cats", "dogs\u{2bc} cats"),
    ("cat's-eye year-old", "cat\u{2019}s-eye year\u{2011}old"), ("5-year-old", "5\u{2010}year-old"),
    ("zebra's", "zebra\u{2019}s"), ("self-confident", "self\u{2010}confident"),
    ("easy-going-ly thirty-seven", "easy\u{2011}going-ly thirty\u{2010}seven"),
  ])
  func `typographers' apostrophes and hyphens make no word hard`(_ plain: String, _ other: String) {
    let list = ["dog", "cat", "eye", "year", "old", "self"]
    let resources = MetricResources(
      wordLists: ["daleChall": Dictionary(uniqueKeysWithValues: list.map { ($0, 1) })]
    )
    func counts(_ text: String) -> ReadabilityCounts {
      ReadabilityExplanation(of: text, segmentation: .prose, resources: resources).counts
    }
    #expect(counts(other) == counts(plain))
    let hasHardWord = plain.contains("z") || plain.contains("conf") || plain.contains("going")
    #expect((counts(plain).unfamiliarWords == 0) == !hasHardWord)
  }

  @Test func `a number in a compound is familiar, and a listed word has its accent`() {
    let resources = MetricResources(
      wordLists: ["daleChall": ["year": 1, "caf\u{e9}": 1, "don\u{2019}t": 1]]
    )
    let explanation = ReadabilityExplanation(
      of: "the 5-year 3.5-year 1,000-year caf\u{e9}s CAF\u{c9}'s don't 5x-year",
      segmentation: .prose,
      resources: resources
    )
    let unfamiliar = explanation.hardWords.filter { $0.unfamiliarOccurrences ?? 0 > 0 }
    #expect(Set(unfamiliar.map(\.text)) == ["the", "5x-year"])
  }

  @Test func `an explanation names hard words, long sentences and sums`() throws {
    let long = Array(repeating: "the cat and", count: 9).joined(separator: " ") + " understanding."
    let text = "Understanding is everything. The zzyblorping dog. " + long
    let explanation = ReadabilityExplanation(of: text, segmentation: .prose)
    let first = try #require(explanation.hardWords.first)
    #expect(first.text == "Understanding")
    #expect(first.syllables == 4 && first.occurrences == 2)
    #expect(first.isInDictionary)
    let invented = try #require(explanation.hardWords.first { $0.text == "zzyblorping" })
    #expect(!invented.isInDictionary)
    #expect(explanation.longSentences.map(\.text) == [long])
    #expect(explanation.longSentences.map(\.words) == [28])
    let lix = try #require(explanation.scores.first { $0.formula == .lix })
    #expect(lix.working == "34/3 + 100 × 4/34")
    #expect(lix.value == .real(34.0 / 3 + 100.0 * 4 / 34))
    #expect(explanation.scores.map(\.formula) == ReadabilityFormula.allCases)
  }
}
