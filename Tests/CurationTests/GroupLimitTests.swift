import Curation
import Testing

@Suite struct GroupLimitTests {
  @Test(arguments: [
    ("file", "file", ["a/b", "a/c", "a/b"], [0, 1, 2]),
    ("key/1", "key", ["Brown/Adam/1", "Brown/Eve/2", "Clark/3", "Brown"], [0, 0, 1, 0]),
    ("key/2", "key", ["Brown/Adam/1", "Brown/Eve/2", "Brown/Adam/3"], [0, 1, 0]),
    (
      "host(url)", "url",
      [
        "https://www.Example.org/a", "http://example.org:8080/b?x", "example.org",
        "https://user@news.example.org/c", "https://other.net",
      ],
      [0, 0, 0, 1, 2]
    ),
  ])
  func `values fall into groups`(by: String, column: String, values: [String], groups: [Int]) {
    let limit = GroupLimit(by: by, documents: 1)
    #expect(limit.column == column)
    #expect(limit.groups(of: values.map { Array($0.utf8) }) == groups)
  }

  @Test(arguments: ["random", "source", "score", "-score"])
  func `an order is read as it is written`(text: String) throws {
    #expect(TakingOrder(text)?.description == text)
  }

  @Test func `an order without a column is none`() {
    #expect(TakingOrder("") == nil)
    #expect(TakingOrder("-") == nil)
    #expect(TakingOrder("-score") == .column("score", descending: true))
  }

  @Test func `equal keys stand in an order of their own`() {
    let keys: [UInt64] = [3, 1, 3, 0, 1, 3]
    #expect(linedUp([0, 1, 2, 3, 4, 5], by: { keys[$0] }, ties: >) == [3, 4, 1, 5, 2, 0])
  }
}
