import Files
import Foundation
import Testing
import Tokenization

/// Tokenizers of random parts, made by Hugging Face: the same ids, places and decodings.
///
/// Normalizers in any order, added tokens with every flag that overlap and touch, names in the model
/// behind gaps, templates, `ignore_merges`. Skips where Python's `tokenizers` 0.23 is absent;
/// `BLALM_PEER_ODD` asks for more than the usual number of tokenizers, `BLALM_PEER_SEED` for others.
@Suite struct OddTokenizerTests {
  private struct Case: Decodable {
    var text: String
    var ids: [UInt32]
    var offsets: [[Int]]
    var around: [UInt32]
    var asText: [UInt32]
    var asTextOffsets: [[Int]]
    var mixed: [UInt32]
    var decoded: [String]
  }

  private struct Entry: Decodable {
    var tokenizer: String
    var cases: [Case]
  }

  @Test(.enabled(if: Peer.hasTokenizers, "needs pip install tokenizers==0.23.*"))
  func `tokenizers of random parts give Hugging Face's ids, places and texts`() throws {
    let environment = ProcessInfo.processInfo.environment
    try Fixture.withTemporaryFolder { folder in
      try Peer.run([
        try Fixture.url("huggingface_families.py").path(), "odd",
        environment["BLALM_PEER_ODD"] ?? "60", environment["BLALM_PEER_SEED"] ?? "1",
        folder + "/odd",
      ])
      let lines = try Data(contentsOf: URL(filePath: folder + "/odd")).split(separator: 10)
      #expect(lines.count > 20)
      for line in lines {
        let entry = try JSONDecoder().decode(Entry.self, from: line)
        try check(entry)
      }
      print("\(lines.count) tokenizers of random parts")
    }
  }

  /// Whether a place is Hugging Face's, but for what the guide says: what was put before a text has no
  /// place (there that of the first character), and what a normalizer replaced has the place of all
  /// that it came of (there of a part).
  private func agrees(_ ours: [Int], _ theirs: [Int], isNormalized: Bool) -> Bool {
    if ours == theirs { return true }
    if ours[0] == ours[1] { return ours[0] <= theirs[0] }
    return isNormalized && ours[0] <= theirs[0] && theirs[1] <= ours[1]
  }

  private func check(_ entry: Entry) throws {
    let file = entry.tokenizer
    func parts() -> String {
      let end = file.range(of: "\"model\"")?.lowerBound ?? file.endIndex
      return String(file[..<end])
    }
    let tokenizer = try #require(
      try? Tokenizer(json: Array(file.utf8), path: "t"),
      "\(failure { _ = try Tokenizer(json: Array(file.utf8), path: "t") }?.what ?? "") \(parts())"
    )
    let again = try Tokenizer(json: tokenizer.tokenizerJSON, path: "again")
    #expect(again.tokenizerJSON == tokenizer.tokenizerJSON)
    var encoder = TokenEncoder(tokenizer)
    for example in entry.cases {
      let text = Array(example.text.utf8)
      for (policy, ids, offsets) in [
        (Tokenizer.SpecialTokenPolicy.allowed, example.ids, example.offsets),
        (.text, example.asText, example.asTextOffsets),
      ] {
        let found = try encoder.locatedTokens(text.span, specialTokens: policy)
        #expect(found.ids == ids, "\(policy) \(example.text.debugDescription) \(parts())")
        var unplaced: [UInt32] = []
        try encoder.encode(text.span, specialTokens: policy, into: &unplaced)
        #expect(unplaced == found.ids)
        let ranges = found.characterRanges(in: text.span).map { [$0.lowerBound, $0.upperBound] }
        // There a form's characters have places by their number; here each has its own.
        if file.contains("\"type\":\"NF") { continue }
        let isNormalized = !file.contains("\"normalizer\":null")
        let wrong = zip(ranges, offsets).filter { !agrees($0, $1, isNormalized: isNormalized) }
        #expect(
          ranges.count == offsets.count && wrong.isEmpty,
          "\(policy) \(wrong) \(example.text.debugDescription) \(ids) \(parts())"
        )
      }
      #expect(
        tokenizer.surrounding[0] + example.ids + tokenizer.surrounding[1] == example.around
      )
      for (keeps, expected) in zip([false, true], example.decoded) {
        let decoded = try tokenizer.decodedText(example.mixed, keepsSpecialTokens: keeps)
        #expect(
          Array(decoded.utf8) == Array(expected.utf8),
          "\(keeps) \(example.mixed) \(decoded.debugDescription) \(parts())"
        )
      }
    }
  }
}
