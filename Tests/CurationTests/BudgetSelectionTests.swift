import Curation
import Documents
import Testing

@Suite struct BudgetSelectionTests {
  /// Texts of 1 to 6 sentences of 1 to 9 words, from a fixed linear congruence.
  static let texts: [String] = {
    var state: UInt64 = 42
    func next(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    return (0..<400).map { _ in
      (0...next(6)).map { _ in
        (0...next(9)).map { _ in "word" }.joined(separator: " ") + [".", "!", "?\"", " ."][next(4)]
      }.joined(separator: ["\n", " "][next(2)])
    }
  }()
  static let candidates = texts.enumerated().map { index, text in
    Candidate(
      id: DocumentID(source: "s", key: "\(index)"),
      words: WordCount.words(in: text)
    )
  }

  func select(
    _ words: Int?,
    order: TakingOrder = .random,
    seed: UInt64 = 1,
    candidates: [Candidate] = candidates,
    texts: [String] = texts
  ) throws -> SourceChoice {
    let indices = Array(candidates.indices)
    let lined =
      order == .random
      ? linedUp(
        indices,
        by: { candidates[$0].id.mixed(seed: seed) },
        ties: { candidates[$0].id < candidates[$1].id }
      ) : indices
    return try SourcePool(candidates, order: lined, devShare: 0.1)
      .choose(SourceBudget(words: words, devWords: 100)) { Array(texts[$0].utf8) }
  }

  @Test(arguments: [0, 1, 9, 10, 57, 500, 1_000, 3_000], [TakingOrder.random, .source])
  func `the budget is met to within one sentence and never passed`(
    words: Int,
    order: TakingOrder
  ) throws {
    let choice = try select(words, order: order)
    #expect(choice.trainWords <= words)
    #expect(choice.trainWords > words - 11)
    let kept = choice.choices.filter { $0.split == .train }.map { picked -> String in
      let text = Self.texts[picked.candidate]
      return picked.cutBytes.map { String(decoding: text.utf8.prefix($0), as: UTF8.self) } ?? text
    }
    #expect(kept.map { WordCount.words(in: $0) }.reduce(0, +) == choice.trainWords)
    #expect(choice.choices.count == Self.texts.count)
  }

  @Test func `the input's order does not matter in the random order`() throws {
    let shuffled = Array(Self.texts.indices.reversed())
    let a = try select(700)
    let b = try select(
      700,
      candidates: shuffled.map { Self.candidates[$0] },
      texts: shuffled.map { Self.texts[$0] }
    )
    #expect(
      a.choices.map { Self.candidates[$0.candidate].id }
        == b.choices.map { Self.candidates[shuffled[$0.candidate]].id }
    )
    #expect(a.choices.map(\.reason) == b.choices.map(\.reason))
    #expect(try select(700, seed: 2) != a)
  }

  @Test func `dev documents are never trained on and dev stays at its size`() throws {
    let choice = try select(nil)
    for picked in choice.choices {
      let split = Split(id: Self.candidates[picked.candidate].id, devShare: 0.1)
      #expect(picked.split != .train || split == .train)
      #expect(picked.split != .dev || split == .dev)
    }
    let devWords = choice.choices.filter { $0.split == .dev }.reduce(0) { $0 + $1.words }
    #expect(devWords >= 100 && devWords < 160)
    #expect(choice.choices.contains { $0.reason == .overDev })
  }

  @Test func `a source that falls short says how much it has`() throws {
    let all = try select(nil).trainWords
    #expect(throws: ShortSource(available: all)) { try select(all + 1) }
    #expect(try select(all).trainWords == all)
  }

  @Test func `the bound holds where not even the next document's first sentence fits`() throws {
    let texts = ["One two three.", "Four five six seven eight nine. Ten.", "End."]
    let candidates = texts.enumerated().map { index, text in
      Candidate(id: DocumentID(source: "s", key: "\(index)"), words: WordCount.words(in: text))
    }
    let pool = SourcePool(candidates, order: [0, 1, 2], devShare: 0)
    let choice = try pool.choose(SourceBudget(words: 8, devWords: 0)) { Array(texts[$0].utf8) }
    // The longest sentence has six words: more than 2 of 8 are met.
    #expect(choice.trainWords == 3)
    #expect(choice.choices.map(\.reason) == [.train, .overBudget, .overBudget])
  }

