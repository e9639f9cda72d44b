// The dictionary and the rules of syllables, and how far the rules can be trusted.

import Foundation
import Metrics
import Testing

@Suite struct SyllableTests {
  private func isHeldOut(_ word: [UInt8]) -> Bool {
    var hash: UInt32 = 0x811c_9dc5
    for byte in word { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return hash.isMultiple(of: 5)
  }

  /// The words of letters only that the dictionary gives syllables.
  private static let dictionary: [[UInt8]: UInt8] = {
    var words: [[UInt8]: UInt8] = [:]
    Pronunciations.forEachWord { word, syllables in
      if !word.contains(0x27) { words[word] = max(1, syllables) }
    }
    return words
  }()

  @Test func `the dictionary is whole`() {
    var words = 0
    var isSorted = true
    var previous: [UInt8] = []
    Pronunciations.forEachWord { word, syllables in
      words += 1
      isSorted = isSorted && previous.lexicographicallyPrecedes(word)
      previous = word
      #expect(Pronunciations.shared.syllables(WordKey.key(of: word)) == Int(syllables))
    }
    #expect(words == 124_926)
    #expect(isSorted)
  }

  /// Pronunciations as a dictionary for learners prints them.
  @Test(arguments: [
    ("cat", 1), ("every", 3), ("fire", 2), ("the", 1), ("people", 2), ("readability", 5),
    ("don't", 1), ("DON\u{2019}T", 1), ("well-known", 2), ("mother-in-law", 4), ("3.14", 1),
    ("BBC", 3), ("WWF", 7), ("U.S", 2), ("hmm", 1), ("shh", 1), ("1990s", 1), ("Frodo's", 2),
    ("Foxx's", 2), ("caf\u{e9}", 2), ("na\u{ef}ve", 2), ("\u{5e9}\u{5dc}\u{5d5}\u{5dd}", 1),
    ("WWF's", 7), ("WWF\u{2019}s", 7), ("PDFs", 3), ("MP3s", 3), ("MP3", 3), ("HTTPS", 5),
    ("CBS's", 4),
    ("BCDFGHJ", 1), ("co\u{f6}perate", 4), ("No\u{eb}l", 2), ("H\u{e4}user", 2), ("snorkle", 2),
    ("blorped", 1), ("blinted", 2), ("wugs", 1), ("florches", 2), ("o'Malley", 3),
  ])
  func `words have the syllables that are heard`(word: String, syllables: Int32) {
    #expect(Scanned(word).scan.words.map(\.syllables) == [syllables])
  }

  @Test(arguments: [
    "nai\u{308}ve", "Zoe\u{308}", "coo\u{308}perate", "No\u{308}el", "a\u{308}o", "aa\u{308}",
    "u\u{308}e\u{308}",
    "Nguye\u{302}\u{303}n", "Hoa\u{323}t", "R\u{30c}ez\u{30c}ab", "t\u{30c}ed", "I\u{307}ki",
    "fac\u{327}ade",
    "re\u{301}sume\u{301}", "u\u{308}\u{301}a", "iy\u{308}a", "W\u{308}WF",
  ])
  func `canonically equal spellings have the same syllables`(word: String) {
    // Composed by the words' own table: Foundation's.
    let composed = word.precomposedStringWithCanonicalMapping
    #expect(Array(composed.unicodeScalars) != Array(word.unicodeScalars))
    #expect(Scanned(composed).scan.counts.syllables == Scanned(word).scan.counts.syllables)
  }

  @Test func `rules find the syllables of nine held-out words of ten`() {
    var right = 0
    var all = 0
    for (word, syllables) in SyllableTests.dictionary where isHeldOut(word) {
      all += 1
      right += SyllableRules.shared.syllables(word) == Int(syllables) ? 1 : 0
    }
    print("syllable rules: \(right) of \(all) held-out words, \(Double(right) / Double(all))")
    #expect(Double(right) >= 0.945 * Double(all))
  }

  /// Skips without the shared data: rules alone, on the running words that the dictionary can judge.
  @Test(.enabled(if: SharedData.isThere))
  func `rules alone find the syllables of 97 of 100 running words`() throws {
    var counts = (right: 0, all: 0, heldRight: 0, heldAll: 0, unknown: 0)
    for text in try SharedData.texts() {
      let scanned = Scanned(text)
      for word in scanned.scan.words {
        let bytes = Array(scanned.text(word.start, word.end).lowercased().utf8)
        guard let syllables = SyllableTests.dictionary[bytes] else {
          counts.unknown += 1
          continue
        }
        let isRight = SyllableRules.shared.syllables(bytes) == Int(syllables)
        counts.all += 1
        counts.right += isRight ? 1 : 0
        if isHeldOut(bytes) {
          counts.heldAll += 1
          counts.heldRight += isRight ? 1 : 0
        }
      }
    }
    let share = Double(counts.right) / Double(counts.all)
    let heldShare = Double(counts.heldRight) / Double(counts.heldAll)
    print("syllable rules: \(share) of \(counts.all) running words, \(heldShare) of held-out ones;")
    print("  \(counts.unknown) are no plain words of the dictionary")
    #expect(share >= 0.97)
    #expect(heldShare >= 0.97)
  }
}
