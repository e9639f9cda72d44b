// The tables that number words and pieces, against dictionaries, over more than one growth.

import Metrics
import TestSupport
import Testing

@Suite struct WordTypesTests {
  @Test func `types and their counts are those of a dictionary, text after text`() {
    var random = SeededNumbers(5)
    var types = WordTypes()
    for count in [3, 9_000, 0, 40, 700] {
      let words = (0..<count).map { _ in "w\(Int.random(in: 0..<(count / 2 + 1), using: &random))" }
      let bytes = Array(words.joined(separator: " ").utf8)
      var scan = TextScan()
      scan.read(bytes.span)
      types.read(scan.words.span)
      let counts = words.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
      #expect(types.keys.count == counts.count)
      #expect(types.hapaxes == counts.values.count { $0 == 1 })
      #expect(types.tokens.count == count)
      #expect(
        zip(types.tokens, words).allSatisfy { types.occurrences[Int($0)] == counts[$1] }
      )
    }
  }

  @Test func `pieces are told apart by every byte, text after text`() {
    var random = SeededNumbers(6)
    var table = PieceTable()
    for count in [2, 5_000, 30] {
      // Long pieces that differ in one byte at any place, and some that are repeated.
      let pieces = (0..<count).map { _ in
        var piece = [UInt8](repeating: 0x61, count: Int.random(in: 1...40, using: &random))
        piece[Int.random(in: piece.indices, using: &random)] = .random(
          in: 0x61...0x7a,
          using: &random
        )
        return piece
      }
      let bytes = pieces.flatMap { $0 }
      table.removeAll()
      var numbers: [[UInt8]: Int] = [:]
      var counts: [Int: Int] = [:]
      var start = 0
      for piece in pieces {
        let number = table.count(from: start, to: start + piece.count, in: bytes.span)
        let expected = numbers[piece] ?? numbers.count
        numbers[piece] = expected
        counts[expected, default: 0] += 1
        #expect(number == expected)
        start += piece.count
      }
      #expect(table.count == numbers.count)
      #expect(counts.allSatisfy { table.occurrences(of: $0.key) == $0.value })
    }
  }
}
