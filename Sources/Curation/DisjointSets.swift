/// Documents joined to clusters two by two (union-find; Tarjan 1975), four bytes a document.
///
/// A cluster's root is its first document, whatever the order of the joins.
public struct DisjointSets: Sendable {
  private var parents: [UInt32]

  /// Creates clusters of one document each.
  ///
  /// - Parameter count: The number of documents, below 2³².
  public init(count: Int) {
    precondition(count <= Int(UInt32.max), "documents are numbered by 32 bits")
    parents = (0..<UInt32(count)).map { $0 }
  }

  /// The first document of a document's cluster.
  ///
  /// - Parameter document: The document.
  /// - Returns: The root.
  /// - Complexity: Nearly constant; paths are halved on the way.
  public mutating func root(of document: UInt32) -> UInt32 {
    var current = Int(document)
    while parents[current] != UInt32(current) {
      let above = parents[Int(parents[current])]
      parents[current] = above
      current = Int(above)
    }
    return UInt32(current)
  }

  /// Joins the clusters of two documents.
  ///
  /// - Parameters:
  ///   - left: A document.
  ///   - right: Another.
  public mutating func join(_ left: UInt32, _ right: UInt32) {
    let (a, b) = (root(of: left), root(of: right))
    if a != b { parents[Int(max(a, b))] = min(a, b) }
  }

  /// The clusters of more than one document, each as its documents in order, by their roots.
  ///
  /// - Returns: The documents of all clusters behind one another, and where each cluster begins.
  /// - Complexity: O(n + d log d) for d documents in clusters; 8 bytes for each of these.
  public mutating func clusters() -> (documents: [UInt32], starts: [Int]) {
    var pairs: [UInt64] = []
    var isCounted = [Bool](repeating: false, count: parents.count)
    for document in 0..<UInt32(parents.count) {
      let root = root(of: document)
      guard root != document else { continue }
      if !isCounted[Int(root)] {
        isCounted[Int(root)] = true
        pairs.append(UInt64(root) << 32 | UInt64(root))
      }
      pairs.append(UInt64(root) << 32 | UInt64(document))
    }
    pairs.sort()
    var starts: [Int] = []
    for index in pairs.indices where index == 0 || pairs[index] >> 32 != pairs[index - 1] >> 32 {
      starts.append(index)
    }
    return (pairs.map { UInt32(truncatingIfNeeded: $0) }, starts)
  }
}
