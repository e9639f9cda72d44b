// What the index knows of a metric: a table of its own, one row a document, one column a number.
//
// Nothing here computes; what a metric is and how it reads a text is the room Metrics'. The tables are
// made and remade as metrics come, change and go, so that they are no part of the migrations.

package import Documents
import GRDB

/// A metric as the index sees it.
public struct MetricTable: Sendable, Equatable {
  /// One of its numbers.
  public struct Column: Sendable, Equatable {
    /// The column's name, unique among all metrics.
    public let name: String
    /// Whether it holds whole numbers.
    public let isInteger: Bool
    /// One sentence that says what the number is.
    public let summary: String

    /// Creates a column.
    ///
    /// - Parameters:
    ///   - name: The column's name.
    ///   - isInteger: Whether it holds whole numbers.
    ///   - summary: One sentence that says what the number is.
    public init(name: String, isInteger: Bool, summary: String) {
      self.name = name
      self.isInteger = isInteger
      self.summary = summary
    }
  }

  /// The metric's name, which is also its table's.
  public let name: String
  /// The version of its rules.
  public let version: Int
  /// One sentence that says what its numbers are for.
  public let summary: String
  /// What else decides its numbers, as JSON with sorted keys.
  public let settings: String
  /// Its columns.
  public let columns: [Column]

  /// Describes a metric.
  ///
  /// - Parameters:
  ///   - name: The metric's name.
  ///   - version: The version of its rules.
  ///   - summary: One sentence that says what its numbers are for.
  ///   - settings: What else decides its numbers, as JSON with sorted keys.
  ///   - columns: Its columns.
  /// - Precondition: No name is one that the index uses itself.
  public init(name: String, version: Int, summary: String, settings: String, columns: [Column]) {
    precondition(
      !MetricTable.takenTables.contains(name.lowercased())
        && columns.allSatisfy { !MetricTable.takenColumns.contains($0.name.lowercased()) },
      "a metric or column has a name that the index uses itself"
    )
    self.name = name
    self.version = version
    self.summary = summary
    self.settings = settings
    self.columns = columns
  }

  /// The names of tables and views that no metric may have, in lower case.
  package static var takenTables: Set<String> {
    Set(schemaDescriptions.map { $0.name.lowercased() })
  }

  /// The names of columns that no metric may have, in lower case: those of `corpus` that are there
  /// without any source or metric, and those of a metric's table that hold no number.
  package static var takenColumns: Set<String> {
    let described = schemaDescriptions.filter { $0.name == "document" || $0.name == "corpus" }
    return Set(described.flatMap { $0.columns.map { $0.key.lowercased() } })
      .union(["document", "missing", "rowid", "oid", "_rowid_"])
  }

  /// The SQL that makes the table.
  var creation: String {
    let numbers = columns.map { "\(quotedName($0.name)) \($0.isInteger ? "INTEGER" : "REAL")" }
    return """
      CREATE TABLE \(quotedName(name)) (
        document TEXT NOT NULL PRIMARY KEY REFERENCES measuredText (document) ON DELETE CASCADE,
        \((numbers + ["missing INTEGER"]).joined(separator: ",\n  "))
      ) STRICT, WITHOUT ROWID;
      """
  }
}

/// What the index holds of a metric.
package struct MetricState: Sendable, Equatable {
  /// The metric's name.
  package let name: String
  /// The version of the rules that measured.
  package let version: Int
  /// What else decided the numbers, as JSON.
  package let settings: String
  /// How each source was divided into sentences, as JSON; `nil` while documents are being measured.
  package let segmentation: String?
  /// The digest of the sources of which every document was measured; `nil` while some are not.
  package let sources: String?
  /// The columns' names.
  package let columns: [String]
}

/// Numbers of documents on their way into the index.
package struct MeasurementBatch: Sendable {
  /// The numbers of one metric.
  package struct Rows: Sendable {
    /// The documents.
    package var documents: [DocumentID] = []
    /// For each document a value for each column, NaN where there is none.
    package var values: [Double] = []
    /// For each document the pattern of what is missing, or `nil` where nothing is.
    package var patterns: [Int?] = []

    /// Creates no rows.
    package init() {}
  }

  /// Which columns have no value, and why.
  package struct Missing: Sendable, Hashable {
    /// The column's name.
    package let column: String
    /// Why it has no value.
    package let reason: String

    /// Creates a column without a value.
    package init(column: String, reason: String) {
      self.column = column
      self.reason = reason
    }
  }

  /// The documents of which nothing was measured before, with how they were divided into sentences.
  package var texts: [(document: DocumentID, segmentation: String)] = []
  /// The rows of each metric, in the order of the metrics.
  package var metrics: [Rows]
  /// What is missing in a pattern, by its number, for each metric.
  package var patterns: [[Int: [Missing]]]

  /// Creates a batch without rows.
  ///
  /// - Parameter metrics: The number of metrics.
  package init(metrics: Int) {
    self.metrics = Array(repeating: Rows(), count: metrics)
    patterns = Array(repeating: [:], count: metrics)
  }

  /// Appends what another piece of work has measured.
  ///
  /// - Parameter other: A batch of the same metrics.
  package mutating func append(_ other: MeasurementBatch) {
    texts += other.texts
    for index in metrics.indices {
      metrics[index].documents += other.metrics[index].documents
      metrics[index].values += other.metrics[index].values
      metrics[index].patterns += other.metrics[index].patterns
      patterns[index].merge(other.patterns[index]) { first, _ in first }
    }
  }

  /// The number of a pattern: it depends on nothing but the metric and what is missing, so that the
  /// same documents give the same rows whatever was measured before.
  ///
  /// - Parameters:
  ///   - metric: The metric's name.
  ///   - missing: What is missing, in the order of the columns.
  /// - Returns: A number of 47 bits, which SQLite keeps in six bytes.
  package static func pattern(of metric: String, _ missing: [Missing]) -> Int {
    var hash = SHA256()
    hash.update(metric)
    for value in missing {
      hash.update(bytes: [0])
      hash.update(value.column)
      hash.update(bytes: [0])
      hash.update(value.reason)
    }
    return Int(hash.finish().word(0) >> 17)
  }
}
