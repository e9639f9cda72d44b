import Curation
import TestSupport
import Testing

@Suite struct OverlapFinderTests {
  /// Sentences of 4 to 12 words in BLiMP's manner, all different.
  static let sentences: [String] = {
    var numbers = SeededNumbers(11)
    let names = ["Aaron", "Becca", "Carla", "Derek", "Erin", "Frank", "Grace", "Homer"]
    let verbs = ["admires", "forgot", "hasn't met", "can't see", "would visit", "insulted"]
    let nouns = ["waiters", "cashiers", "drivers", "dancers", "teachers", "actresses"]
    let tails = ["at night", "before leaving", "in a café", "while some boys talk to Mary’s aunt"]
    func one(of words: [String]) -> String { words[Int.random(in: words.indices, using: &numbers)] }
    // No sentence is the beginning of another.
    var found: [String: String] = [:]
    while found.count < 500 {
      var words = [one(of: names), one(of: verbs)]
      words += [
        "\(Int.random(in: 2...99, using: &numbers))", one(of: nouns),
      ]
      let beginning = words.joined(separator: " ")
      if Bool.random(using: &numbers) { words.append(one(of: tails)) }
      found[beginning] = words.joined(separator: " ") + "."
    }
    return found.values.sorted()
  }()

  static let prose = """
    The river was high that spring. Nobody had crossed it for a week, and the boats lay on the
    bank with their keels up. "We could wait," said the old man, "or walk to the bridge."
    """

  func finder(
    items: [String] = [],
    passages: [String] = [],
    _ change: (inout OverlapSettings) -> Void = { _ in }
  ) -> OverlapFinder {
    var settings = OverlapSettings()
    change(&settings)
    var finder = OverlapFinder(settings)
    for (file, item) in items.enumerated() { _ = finder.add(item: Array(item.utf8), of: file) }
    for (file, passage) in passages.enumerated() {
      _ = finder.add(passage: Array(passage.utf8), of: items.count + file)
    }
    return finder
  }

  func overlaps(_ finder: OverlapFinder, _ text: String) -> [Overlap] {
    var words = FoldedWords()
    words.read(text.utf8Span.span)
    return finder.overlaps(in: words)
  }

  /// The sentence as another text might hold it.
  static func disguised(_ sentence: String, _ style: Int) -> String {
    switch style % 6 {
    case 0: sentence.uppercased()
    case 1: sentence.replacing(" ", with: "\n")
    case 2: "\u{201c}" + sentence.dropLast().lowercased() + " !\u{201d}"
    case 3: sentence.dropLast().replacing(" ", with: ", ") + " \u{2026}"
    case 4: sentence.replacing("'", with: "\u{2019}").replacing(" ", with: " \u{a0}\t ")
    default: "_" + sentence.dropLast() + "_ -- (" + "x)"
    }
  }

