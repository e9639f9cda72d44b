import Evaluation
import Foundation
import Testing

@Suite struct UnigramBaselineTests {
  @Test func `the add-one model gives the losses computed by hand`() {
    var train = UnigramBaseline(vocabularySize: 4)
    train.count([0, 1, 1, 1, -1, 7].span)
    #expect(train.total == 4)
    #expect(train.counts == [1, 3, 0, 0])
    // p = (2, 4, 1, 1) / 8
    #expect(abs(train.nats(of: 0) - log(4)) < 1e-12)
    #expect(abs(train.nats(of: 1) - log(2)) < 1e-12)
    #expect(abs(train.nats(of: 3) - log(8)) < 1e-12)
    var dev = UnigramBaseline(vocabularySize: 4)
    dev.count([0, 1, 3, 3].span)
    #expect(abs(train.meanNats(over: dev) - (log(4) + log(2) + 2 * log(8)) / 4) < 1e-12)
    #expect(train.meanNats(over: UnigramBaseline(vocabularySize: 4)) == 0)
  }
}
