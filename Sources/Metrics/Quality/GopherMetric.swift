// Gopher's measures of a document's quality.
//
// Rae et al. 2021, https://arxiv.org/abs/2112.11446, appendix A.1.1. Words are split at white space;
// lines and marks are counted as datatrove counts them. Numbers only: the paper's thresholds are named
// in the columns' descriptions and are the user's to set.

/// Stop words, symbols, bullet and ellipsis lines, word length and words without letters.
package struct GopherMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityGopher"
  package let version = 2
  package let summary = "The numbers that Gopher's quality rules judge by."

  package let columns = [
    MetricColumn(
      "gopherWords",
      .integer,
      "Words, split at white space, that hold a letter or a number (Rae et al. 2021: 50 to 100,000)."
    ),
    MetricColumn(
      "meanWordLength",
      .real,
      "Mean characters of these words, punctuation that is attached included (3 to 10)."
    ),
    MetricColumn(
      "stopWords",
      .integer,
      "How many of the, be, to, of, and, that, have, with occur, in whatever case (2 or more)."
    ),
    MetricColumn(
      "hashToWordRatio",
      .real,
      "Hash signs a word (at most 0.1)."
    ),
    MetricColumn(
      "ellipsisToWordRatio",
      .real,
      "Ellipses, three full stops or one character, a word (at most 0.1)."
    ),
    MetricColumn(
      "bulletLineFraction",
      .real,
      "Lines that begin with a bullet or a hyphen, over all lines (at most 0.9)."
    ),
    MetricColumn(
      "ellipsisLineFraction",
      .real,
      "Lines that end with an ellipsis, over all lines (at most 0.3)."
    ),
    MetricColumn(
      "alphabeticWordFraction",
      .real,
      "Words that hold a letter, over all words (at least 0.8)."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { GopherMeasurer() }
}

private struct GopherMeasurer: Measurer {
  let kinds = ScalarKinds.shared

  func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    let words = wordCounts(in: text, kinds)
    let lines = lineCounts(in: text)
    let marks = markCounts(in: text)
    let lack = "no words"
    values.append(.integer(words.withContent))
    values.append(
      .fraction(words.characters, of: words.withContent, "no words with a letter or number")
    )
    let scanned = scan.words
    values.append(.integer(stopWords(among: scanned.span)))
    values.append(.fraction(marks.hashes, of: words.all, lack))
    values.append(.fraction(marks.ellipses, of: words.all, lack))
    values.append(.fraction(lines.bullets, of: lines.all, "no lines"))
    values.append(.fraction(lines.ellipses, of: lines.all, "no lines"))
    values.append(.fraction(words.withLetter, of: words.all, lack))
  }
}

private struct WordCounts {
  var all = 0
  var withContent = 0
  var withLetter = 0
  var characters = 0
}

private func wordCounts(in text: Span<UInt8>, _ kinds: ScalarKinds) -> WordCounts {
  var counts = WordCounts()
  var reader = SplitWordReader()
  while reader.advance(in: text) {
    counts.all += 1
    let content = wordContent(from: reader.start, to: reader.end, in: text, kinds)
    counts.withLetter += content.hasLetter ? 1 : 0
    if content.hasLetter || content.hasNumber {
      counts.withContent += 1
      counts.characters += reader.characters
    }
  }
  return counts
}

/// Whether a word holds a letter, and a number.
@inline(__always)
private func wordContent(
  from start: Int,
  to end: Int,
  in text: Span<UInt8>,
  _ kinds: ScalarKinds
) -> (hasLetter: Bool, hasNumber: Bool) {
  // Most words begin with a letter of ASCII.
  if (text[start] | 0x20) &- 0x61 < 26 { return (true, false) }
  var hasNumber = false
  var index = start
  while index < end {
    let scalar = kinds.scalar(in: text, at: index)
    // One letter decides both questions.
    if scalar.kind == ScalarKinds.letter || scalar.kind == ScalarKinds.upperLetter {
      return (true, hasNumber)
    }
    hasNumber = hasNumber || scalar.kind == ScalarKinds.digit
    index += scalar.length
  }
  return (false, hasNumber)
}

private struct MarkCounts {
  var hashes = 0
  var ellipses = 0
}

/// Counts hash signs and ellipses, three full stops at a time.
private func markCounts(in text: Span<UInt8>) -> MarkCounts {
  var counts = MarkCounts()
  for index in text.indices { counts.hashes += text[index] == UInt8(ascii: "#") ? 1 : 0 }
  var index = 0
  while index < text.count {
    let byte = text[index]
    if byte != UInt8(ascii: "."), byte != 0xe2 {
      index += 1
    } else if isEllipsis(at: index, before: text.count, in: text)
      || isThreeStops(at: index, before: text.count, in: text)
    {
      counts.ellipses += 1
      index += 3
    } else {
      index += 1
    }
  }
  return counts
}

private func isThreeStops(at index: Int, before end: Int, in text: Span<UInt8>) -> Bool {
  index + 3 <= end && text[index] == 0x2e && text[index + 1] == 0x2e && text[index + 2] == 0x2e
}

private func isEllipsis(at index: Int, before end: Int, in text: Span<UInt8>) -> Bool {
  index + 3 <= end && text[index] == 0xe2 && text[index + 1] == 0x80 && text[index + 2] == 0xa6
}

/// How many of the eight stop words occur among a scan's words.
private func stopWords(among words: Span<Word>) -> Int {
  var met: UInt8 = 0
  for index in words.indices {
    // Keys of so short words are their bytes.
    switch words[index].key {
    case 0x74_6865: met |= 1  // the
    case 0x6265: met |= 2  // be
    case 0x746f: met |= 4  // to
    case 0x6f66: met |= 8  // of
    case 0x61_6e64: met |= 16  // and
    case 0x7468_6174: met |= 32  // that
    case 0x6861_7665: met |= 64  // have
    case 0x7769_7468: met |= 128  // with
    default: continue
    }
  }
  return met.nonzeroBitCount
}

private struct LineCounts {
  var all = 0
  var bullets = 0
  var ellipses = 0
}

private func lineCounts(in text: Span<UInt8>) -> LineCounts {
  var counts = LineCounts()
  var reader = LineReader()
  while reader.advance(in: text) {
    counts.all += 1
    let line = trimmed(from: reader.start, to: reader.end, in: text)
    guard !line.isEmpty else { continue }
    counts.bullets += isBullet(at: line.lowerBound, before: line.upperBound, in: text) ? 1 : 0
    counts.ellipses += endsWithEllipsis(line, in: text) ? 1 : 0
  }
  return counts
}

private func isBullet(at index: Int, before end: Int, in text: Span<UInt8>) -> Bool {
  if text[index] == UInt8(ascii: "-") { return true }
  return index + 3 <= end && text[index] == 0xe2 && text[index + 1] == 0x80
    && text[index + 2] == 0xa2
}

private func endsWithEllipsis(_ line: Range<Int>, in text: Span<UInt8>) -> Bool {
  guard line.count >= 3 else { return false }
  let last = line.upperBound - 3
  return isEllipsis(at: last, before: line.upperBound, in: text)
    || isThreeStops(at: last, before: line.upperBound, in: text)
}