  @Test func `sentences planted in documents are all found, and none else`() throws {
    let finder = finder(items: Self.sentences)
    #expect(finder.sentences == 500)
    var numbers = SeededNumbers(5)
    let prose = Self.prose.split(separator: " ")
    for (index, sentence) in Self.sentences.enumerated() {
      let cut = Int.random(in: 0...prose.count, using: &numbers)
      let planted = Self.disguised(sentence, index)
      let text = (prose[..<cut] + [planted[...]] + prose[cut...]).joined(separator: " ")
      let found = overlaps(finder, text)
      #expect(found.map(\.file) == [index], "\(planted)")
      #expect(found.map(\.kind) == [.sentence] && found.first?.hits == 1)
      let place = try #require(found.first).firstPlace
      let bytes = Array(text.utf8)[place]
      #expect(
        planted.utf8.count >= bytes.count
          && planted.contains(String(decoding: bytes, as: UTF8.self))
      )
    }
    #expect(overlaps(finder, Self.prose).isEmpty)
    // A word more, less or other than the sentence has is another sentence.
    for sentence in Self.sentences.prefix(100) {
      let words = sentence.split(separator: " ")
      #expect(overlaps(finder, words.dropLast().joined(separator: " ")).isEmpty)
      #expect(overlaps(finder, words.dropFirst().joined(separator: " ")).isEmpty)
      #expect(overlaps(finder, words.reversed().joined(separator: " ")).isEmpty)
    }
  }

  @Test func `hits are counted by file, and a sentence of two files is of both`() {
    let finder = finder(items: [
      "Cats sleep all day.", "cats SLEEP all day", "Dogs bark all night.",
    ])
    #expect(finder.sentences == 2)
    let found = overlaps(
      finder,
      "Cats sleep all day. Cats sleep all day? Yes, dogs bark all night."
    )
    #expect(found.map(\.file) == [0, 1, 2])
    #expect(found.map(\.hits) == [2, 2, 1])
  }

  @Test func `short texts are passed over unless they are sentences of their own`() {
    let finder = finder(items: [
      "Yes.", "the rose", "subject_verb_agreement", "It sank.", "a b c d",
    ])
    #expect(finder.sentences == 2)
    #expect(overlaps(finder, "Yes. The rose: subject_verb_agreement, he said.").isEmpty)
    #expect(overlaps(finder, "Then it sank slowly. A, B, C, D.").map(\.file) == [3, 4])
    let strict = self.finder(items: ["It sank.", "It sank at last."]) { $0.minimumItemWords = 4 }
    #expect(overlaps(strict, "It sank at last.").map(\.file) == [1])
    let lone = self.finder(items: ["Yes."]) { $0.minimumWords = 1 }
    #expect(overlaps(lone, "Yes, it is.").map(\.file) == [0])
  }

  @Test func `runs of n words are found, one word less is not`() {
    let words = (1...20).map { "w\($0)x" }
    let finder = finder(items: [words.joined(separator: " ")])
    #expect(finder.ngrams == 8)
    for start in 0..<8 {
      let run = words[start..<start + 13].joined(separator: ", ").uppercased()
      let found = overlaps(finder, "before it " + run + " behind it")
      #expect(found.map(\.kind) == [.ngram] && found.first?.hits == 1)
      let less = words[start..<start + 12].joined(separator: " ")
      #expect(overlaps(finder, "before it " + less + " behind it").isEmpty)
    }
    #expect(overlaps(finder, words[2...].joined(separator: " ")).map(\.hits) == [6])
    let whole = overlaps(finder, words.joined(separator: " "))
    #expect(whole.map(\.kind) == [.ngram, .sentence])
    #expect(
      overlaps(
        self.finder(items: [words.joined(separator: " ")]) { $0.ngram = 5 },
        words[3..<8].joined(separator: " ")
      ).map(\.hits) == [1]
    )
  }

  @Test func `a passage gives its lines, its sentences across lines, and its runs`() {
    let finder = finder(passages: [
      "the boat that came\nhome was old. Nobody knew its name\nor its port! \"Who knows it?\" he said"
    ])
    for unit in [
      "the boat that came", "the boat that came home was old", "nobody knew its name or its port",
      "home was old nobody knew its name", "or its port who knows it he said",
    ] {
      #expect(overlaps(finder, "x " + unit + " x").contains { $0.kind == .sentence }, "\(unit)")
    }
    // Three words are too few for a sentence of running text.
    #expect(overlaps(finder, "who knows it").isEmpty)
    #expect(
      overlaps(finder, "boat that came home was old nobody knew its name or its port")
        .map(\.kind) == [.ngram, .sentence]
    )
  }

  @Test func `a script without blanks has a word a character`() {
    let finder = finder(items: ["他们昨天去了学校。", "ねこがすき"])
    #expect(overlaps(finder, "我说：“他们昨天去了学校”，真的。").map(\.file) == [0])
    #expect(overlaps(finder, "「ねこがすき」").map(\.file) == [1])
    #expect(overlaps(finder, "他们昨天去了公园").isEmpty)
  }

  @Test func `bytes that are not UTF-8 are read without harm`() {
    var numbers = SeededNumbers(3)
    var words = FoldedWords()
    for _ in 0..<2_000 {
      let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      words.read(bytes.span)
      for word in 0..<words.count {
        let place = words.place(from: word, words: 1)
        #expect(!place.isEmpty && place.upperBound <= bytes.count)
      }
    }
  }

  @Test(arguments: [(1, 4, 2), (64, 4, 2), (13, 0, 0), (13, 64, 2), (13, 4, 64), (13, 4, 0)])
  func `settings out of range are named`(ngram: Int, words: Int, itemWords: Int) {
    var settings = OverlapSettings()
    #expect(settings.fault == nil)
    (settings.ngram, settings.minimumWords, settings.minimumItemWords) = (ngram, words, itemWords)
    #expect(settings.fault != nil)
  }

  @Test func `work grows with the text, whatever it repeats`() {
    let items = (0..<2_000).map {
      "the the the the" + String(repeating: " the", count: $0 % 50) + " \($0)."
    }
    var settings = OverlapSettings()
    settings.ngram = 60
    var finder = OverlapFinder(settings)
    for item in items { _ = finder.add(item: Array(item.utf8), of: 0) }
    func seconds(_ count: Int) -> Double {
      let text = String(repeating: "the ", count: count)
      var words = FoldedWords()
      return processorSeconds {
        words.read(text.utf8Span.span)
        #expect(finder.overlaps(in: words).isEmpty)
      }
    }
    _ = seconds(10_000)
    let times = (0..<3).map { _ in (seconds(25_000), seconds(400_000)) }
    let (small, large) = (times.map(\.0).min() ?? 0, times.map(\.1).min() ?? 0)
    // Sixteen times the text: linear is 16, quadratic 256.
    #expect(large < 80 * max(small, 0.001))
  }
}
