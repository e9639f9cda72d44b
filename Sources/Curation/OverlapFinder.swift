// Finds the texts of evaluation files in documents: whole sentences, and runs of n words.
//
// Both are compared as folded words (see FoldedWords) and may begin at any word of a document: a
// sentence is found wherever it stands, whatever its case, punctuation and line breaks. A hash of 64
// bits asks; the words themselves, kept in folded form, answer, so that no hit is an accident of
// hashing. Memory is bounded by the evaluation files. Runs of 13 words are the measure of
// Brown and others 2020 (arXiv 2005.14165, appendix C).

import Documents

/// What counts as an overlap with an evaluation file.
public struct OverlapSettings: Sendable, Equatable, Codable {
  /// The words of a run that counts wherever it comes from.
  public var ngram = 13
  /// The fewest words of a line, a sentence or another text that counts as a whole.
  public var minimumWords = 4
  /// The fewest words of a JSON string that ends as a sentence does, with `.`, `!`, `?` or `…`.
  ///
  /// It is a test item by itself, and such items are short (BLiMP has "Julia practices."). Above
  /// ``minimumWords`` it has no effect.
  public var minimumItemWords = 2

  /// Creates the default settings.
  public init() {}

  /// The first setting that cannot work, with the range that it must keep, or `nil`.
  public var fault: (field: String, range: String)? {
    let longest = FoldedWords.longestRun
    guard 2...longest ~= ngram else { return ("ngram", "a number from 2 to \(longest)") }
    guard 1...longest ~= minimumWords else {
      return ("minimumWords", "a number from 1 to \(longest)")
    }
    guard 1...longest ~= minimumItemWords else {
      return ("minimumItemWords", "a number from 1 to \(longest)")
    }
    return nil
  }
}

/// How a document overlaps with an evaluation file.
package struct Overlap: Sendable, Equatable {
  /// What the two have in common.
  package enum Kind: String, Sendable, CaseIterable {
    /// A whole sentence, line or item of the evaluation file.
    case sentence
    /// A run of n words.
    case ngram
  }

  /// The number of the evaluation file.
  package let file: Int
  /// What the two have in common.
  package let kind: Kind
  /// The places of the document where an overlap begins; one for each length that begins there.
  package fileprivate(set) var hits: Int
  /// The bytes of the document's text where the first overlap stands.
  package let firstPlace: Range<Int>
}

