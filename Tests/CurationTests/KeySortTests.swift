import Curation
import TestSupport
import Testing

@Suite struct KeySortTests {
  /// Keys of which many are equal, or differ in any one byte.
  static func keys(_ count: Int, kinds: UInt64) -> [UInt64] {
    var numbers = SeededNumbers(kinds)
    return (0..<count).map { _ in
      let number = numbers.next() % kinds
      return numbers.next().isMultiple(of: 2) ? number : number << (8 * (numbers.next() % 8))
    }
  }

  @Test(arguments: [(0, 1), (1, 1), (24, 3), (25, 1), (10_000, 1), (10_000, 7), (50_000, 1 << 60)])
  func `entries are sorted as the library sorts them`(count: Int, kinds: Int) {
    let keys = KeySortTests.keys(count, kinds: UInt64(kinds))
    var numbers = SeededNumbers(9)
    let documents = keys.map { _ in UInt32.random(in: 0...UInt32.max, using: &numbers) }
    var entries = zip(keys, documents).map { KeyedDocument(key: $0, document: $1) }
    let expected = entries.sorted { ($0.key, $0.document) < ($1.key, $1.document) }
    sortByKey(&entries)
    #expect(entries == expected)
    var paragraphs = zip(keys, documents).map {
      KeyedParagraph(key: $0, document: $1, words: $1 ^ 7)
    }
    sortByKey(&paragraphs)
    #expect(paragraphs.map(\.key) == expected.map(\.key))
    #expect(paragraphs.map(\.words) == expected.map { $0.document ^ 7 })
    var runs: [Range<Int>] = []
    forEachShared(entries) { runs.append($0) }
    let groups = Dictionary(grouping: keys) { $0 }.filter { $0.value.count > 1 }
    #expect(runs.count == groups.count)
    for run in runs { #expect(groups[entries[run.lowerBound].key]?.count == run.count) }
  }

  @Test func `an entry of a band takes twelve bytes`() {
    #expect(MemoryLayout<KeyedDocument>.stride == 12)
    #expect(MemoryLayout<KeyedParagraph>.stride == 16)
  }

  @Test func `a million equal entries sort in linear time`() {
    var few = [KeyedParagraph](
      repeating: KeyedParagraph(key: 5, document: 1, words: 1),
      count: 50_000
    )
    var many = few
    for _ in 0..<19 { many += few }
    let base = processorSeconds { sortByKey(&few) }
    let seconds = processorSeconds { sortByKey(&many) }
    #expect(seconds < 20 * 5 * base + 0.05)
  }
}
