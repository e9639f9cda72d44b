// Words, sentences, lines and paragraphs of small texts, and what must hold for odd ones.

import Metrics
import Testing

/// A text with its scan.
struct Scanned {
  let bytes: [UInt8]
  let scan: TextScan

  init(_ text: String, _ segmentation: Segmentation = .prose) {
    let bytes = Array(text.utf8)
    var scan = TextScan(segmentation: segmentation)
    scan.read(bytes.span)
    self.bytes = bytes
    self.scan = scan
  }

  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }
  var words: [String] { scan.words.map { text($0.start, $0.end) } }
  var sentences: [String] { scan.sentences.map { text($0.start, $0.end) } }
  var lines: [String] { scan.lines.map { text($0.start, $0.end) } }
  var paragraphs: [String] { scan.paragraphs.map { text($0.start, $0.end) } }
}

@Suite struct TextScanTests {
  @Test(arguments: [
    ("Don't stop: it's well-known.", ["Don't", "stop", "it's", "well-known"]),
    ("3.14 and 1,000,000 – or 1,2", ["3.14", "and", "1,000,000", "or", "1", "2"]),
    ("the U.S. and e.g. this, at 5 a.m.", ["the", "U.S", "and", "e.g", "this", "at", "5", "a.m"]),
    (
      "'twas rock 'n' roll -- the dogs' tails",
      ["twas", "rock", "n", "roll", "the", "dogs", "tails"]
    ),
    ("caf\u{e9} nai\u{308}ve don\u{2019}t", ["caf\u{e9}", "nai\u{308}ve", "don\u{2019}t"]),
    ("a_b x@y.com http://a.b/c", ["a", "b", "x", "y", "com", "http", "a.b", "c"]),
    ("co\u{ad}operate", ["co\u{ad}operate"]),
  ])
  func `words are letters and digits with what joins them`(text: String, words: [String]) {
    #expect(Scanned(text).words == words)
  }

