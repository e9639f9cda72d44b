// How the values of a column are spread, group by group.

import Documents
import Files
import Foundation
import Settings
public import Storage

/// The values of a column in bins that all groups share.
public struct Histogram: Sendable, Encodable, Equatable {
  /// The documents with one value of the column that groups them.
  public struct Group: Sendable, Encodable, Equatable {
    /// The value.
    public let name: String
    /// The documents.
    public internal(set) var documents = 0
    /// The documents in each bin.
    public internal(set) var counts: [Int] = []
    /// The documents with a number below the first bin.
    public internal(set) var below = 0
    /// The documents with a number above the last bin.
    public internal(set) var above = 0
    /// The documents without a value.
    public internal(set) var noValue = 0
    /// The documents whose value is a text.
    public internal(set) var texts = 0
    /// The mean of the numbers, or `nil` where there is none.
    public internal(set) var mean: Double?
    /// The number that half of the numbers do not pass.
    public internal(set) var median: Double?
    /// The smallest number.
    public internal(set) var minimum: Double?
    /// The largest number.
    public internal(set) var maximum: Double?
  }

  /// The column.
  public let column: String
  /// The column that groups the documents.
  public let by: String
  /// Where the bins begin and end, one more than there are bins; a bin holds what is at least its
  /// beginning and below its end.
  public let edges: [Double]
  /// The groups, by name.
  public let groups: [Group]

  /// The histogram as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }

  /// The most groups that can be told apart.
  public static let mostGroups = 50

  /// Counts a column of a workspace.
  ///
  /// The bins reach over all but the outermost hundredth of the numbers of all groups together, on
  /// both sides half of it, in steps that are 1, 2, 2.5 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - column: A column of `corpus`.
  ///   - by: The column that groups the documents.
  ///   - bins: The most bins, at least 1.
  ///   - filter: An SQLite expression that documents must meet, or `nil`.
  ///   - workspace: The workspace.
  /// - Throws: ``Failure`` where a column or filter cannot be used, or there are too many groups.
  public init(
    of column: String,
    by: String = "source",
    bins: Int = 20,
    filter: String? = nil,
    in workspace: Workspace
  ) throws {
    precondition(bins > 0, "a histogram has bins")
    let names = try workspace.index.columns(
      named: [column, by],
      place: "the histogram",
      nearest: nearestName
    )
    var values: [String: [Double]] = [:]
    var groups: [String: Group] = [:]
    let query = CorpusQuery(columns: names, filter: filter, place: "the histogram's filter")
    try workspace.index.forEachDocument(of: query) { row in
      let name = row[1].map(groupName) ?? "no value"
      var group = groups[name] ?? Group(name: name)
      group.documents += 1
      switch row[0] {
      case .integer(let value): values[name, default: []].append(Double(value))
      case .number(let value): values[name, default: []].append(value)
      case nil: group.noValue += 1
      default: group.texts += 1
      }
      groups[name] = group
      guard groups.count <= Histogram.mostGroups else {
        throw Failure(
          .usage,
          what: "the column `\(names[1])` has more than \(Histogram.mostGroups) values",
          place: "the histogram",
          remedy: "group by a column with fewer, as `source`"
        )
      }
    }
    self.column = names[0]
    self.by = names[1]
    let edges = histogramEdges(of: values.values.joined().sorted(), bins: bins)
    self.edges = edges
    self.groups = groups.values.sorted { $0.name < $1.name }.map { group in
      var group = group
      group.fill(values[group.name]?.sorted() ?? [], edges)
      return group
    }
  }
}

extension Histogram.Group {
  /// Counts sorted numbers.
  fileprivate mutating func fill(_ numbers: [Double], _ edges: [Double]) {
    counts = Array(repeating: 0, count: max(0, edges.count - 1))
    guard let first = numbers.first, let last = numbers.last, let end = edges.last else { return }
    minimum = first
    maximum = last
    median = numbers[(numbers.count - 1) / 2]
    let count = Double(numbers.count)
    var sum = numbers.reduce(0, +) / count
    // Only where the sum is too large, since each quotient is rounded.
    if !sum.isFinite { sum = numbers.reduce(0) { $0 + $1 / count } }
    mean = sum.isFinite ? sum : nil
    var bin = 0
    for number in numbers {
      if number < edges[0] {
        below += 1
      } else if number >= end {
        above += 1
      } else {
        while number >= edges[bin + 1] { bin += 1 }
        counts[bin] += 1
      }
    }
  }
}

/// The edges of bins for sorted numbers; none where there is no number.
func histogramEdges(of numbers: [Double], bins: Int) -> [Double] {
  guard let smallest = numbers.first else { return [] }
  let outside = numbers.count / 200
  let low = numbers[outside]
  let high = numbers[numbers.count - 1 - outside]
  // Halves, since the whole range of a double is more than a double.
  let width = (high / 2 - low / 2) / Double(bins) * 2
  guard width > 0, width.isFinite else { return [low, (low + 1) > low ? low + 1 : low.nextUp] }
  let isWhole = numbers.allSatisfy { $0 == $0.rounded() }
  let power = pow(10, floor(log10(isWhole ? max(1, width) : width)))
  for factor in [1, 2, 2.5, 5, 10, 20, 25, 50, 100] {
    let step = power * factor
    // Whole numbers in bins of whole numbers.
    guard step >= width, !isWhole || step == step.rounded() else { continue }
    let edges = evenEdges(from: low, over: high, step: step, smallest: smallest)
    if let last = edges.last, last > high, edges.count <= bins + 1 { return edges }
  }
  // One bin on both sides of zero, or numbers that no step tells apart.
  return [low, isWhole && high + 1 > high ? high + 1 : high.nextUp]
}

/// Edges at multiples of a step, from the last at or below `low` to the first above `high`.
private func evenEdges(
  from low: Double,
  over high: Double,
  step: Double,
  smallest: Double
) -> [Double] {
  var start = (low / step).rounded(.down) * step
  if !start.isFinite || start + step == start { start = smallest }
  var edges = [start]
  while let last = edges.last, last <= high, edges.count <= 1_100 {
    // Halves, as above.
    let next = 2 * (start / 2 + Double(edges.count) * (step / 2))
    guard next.isFinite, next > last else { break }
    edges.append(next)
  }
  return edges
}

/// A value of the column that groups the documents, as a name.
private func groupName(_ value: MetadataValue) -> String {
  switch value {
  case .text(let text): text
  case .integer(let number): "\(number)"
  case .number(let number): "\(number)"
  default: ""
  }
}