/// The texts of evaluation files, ready to be looked for; immutable while it is asked.
package struct OverlapFinder: Sendable {
  /// What counts.
  package let settings: OverlapSettings
  /// The different sentences, lines and items that are looked for.
  package private(set) var sentences = 0
  /// The different runs of n words that are looked for.
  package private(set) var ngrams = 0

  /// A text that is looked for.
  private struct Entry {
    /// Where its folded words lie in `texts`.
    var start: Int
    var count: Int32
    /// The last of `owners` that has it.
    var owner: Int32
  }

  /// A file that has a text, and the place in `owners` of the file before it that has it, or -1.
  private struct Owner {
    var file: Int32
    var previous: Int32
  }

  /// The longest beginning by which sentences are found.
  private static let longestOpening = 4

  private var texts: [UInt8] = []
  private var entries: [Entry] = []
  private var owners: [Owner] = []
  private var sentenceSlots = HashSlots()
  private var ngramSlots = HashSlots()
  /// The beginnings of sentences: of four words, or of the whole sentence where it is shorter.
  private var openingSlots = HashSlots()
  /// For each beginning a bit for each number of words that a sentence with it has.
  private var lengths: [UInt64] = []
  /// The numbers of words that beginnings have.
  private var openings: [Int] = []
  private var scratch = FoldedWords()

  /// Creates a finder that looks for nothing.
  ///
  /// - Parameter settings: What counts.
  /// - Precondition: The settings have no ``OverlapSettings/fault``.
  package init(_ settings: OverlapSettings) {
    precondition(settings.fault == nil, "overlap settings out of range")
    self.settings = settings
  }

  /// Adds a text that is whole by itself, such as a string of a JSON object.
  ///
  /// - Parameters:
  ///   - item: UTF-8.
  ///   - file: The number of its file; the texts of one file follow one another.
  /// - Returns: Whether the text was long enough to be looked for.
  package mutating func add(item: [UInt8], of file: Int) -> Bool {
    scratch.read(item.span)
    let count = scratch.count
    guard count > 0 else { return false }
    let end = contentEnd(of: item)
    let isSentence = end > 0 && TextCut.isSentenceEnd(item.span, at: end)
    let itemMinimum = min(settings.minimumItemWords, settings.minimumWords)
    let minimum = isSentence ? itemMinimum : settings.minimumWords
    let isLookedFor = count >= minimum && count <= FoldedWords.longestRun
    if isLookedFor { addSentence(0..<count, of: file) }
    addRuns(of: file)
    return isLookedFor || count >= settings.ngram
  }

  /// Adds running text: its lines, its sentences whatever its line breaks, and its runs of words.
  ///
  /// - Parameters:
  ///   - passage: UTF-8 with `\n` line ends.
  ///   - file: The number of its file; the texts of one file follow one another.
  /// - Returns: Whether any of it was long enough to be looked for.
  package mutating func add(passage: [UInt8], of file: Int) -> Bool {
    scratch.read(passage.span)
    let count = scratch.count
    guard count > 0 else { return false }
    var isLookedFor = count >= settings.ngram
    var line = 0
    var sentence = 0
    for word in 0..<count {
      let gap = gap(behind: word, in: passage)
      if gap.endsLine {
        isLookedFor = addUnit(line..<word + 1, of: file) || isLookedFor
        line = word + 1
      }
      if gap.endsSentence {
        isLookedFor = addUnit(sentence..<word + 1, of: file) || isLookedFor
        sentence = word + 1
      }
    }
    addRuns(of: file)
    return isLookedFor
  }

  /// Finds what a text has in common with the evaluation files.
  ///
  /// - Parameter words: The text's words.
  /// - Returns: One overlap for each file and kind, in that order.
  /// - Complexity: Linear in the words.
  @inline(never)
  package func overlaps(in words: borrowing FoldedWords) -> [Overlap] {
    var found = Found()
    let count = words.count
    let ngram = settings.ngram
    for position in 0..<count {
      for opening in openings where position + opening <= count {
        let hash = words.hash(from: position, words: opening)
        guard openingSlots.mayContain(hash),
          let number = openingSlots.first(under: hash, where: { _ in true })
        else { continue }
        var rest = lengths[Int(number)]
        while rest != 0 {
          let length = rest.trailingZeroBitCount
          rest &= rest - 1
          guard position + length <= count else { break }
          look(for: position, length, in: words, sentenceSlots, .sentence, into: &found)
        }
      }
      if position + ngram <= count {
        look(for: position, ngram, in: words, ngramSlots, .ngram, into: &found)
      }
    }
    return found.overlaps.sorted { ($0.file, $0.kind.rawValue) < ($1.file, $1.kind.rawValue) }
  }

  /// The overlaps of one text.
  private struct Found {
    var overlaps: [Overlap] = []
    /// The place in `overlaps` of each file and kind.
    private var places: [Int: Int] = [:]

    mutating func count(_ kind: Overlap.Kind, of file: Int, at place: @autoclosure () -> Range<Int>)
    {
      let key = kind == .sentence ? 2 * file : 2 * file + 1
      if let index = places[key] {
        overlaps[index].hits += 1
      } else {
        places[key] = overlaps.count
        overlaps.append(Overlap(file: file, kind: kind, hits: 1, firstPlace: place()))
      }
    }
  }

  @inline(__always)
  private func look(
    for position: Int,
    _ length: Int,
    in words: borrowing FoldedWords,
    _ slots: HashSlots,
    _ kind: Overlap.Kind,
    into found: inout Found
  ) {
    let hash = words.hash(from: position, words: length)
    guard slots.mayContain(hash) else { return }
    let run = words.run(from: position, words: length)
    guard let number = slots.first(under: hash, where: { text(of: $0) == run }) else { return }
    var next = entries[Int(number)].owner
    while next >= 0 {
      let owner = owners[Int(next)]
      next = owner.previous
      found.count(kind, of: Int(owner.file), at: words.place(from: position, words: length))
    }
  }

  /// The folded words of an entry.
  private func text(of number: UInt32) -> ArraySlice<UInt8> {
    let entry = entries[Int(number)]
    return texts[entry.start..<entry.start + Int(entry.count)]
  }

  /// Adds a line or sentence of running text, where it is of the right length.
  private mutating func addUnit(_ range: Range<Int>, of file: Int) -> Bool {
    guard settings.minimumWords...FoldedWords.longestRun ~= range.count else { return false }
    addSentence(range, of: file)
    return true
  }

  private mutating func addSentence(_ range: Range<Int>, of file: Int) {
    guard enter(range, of: file, in: \.sentenceSlots) else { return }
    sentences += 1
    let opening = min(range.count, OverlapFinder.longestOpening)
    if !openings.contains(opening) { openings = (openings + [opening]).sorted() }
    let hash = scratch.hash(from: range.lowerBound, words: opening)
    let bit: UInt64 = 1 << UInt64(range.count)
    if let number = openingSlots.first(under: hash, where: { _ in true }) {
      lengths[Int(number)] |= bit
    } else {
      openingSlots.insert(UInt32(lengths.count), under: hash)
      lengths.append(bit)
    }
  }

  private mutating func addRuns(of file: Int) {
    let ngram = settings.ngram
    guard scratch.count >= ngram else { return }
    for position in 0...scratch.count - ngram
    where enter(position..<position + ngram, of: file, in: \.ngramSlots) {
      ngrams += 1
    }
  }

  /// Enters a run of the words in `scratch` under its file.
  ///
  /// - Returns: Whether no file had it before.
  private mutating func enter(
    _ range: Range<Int>,
    of file: Int,
    in slots: WritableKeyPath<OverlapFinder, HashSlots>
  ) -> Bool {
    let hash = scratch.hash(from: range.lowerBound, words: range.count)
    let run = scratch.run(from: range.lowerBound, words: range.count)
    if let number = self[keyPath: slots].first(under: hash, where: { text(of: $0) == run }) {
      let last = entries[Int(number)].owner
      if Int(owners[Int(last)].file) != file {
        owners.append(Owner(file: Int32(file), previous: last))
        entries[Int(number)].owner = Int32(owners.count - 1)
      }
      return false
    }
    self[keyPath: slots].insert(UInt32(entries.count), under: hash)
    owners.append(Owner(file: Int32(file), previous: -1))
    entries.append(
      Entry(start: texts.count, count: Int32(run.count), owner: Int32(owners.count - 1))
    )
    texts += run
    return true
  }

  /// What stands between a word of `scratch` and the next, or the end.
  private func gap(behind word: Int, in text: [UInt8]) -> (endsLine: Bool, endsSentence: Bool) {
    let start = scratch.place(from: word, words: 1).upperBound
    guard word + 1 < scratch.count else { return (true, true) }
    let end = scratch.place(from: word + 1, words: 1).lowerBound
    let endsLine = text[start..<end].contains(UInt8(ascii: "\n"))
    let space = (start..<end).first { WordCount.whiteSpaceLength(in: text.span, at: $0) > 0 }
    guard let space, space > start else { return (endsLine, false) }
    return (endsLine, TextCut.isSentenceEnd(text.span, at: space))
  }
}

/// Where a text ends but for white space.
private func contentEnd(of text: [UInt8]) -> Int {
  var end = text.count
  while end > 0, text[end - 1] <= 0x20 { end -= 1 }
  return end
}
