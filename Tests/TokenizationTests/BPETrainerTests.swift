import Files
import Foundation
import TestSupport
import Testing
import Tokenization

@Suite struct BPETrainerTests {
  /// The example of Wikipedia's article on byte-pair encoding: Z = aa, Y = ab, X = ZY gives XdXac.
  @Test func `the Wikipedia example gives its three merges`() throws {
    let tokenizer = try Fixture.trained(["aaabdaaabac"], size: 261, addPrefixSpace: false)
    #expect((258..<261).map { tokenizer.name(of: $0) } == ["aa", "ab", "aaab"])
    #expect(
      tokenizer.encode("aaabdaaabac").map { tokenizer.name(of: $0) } == [
        "aaab", "d", "aaab", "a", "c",
      ]
    )
  }

  @Test func `a trained tokenizer.json is Hugging Face's, byte for byte`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    #expect(tokenizer.vocabularySize == 400)
    #expect(Data(tokenizer.tokenizerJSON) == (try Fixture.data("tokenizer.json")))
  }

  @Test func `counting may be spread over trainers in any way`() throws {
    let texts = try Fixture.texts
    let settings = BPETrainer.Settings(vocabularySize: 350)
    var parts = try (0..<3).map { _ in try BPETrainer(settings) }
    for (index, text) in texts.enumerated() {
      parts[(index * 7 + 1) % 3].add(text.utf8Span.span)
    }
    parts[1].merge(parts[0])
    parts[1].merge(parts[2])
    #expect(parts[1].documentCount == texts.count)
    #expect(try parts[1].train() == Fixture.trained(texts, size: 350))
  }

  @Test func `a corpus too small for the vocabulary gives a smaller one`() throws {
    let tokenizer = try Fixture.trained(["ab ab"], size: 1_000)
    #expect(
      (258..<UInt32(tokenizer.vocabularySize)).map { tokenizer.name(of: $0) } == ["ab", "Ġab"]
    )
    let exhaustive = try Fixture.trained(["abc"], size: 1_000, minimumFrequency: 0)
    #expect(exhaustive.vocabularySize == 261)
  }

  @Test func `a corpus without text is refused`() throws {
    #expect(failure { _ = try Fixture.trained([], size: 300) } != nil)
    #expect(failure { _ = try Fixture.trained(["", ""], size: 300) }?.place.contains("2") == true)
  }

  @Test func `settings that make no vocabulary are refused`() {
    for settings in [
      BPETrainer.Settings(vocabularySize: 257),
      BPETrainer.Settings(vocabularySize: 1 << 30),
      BPETrainer.Settings(vocabularySize: 300, minimumFrequency: -1),
      BPETrainer.Settings(vocabularySize: 300, specialTokens: ["<|endoftext|>"]),
      BPETrainer.Settings(
        vocabularySize: 300,
        specialTokens: ["<|endoftext|>", "<|pad|>", "<|pad|>"]
      ),
      BPETrainer.Settings(vocabularySize: 300, specialTokens: ["<|endoftext|>", "<|pad|>", "pad"]),
      BPETrainer.Settings(vocabularySize: 300, specialTokens: ["<|endoftext|>", "<|pad|>", ""]),
    ] {
      #expect(failure { _ = try BPETrainer(settings) }?.kind == .usage)
    }
  }

  @Test func `a megabyte without a border is learnt in moderate time`() throws {
    let run = String(repeating: "ab", count: 500_000)
    let seconds = try processorSeconds {
      let tokenizer = try Fixture.trained([run], size: 270, addPrefixSpace: false)
      #expect(tokenizer.bytes(of: 259).count == 4)
    }
    #expect(seconds < 5)
  }

  /// The bound of 32 bits takes gigabytes to reach; the same check with a lower one does not.
  @Test func `more places than can be numbered are refused, not wrapped around`() throws {
    var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 300, addPrefixSpace: false))
    for text in ["abcabcabd", " abc abd abe", "aab aab"] { trainer.add(text.utf8Span.span) }
    let tokenizer = try trainer.train()
    var refused = 0
    var taken = 0
    for limit in 0..<60 {
      do {
        #expect(try trainer.train(placeLimit: limit) == tokenizer)
        taken += 1
      } catch let failure as Failure {
        #expect(failure.what.contains("more than \(limit) places"))
        #expect(taken == 0)
        refused += 1
      }
    }
    #expect(refused > 10 && taken > 10)
  }
}
