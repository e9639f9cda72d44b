import Documents
import Rubrics
import Testing

@Suite struct StratifiedSampleTests {
  /// 900 documents of one source, 90 of another, 10 without a value.
  static let documents: [StratifiedDocument] = (0..<1_000).map { number in
    StratifiedDocument(
      id: DocumentID(source: "s", key: "\(number)"),
      names: [number < 900 ? "large" : "small"],
      values: [number % 100 == 7 ? nil : Double(number % 100)]
    )
  }

  func counts(_ chosen: Set<DocumentID>) -> [String: Int] {
    Self.documents.filter { chosen.contains($0.id) }.reduce(into: [:]) {
      $0[$1.names[0], default: 0] += 1
    }
  }

  @Test func `strata give alike as long as they have documents`() {
    let chosen = StratifiedSample.choose(60, of: Self.documents, bins: 5, seed: 1)
    #expect(chosen.count == 60)
    // Two sources in five bins and without a value: twelve strata of five, but that one has a single
    // document, whose four others the rest share.
    #expect(counts(chosen)["small"] ?? 0 >= 26)
    #expect(counts(chosen)["large"] ?? 0 >= 30)
    let missing = Self.documents.filter { chosen.contains($0.id) && $0.values[0] == nil }
    #expect(missing.count == 6 || missing.count == 7)
  }

  @Test func `the order of documents does not matter and the seed does`() {
    let chosen = StratifiedSample.choose(97, of: Self.documents, bins: 4, seed: 3)
    #expect(StratifiedSample.choose(97, of: Self.documents.reversed(), bins: 4, seed: 3) == chosen)
    #expect(StratifiedSample.choose(97, of: Self.documents, bins: 4, seed: 4) != chosen)
  }

  @Test func `samples of nothing, of all and of equal numbers`() {
    #expect(StratifiedSample.choose(0, of: Self.documents, bins: 5, seed: 1).isEmpty)
    #expect(StratifiedSample.choose(5_000, of: Self.documents, bins: 5, seed: 1).count == 1_000)
    #expect(StratifiedSample.choose(3, of: [], bins: 5, seed: 1).isEmpty)
    let equal = Self.documents.map { StratifiedDocument(id: $0.id, names: [], values: [2]) }
    #expect(StratifiedSample.choose(10, of: equal, bins: 5, seed: 1).count == 10)
  }
}
