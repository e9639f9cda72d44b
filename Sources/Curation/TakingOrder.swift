/// The order in which documents are taken until a budget is met.
///
/// As text: `random`, `source`, a column such as `score` (small values first), or a column with a
/// minus sign such as `-score` (large values first).
public enum TakingOrder: Sendable, Equatable, Codable, CustomStringConvertible {
  /// A seeded order that depends on each document's identity alone.
  case random
  /// The order of the source's files.
  case source
  /// The order of a column's values; documents without one come last, equal ones by identity.
  case column(String, descending: Bool)

  /// Reads an order.
  ///
  /// - Parameter text: What ``description`` writes; `nil` where a column's name is missing.
  public init?(_ text: String) {
    switch text {
    case "random": self = .random
    case "source": self = .source
    default:
      let name = text.hasPrefix("-") ? String(text.dropFirst()) : text
      guard !name.isEmpty else { return nil }
      self = .column(name, descending: text.hasPrefix("-"))
    }
  }

  /// The order as text.
  public var description: String {
    switch self {
    case .random: "random"
    case .source: "source"
    case .column(let name, let descending): descending ? "-" + name : name
    }
  }

  /// The column that the order goes by, or `nil`.
  public var column: String? {
    if case .column(let name, _) = self { name } else { nil }
  }

  /// Reads an order from its text.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` where the text is no order.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let order = TakingOrder(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "an order is random, source, a column, or - and a column"
      )
    }
    self = order
  }

  /// Writes the order as text.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Puts candidates in ascending order of a key, those of equal keys in an order of their own.
///
/// - Parameters:
///   - candidates: The candidates' indices.
///   - key: The key of a candidate.
///   - precedes: Whether one candidate of equal key stands before another.
/// - Returns: The indices in order.
/// - Complexity: O(n log n).
public func linedUp(
  _ candidates: [Int],
  by key: (Int) -> UInt64,
  ties precedes: (Int, Int) -> Bool
) -> [Int] {
  // The keys lie beside the indices, so that sorting calls no closure but for ties.
  var pairs: [(key: UInt64, index: Int)] = []
  pairs.reserveCapacity(candidates.count)
  for index in candidates { pairs.append((key(index), index)) }
  sortByKey(&pairs)
  var result: [Int] = []
  result.reserveCapacity(pairs.count)
  var start = 0
  while start < pairs.count {
    var end = start + 1
    while end < pairs.count, pairs[end].key == pairs[start].key { end += 1 }
    if end - start == 1 {
      result.append(pairs[start].index)
    } else {
      result += pairs[start..<end].map(\.index).sorted(by: precedes)
    }
    start = end
  }
  return result
}

private func sortByKey(_ pairs: inout [(key: UInt64, index: Int)]) {
  pairs.sort { ($0.key, $0.index) < ($1.key, $1.index) }
}