  @Test(arguments: [
    ("He ran. She sat! Why? Go", ["He ran.", "She sat!", "Why?", "Go"]),
    (
      "Mr. and Mrs. Smith met Dr. Who. They left.",
      ["Mr. and Mrs. Smith met Dr. Who.", "They left."]
    ),
    ("J. R. R. Tolkien wrote it. I did.", ["J. R. R. Tolkien wrote it.", "I did."]),
    ("It cost $3.50 in 1990. He paid.", ["It cost $3.50 in 1990.", "He paid."]),
    ("\"Run!\" he said. \"Why?\" She ran.", ["Run!\" he said.", "Why?", "She ran."]),
    ("Well... maybe. Well... Maybe so.", ["Well... maybe.", "Well...", "Maybe so."]),
    ("Well\u{2026} maybe.", ["Well\u{2026} maybe."]),
    (
      "In the U.S. Army it is so. I like the U.S. The end.",
      [
        "In the U.S. Army it is so.", "I like the U.S.", "The end.",
      ]
    ),
    (
      "i went home. he slept. so did i. then we ate.",
      [
        "i went home.", "he slept.", "so did i.", "then we ate.",
      ]
    ),
    ("1. Wash it. 2. Dry it.", ["1. Wash it.", "2. Dry it."]),
    (
      "See no. 5 and fig. 2 first. He said no. Then he left.",
      [
        "See no. 5 and fig. 2 first.", "He said no.", "Then he left.",
      ]
    ),
    (
      "Title\n\nThe text\nruns on, and\nOn. Next",
      ["Title", "The text\nruns on, and", "On.", "Next"]
    ),
    ("He stopped (at last.) Then he slept.", ["He stopped (at last.", "Then he slept."]),
    (
      "Visit example.com now. Version 2.0 is out!",
      ["Visit example.com now.", "Version 2.0 is out!"]
    ),
    (
      "So do I. The dog too. At 5 p.m. the bell rang.",
      [
        "So do I.", "The dog too.", "At 5 p.m. the bell rang.",
      ]
    ),
    ("What?! No... ?! ...", ["What?!", "No... ?! ..."]),
    // A line break ends what an abbreviation would not, but no line that was broken to a width.
    (
      "The report is from the U.S.\nResearchers say so.",
      ["The report is from the U.S.", "Researchers say so."]
    ),
    ("War came in 48 B.C.\nrome was strong.", ["War came in 48 B.C.\nrome was strong."]),
    (
      "This line was broken to a width of sixty bytes and ends in Mr.\nSmith did it.",
      ["This line was broken to a width of sixty bytes and ends in Mr.\nSmith did it."]
    ),
    // A full stop behind a bracket or quotation mark belongs to no abbreviation.
    ("He knew bromine (Br). Bismuth is last.", ["He knew bromine (Br).", "Bismuth is last."]),
    (
      "He ate vitamin \u{201c}C\u{201d}. Foods have it.",
      ["He ate vitamin \u{201c}C\u{201d}.", "Foods have it."]
    ),
    (
      "Paris (Dr). Foods have it. See (1). Go.",
      ["Paris (Dr).", "Foods have it.", "See (1).", "Go."]
    ),
    (
      "Apples, pears, etc. and more. Plums etc. Then he left.",
      [
        "Apples, pears, etc. and more.", "Plums etc.", "Then he left.",
      ]
    ),
    (
      "It was ca. 1900. They left CA. Then they came.",
      [
        "It was ca. 1900.", "They left CA.", "Then they came.",
      ]
    ),
    ("He has a Ph.D. in law.", ["He has a Ph.D. in law."]),
    (
      "A. Zola and \u{c9}. Zola and E\u{301}. Zola wrote. So.",
      [
        "A. Zola and \u{c9}. Zola and E\u{301}. Zola wrote.", "So.",
      ]
    ),
    // Letters without case are not lower case, letters beyond ASCII with case may be.
    (
      "\u{5e9}\u{5dc}\u{5d5}\u{5dd}\n\u{5de}\u{5d4}\n\u{5d8}\u{5d5}\u{5d1}",
      ["\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "\u{5de}\u{5d4}", "\u{5d8}\u{5d5}\u{5d1}"]
    ),
    (
      "One line\n\u{e9}t\u{e9} runs on\n\u{c9}t\u{e9} not",
      [
        "One line\n\u{e9}t\u{e9} runs on", "\u{c9}t\u{e9} not",
      ]
    ),
  ])
  func `sentences of prose end at marks that end them`(text: String, sentences: [String]) {
    #expect(Scanned(text).sentences == sentences)
  }

  @Test func `an utterance is a sentence`() {
    let scanned = Scanned("Mommy?\nno. no. no!\n\nmore juice\n...\n", .transcript)
    #expect(scanned.sentences == ["Mommy?", "no. no. no!", "more juice"])
    #expect(scanned.scan.sentences.map(\.isQuestion) == [true, false, false])
    #expect(scanned.scan.counts.questions == 1)
  }

  @Test func `a speaker's label at the start of a transcript's line is nobody's word`() {
    let text =
      "*CHI:\tno no\nMOT: sit down\nA: Well, A: yes\nTarget_Child: more juice\n*Mot1:hi\nCHI:\n"
      + "TODAYIS8: cold\nso: it is\nToday: it rains\nOK:go\n he said: no\n MOT: there"
    let scanned = Scanned(text, .transcript)
    #expect(
      scanned.sentences == [
        "no no", "sit down", "Well, A: yes", "more juice", "hi", "CHI", "TODAYIS8: cold",
        "so: it is", "Today: it rains", "OK:go", "he said: no", "MOT: there",
      ]
    )
    #expect(Scanned(text).words.contains("Target"))
    let counts = Scanned("CHI: oh \u{201c}no\u{201d}\nMOT: yes", .transcript).scan
    #expect(counts.counts.letters == 7 && counts.counts.characters == 9)
    #expect(counts.counts.punctuation == 2 && counts.counts.upperCaseWords == 0)
    #expect(counts.lines.count == 2 && counts.paragraphs.count == 1)
    // A label that is all of a text, or with broken bytes behind it.
    #expect(Scanned("*CHI:", .transcript).words.isEmpty)
    #expect(Scanned("*", .transcript).words.isEmpty)
  }

  @Test func `lines and paragraphs are those with something visible`() {
    let scanned = Scanned("  One two \nthree\r\n \t\n\n- \nfour\n")
    #expect(scanned.lines == ["One two", "three", "-", "four"])
    #expect(scanned.paragraphs == ["One two \nthree", "-\u{20}\nfour"])
    #expect(scanned.scan.paragraphs.map(\.firstWord) == [0, 3])
    #expect(scanned.scan.lines.map(\.endWord) == [2, 3, 3, 4])
  }

  @Test func `characters of each kind are counted`() {
    let scanned = Scanned(
      "\u{201c}NASA\u{201d} said \"it is 3.5 \u{20ac}\" \u{1f600} \u{c9}t\u{e9}-5!"
    )
    var expected = TextCounts()
    expected.characters = 27
    expected.letters = 15
    expected.digits = 3
    expected.punctuation = 7
    expected.upperCaseWords = 1
    expected.quotations = 2
    expected.syllables = scanned.scan.counts.syllables
    expected.polysyllables = scanned.scan.counts.polysyllables
    #expect(scanned.scan.counts == expected)
  }

  @Test func `words that differ in case or apostrophe have one key`() {
    let scanned = Scanned("Don't DON\u{2019}T d\u{f6}nt D\u{d6}NT internationally Internationally")
    let keys = scanned.scan.words.map(\.key)
    #expect(keys[0] == keys[1])
    #expect(keys[2] == keys[3])
    #expect(keys[4] == keys[5])
    #expect(Set(keys).count == 3)
  }
}