  @Test func `test is held back beside dev, and takes nothing from it`() throws {
    let indices = Array(Self.candidates.indices)
    func sides(_ testShare: Double) throws -> [Split?: Set<Int>] {
      let pool = SourcePool(Self.candidates, order: indices, devShare: 0.1, testShare: testShare)
      let choice = try pool.choose(
        SourceBudget(words: nil, devWords: .max, testWords: .max)
      ) { _ in [] }
      return Dictionary(grouping: choice.choices, by: \.split).mapValues {
        Set($0.map(\.candidate))
      }
    }
    let without = try sides(0)
    let with = try sides(0.2)
    #expect(with[.dev] == without[.dev])
    #expect(with[.train, default: []].isSubset(of: without[.train, default: []]))
    #expect(with[.test, default: []].count > 40 && without[.test] == nil)
  }

  @Test func `a limit counts the documents of a group in each split`() throws {
    let candidates = Self.candidates.enumerated().map { index, candidate in
      Candidate(
        id: candidate.id,
        words: candidate.words,
        group: index % 10 == 9 ? nil : index % 10
      )
    }
    let pool = SourcePool(candidates, order: Array(candidates.indices), limit: 3, devShare: 0.3)
    let choices = try pool.choose(SourceBudget(words: nil, devWords: .max)) { _ in [] }.choices
    for split in [Split.train, .dev] {
      let taken = choices.filter { $0.split == split }.map(\.candidate)
      for group in 0..<9 { #expect(taken.filter { $0 % 10 == group }.count == 3) }
      #expect(taken.filter { $0 % 10 == 9 }.count > 3)
    }
    #expect(choices.count == candidates.count)
    #expect(choices.contains { $0.reason == .overLimit })
    #expect(pool.trainWords == choices.filter { $0.split == .train }.reduce(0) { $0 + $1.words })
  }

  @Test func `what is excluded is out, and a copy's split is its keeper's`() throws {
    let keeper = DocumentID(source: "s", key: "keeper")
    let candidates = Self.candidates.enumerated().map { index, candidate in
      Candidate(
        id: candidate.id,
        words: candidate.words,
        splitID: index < 50 ? keeper : nil,
        exclusion: index >= 390 ? .noValue("score") : nil
      )
    }
    let pool = SourcePool(candidates, order: Array(candidates.indices), devShare: 0.5)
    let choices = try pool.choose(SourceBudget(words: nil, devWords: .max)) { _ in [] }.choices
    let sides = Set(choices.filter { $0.candidate < 50 }.map(\.split))
    #expect(sides == [Split(id: keeper, devShare: 0.5)])
    let out = choices.filter { $0.candidate >= 390 }
    #expect(out.allSatisfy { $0.reason.description == "out: no value: score" && $0.words == 0 })
  }

  @Test(arguments: [
    ("One two. Three four five.", 4, "One two."),
    ("One two. Three four five.", 5, "One two. Three four five."),
    ("One two. Three four five.", 1, ""),
    ("a b\nc d\n", 3, "a b"),
    ("He said \u{201c}no.\u{201d} Then left it.", 4, "He said \u{201c}no.\u{201d}"),
    ("Wait\u{2026} (Really?) Yes", 2, "Wait\u{2026} (Really?)"),
    ("MOT: hello .\nCHI: no .", 4, "MOT: hello ."),
    ("no end here", 2, ""),
    ("", 3, ""), (" \n ", 3, ""),
    ("trailing space. ", 9, "trailing space."),
  ])
  func `a text is cut behind a sentence or an utterance`(text: String, words: Int, kept: String) {
    let bytes = Array(text.utf8)
    let prefix = TextCut.prefix(of: bytes.span, words: words)
    #expect(String(decoding: bytes.prefix(prefix.bytes), as: UTF8.self) == kept)
    #expect(prefix.words == WordCount.words(in: kept))
  }
}
