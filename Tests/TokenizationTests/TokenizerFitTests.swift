import Files
import TestSupport
import Testing
import Tokenization

@Suite struct TokenizerFitTests {
  @Test func `words are split where a token begins inside a run of letters`() throws {
    let tokenizer = try Fixture.trained(["dog dog. dog dog"], size: 262, addPrefixSpace: false)
    var encoder = TokenEncoder(tokenizer)
    let text = Array("dog dog. cat é".utf8)
    var fit = TokenizerFit()
    fit.add(text.span, words: 4, tokens: encoder.locatedTokens(ofText: text.span))
    #expect(fit.letterWords == 4)
    // "cat" is three tokens and "é" two bytes that no merge joins, but one letter: it is split, too.
    #expect(fit.splitWords == 2)
    #expect(fit.bytes == text.count)
    #expect(fit.wordsPerToken == 4 / Double(fit.tokens))
    var twice = fit
    twice.add(fit)
    #expect(twice.splitShare == fit.splitShare)
    #expect(twice.documents == 2)
    #expect(TokenizerFit().bytesPerToken == nil)
  }

  @Test func `a weight counts a source's documents more than once, or never`() throws {
    func trained(_ weights: [String: Int], _ documents: [(String, String)]) throws -> Tokenizer {
      var settings = BPETrainer.Settings(vocabularySize: 300, weights: weights)
      settings.minimumFrequency = 1
      var trainer = try BPETrainer(settings)
      for (text, source) in documents { trainer.add(text.utf8Span.span, source: source) }
      return try trainer.train()
    }
    let texts = [("red apples", "a"), ("green pears and plums", "b")]
    let weighed = try trained(["a": 3, "b": 0], texts)
    let repeated = try trained([:], Array(repeating: texts[0], count: 3))
    #expect(weighed == repeated)
    #expect(
      failure {
        _ = try BPETrainer(BPETrainer.Settings(vocabularySize: 300, weights: ["a": -1]))
      }?.place == "tokenizer.weights.a"
    )
  }

  /// Linear in the bytes, or nearly: eight times the run takes far less than sixty-four times.
  @Test func `long unbroken runs are encoded in moderate time`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    for unit in ["a", " ", "👩‍👩‍👧", "e\u{301}\u{302}\u{323}", "1", "é"] {
      let text = Array(String(repeating: unit, count: 1_000_000 / unit.utf8.count).utf8)
      var encoder = TokenEncoder(tokenizer)
      var ids: [UInt32] = []
      let seconds = processorSeconds { encoder.encode(text.span, into: &ids) }
      #expect(seconds < 5, "\(unit)")
      #expect(Array(try tokenizer.decode(ids).suffix(text.count)) == text)
    }
  }
}
