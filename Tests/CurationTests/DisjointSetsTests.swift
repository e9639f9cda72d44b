import Curation
import TestSupport
import Testing

@Suite struct DisjointSetsTests {
  @Test func `clusters are those of joined documents, their first document the root`() {
    var sets = DisjointSets(count: 10)
    sets.join(7, 3)
    sets.join(9, 7)
    sets.join(5, 6)
    sets.join(3, 9)
    let (documents, starts) = sets.clusters()
    #expect(documents == [3, 7, 9, 5, 6])
    #expect(starts == [0, 3])
    #expect(sets.root(of: 9) == 3 && sets.root(of: 0) == 0)
  }

  @Test func `the order of the joins does not matter`() {
    var numbers = SeededNumbers(2)
    var pairs = (0..<3_000).map { _ in
      (UInt32.random(in: 0..<5_000, using: &numbers), UInt32.random(in: 0..<5_000, using: &numbers))
    }
    func clusters() -> [UInt32] {
      var sets = DisjointSets(count: 5_000)
      for (left, right) in pairs { sets.join(left, right) }
      let (documents, starts) = sets.clusters()
      return documents + starts.map(UInt32.init)
    }
    let first = clusters()
    pairs.shuffle(using: &numbers)
    #expect(clusters() == first)
  }

  @Test func `no joins, no clusters`() {
    var none = DisjointSets(count: 0)
    #expect(none.clusters().documents.isEmpty)
    var single = DisjointSets(count: 3)
    single.join(1, 1)
    #expect(single.clusters().starts.isEmpty)
  }
}
