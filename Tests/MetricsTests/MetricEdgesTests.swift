// What holds for every metric on texts at the edges: defined results, and time that grows with the
// text and no faster.

import Metrics
import TestSupport
import Testing

@Suite struct MetricEdgesTests {
  /// Texts that have little of what is measured.
  static let edges: [String: String] = [
    "empty": "", "white space": " \n\t\u{2003}\n\n", "one word": "hello", "one letter": "a",
    "no vowels": "brrr hmm pst tsk", "digits": "12 345 6.7 1,000 2026", "marks": "... !? -- # — “”",
    "emoji": "😀 🎉🎉 👨‍👩‍👧 ❤️\n😀", "right to left": "كان الولد يجري، هل كان سريعا؟\nנער רץ.",
    "no spaces": "これは文です。雨が降っています。", "line ends": "\n\r\n\u{2028}\u{85}\r",
    "marks alone": "\u{301}\u{301} \u{200d}", "zero": "\u{0}\u{0} \u{0}",
  ]

  @Test(arguments: edges.keys.sorted(), Segmentation.allCases)
  func `every metric has a defined result`(_ name: String, _ segmentation: Segmentation) {
    for metric in allMetrics {
      _ = measured(metric, MetricEdgesTests.edges[name] ?? "", segmentation)
    }
  }

  @Test func `bytes that are not UTF-8 give defined results`() {
    var random = SeededNumbers(11)
    for _ in 0..<50 {
      let bytes = (0..<200).map { _ in
        [0x20, 0x61, 0xc2, 0xe2, 0x80, 0xa6, 0xf0, 0x9f, 0xff, 0x0a, 0x85][
          Int.random(in: 0..<11, using: &random)
        ] as UInt8
      }
      for metric in allMetrics {
        var measurer = metric.makeMeasurer(MetricResources())
        for cut in [0, 1, 2, 199, 200] { _ = measured(metric, &measurer, Array(bytes.prefix(cut))) }
      }
    }
  }

  @Test func `counts of texts add up to those of the texts together`() {
    let texts = [
      "The café © opens... at nine #1\nIt’s {open}! Read more about “that”.\n- yes, it is… good",
      "Call (212) 555-0187 or write to a.b@example.org {from} 8.8.8.8.\nLorem ipsum. Javascript!",
      "cafÃ© \u{fffd}\u{1}\nWe use cookies and other things.\n"
        + String(repeating: "x", count: 1_001),
      "", "One. Two words. Three more words here. See our privacy policy for all of it.",
    ]
    let counts: [(any Metric, [String])] = [
      (GopherMetric(), ["gopherWords"]),
      (
        C4Metric(),
        [
          "c4Lines", "c4KeptLines", "c4KeptSentences", "javascriptLines", "policyLines",
          "longWordLines", "loremIpsum", "curlyBrackets",
        ]
      ),
      (BoilerplateMetric(), BoilerplateMetric().columns.map(\.name)),
      (EncodingMetric(), EncodingMetric().columns.map(\.name)),
      (PersonalDataMetric(), PersonalDataMetric().columns.map(\.name)),
    ]
    for (metric, columns) in counts {
      let whole = measured(metric, texts.joined(separator: "\n\n"))
      let parts = texts.map { measured(metric, $0) }
      for column in columns {
        let sum = parts.reduce(0) { sum, part in
          if case .integer(let count)? = part[column] { sum + count } else { sum }
        }
        #expect(whole[column] == .integer(sum), "\(column)")
      }
    }
  }

  /// Texts of any length in whose shape something could grow faster than the text.
  static let shapes: [String: @Sendable (Int) -> [UInt8]] = [
    "no space": { bytes(repeating: "abcdefgh", $0) },
    "one letter": { bytes(repeating: "a", $0) },
    "one word": { bytes(repeating: "dog ", $0) },
    "two words": { bytes(repeating: "dog cat ", $0) },
    "one line": { bytes(repeating: "the dog ran home\n", $0) },
    "empty lines": { bytes(repeating: "\n", $0) },
    "spaces": { bytes(repeating: "  \u{3000}", $0) },
    "at signs": { bytes(repeating: "a@", $0) },
    "digits": { bytes(repeating: "1", $0) },
    "colons": { bytes(repeating: "1:", $0) },
    "dots": { bytes(repeating: "1.", $0) },
    "mojibake": { bytes(repeating: "â€", $0) },
    "phrases": { bytes(repeating: "read more use of use of ", $0) },
    "emoji": { bytes(repeating: "😀", $0) },
    "different words": { count in
      var text: [UInt8] = []
      var number = 0
      while text.count < count {
        number += 1
        text += Array("\(number &* 2_654_435_761 & 0xffff_ffff)w ".utf8)
      }
      return text
    },
    "words of equal low bits": { count in
      // Keys that differ in their first letters alone, which a table that looks at low bits confuses.
      var text: [UInt8] = []
      var number = 0
      while text.count < count {
        number += 1
        for shift in [12, 8, 4, 0] { text.append(0x61 + UInt8(number >> shift & 15)) }
        text += Array("zzzz ".utf8)
      }
      return text
    },
  ]

  @Test(arguments: shapes.keys.sorted())
  func `time grows with the text and no faster`(_ name: String) throws {
    let shape = try #require(MetricEdgesTests.shapes[name])
    let texts = [shape(50_000), shape(800_000)]
    for metric in allMetrics {
      var measurer = metric.makeMeasurer(MetricResources())
      var times = [Double](repeating: .infinity, count: texts.count)
      for _ in 0..<2 {
        for (index, text) in texts.enumerated() {
          var scan = TextScan()
          scan.read(text.span)
          var values: [MetricValue] = []
          let seconds = processorSeconds {
            measurer.measure(text.span, scan: scan, values: &values)
          }
          times[index] = min(times[index], seconds)
        }
      }
      // Sixteen times the text: linear is 16, quadratic 256. The floor is for the clock.
      #expect(times[1] < 128 * max(times[0], 0.0005), "\(metric.name): \(times)")
    }
  }

  private static func bytes(repeating part: String, _ count: Int) -> [UInt8] {
    let part = Array(part.utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count)
    while text.count < count { text.append(contentsOf: part) }
    return text
  }
}
