import Curation
import TestSupport
import Testing

/// Two texts of distinct words whose sets of shingles have a known Jaccard similarity.
func plantedPair(similarity: Double, shingles: Int, name: String) -> (left: String, right: String) {
  // common / (2 · shingles − common) = similarity
  let common = Int((2 * Double(shingles) * similarity / (1 + similarity)).rounded())
  func words(_ range: Range<Int>, _ mark: String) -> [String] {
    range.map { "\(name)\(mark)\($0)" }
  }
  let shared = words(0..<common + 4, "c")
  let rest = common + 4..<shingles + 4
  return (
    (shared + words(rest, "l")).joined(separator: " "),
    (shared + words(rest, "r")).joined(separator: " ")
  )
}

@Suite struct MinHashTests {
  @Test func `the recall of 14 bands of 8 is the known curve`() {
    // By Python: 1 - (1 - s**8)**14.
    let curve = [(0.5, 0.0533), (0.7, 0.5645), (0.75, 0.7716), (0.8, 0.9235), (0.9, 0.99962)]
    for (similarity, recall) in curve {
      #expect(abs(MinHash().recall(at: similarity) - recall) < 5e-5)
    }
    #expect(abs(MinHash(bands: 1, rows: 1).recall(at: 0.3) - 0.3) < 1e-12)
    #expect(MinHash().recall(at: 0) == 0 && MinHash().recall(at: 1) == 1)
  }

  /// Recall and estimate over many planted pairs, within four standard errors of the theory.
  @Test(arguments: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
  func `planted pairs are found as often as the theory says`(similarity: Double) {
    let functions = MinHash()
    var signer = TextSigner(functions, paragraphWords: 5)
    let pairs = 500
    var found = 0
    var estimates = 0.0
    let shingles = 300
    let common = (2 * Double(shingles) * similarity / (1 + similarity)).rounded()
    let exact = common / (2 * Double(shingles) - common)
    for pair in 0..<pairs {
      let (left, right) = plantedPair(similarity: similarity, shingles: shingles, name: "p\(pair)")
      var batch = SignatureBatch()
      signer.sign(left.utf8Span.span, into: &batch)
      signer.sign(right.utf8Span.span, into: &batch)
      let isFound = (0..<functions.bands).contains { band in
        let keys = functions.keys(ofBand: band, in: batch.minima)
        return keys[0] == keys[1]
      }
      if isFound { found += 1 }
      estimates += functions.similarity(
        Array(batch.minima.prefix(functions.count)),
        Array(batch.minima.suffix(functions.count))
      )
    }
    let expected = functions.recall(at: exact)
    let error = (expected * (1 - expected) / Double(pairs)).squareRoot()
    #expect(abs(Double(found) / Double(pairs) - expected) <= 4 * error + 0.002)
    let spread = (exact * (1 - exact) / Double(functions.count * pairs)).squareRoot()
    #expect(abs(estimates / Double(pairs) - exact) <= 4 * spread)
  }

  @Test func `unrelated texts share no band`() {
    let functions = MinHash()
    var signer = TextSigner(functions, paragraphWords: 5)
    var batch = SignatureBatch()
    var numbers = SeededNumbers(3)
    // Few different words, so that single words and pairs of words do recur.
    for _ in 0..<2_000 {
      let words = (0..<60).map { _ in "w\(numbers.next() % 50)" }
      signer.sign(words.joined(separator: " ").utf8Span.span, into: &batch)
    }
    for band in 0..<functions.bands {
      #expect(Set(functions.keys(ofBand: band, in: batch.minima)).count == 2_000)
    }
  }

  @Test func `a count of minima that is no multiple of eight works`() {
    let functions = MinHash(bands: 3, rows: 3)
    var signer = TextSigner(functions, paragraphWords: 5)
    var batch = SignatureBatch()
    for text in ["a b c d e f", "g h i j k l", "A b c d e f!"] {
      signer.sign(text.utf8Span.span, into: &batch)
    }
    #expect(batch.minima.count == 27)
    for band in 0..<3 {
      let keys = functions.keys(ofBand: band, in: batch.minima)
      #expect(keys[0] == keys[2] && keys[0] != keys[1])
    }
  }
}
