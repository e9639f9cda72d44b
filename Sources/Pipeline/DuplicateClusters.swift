import Curation
import Documents
import Storage

/// The clusters of duplicates with what the index says of their documents.
struct DuplicateClusters {
  /// The numbers of the documents, cluster by cluster.
  let documents: [UInt32]
  /// What each of these documents is compared by.
  private(set) var records: [SignedDocument]
  /// The keeper of each cluster, as a place among the documents.
  private(set) var keepers: [Int] = []
  private let starts: [Int]

  /// The number of clusters.
  var count: Int { starts.count }

  /// The places of a cluster's documents.
  func members(of cluster: Int) -> Range<Int> {
    starts[cluster]..<(cluster + 1 < starts.count ? starts[cluster + 1] : documents.count)
  }

  /// Looks up the documents of clusters and chooses the keepers.
  ///
  /// - Parameters:
  ///   - clusters: The documents of all clusters, and where each cluster begins.
  ///   - files: What the documents are compared by.
  ///   - rule: Which document stays.
  ///   - ranks: Each source's place in the list of preferred sources.
  ///   - index: Has the values of the rule's column.
  /// - Throws: ``Failure`` where a working file or the index cannot be read.
  init(
    _ clusters: (documents: [UInt32], starts: [Int]),
    files: SignatureFiles,
    rule: KeeperRule,
    ranks: [Int],
    index: CorpusIndex
  ) throws {
    (documents, starts) = clusters
    records = Array(repeating: SignedDocument.none, count: documents.count)
    try fetchRecords(from: files)
    var values: [KeeperValue] = []
    if case .column(let name) = rule {
      values.reserveCapacity(documents.count)
      try index.forEachValue(of: name, for: records.lazy.map(\.id)) { value in
        switch value {
        case .nothing: values.append(.nothing)
        case .number(let number): values.append(.number(number))
        case .text(let text): values.append(.text(text))
        }
      }
    }
    for cluster in 0..<count {
      let members = members(of: cluster)
      let candidates = members.map { place in
        KeeperCandidate(
          id: records[place].id,
          document: documents[place],
          words: Int(records[place].words),
          rank: ranks[Int(records[place].source)],
          value: values.isEmpty ? .nothing : values[place]
        )
      }
      keepers.append(members.lowerBound + rule.keeper(of: candidates))
    }
  }

  /// Reads the records in the order in which they lie.
  private mutating func fetchRecords(from files: SignatureFiles) throws {
    let places = documents.indices.sorted { documents[$0] < documents[$1] }
    var next = 0
    try files.forEachPiece { piece, first in
      while next < places.count, Int(documents[places[next]]) < first + piece.count {
        records[places[next]] = piece[Int(documents[places[next]]) - first]
        next += 1
      }
    }
  }
}
