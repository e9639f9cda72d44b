public import Documents

/// Which document of a cluster of duplicates stays.
public enum KeeperRule: Sendable, Equatable {
  /// The one with the most words.
  case longest
  /// The first one in the order of preferred sources, then of the others by name, then in its source.
  case first
  /// The one with the highest value in a column; one without a value comes last.
  case column(String)

  /// Reads the rule from its name in a recipe.
  ///
  /// - Parameter name: `longest`, `first`, or a column.
  public init(_ name: String) {
    self =
      switch name {
      case "longest": .longest
      case "first": .first
      default: .column(name)
      }
  }

  /// The rule in words, as the index keeps it beside each cluster.
  ///
  /// - Parameter sources: The preferred sources in order.
  /// - Returns: One line without a full stop.
  public func text(preferring sources: [String]) -> String {
    let preference =
      sources.isEmpty ? "" : "then the first source of " + sources.joined(separator: ", ")
    let parts: [String] =
      switch self {
      case .longest: ["the most words", preference, "then the lowest id"]
      case .first:
        [
          sources.isEmpty ? "" : "the first source of " + sources.joined(separator: ", "),
          sources.isEmpty ? "the first source by name" : "then the first source by name",
          "then the first in its source",
        ]
      case .column(let name): ["the highest \(name)", preference, "then the lowest id"]
      }
    return parts.filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

/// A value of a column, ordered as SQLite orders: nothing, numbers, texts by their bytes.
public enum KeeperValue: Sendable, Equatable, Comparable {
  case nothing
  case number(Double)
  case text(String)

  /// Whether one value stands before another.
  ///
  /// - Parameters:
  ///   - left: One value.
  ///   - right: The other.
  /// - Returns: Whether `left` is the lower one.
  public static func < (left: KeeperValue, right: KeeperValue) -> Bool {
    switch (left, right) {
    case (.number(let a), .number(let b)): a < b
    case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    case (.nothing, .number), (.nothing, .text), (.number, .text): true
    default: false
    }
  }
}

/// What the choice of a keeper knows of a document.
public struct KeeperCandidate: Sendable, Equatable {
  /// The identity.
  public let id: DocumentID
  /// The number in the order of sources by name and documents in each.
  public let document: UInt32
  /// The words of the text.
  public let words: Int
  /// The source's place in the list of preferred sources; the list's length for one that is not in it.
  public let rank: Int
  /// The value of the rule's column.
  public let value: KeeperValue

  /// Creates a candidate.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - document: The number in the order of sources and documents.
  ///   - words: The words of the text.
  ///   - rank: The source's place in the list of preferred sources.
  ///   - value: The value of the rule's column.
  public init(
    id: DocumentID,
    document: UInt32,
    words: Int,
    rank: Int,
    value: KeeperValue = .nothing
  ) {
    self.id = id
    self.document = document
    self.words = words
    self.rank = rank
    self.value = value
  }
}

extension KeeperRule {
  /// Chooses the keeper of a cluster; the order of the candidates does not matter.
  ///
  /// - Parameter candidates: The cluster's documents, at least one.
  /// - Returns: The keeper's place among them.
  public func keeper(of candidates: [KeeperCandidate]) -> Int {
    precondition(!candidates.isEmpty, "a cluster has documents")
    var best = 0
    for index in candidates.indices.dropFirst() where prefers(candidates[index], candidates[best]) {
      best = index
    }
    return best
  }

  private func prefers(_ left: KeeperCandidate, _ right: KeeperCandidate) -> Bool {
    switch self {
    case .longest where left.words != right.words: left.words > right.words
    case .column where left.value != right.value: left.value > right.value
    case .first: (left.rank, left.document) < (right.rank, right.document)
    default: (left.rank, left.id) < (right.rank, right.id)
    }
  }
}
