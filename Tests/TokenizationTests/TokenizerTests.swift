import Files
import Foundation
import TestSupport
import Testing
import Tokenization

@Suite struct TokenizerTests {
  /// Goldens: `huggingface_peer.py goldens`; Hugging Face puts `<|endoftext|>` in front.
  @Test func `ids are Hugging Face's`() throws {
    let tokenizer = try Tokenizer(json: Array(Fixture.data("tokenizer.json")), path: "golden")
    let expected = try JSONDecoder().decode([[UInt32]].self, from: Fixture.data("ids.json"))
    let texts = try Fixture.texts
    var encoder = TokenEncoder(tokenizer, cacheCapacity: 20)
    for round in 0..<2 {
      for (text, ids) in zip(texts, expected) {
        var found = [tokenizer.endOfText]
        encoder.encode(text.utf8Span.span, into: &found)
        #expect(found == ids, "round \(round), text \(text)")
      }
    }
  }

  @Test func `decoding gives the text back, with the blank that was put before it`() throws {
    let texts = try Fixture.texts
    let tokenizer = try Fixture.trained(texts, size: 400)
    for text in texts {
      let prefix = text.isEmpty || text.utf8.first == 0x20 ? "" : " "
      #expect(try tokenizer.decode(tokenizer.encode(text)) == Array((prefix + text).utf8))
    }
  }

  @Test func `any bytes survive, valid UTF-8 or not`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400, addPrefixSpace: false)
    var encoder = TokenEncoder(tokenizer)
    var generator = SplitMix(state: 1)
    for length in 0..<300 {
      let alphabet: [UInt8] = length.isMultiple(of: 2) ? [0x61, 0x20, 0xc3, 0xa9, 0, 0xff] : []
      let bytes = (0..<length).map { _ -> UInt8 in
        let random = generator.next()
        return alphabet.isEmpty
          ? UInt8(truncatingIfNeeded: random >> 7) : alphabet[Int(random % UInt64(alphabet.count))]
      }
      var ids: [UInt32] = []
      encoder.encode(bytes.span, into: &ids)
      #expect(try tokenizer.decode(ids) == bytes)
    }
  }

  @Test func `the heap and the scan merge alike`() throws {
    let texts = try Fixture.texts
    let tokenizer = try Fixture.trained(texts, size: 400, addPrefixSpace: false)
    let letters = texts.joined().filter { $0.isLetter && $0.isASCII }
    for length in [60, 63, 64, 65, 66, 100, 500] {
      let run = Array(letters.utf8.prefix(length))
      #expect(
        tokenizer.encode(String(decoding: run, as: UTF8.self)) == slowlyEncoded(run, tokenizer)
      )
    }
  }

  /// The rule by itself: the lowest rank first, and of equal ranks the leftmost.
  private func slowlyEncoded(_ bytes: [UInt8], _ tokenizer: Tokenizer) -> [UInt32] {
    var ids = bytes.map { tokenizer.byteIDs[Int($0)] }
    while true {
      let ranks = ids.indices.dropLast().compactMap { place in
        tokenizer.merges.firstIndex { $0.left == ids[place] && $0.right == ids[place + 1] }
      }
      guard let rank = ranks.min() else { return ids }
      let merge = tokenizer.merges[rank]
      let place = ids.indices.dropLast().first {
        ids[$0] == merge.left && ids[$0 + 1] == merge.right
      }
      guard let place else { return ids }
      ids.replaceSubrange(place...place + 1, with: [merge.result])
    }
  }

  @Test func `a cache that overflows and a vocabulary beyond 16 bits change nothing`() throws {
    let texts = try Fixture.texts
    let small = try Fixture.trained(texts, size: 400)
    var tiny = TokenEncoder(small, cacheCapacity: 1)
    for text in texts + texts {
      var ids: [UInt32] = []
      tiny.encode(text.utf8Span.span, into: &ids)
      #expect(ids == small.encode(text))
    }
    let names = (0..<70_000).map { Tokenizer.AddedToken(name: "<|\($0)|>", id: UInt32($0) + 2) }
    let moved = UInt32(names.count)
    let large = Tokenizer(
      specialTokens: small.specialTokens + names,
      byteIDs: small.byteIDs.map { $0 + moved },
      merges: small.merges.map {
        Merge(left: $0.left + moved, right: $0.right + moved, result: $0.result + moved)
      },
      addPrefixSpace: true
    )
    var encoder = TokenEncoder(large)
    for text in texts + texts {
      var ids: [UInt32] = []
      encoder.encode(text.utf8Span.span, into: &ids)
      #expect(ids == small.encode(text).map { $0 + moved })
    }
  }

  @Test func `the name of a special token in a text is text`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    let ids = tokenizer.encode("a <|endoftext|> b<|pad|>")
    #expect(ids.allSatisfy { $0 > 1 })
    #expect(try tokenizer.decode([0] + ids + [1]) == Array(" a <|endoftext|> b<|pad|>".utf8))
    #expect((tokenizer.endOfText, tokenizer.padding) == (0, 1))
    #expect(tokenizer.name(of: 0) == "<|endoftext|>")
    #expect(failure { _ = try tokenizer.decode([400]) } != nil)
  }

  /// Asserts that a megabyte takes less than four seconds, no more: a hundred times what it takes
  /// on a usual core in an optimised build.
  @Test(arguments: ["a", " ", "👩‍👩‍👧", "=", "\n", "9", "\u{a0}", "ab "])
  func `a megabyte of one thing is encoded in moderate time`(unit: String) throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
    let seconds = processorSeconds {
      #expect(!tokenizer.encode(text).isEmpty)
    }
    #expect(seconds < 4)
  }
}

