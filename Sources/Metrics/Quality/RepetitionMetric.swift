// Gopher's measures of repetition: lines, paragraphs and runs of words that come again.
//
// Rae et al. 2021, https://arxiv.org/abs/2112.11446, table A1, in datatrove's reading of it with words
// that are split at white space. Numbers only: the thresholds of the paper are the user's to set.

/// Repeated lines, paragraphs and n-grams.
package struct RepetitionMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityRepetition"
  package let version = 1
  package let summary = "How much of a text repeats itself, by the rules of Gopher's table A1."

  package let columns =
    [
      MetricColumn(
        "duplicateLineFraction",
        .real,
        "Lines that stood there before, over all lines that are not empty (Rae et al. 2021, at most 0.30)."
      ),
      MetricColumn(
        "duplicateLineCharacterFraction",
        .real,
        "Characters in such lines, over all characters (at most 0.20)."
      ),
      MetricColumn(
        "duplicateParagraphFraction",
        .real,
        "Paragraphs, parts between empty lines, that stood there before, over all (at most 0.30)."
      ),
      MetricColumn(
        "duplicateParagraphCharacterFraction",
        .real,
        "Characters in such paragraphs, over all characters (at most 0.20)."
      ),
    ]
    + zip(2...4, ["0.20", "0.18", "0.16"]).map { length, limit in
      MetricColumn(
        "top\(length)GramCharacterFraction",
        .real,
        "Characters of the most frequent run of \(length) words times its count, over all characters (at most \(limit))."
      )
    }
    + zip(5...10, ["0.15", "0.14", "0.13", "0.12", "0.11", "0.10"]).map { length, limit in
      MetricColumn(
        "duplicate\(length)GramCharacterFraction",
        .real,
        "Characters in runs of \(length) words that stood there before, over all characters (at most \(limit))."
      )
    }

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { RepetitionMeasurer() }
}

private struct RepetitionMeasurer: Measurer {
  var pieces = PieceTable()
  var runs = RepeatedRuns()

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    let characters = characterCount(from: 0, to: text.count, in: text)
    append(duplicates(of: 1, in: text), "no lines", characters, &values)
    append(duplicates(of: 2, in: text), "no paragraphs", characters, &values)
    runs.read(text)
    for length in 2...10 {
      runs.lengthen()
      let share = length < 5 ? runs.mostFrequentCharacters() : runs.duplicateCharacters()
      values.append(
        share.map { .real(Double($0) / Double(characters)) }
          ?? .missing("fewer than \(length) words")
      )
    }
  }

  private func append(
    _ found: Duplicates,
    _ lack: String,
    _ characters: Int,
    _ values: inout [MetricValue]
  ) {
    values.append(.fraction(found.pieces, of: found.allPieces, lack))
    values.append(
      found.allPieces == 0 ? .missing(lack) : .fraction(found.characters, of: characters, lack)
    )
  }

  private struct Duplicates {
    var allPieces = 0
    var pieces = 0
    var characters = 0
  }

  /// Parts that are set apart by a number of line feeds or more, and came before.
  private mutating func duplicates(of lineFeeds: Int, in text: Span<UInt8>) -> Duplicates {
    pieces.removeAll()
    var found = Duplicates()
    // Paragraphs begin and end with what is not white space, as datatrove has it.
    let part =
      lineFeeds == 1 ? 0..<text.count : trimmed(from: 0, to: text.count, in: text)
    var start = part.lowerBound
    var index = start
    while true {
      while index < part.upperBound, text[index] != 0x0a { index += 1 }
      var end = index
      while end < part.upperBound, text[end] == 0x0a { end += 1 }
      if index == part.upperBound || end - index >= lineFeeds {
        take(start..<index, in: text, isOnly: index - start == part.count, &found)
        start = end
      }
      guard index < part.upperBound else { break }
      index = end
    }
    return found
  }
  private mutating func take(
    _ piece: Range<Int>,
    in text: Span<UInt8>,
    isOnly: Bool,
    _ found: inout Duplicates
  ) {
    guard !piece.isEmpty else { return }
    found.allPieces += 1
    // The only piece need not be remembered.
    guard !isOnly else { return }
    let before = pieces.count
    if pieces.count(from: piece.lowerBound, to: piece.upperBound, in: text) < before {
      found.pieces += 1
      found.characters += characterCount(from: piece.lowerBound, to: piece.upperBound, in: text)
    }
  }
}
