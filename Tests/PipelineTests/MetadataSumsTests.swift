import Documents
import Pipeline
import Testing

@Suite struct MetadataSumsTests {
  @Test func `numbers are summed, and of many named numbers the twenty greatest are given`() {
    var sums = MetadataSums()
    for document in 0..<100 {
      let names = (0..<50).map { ("t\($0)", MetadataValue.integer($0 + document % 2)) }
      sums.add([
        "words": .integer(document), "templates": .object(Dictionary(uniqueKeysWithValues: names)),
        "title": .text("not summed"),
      ])
    }
    let greatest = (30..<50).map { ("t\($0)", MetadataValue.integer(100 * $0 + 50)) }
    #expect(
      sums.details == [
        "words": .integer(4_950), "templates": .object(Dictionary(uniqueKeysWithValues: greatest)),
      ]
    )
  }

  @Test func `a short list of named numbers is given whole`() {
    var sums = MetadataSums()
    let names = (0..<30).map { ("rule\($0)", MetadataValue.integer($0)) }
    let rules = MetadataValue.object(Dictionary(uniqueKeysWithValues: names))
    sums.add(["rules": rules])
    #expect(sums.details == ["rules": rules])
  }
}
