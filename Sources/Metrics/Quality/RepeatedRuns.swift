// The share of a text that stands in repeated runs of words, as Gopher counts it.
//
// Rae et al., "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", 2021,
// https://arxiv.org/abs/2112.11446, appendix A.1.1, in the reading of datatrove: the characters of the
// most frequent n-gram (with a blank between two words) times its count, and the characters (without
// blanks) of n-grams that stood there before, none counted twice.
//
// A run of n words can only be repeated where its first n−1 words are. So each length looks at the
// places that the length before left, and ordinary text, which hardly repeats five words, costs little.

/// The words of one text by number, and the characters in its repeated runs.
struct RepeatedRuns: Sendable {
  private var words = PieceTable()
  /// Each word's number, in the order of the text.
  private var numbers: [UInt32] = []
  /// The characters of all words before each, and behind the last.
  private var characterSums: [Int] = [0]
  private var pairs = PairTable()
  /// Where runs begin that are repeated, ascending, with the number of each run.
  private var places: [UInt32] = []
  private var runs: [UInt32] = []
  /// Whether a run has been met, by its number.
  private var isMet: [Bool] = []
  private var length = 1

  /// Creates the runs of no text.
  init() {}

  /// The number of words.
  var wordCount: Int { numbers.count }

  /// Reads the words of a text, what `str.split()` of Python yields, in place of those before.
  ///
  /// - Parameter text: UTF-8.
  /// - Complexity: Linear in the bytes.
  mutating func read(_ text: Span<UInt8>) {
    words.removeAll()
    numbers.removeAll(keepingCapacity: true)
    characterSums.removeAll(keepingCapacity: true)
    characterSums.append(0)
    var characters = 0
    var reader = SplitWordReader()
    while reader.advance(in: text) {
      let number = words.count(from: reader.start, to: reader.end, in: text)
      numbers.append(UInt32(truncatingIfNeeded: number))
      characters += reader.characters
      characterSums.append(characters)
    }
    places.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
    length = 1
    for place in numbers.indices where words.occurrences(of: Int(numbers[place])) > 1 {
      places.append(UInt32(truncatingIfNeeded: place))
      runs.append(numbers[place])
    }
  }

  /// Goes on to runs that are one word longer.
  ///
  /// - Complexity: Linear in the runs of the length before that are repeated.
  mutating func lengthen() {
    keepRepeated()
    length += 1
    // The last place may have no word left for a longer run; the places ascend.
    if let last = places.last, Int(last) + length > numbers.count {
      places.removeLast()
      runs.removeLast()
    }
    pairs.removeAll(room: places.count)
    lengthenRuns(&runs, &pairs, places, numbers, length - 1)
  }

  /// Leaves the places whose run is repeated.
  private mutating func keepRepeated() {
    guard length > 1 else { return }
    let occurrences = pairs.occurrences
    let kept = keepRepeatedRuns(&places, &runs, occurrences.span)
    places.removeSubrange(kept...)
    runs.removeSubrange(kept...)
  }

  /// The characters of the most frequent run, with a blank between two words, times its count.
  ///
  /// Among equally frequent ones the first counts. Runs that overlap count each, so that a text of
  /// one repeated word has more of them than characters.
  ///
  /// - Returns: The characters, or `nil` where the text has fewer words than a run.
  func mostFrequentCharacters() -> Int? {
    guard numbers.count >= length else { return nil }
    var place = 0
    var most: UInt32 = 1
    for index in places.indices where pairs.occurrences[Int(runs[index])] > most {
      most = pairs.occurrences[Int(runs[index])]
      place = Int(places[index])
    }
    return Int(most) * (characterSums[place + length] - characterSums[place] + length - 1)
  }

  /// The characters of runs that stood in the text before, read from the left, none counted twice.
  ///
  /// - Returns: The characters, or `nil` where the text has fewer words than a run.
  mutating func duplicateCharacters() -> Int? {
    guard numbers.count >= length else { return nil }
    isMet.removeAll(keepingCapacity: true)
    isMet.append(contentsOf: repeatElement(false, count: pairs.occurrences.count))
    var characters = 0
    var next = 0
    for index in places.indices where Int(places[index]) >= next {
      let place = Int(places[index])
      let run = Int(runs[index])
      if isMet[run] {
        characters += characterSums[place + length] - characterSums[place]
        next = place + length
      } else {
        isMet[run] = true
      }
    }
    return characters
  }
}

/// Numbers the runs that are made of others and the word behind each.
private func lengthenRuns(
  _ runs: inout [UInt32],
  _ pairs: inout PairTable,
  _ places: [UInt32],
  _ numbers: [UInt32],
  _ offset: Int
) {
  let places = places.span
  let numbers = numbers.span
  pairs.count(&runs) { numbers[Int(places[$0]) + offset] }
}

/// Moves the places to the front whose run is repeated.
private func keepRepeatedRuns(
  _ places: inout [UInt32],
  _ runs: inout [UInt32],
  _ occurrences: Span<UInt32>
) -> Int {
  var places = places.mutableSpan
  var runs = runs.mutableSpan
  var kept = 0
  for index in places.indices where occurrences[Int(runs[index])] > 1 {
    places[kept] = places[index]
    runs[kept] = runs[index]
    kept += 1
  }
  return kept
}
