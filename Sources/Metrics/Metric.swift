// What a metric is: numbers that are computed together from one document's text, with a version.
//
// A metric becomes a table of the index, one column a number, one row a document. It knows nothing of
// files, shards or the index; word lists that it needs are given to it as values. To add one, write a
// file that conforms to `Metric` and add a row to `allMetrics`.

/// What a metric says of a text in one column.
public enum MetricValue: Sendable, Equatable {
  /// A count.
  case integer(Int)
  /// A finite number.
  case real(Double)
  /// No value, with the reason, such as `fewer than 30 sentences`; a NULL in the index.
  case missing(String)
}

/// One column of a metric.
public struct MetricColumn: Sendable, Equatable {
  /// What the column holds.
  public enum Kind: String, Sendable {
    /// Counts.
    case integer
    /// Numbers that are not whole.
    case real
  }

  /// The column's name in lower camel case, unique among all metrics, such as `fleschKincaidGrade`.
  public let name: String
  /// What it holds.
  public let kind: Kind
  /// One sentence that says what the number is, with its unit and, for a formula, its source.
  public let summary: String

  /// Creates a column.
  ///
  /// - Parameters:
  ///   - name: The column's name in lower camel case.
  ///   - kind: What it holds.
  ///   - summary: One sentence that says what the number is.
  public init(_ name: String, _ kind: Kind, _ summary: String) {
    self.name = name
    self.kind = kind
    self.summary = summary
  }
}

/// Numbers that are computed together from one document's text.
public protocol Metric: Sendable {
  /// The metric's name in lower camel case, which is also its table's, such as `readability`.
  var name: String { get }
  /// Raised whenever the same text would give another number.
  var version: Int { get }
  /// One sentence that says what the numbers are for.
  var summary: String { get }
  /// The columns, in the order of the values.
  var columns: [MetricColumn] { get }
  /// The names of the word lists that it reads where the user supplies them; ``MetricResources/pool``
  /// among them asks for ``MetricResources/poolRanks``, which are counted before it measures.
  var wordLists: [String] { get }

  /// Makes what measures texts one after another; each worker has its own, with its own scratch memory.
  ///
  /// - Parameter resources: What the user or the pool supplies.
  /// - Returns: The measurer.
  func makeMeasurer(_ resources: MetricResources) -> any Measurer
}

extension Metric {
  /// No word lists.
  public var wordLists: [String] { [] }
}

/// Measures texts one after another, with scratch memory that is used again.
///
/// Sendable, so that the memory goes from one piece of work to the next, whichever thread does it.
public protocol Measurer: Sendable {
  /// Measures one text.
  ///
  /// Defined for every text, the empty one too, in time that grows with the text's length and no faster.
  ///
  /// - Parameters:
  ///   - text: The text as UTF-8.
  ///   - scan: The same text's words, sentences and counts.
  ///   - values: Receives one value a column, in the order of the metric's columns; it comes empty.
  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  )
}

/// What metrics need beside the text.
public struct MetricResources: Sendable {
  /// The name of the word list that nobody supplies: the pool's most frequent words with their ranks,
  /// from 1; at most ``poolWords`` of them.
  public static let pool = "pool"
  /// The most words of the list ``pool``.
  public static let poolWords = 3_000

  /// Word lists by name: a word in lower case with its number (an age, or 1 for a mere list).
  public var wordLists: [String: [String: Double]]
  /// The ranks, from 1, of the pool's most frequent words by their keys; nil where none are counted.
  ///
  /// By ``Word/key`` and not by text: what are two words to a scan may be one text to Swift.
  public var poolRanks: [UInt64: Double]?

  /// Creates resources.
  ///
  /// - Parameters:
  ///   - wordLists: Word lists by name.
  ///   - poolRanks: The pool's most frequent words by key, or nil.
  public init(wordLists: [String: [String: Double]] = [:], poolRanks: [UInt64: Double]? = nil) {
    self.wordLists = wordLists
    self.poolRanks = poolRanks
  }
}
