import Testing
import Training

@Suite struct WindowOrderTests {
  @Test(arguments: [0, 1, 2, 3, 100, 1_000])
  func `an order visits each window once`(count: Int) {
    #expect(windowOrder(count: count, seed: 7, epoch: 2).sorted() == (0..<Int32(count)).map(\.self))
  }

  @Test func `seed and epoch change the order, and nothing else does`() {
    let order = windowOrder(count: 50, seed: 1, epoch: 0)
    #expect(order == windowOrder(count: 50, seed: 1, epoch: 0))
    #expect(order != windowOrder(count: 50, seed: 1, epoch: 1))
    #expect(order != windowOrder(count: 50, seed: 2, epoch: 0))
    #expect(order != (0..<50).map(\.self))
  }

  @Test func `every place is as likely as any other`() {
    var counts = [Int](repeating: 0, count: 5)
    for seed in 0..<5_000 {
      let order = windowOrder(count: 5, seed: UInt64(seed), epoch: 0)
      counts[order.firstIndex(of: 0) ?? 0] += 1
    }
    // 1,000 expected, standard deviation 28.
    #expect(counts.allSatisfy { abs($0 - 1_000) < 150 })
  }

  @Test func `the ledger adds up by epoch and by source`() {
    var ledger = WordLedger()
    let names = ["first", "second"]
    ledger.enter(words: [1, 2], of: names, tokens: 5, epoch: 0)
    ledger.enter(words: [0, 4], of: names, tokens: 6, epoch: 1)
    ledger.enter(words: [0, 1], of: names, tokens: 1, epoch: 1)
    #expect(ledger.words == 8 && ledger.tokens == 12)
    #expect(ledger.sources == ["first": 1, "second": 7])
    #expect(ledger.epochs.map(\.words) == [3, 5] && ledger.epochs.map(\.tokens) == [5, 7])
  }
}
