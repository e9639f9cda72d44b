// What C4's rules look at, line by line.
//
// Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer",
// JMLR 21(140), 2020, section 2.2, with the rules of its published code that the paper does not name,
// in datatrove's reading of both. Numbers only: no line is removed and no page refused. The list of bad
// words is not here.

/// Terminal punctuation, short lines, javascript, lorem ipsum, curly brackets, policy lines, sentences.
package struct C4Metric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityC4"
  package let version = 2
  package let summary = "The numbers that C4's rules judge by."

  package let columns = [
    MetricColumn(
      "c4Lines",
      .integer,
      "Lines with anything but white space (Raffel et al. 2020)."
    ),
    MetricColumn(
      "c4KeptLines",
      .integer,
      "Lines that C4's rules for lines would keep: ended, of three words or more, no word over 1,000 characters, neither javascript nor policy."
    ),
    MetricColumn(
      "c4KeptSentences",
      .integer,
      "Sentences that begin in such lines (C4 wants 5)."
    ),
    MetricColumn(
      "terminalPunctuationLineFraction",
      .real,
      "Lines that end with a full stop, question mark, exclamation mark or straight quotation mark and not with three stops, over these lines."
    ),
    MetricColumn(
      "shortLineFraction",
      .real,
      "Lines of fewer than three words, over these lines."
    ),
    MetricColumn(
      "javascriptLines",
      .integer,
      "Lines that hold `javascript`, in whatever case."
    ),
    MetricColumn(
      "policyLines",
      .integer,
      "Lines that hold one of the six phrases on cookies and terms of use of C4's code."
    ),
    MetricColumn(
      "longWordLines",
      .integer,
      "Lines with a word of more than 1,000 characters."
    ),
    MetricColumn(
      "loremIpsum",
      .integer,
      "How often `lorem ipsum` occurs, in whatever case."
    ),
    MetricColumn(
      "curlyBrackets",
      .integer,
      "Opening curly brackets."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { C4Measurer() }

  fileprivate static let automaton = PhraseAutomaton(
    groups: [
      ["javascript"],
      [
        "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies",
        "use cookies",
      ],
      ["lorem ipsum"],
      ["{"],
    ],
    foldsSpacing: false
  )
}

private struct C4Measurer: Measurer {
  let automaton = C4Metric.automaton

  func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    var lines = 0
    var kept = 0
    var keptSentences = 0
    let sentences = scan.sentences
    var sentence = 0
    var ended = 0
    var short = 0
    var long = 0
    var javascript = 0
    var policy = 0
    var loremIpsum = 0
    var brackets = 0
    var reader = LineReader()
    while reader.advance(in: text) {
      let place = trimmed(from: reader.start, to: reader.end, in: text)
      guard !place.isEmpty else { continue }
      lines += 1
      let words = lineWords(place, in: text)
      let found = phrases(place, in: text)
      let isEnded = endsSentence(place, in: text)
      ended += isEnded ? 1 : 0
      short += words.count < 3 ? 1 : 0
      long += words.longest > 1000 ? 1 : 0
      javascript += found.javascript > 0 ? 1 : 0
      policy += found.policy > 0 ? 1 : 0
      loremIpsum += found.loremIpsum
      brackets += found.brackets
      let isKept =
        isEnded && words.count >= 3 && words.longest <= 1000 && found.javascript == 0
        && found.policy == 0
      kept += isKept ? 1 : 0
      while sentence < sentences.count, sentences[sentence].start < place.upperBound {
        keptSentences += isKept && sentences[sentence].start >= place.lowerBound ? 1 : 0
        sentence += 1
      }
    }
    values.append(.integer(lines))
    values.append(.integer(kept))
    values.append(.integer(keptSentences))
    values.append(.fraction(ended, of: lines, "no lines"))
    values.append(.fraction(short, of: lines, "no lines"))
    values.append(.integer(javascript))
    values.append(.integer(policy))
    values.append(.integer(long))
    values.append(.integer(loremIpsum))
    values.append(.integer(brackets))
  }

  private struct Phrases {
    var javascript = 0
    var policy = 0
    var loremIpsum = 0
    var brackets = 0
  }

  private func phrases(_ line: Range<Int>, in text: Span<UInt8>) -> Phrases {
    var found = Phrases()
    let classes = automaton.classes.span
    let transitions = automaton.transitions.span
    var state = 0
    for index in line {
      let transition = transitions[state + Int(classes[Int(text[index])])]
      state = PhraseAutomaton.state(transition)
      switch PhraseAutomaton.group(transition) {
      case 0: continue
      case 1: found.javascript += 1
      case 2: found.policy += 1
      case 3: found.loremIpsum += 1
      default: found.brackets += 1
      }
    }
    return found
  }
}

private func lineWords(_ line: Range<Int>, in text: Span<UInt8>) -> (count: Int, longest: Int) {
  let part = text.extracting(line)
  var count = 0
  var longest = 0
  var reader = SplitWordReader()
  while reader.advance(in: part) {
    count += 1
    longest = max(longest, reader.characters)
  }
  return (count, longest)
}

private func endsSentence(_ line: Range<Int>, in text: Span<UInt8>) -> Bool {
  let last = line.upperBound - 1
  switch text[last] {
  case UInt8(ascii: "?"), UInt8(ascii: "!"), UInt8(ascii: "\""), UInt8(ascii: "'"): return true
  case UInt8(ascii: "."):
    return
      !(line.count >= 3 && text[last - 1] == UInt8(ascii: ".")
      && text[last - 2] == UInt8(ascii: "."))
  default: return false
  }
}
