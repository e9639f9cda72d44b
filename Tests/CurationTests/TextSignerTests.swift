import Curation
import TestSupport
import Testing

@Suite struct TextSignerTests {
  func sign(_ texts: [String], paragraphWords: Int = 3) -> SignatureBatch {
    var signer = TextSigner(MinHash(), paragraphWords: paragraphWords)
    var batch = SignatureBatch()
    for text in texts { signer.sign(text.utf8Span.span, into: &batch) }
    return batch
  }

  @Test(arguments: [
    ("The cat sat.", "the CAT, sat!"),
    ("don't", "don\u{2019}t"),
    ("one\u{a0}two\tthree\n four", "one two three four"),
    ("co\u{ad}operate", "cooperate"),
    ("well-known: \u{201c}yes\u{201d}", "Well known\u{2014}yes"),
    (
      "\u{c9}T\u{c9} \u{d8}re \u{141}\u{f3}d\u{17a}", "\u{e9}t\u{e9} \u{f8}re \u{142}\u{f3}d\u{17a}"
    ),
    ("\u{41c}\u{418}\u{420} \u{3a3}\u{39f}", "\u{43c}\u{438}\u{440} \u{3c3}\u{3bf}"),
    ("\u{65e5}\u{672c}\u{3002}\u{672c}", "\u{65e5}\u{672c} \u{672c}"),
    ("\u{10400} end", "\u{10400}, end."),
  ])
  func `texts that differ in case, punctuation or spacing alone are equal`(
    left: String,
    right: String
  ) {
    let batch = sign([left, right])
    #expect(batch.textKeys[0] == batch.textKeys[1])
    #expect(batch.minima.prefix(112) == batch.minima.suffix(112))
  }

  @Test func `other words, another order and other borders make other texts`() {
    let batch = sign([
      "a b c", "a b", "b a c", "ab c", "a bc", "a b c c", "abc", "a b \u{e7}", "a b 3", "\u{1f600}",
    ])
    #expect(Set(batch.textKeys).count == batch.textKeys.count)
    #expect(!batch.textKeys.contains(0))
  }

  @Test func `a text without words has no key`() {
    let batch = sign(["", " \n\t", "... -- !?", "\u{2026}\u{201d}"])
    #expect(batch.textKeys == [0, 0, 0, 0])
    #expect(batch.words == [0, 0, 3, 1])
    #expect(batch.paragraphs.isEmpty)
  }

  @Test func `a text of one to four words is one shingle, one of five as well`() {
    for length in 1...4 {
      let text = (0..<length).map { "w\($0)" }.joined(separator: " ")
      let longer = text + " x"
      let batch = sign([text, longer, text])
      #expect(batch.minima[0..<112] == batch.minima[224..<336])
      // Each minimum of one shingle is that shingle, and the two differ.
      #expect(
        MinHash().similarity(Array(batch.minima[0..<112]), Array(batch.minima[112..<224])) == 0
      )
    }
  }

  @Test func `shingles are the runs of five words, wherever they stand`() {
    // The first text's only shingle is one of the two of each of the others.
    let batch = sign(["a b c d e", "x a b c d e", "a b c d e x", "e d c b a"])
    func similarity(_ left: Int, _ right: Int) -> Double {
      func signature(_ index: Int) -> [Int32] {
        Array(batch.minima[index * 112..<index * 112 + 112])
      }
      return MinHash().similarity(signature(left), signature(right))
    }
    #expect(abs(similarity(0, 1) - 0.5) < 0.2)
    #expect(abs(similarity(0, 2) - 0.5) < 0.2)
    #expect(abs(similarity(1, 2) - 1 / 3) < 0.2)
    #expect(similarity(0, 3) == 0)
  }

  @Test func `paragraphs are lines of enough words, and their words are those of budgets`() {
    let batch = sign(["One two.\nOne, two - three!\n\nfour five six", "x\nONE TWO THREE"])
    #expect(batch.paragraphs.map(\.document) == [0, 0, 1])
    #expect(batch.paragraphs.map(\.words) == [4, 3, 3])
    #expect(batch.paragraphs[0].key == batch.paragraphs[2].key)
    #expect(batch.paragraphs[0].key != batch.paragraphs[1].key)
  }

  @Test func `bytes that are not UTF-8 are letters of their own`() {
    var signer = TextSigner(MinHash(), paragraphWords: 1)
    var batch = SignatureBatch()
    let texts: [[UInt8]] = [
      [0xff], [0xfe], [0x80], [0xc3], [0xe2, 0x80], [0xf0, 0x9f], [0x61, 0xc3, 0x62], [0x61, 0x62],
      [0xf5, 0x80, 0x80, 0x80],
    ]
    for text in texts { signer.sign(text.span, into: &batch) }
    #expect(Set(batch.textKeys).count == texts.count)
  }

  /// Texts of one megabyte that could be slow; their cost is held against that of plain words.
  @Test(arguments: ["x", "a ", "\n", "a\n", "'", "\u{65e5}"])
  func `hostile texts take linear time`(unit: String) {
    let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
    var numbers = SeededNumbers(1)
    let plain = (0..<200_000).map { _ in "w\(numbers.next() % 1_000)" }.joined(separator: " ")
    _ = sign(["warm up"])
    let usual = processorSeconds { _ = sign([plain]) }
    let seconds = processorSeconds { _ = sign([text], paragraphWords: 1) }
    // Twice the words of the plain text are in the worst of them; a quadratic one would take hours.
    #expect(seconds < 20 * usual + 0.05)
  }
}
