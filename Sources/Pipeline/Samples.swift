// Documents of a workspace as rows of columns, for people and for other programs.

public import Documents
import Files
import Settings
public import Storage

/// Which documents to show, and which of their columns.
public struct SampleQuery: Sendable, Equatable {
  /// The columns of `corpus`.
  public var columns: [String]
  /// The sources; all where there are none.
  public var sources: [String]
  /// An SQLite expression that documents must meet, or `nil`.
  public var filter: String?
  /// A column to sort by, or `nil` for the sources' own order.
  ///
  /// Small values come first; with `-` before the column, large values do.
  public var sort: String?
  /// The most documents, or `nil` for all.
  public var limit: Int?

  /// The columns that are shown where none are named.
  public static let usualColumns = ["id", "source", "words", "preview"]

  /// Creates a query.
  ///
  /// - Parameters:
  ///   - columns: The columns of `corpus`.
  ///   - sources: The sources; all where there are none.
  ///   - filter: An SQLite expression, or `nil`.
  ///   - sort: A column to sort by, or `nil`.
  ///   - limit: The most documents, or `nil` for all.
  public init(
    columns: [String] = SampleQuery.usualColumns,
    sources: [String] = [],
    filter: String? = nil,
    sort: String? = nil,
    limit: Int? = nil
  ) {
    self.columns = columns
    self.sources = sources
    self.filter = filter
    self.sort = sort
    self.limit = limit
  }
}

extension Workspace {
  /// Hands out documents as rows of columns.
  ///
  /// - Parameters:
  ///   - query: Which documents, and which columns.
  ///   - begin: Receives the columns' names, before any document.
  ///   - body: Receives each document's values, `nil` where there is none; what it throws ends it.
  /// - Throws: ``Failure`` where a column, source or filter cannot be used; what the functions throw.
  public func forEachSample(
    of query: SampleQuery,
    begin: ([String]) throws -> Void,
    _ body: ([MetadataValue?]) throws -> Void
  ) throws {
    let place = "the samples of \(path)"
    let sources = try index.sourceNames()
    for source in query.sources where !sources.contains(source) {
      throw Failure(
        .usage,
        what: "`\(source)` is no source of the workspace",
        place: place,
        remedy: sources.isEmpty
          ? "run `blalm ingest` first" : "name one of \(sources.joined(separator: ", "))"
      )
    }
    let columns = try index.columns(
      named: query.columns,
      place: place,
      nearest: nearestName
    )
    var sort: (column: String, descending: Bool)?
    if let given = query.sort {
      let isDescending = given.hasPrefix("-")
      let name = isDescending ? String(given.dropFirst()) : given
      sort = (try index.columns(named: [name], place: place, nearest: nearestName)[0], isDescending)
    }
    try begin(columns)
    try index.forEachDocument(
      of: CorpusQuery(
        columns: columns,
        sources: query.sources,
        filter: query.filter,
        sort: sort,
        limit: query.limit,
        place: place
      ),
      body
    )
  }
}
