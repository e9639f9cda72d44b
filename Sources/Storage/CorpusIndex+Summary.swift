import GRDB

/// What the index holds of a source, in sum.
public struct SourceSummary: Sendable, Codable, Equatable {
  /// The source's name.
  public let name: String
  /// The reader's name.
  public let format: String
  /// The number of documents.
  public let documents: Int
  /// Their words.
  public let words: Int
  /// Their bytes.
  public let bytes: Int
  /// The rejections by reason.
  public let rejections: [String: Int]
}

/// What the index holds of a selection's split and source, in sum.
public struct SelectionSummary: Sendable, Codable, Equatable {
  /// The selection's name.
  public let name: String
  /// The source's name.
  public let source: String
  /// The split.
  public let split: String
  /// The number of documents.
  public let documents: Int
  /// Their words kept.
  public let words: Int
}

/// What the index holds, in sum, at one moment.
public struct IndexSummary: Sendable {
  /// The sources, by name.
  public let sources: [SourceSummary]
  /// The selections, by split and source.
  public let selections: [SelectionSummary]
  /// The finished stages, in the order of finishing.
  public let stages: [StageRecord]
}

extension CorpusIndex {
  /// Everything that is told in sum, as it stands between two transactions of a writer.
  ///
  /// - Returns: The summary.
  /// - Throws: ``Failure`` where the index cannot be read.
  public func summary() throws -> IndexSummary {
    try read { database in
      IndexSummary(
        sources: try sourceSummaries(in: database),
        selections: try selectionSummaries(in: database),
        stages: try stages(in: database)
      )
    }
  }

  /// Sums per source.
  ///
  /// - Returns: One summary a source, by name.
  /// - Throws: ``Failure`` where the index cannot be read.
  public func sourceSummaries() throws -> [SourceSummary] { try read(sourceSummaries(in:)) }

  private func sourceSummaries(in database: Database) throws -> [SourceSummary] {
    let rejections = try Row.fetchAll(
      database,
      sql: "SELECT source, reason, count(*) FROM rejection GROUP BY source, reason"
    )
    return try Row.fetchAll(
      database,
      sql: """
        SELECT name, format, count(id), coalesce(sum(words), 0), coalesce(sum(bytes), 0)
        FROM source LEFT JOIN document ON source = name GROUP BY name ORDER BY name
        """
    ).map { row in
      let name: String = row[0]
      var reasons: [String: Int] = [:]
      for rejection in rejections where rejection[0] as String == name {
        reasons[rejection[1]] = rejection[2]
      }
      return SourceSummary(
        name: name,
        format: row[1],
        documents: row[2],
        words: row[3],
        bytes: row[4],
        rejections: reasons
      )
    }
  }

  /// Sums per selection, split and source.
  ///
  /// - Returns: One summary for each that has documents.
  /// - Throws: ``Failure`` where the index cannot be read.
  public func selectionSummaries() throws -> [SelectionSummary] {
    try read(selectionSummaries(in:))
  }

  private func selectionSummaries(in database: Database) throws -> [SelectionSummary] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT s.selection, d.source, s.split, count(*), sum(s.words)
        FROM selectedDocument s JOIN document d ON d.id = s.document
        WHERE s.split IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 DESC
        """
    ).map {
      SelectionSummary(name: $0[0], source: $0[1], split: $0[2], documents: $0[3], words: $0[4])
    }
  }
}
