// The measures of vocabulary against lexicalrichness (`Fixtures/lexical_goldens.py` says how the
// numbers were made), and the rules for texts that are too short, transcripts and word lists.

import Foundation
import Metrics
import TestSupport
import Testing

@Suite struct LexicalMetricTests {
  @Test(arguments: try Golden.read("lexical.json"))
  func `diversity and entropy are those of other programs`(_ golden: Golden) {
    let values = measured(LexicalMetric(), golden.text)
    #expect(Set(golden.values.keys).isSubset(of: values.keys))
    golden.compare(with: values)
  }

  @Test func `below the least text there is no value, with the reason`() {
    let values = measured(LexicalMetric(), "The cat saw the dog.")
    #expect(values["types"] == .integer(4))
    #expect(values["hapaxes"] == .integer(3))
    #expect(values["mattr"] == .missing("fewer than 50 words"))
    #expect(values["mtld"] == .missing("fewer than 100 words"))
    #expect(values["compressionRatio"] == .missing("fewer than 100 bytes"))
    #expect(values["meanLengthOfUtterance"] == .missing("no transcript"))
    #expect(values["pool1000Fraction"] == .missing("the pool's words are not counted"))
    #expect(values["meanAgeOfAcquisition"] == .missing("no list of ages of acquisition is given"))
    let different = (0..<120).map { "word\($0)" }.joined(separator: " ")
    #expect(measured(LexicalMetric(), different)["mtld"] == .missing("no word is repeated"))
    #expect(measured(LexicalMetric(), different)["mattr"] == .real(1))
  }

  @Test func `an utterance is a line of a transcript`() {
    let text = "where's the ball ?\nthere .\n!\nyou want it ?\nno\n"
    let values = measured(LexicalMetric(), text, .transcript)
    #expect(values["meanLengthOfUtterance"] == .real(8.0 / 4))
    #expect(values["questionFraction"] == .real(0.5))
  }

  @Test func `labels of speakers count in no measure of words`() {
    let labelled = "CHI: no no\nMOT: do you want it ?\nCHI: more juice .\n"
    let plain = "no no\ndo you want it ?\nmore juice .\n"
    for metric in [LexicalMetric(), EnglishMetric(), CountsMetric(), ReadabilityMetric()]
      as [any Metric]
    {
      var expected = measured(metric, plain, .transcript)
      #expect(measured(metric, labelled, .transcript) == expected, "\(metric.name)")
      expected = measured(metric, plain)
      #expect(measured(metric, labelled) != expected, "\(metric.name)")
    }
    let values = measured(LexicalMetric(), labelled, .transcript)
    #expect(values["meanLengthOfUtterance"] == .real(8.0 / 3))
    #expect(values["types"] == .integer(7))
  }

  @Test func `words are held against the pool's ranks and the user's ages`() {
    let ranks = ["the": 1.0, "don't": 1_000, "extraordinary": 1_001, "cat": 3_000]
    let resources = MetricResources(
      wordLists: [
        LexicalMetric.ageOfAcquisition: ["cat": 3, "the": 2, "don\u{2019}t": 4, "don't": 5]
      ],
      poolRanks: Dictionary(uniqueKeysWithValues: ranks.map { (WordKey.key(of: $0), $1) })
    )
    let text = "The cat and the dog don\u{2019}t go. DON'T! Extraordinary…"
    let values = measured(LexicalMetric(), text, .prose, resources)
    #expect(values["pool1000Fraction"] == .real(4.0 / 9))
    #expect(values["pool3000Fraction"] == .real(6.0 / 9))
    #expect(values["ageOfAcquisitionKnown"] == .real(5.0 / 9))
    #expect(close(values["meanAgeOfAcquisition"], (2 + 2 + 3 + 4 + 4) / 5))
    let unknown = measured(LexicalMetric(), "zebra", .prose, resources)
    #expect(unknown["meanAgeOfAcquisition"] == .missing("no word is in the list of ages"))
    #expect(unknown["ageOfAcquisitionKnown"] == .real(0))
  }

  @Test func `a text that repeats itself is compressed further`() {
    func ratio(_ text: String) -> Double {
      if case .real(let ratio)? = measured(LexicalMetric(), text)["compressionRatio"] {
        ratio
      } else {
        0
      }
    }
    var random = SeededNumbers(3)
    let noise = (0..<2_000).map { _ in
      String(UnicodeScalar(UInt8.random(in: 0x61...0x7a, using: &random)))
    }.joined()
    #expect((1...2.2).contains(ratio(noise)))
    #expect(ratio(String(repeating: "again and again ", count: 125)) > 20)
  }

  @Test func `frequent English words mark a text as English`() {
    func share(_ text: String) -> Double {
      if case .real(let share)? = measured(EnglishMetric(), text)["englishFunctionWordFraction"] {
        share
      } else {
        -1
      }
    }
    #expect(share("The boy didn\u{2019}t know what it was, so he asked his mother about it.") > 0.5)
    #expect(share("Der Hund und die Katze haben in dem alten Haus gewohnt, an dem See.") < 0.3)
    #expect(share("El perro vive en la casa de su madre con dos gatos negros.") == 0)
    #expect(measured(EnglishMetric(), "😀")["englishFunctionWordFraction"] == .missing("no words"))
  }

  private func close(_ value: MetricValue?, _ expected: Double) -> Bool {
    if case .real(let number)? = value { abs(number - expected) < 1e-12 } else { false }
  }
}
