// The quality rules against datatrove's functions and against the rules written out in Python
// (`Fixtures/quality_goldens.py` says how the numbers were made), and on texts at the edges.

import Metrics
import TestSupport
import Testing

@Suite struct QualityMetricsTests {
  @Test(arguments: try Golden.read("quality.json"))
  func `Gopher's and C4's numbers are those of other programs`(_ golden: Golden) {
    let metrics: [any Metric] = [GopherMetric(), RepetitionMetric(), C4Metric()]
    var all: [String: MetricValue] = [:]
    for metric in metrics { all.merge(measured(metric, golden.text)) { $1 } }
    #expect(Set(golden.values.keys).isSubset(of: all.keys))
    golden.compare(with: all)
  }

  @Test func `repeated runs of words are those that a slow reading finds`() {
    // Few different words, so that runs of every length are repeated and overlap.
    var random = SeededNumbers(7)
    for length in [2, 11, 60, 400] {
      for different in [2, 3, 12] {
        let words = (0..<length).map { _ in
          ["a", "bb", "c'", "déjà", "e", "f", "gg", "h", "iiiiiiiiii", "j", "k", "l"][
            Int.random(in: 0..<different, using: &random)
          ]
        }
        let text = words.joined(separator: " ")
        let values = measured(RepetitionMetric(), text)
        let characters = Double(text.unicodeScalars.count)
        for run in 2...10 where run <= length {
          let slow =
            run < 5 ? slowMostFrequent(words, run) : slowDuplicates(words, run)
          let name = "\(run < 5 ? "top" : "duplicate")\(run)GramCharacterFraction"
          #expect(values[name] == .real(Double(slow) / characters), "\(name) of \(words)")
        }
      }
    }
  }

  @Test func `a measurer forgets the text before`() {
    for metric in allMetrics {
      var measurer = metric.makeMeasurer(MetricResources())
      let texts = [
        "The cat sat. The cat sat.\n\nThe cat sat.", "", "no", "Was it a cat? I saw it.",
      ]
      for text in texts + texts.reversed() {
        #expect(measured(metric, &measurer, Array(text.utf8)) == measured(metric, text))
      }
    }
  }

  @Test func `line ends of every kind end a line, and the last line needs none`() {
    let text = "- a\r\n- b\r- c\u{b}- d\u{c}- e\u{1c}f\u{85}g\u{2028}- h\u{2029}- i\n"
    #expect(measured(GopherMetric(), text)["bulletLineFraction"] == .real(7.0 / 9))
    #expect(measured(C4Metric(), text)["c4Lines"] == .integer(9))
  }

  @Test func `white space around a line does not hide how it begins and ends`() {
    let values = measured(GopherMetric(), "\u{a0}\u{3000} - so it ends…\u{2003}\u{a0}\t\nplain")
    #expect(values["bulletLineFraction"] == .real(0.5))
    #expect(values["ellipsisLineFraction"] == .real(0.5))
  }

  @Test func `boilerplate phrases are found over case, line ends and punctuation, at whole words`()
  {
    func counts(_ text: String) -> [Int] {
      let values = measured(BoilerplateMetric(), text)
      return BoilerplateMetric().columns.map {
        if case .integer(let count)? = values[$0.name] { count } else { -1 }
      }
    }
    #expect(
      counts("SUBSCRIBE to\n our newsletter. Read   more: click here!") == [3, 0, 0, 1, 2, 0]
    )
    #expect(counts("Copyright 2020, all\trights reserved.") == [1, 0, 1, 0, 0, 0])
    #expect(counts("We use cookies; we use cookies") == [2, 2, 0, 0, 0, 0])
    // Not at whole words, and not the same words in another order.
    #expect(counts("bread moreover rereads more here click") == [0, 0, 0, 0, 0, 0])
    #expect(
      counts("“Read more” privacy policy privacy policy, terms of use") == [4, 0, 3, 0, 1, 0]
    )
    #expect(counts("page not page not found") == [1, 0, 0, 0, 0, 1])
    #expect(counts("") == [0, 0, 0, 0, 0, 0])
  }

  @Test func `mojibake is what Windows-1252 makes of UTF-8, and plain accents are none`() {
    func counts(_ text: String) -> [MetricValue?] {
      let values = measured(EncodingMetric(), text)
      return ["mojibakeSequences", "replacementCharacters", "controlCharacters"].map { values[$0] }
    }
    #expect(counts("cafÃ© itâ€™s Â£5 ï»¿ðŸ˜€") == [.integer(5), .integer(0), .integer(0)])
    #expect(
      counts("café it’s £5 😀 voilà\u{a0}» Ã l’été â la ¡Señor! âge ÂGE") == [
        .integer(0), .integer(0), .integer(0),
      ]
    )
    #expect(
      counts("a\u{fffd}b\u{fffd}\t\n\r\u{0}\u{7f}\u{9f}") == [
        .integer(0), .integer(2), .integer(3),
      ]
    )
  }

  @Test func `addresses and numbers of persons are counted by their form`() {
    func counts(_ text: String) -> [MetricValue?] {
      let values = measured(PersonalDataMetric(), text)
      return ["emailAddresses", "phoneNumbers", "ipAddresses"].map { values[$0] }
    }
    func expect(_ text: String, _ emails: Int, _ phones: Int, _ addresses: Int) {
      #expect(counts(text) == [.integer(emails), .integer(phones), .integer(addresses)], "\(text)")
    }
    expect("Write to anna.b+c@mail.example.org, or <x@y.co>.", 2, 0, 0)
    expect("at 5 @ noon, user@localhost, @handle, a@b.c, a@.com", 0, 0, 0)
    expect("Call (212) 555-0187, 212-555-0187 or 1-212.555.0187.", 0, 3, 0)
    expect("+44 20 7946 0958 and +49 (30) 901820", 0, 2, 0)
    expect("2125550187, 1234-212-555-0187, 212-555-01877, 112-555-0187, 3.1415926535", 0, 0, 0)
    expect("from 192.168.0.1 to 8.8.8.8.", 0, 0, 2)
    expect("1.2.3, 1.2.3.4.5, 256.1.1.1, 1.2.3.4a, at 12:30:45", 0, 0, 0)
    expect("2001:db8::ff00:42:8329 and fe80::1, 1:2:3:4:5:6:7:8", 0, 0, 3)
    expect("std::vector, a::, 1:2:3:4:5:6:7:8:9, 1::2::3", 0, 0, 0)
  }

  private func slowMostFrequent(_ words: [String], _ run: Int) -> Int {
    let runs = (0...(words.count - run)).map { words[$0..<$0 + run].joined(separator: " ") }
    let counts = runs.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    return most * (runs.first { counts[$0] == most }?.unicodeScalars.count ?? 0)
  }

  private func slowDuplicates(_ words: [String], _ run: Int) -> Int {
    var met: Set<[String]> = []
    var characters = 0
    var index = 0
    while index + run <= words.count {
      let part = Array(words[index..<index + run])
      if met.insert(part).inserted {
        index += 1
      } else {
        characters += part.joined().unicodeScalars.count
        index += run
      }
    }
    return characters
  }
}