/// Patterns, special tokens and places, without the peer.
@Suite struct TokenizerTextTests {
  private func trained(_ pattern: PretokenizerPattern) throws -> Tokenizer {
    var trainer = try BPETrainer(
      BPETrainer.Settings(vocabularySize: 400, addPrefixSpace: false, pretokenizer: pattern)
    )
    for text in try Fixture.texts { trainer.add(text.utf8Span.span) }
    return try trainer.train()
  }

  /// `BLALM_PEER_RANDOM` asks for more than 0.4 MB.
  @Test(arguments: PretokenizerPattern.allCases)
  func `random bytes survive every pattern`(pattern: PretokenizerPattern) throws {
    let wanted = ProcessInfo.processInfo.environment["BLALM_PEER_RANDOM"].flatMap { Int($0) }
    var encoder = TokenEncoder(try trained(pattern))
    var generator = SplitMix(state: 5)
    var left = wanted ?? 400_000
    while left > 0 {
      let bytes = (0..<10_000).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 9) }
      var ids: [UInt32] = []
      encoder.encode(bytes.span, into: &ids)
      #expect(try encoder.tokenizer.decode(ids) == bytes)
      left -= bytes.count
    }
  }

  /// Asserts that a megabyte takes less than five times the seconds of its ten tenths, each alone.
  ///
  /// Equal bytes on both sides, and the quickest of three runs. It tells n log n, some 1.2 times, from
  /// n², 10 times, and not n from n log n.
  private func expectGrowth(
    _ unit: String,
    _ note: String = "",
    _ work: (String) throws -> Void
  ) rethrows {
    let seconds = try [(10, 100_000), (1, 1_000_000)].map { repeats, size in
      let text = String(repeating: unit, count: size / unit.utf8.count)
      return try (0..<3).map { _ in
        try processorSeconds { for _ in 0..<repeats { try work(text) } }
      }.min() ?? 0
    }
    #expect(seconds[1] < 5 * seconds[0], "\(note) \(unit.prefix(1)): \(seconds)")
  }

  private static let zalgo = "Z" + String(repeating: "\u{316}\u{301}\u{489}", count: 40)

  @Test(arguments: PretokenizerPattern.allCases)
  func `a megabyte costs what its ten tenths cost`(pattern: PretokenizerPattern) throws {
    let tokenizer = try trained(pattern)
    for unit in ["a", " ", "👩‍👩‍👧", Self.zalgo, "\n ", "7", "' "] {
      expectGrowth(unit, "\(pattern)") { #expect(!tokenizer.encode($0).isEmpty) }
    }
  }

  @Test func `learning from a megabyte costs what learning from its ten tenths costs`() throws {
    for unit in ["a", " ", "👩‍👩‍👧", Self.zalgo] {
      try expectGrowth(unit) { text in
        var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 400))
        trainer.add(text.utf8Span.span)
        #expect(try trainer.train().vocabularySize > 258)
      }
    }
  }

  @Test func `a special token's name is text, the token or an error, as asked`() throws {
    let tokenizer = try trained(.gpt2)
    var encoder = TokenEncoder(tokenizer)
    let text = Array("a <|endoftext|> b".utf8)
    var ids: [UInt32] = []
    try encoder.encode(text.span, specialTokens: .allowed, into: &ids)
    #expect(ids == tokenizer.encode("a ") + [0] + tokenizer.encode(" b"))
    #expect(try tokenizer.decodedText(ids) == "a  b")
    #expect(try tokenizer.decodedText(ids, keepsSpecialTokens: true) == "a <|endoftext|> b")
    ids = []
    try encoder.encode(text.span, specialTokens: .text, into: &ids)
    #expect(try tokenizer.decode(ids) == text)
    let failure = failure {
      var none: [UInt32] = []
      try encoder.encode(text.span, specialTokens: .disallowed, into: &none)
    }
    #expect(failure?.what.contains("<|endoftext|>") == true)
    #expect(failure?.place == "byte 2 of the text")
    let located = try encoder.locatedTokens(Array("é <|pad|>".utf8).span, specialTokens: .allowed)
    #expect(located.byteRanges.last == 3..<10)
    #expect(located.characterRanges(in: Array("é <|pad|>".utf8).span).last == 2..<9)
  }
}

/// The generator of Steele, Lea and Flood 2014.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
