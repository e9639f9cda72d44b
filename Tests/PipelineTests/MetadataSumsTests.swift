import Documents
import Pipeline
import Testing

@Suite struct MetadataSumsTests {
  @Test func `numbers are summed, and of named numbers the twenty greatest are given`() {
    var sums = MetadataSums()
    for document in 0..<100 {
      let names = (0..<30).map { ("t\($0)", MetadataValue.integer($0 + document % 2)) }
      sums.add([
        "words": .integer(document), "templates": .object(Dictionary(uniqueKeysWithValues: names)),
        "title": .text("not summed"),
      ])
    }
    let greatest = (10..<30).map { ("t\($0)", MetadataValue.integer(100 * $0 + 50)) }
    #expect(
      sums.details == [
        "words": .integer(4_950), "templates": .object(Dictionary(uniqueKeysWithValues: greatest)),
      ]
    )
  }
}
