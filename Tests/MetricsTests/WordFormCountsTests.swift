// The pool's word forms: spelled as their keys are made, bounded, and as quick on any words.

import Metrics
import TestSupport
import Testing

@Suite struct WordFormCountsTests {
  private func counts(_ texts: String...) -> WordFormCounts {
    var counts = WordFormCounts()
    for text in texts {
      let scanned = Scanned(text)
      counts.add(scanned.scan, of: scanned.bytes.span)
    }
    return counts
  }

  @Test func `spellings that Swift takes for one are two forms`() {
    let forms = counts("caf\u{e9} cafe\u{301} \u{130}stanbul i\u{307}stanbul").mostFrequent(9)
    let bytes = forms.map { Array($0.word.utf8) }
    #expect(bytes.count == 4 && Set(bytes).count == 4)
    #expect(forms.allSatisfy { $0.count == 1 })
  }

  @Test(arguments: [
    "well\u{2010}known", "well\u{2011}known", "re\u{ad}port", "co\u{200b}operate", "\u{130}stanbul",
    "DON\u{2019}T", "don\u{2bc}t", "\u{39f}\u{394}\u{39f}\u{3a3}", "\u{1e9e}", "\u{1c5}ungla", "I",
    "nai\u{308}ve", "\u{12f}\u{307}",
  ])
  func `a form is spelled as its key is made`(word: String) throws {
    let form = try #require(counts(word).mostFrequent(1).first)
    let key = try #require(Scanned(word).scan.words.first).key
    #expect(WordKey.key(of: form.word.utf8) == key)
    #expect(WordKey.key(of: word) == key)
  }

  @Test func `words of more than 100 bytes are no forms`() {
    let long = String(repeating: "acgt", count: 25)
    #expect(counts(long + " " + long + "a " + long).mostFrequent(9).map(\.word) == [long])
  }

  /// Words that a multiplication by a fixed factor sends to one slot of 65,536.
  private static func collidingWords(_ count: Int) -> [[UInt8]] {
    let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
    func letters(_ number: Int) -> UInt64 {
      var key: UInt64 = 0
      var rest = number
      for _ in 0..<4 {
        key = key << 8 | UInt64(0x61 + rest % 26)
        rest /= 26
      }
      return key
    }
    var heads: [UInt64: [UInt64]] = [:]
    for number in 0..<17_576 {
      let head = letters(number)
      heads[head &* factor & 0xffff, default: []].append(head)
    }
    var words: [[UInt8]] = []
    var number = 0
    while words.count < count {
      let tail = letters(number)
      number += 1
      for head in heads[(0 &- (tail &* factor) >> 32) & 0xffff] ?? [] {
        let key = head << 32 | tail
        words.append((0..<8).map { UInt8(truncatingIfNeeded: key >> UInt64(56 - 8 * $0)) })
      }
    }
    return Array(words.prefix(count))
  }

  @Test func `no words can be made up that are slow to count`() {
    let colliding = WordFormCountsTests.collidingWords(20_000)
    #expect(Set(colliding).count == 20_000)
    #expect(
      colliding.allSatisfy { (WordKey.key(of: $0) &* 0x9e37_79b9_7f4a_7c15) >> 32 & 0xffff == 0 }
    )
    var random = SeededNumbers(2)
    let others = colliding.map { word in
      word.map { _ in UInt8.random(in: 0x61...0x7a, using: &random) }
    }
    func seconds(_ words: [[UInt8]]) -> Double {
      let scanned = Scanned(
        words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      )
      var best = Double.infinity
      for _ in 0..<3 {
        var counts = WordFormCounts()
        best = min(best, processorSeconds { counts.add(scanned.scan, of: scanned.bytes.span) })
        #expect(counts.count > 19_000)
      }
      return best
    }
    #expect(seconds(colliding) < 10 * max(seconds(others), 0.001))
  }
}
