// Two selections side by side: `blalm compare`.

import Files
import GRDB

/// Two selections side by side.
public struct SelectionComparison: Sendable, Encodable {
  /// Documents of train that one or both selections have.
  public struct Overlap: Sendable, Encodable, Equatable {
    /// How many documents.
    public let documents: Int
    /// Their words, as the first of the two that has them keeps them.
    public let words: Int
  }

  /// The mean of a column over the documents of train that have a number in it.
  public struct Mean: Sendable, Encodable, Equatable {
    /// The source, or `nil` for all.
    public let source: String?
    /// The column of `corpus`.
    public let column: String
    /// The mean in the first selection, or `nil` where no document has a number.
    public let first: Double?
    /// The mean in the second selection, or `nil` where no document has a number.
    public let second: Double?
  }

  /// The first selection's name.
  public let first: String
  /// The second selection's name.
  public let second: String
  /// Both selections' documents and words by split and source.
  public let parts: [SelectionSummary]
  /// What both train on.
  public let both: Overlap
  /// What only the first trains on.
  public let onlyFirst: Overlap
  /// What only the second trains on.
  public let onlySecond: Overlap
  /// The means of columns, over all sources and by source.
  public let means: [Mean]
}

/// The columns that say where a document lies, whose means say nothing.
private let placeColumns: Set<String> = [
  "ordinal", "line", "frameOffset", "frameLength", "frameLine",
]

extension CorpusIndex {
  /// Puts two selections side by side.
  ///
  /// - Parameters:
  ///   - first: A selection's name.
  ///   - second: Another one's.
  /// - Returns: The comparison.
  /// - Throws: ``Failure`` where one has not been made or the index cannot be read.
  public func compare(_ first: String, _ second: String) throws -> SelectionComparison {
    for name in [first, second] where try settings(ofSelection: name) == nil {
      throw Failure(
        what: "there is no selection `\(name)`",
        place: path,
        remedy: "make it with `blalm select --name \(name)`, or name another; `blalm status` lists "
          + "them"
      )
    }
    let parts = try selectionSummaries().filter { $0.name == first || $0.name == second }
    let columns = try corpusColumns().filter { !placeColumns.contains($0) }
    let firstMeans = try means(of: columns, in: first)
    let secondMeans = try means(of: columns, in: second)
    let sources: [String?] = [nil] + Set(parts.map(\.source)).sorted()
    var means: [SelectionComparison.Mean] = []
    for source in sources {
      for (index, column) in columns.enumerated() {
        let values = [firstMeans, secondMeans].map { $0[source]?[index] ?? nil }
        guard values.contains(where: { $0 != nil }) else { continue }
        means.append(
          SelectionComparison.Mean(
            source: source,
            column: column,
            first: values[0],
            second: values[1]
          )
        )
      }
    }
    return SelectionComparison(
      first: first,
      second: second,
      parts: parts,
      both: try overlap(of: first, with: second, shared: true),
      onlyFirst: try overlap(of: first, with: second, shared: false),
      onlySecond: try overlap(of: second, with: first, shared: false),
      means: means
    )
  }

  private func overlap(
    of one: String,
    with other: String,
    shared: Bool
  ) throws -> SelectionComparison.Overlap {
    try read { database in
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT count(*), coalesce(sum(words), 0) FROM selectedDocument a
          WHERE selection = ? AND split = 'train' AND \(shared ? "" : "NOT") EXISTS (
            SELECT 1 FROM selectedDocument b
            WHERE b.selection = ? AND b.document = a.document AND b.split = 'train')
          """,
        arguments: [one, other]
      )
      return SelectionComparison.Overlap(documents: row?[0] ?? 0, words: row?[1] ?? 0)
    }
  }

  /// The means of columns over the documents of train, of all sources (`nil`) and of each.
  private func means(of columns: [String], in selection: String) throws -> [String?: [Double?]] {
    func mean(_ column: String) -> String {
      let name = "c." + quotedName(column)
      return "avg(CASE WHEN typeof(\(name)) IN ('integer', 'real') THEN \(name) END)"
    }
    let figures = columns.map(mean).joined(separator: ", ")
    let tables = "selectedDocument s JOIN corpus c ON c.id = s.document"
    let condition = "s.selection = ? AND s.split = 'train'"
    return try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT NULL, \(figures) FROM \(tables) WHERE \(condition)
          UNION ALL
          SELECT c.source, \(figures) FROM \(tables) WHERE \(condition) GROUP BY c.source
          """,
        arguments: [selection, selection]
      )
      return Dictionary(
        uniqueKeysWithValues: rows.map { row in
          (row[0] as String?, columns.indices.map { row[$0 + 1] as Double? })
        }
      )
    }
  }
}
