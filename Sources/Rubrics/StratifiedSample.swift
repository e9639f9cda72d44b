// A sample that has some of everything: documents are put into strata, and each stratum gives as many
// as the others as long as it has them.
//
// Equal shares and not proportional ones: what is rare in the pool is what a judge, or a model that
// learns from it, would see least of otherwise. Figures over such a sample are not those of the pool.

package import Documents

/// A document with what it is put into a stratum by.
package struct StratifiedDocument: Sendable {
  /// The identity.
  package let id: DocumentID
  /// Its values of the columns of text, such as its source.
  package let names: [String]
  /// Its values of the columns of numbers, `nil` where there is none.
  package let values: [Double?]

  /// Creates a document.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - names: Its values of the columns of text.
  ///   - values: Its values of the columns of numbers.
  package init(id: DocumentID, names: [String], values: [Double?]) {
    self.id = id
    self.names = names
    self.values = values
  }
}

/// Chooses documents from strata.
package enum StratifiedSample {
  /// Chooses documents, the same for the same documents and seed whatever their order.
  ///
  /// Numbers are put into bins of about as many documents each; equal numbers are in one bin, and
  /// documents without a number in one of their own. A stratum is one combination of names and bins.
  ///
  /// - Parameters:
  ///   - count: The documents to choose; all are chosen where there are no more.
  ///   - documents: The documents, with as many names and values each.
  ///   - bins: The bins of a column of numbers.
  ///   - seed: Different seeds choose independently.
  /// - Returns: The documents chosen.
  /// - Precondition: `count` is not negative and `bins` is positive.
  package static func choose(
    _ count: Int,
    of documents: [StratifiedDocument],
    bins: Int,
    seed: UInt64
  ) -> Set<DocumentID> {
    precondition(count >= 0 && bins > 0, "a sample has a size and bins")
    guard count < documents.count else { return Set(documents.map(\.id)) }
    let edges = (documents.first?.values.indices ?? 0..<0).map { column in
      binEdges(of: documents.compactMap { $0.values[column] }, bins: bins)
    }
    var strata: [[String]: [DocumentID]] = [:]
    for document in documents {
      let places = document.values.enumerated().map { column, value in
        value.map { value in "\(edges[column].count { $0 <= value })" } ?? "none"
      }
      strata[document.names + places, default: []].append(document.id)
    }
    // Of what the strata cannot give alike, those get one more that a seeded order puts first.
    let ordered = strata.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { stratum in
        stratum.value.sorted { ($0.mixed(seed: seed), $0) < ($1.mixed(seed: seed), $1) }
      }
      .sorted { ($0[0].mixed(seed: ~seed), $0[0]) < ($1[0].mixed(seed: ~seed), $1[0]) }
    let quotas = shares(of: count, among: ordered.map(\.count))
    var chosen: Set<DocumentID> = []
    for (ids, quota) in zip(ordered, quotas) { chosen.formUnion(ids.prefix(quota)) }
    return chosen
  }

  /// The numbers at which bins begin, the first bin aside.
  private static func binEdges(of values: [Double], bins: Int) -> [Double] {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return [] }
    var edges: [Double] = []
    for bin in 1..<max(bins, 1) {
      let (product, overflow) = sorted.count.multipliedReportingOverflow(by: bin)
      guard !overflow, product / bins < sorted.count else { break }
      let edge = sorted[product / bins]
      if edge > edges.last ?? sorted[0] { edges.append(edge) }
    }
    return edges
  }

  /// Divides a number as evenly as the parts' sizes allow; the first ones get what is left over.
  private static func shares(of count: Int, among sizes: [Int]) -> [Int] {
    var shares = [Int](repeating: 0, count: sizes.count)
    var left = count
    var open = Array(sizes.indices)
    while left > 0, !open.isEmpty {
      let even = max(left / open.count, 1)
      for index in open where left > 0 {
        let given = min(even, sizes[index] - shares[index], left)
        shares[index] += given
        left -= given
      }
      open.removeAll { shares[$0] == sizes[$0] }
    }
    return shares
  }
}
