import Curation
import TestSupport
import Testing

@Suite struct ShortfallTests {
  @Test func `shares that add up to one give all the words`() {
    var random = SeededNumbers(7)
    for total in [1, 3, 10, 9_999, 10_000_000] {
      for _ in 0..<50 {
        let parts = (0..<5).map { _ in Double.random(in: 0.1...1, using: &random) }
        let sum = parts.reduce(0, +)
        let given = words(ofShares: parts.map { $0 / sum }, total: total).map { $0 ?? -1 }
        #expect(given.reduce(0, +) == total)
        for (part, words) in zip(parts, given) {
          #expect(abs(Double(words) - part / sum * Double(total)) <= 1)
        }
      }
    }
    #expect(words(ofShares: [0.29, nil], total: 100) == [29, nil])
  }

  @Test(arguments: [
    ([100, 100], [500, 500], [100, 100]),
    ([100, 100], [50, 500], [50, 150]),
    ([100, 300, 100], [0, 1_000, 1_000], [0, 375, 125]),
    // The second takes 75 of the missing 100, has only 10 more, and passes 65 on.
    ([100, 300, 100], [0, 310, 1_000], [0, 310, 190]),
    ([100, 300, 100], [0, 310, 150], [0, 310, 150]),
    ([100, 100], [0, 0], [0, 0]),
  ])
  func `missing words go to the others in proportion`(
    wanted: [Int],
    available: [Int],
    budgets: [Int]
  ) {
    #expect(spreadShortfall(of: wanted, over: available) == budgets)
  }

  @Test func `a source that takes all gives and lacks nothing`() {
    #expect(spreadShortfall(of: [nil, 100, 100], over: [1_000, 20, 1_000]) == [nil, 20, 180])
  }

  @Test func `whatever the figures, nothing is lost while somebody has more`() {
    var random = SeededNumbers(8)
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...6, using: &random)
      let wanted = (0..<count).map { _ in Int.random(in: 1...1_000, using: &random) }
      let available = (0..<count).map { _ in Int.random(in: 0...1_500, using: &random) }
      let budgets = spreadShortfall(of: wanted, over: available).map { $0 ?? -1 }
      #expect(zip(budgets, available).allSatisfy { $0 <= $1 })
      let total = min(wanted.reduce(0, +), available.reduce(0, +))
      #expect(budgets.reduce(0, +) == total)
      // Who has enough for itself gives nothing away.
      for index in 0..<count where available[index] >= wanted[index] {
        #expect(budgets[index] >= wanted[index])
      }
    }
  }
}
