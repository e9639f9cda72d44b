import Curation
import Documents
import Testing

@Suite struct KeeperRuleTests {
  func candidate(
    _ document: UInt32,
    words: Int = 5,
    rank: Int = 0,
    value: KeeperValue = .nothing
  ) -> KeeperCandidate {
    // Ids fall as documents rise, so that the two orders are told apart.
    KeeperCandidate(
      id: DocumentID(high: UInt64(100 - document), low: 0),
      document: document,
      words: words,
      rank: rank,
      value: value
    )
  }

  func keeper(_ rule: String, _ candidates: [KeeperCandidate]) -> UInt32 {
    let forward = candidates[KeeperRule(rule).keeper(of: candidates)].document
    let backward = Array(candidates.reversed())
    #expect(backward[KeeperRule(rule).keeper(of: backward)].document == forward)
    return forward
  }

  @Test func `the longest, then the preferred source, then the lowest id`() {
    #expect(keeper("longest", [candidate(1), candidate(2, words: 6, rank: 1)]) == 2)
    #expect(keeper("longest", [candidate(1), candidate(2, rank: 1)]) == 1)
    #expect(keeper("longest", [candidate(1), candidate(2), candidate(3, words: 4)]) == 2)
  }

  @Test func `the first of the preferred source, whatever its words and id`() {
    #expect(keeper("first", [candidate(1), candidate(2, words: 99)]) == 1)
    #expect(keeper("first", [candidate(1, rank: 1), candidate(2), candidate(3)]) == 2)
  }

  @Test func `the highest value of a column, nothing last`() {
    let low = candidate(1, value: .number(-3))
    let high = candidate(2, rank: 2, value: .number(0.5))
    let none = candidate(3)
    let text = candidate(4, value: .text("a"))
    #expect(keeper("score", [low, high, none]) == 2)
    #expect(keeper("score", [low, none]) == 1)
    #expect(keeper("score", [low, high, text]) == 4)
    #expect(keeper("score", [text, candidate(5, value: .text("b"))]) == 5)
    #expect(keeper("score", [none, candidate(6)]) == 6)
  }

  @Test func `the rule says in words what it does`() {
    #expect(KeeperRule("longest").text(preferring: []) == "the most words, then the lowest id")
    #expect(
      KeeperRule("first").text(preferring: ["b", "a"])
        == "the first source of b, a, then the first source by name, then the first in its source"
    )
    #expect(
      KeeperRule("bytes").text(preferring: ["b"])
        == "the highest bytes, then the first source of b, then the lowest id"
    )
  }
}
