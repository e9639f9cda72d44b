package import Documents
import GRDB

/// Replaces everything that the index and the shards hold of one source, in one transaction.
///
/// The rows go in as the frames close, so that memory stays bounded; nothing is seen by others, and
/// nothing remains after an error, until the shards are durable and have their names.
package struct SourceReplacement: ~Copyable {
  /// How many documents and rejections went in.
  package private(set) var documents = 0
  /// The rejections.
  package private(set) var rejections = 0

  private let database: Database
  private let source: String
  private let documentInsertion: Statement
  private let rejectionInsertion: Statement
  private var attributeInsertion: AttributeInsertion
  private var writer: ShardWriter
  private var pending: [(columns: PreparedDocument.Columns, ordinal: Int)] = []

  fileprivate init(
    database: Database,
    source: String,
    record: SourceRecord,
    folder: String
  ) throws {
    try database.execute(sql: "DELETE FROM source WHERE name = ?", arguments: [source])
    let isReplacement = database.changesCount > 0
    try database.execute(
      sql: "INSERT INTO source VALUES (?, ?, ?)",
      arguments: [source, record.format, record.options]
    )
    for file in record.files {
      try database.execute(
        sql: "INSERT INTO sourceFile VALUES (?, ?, ?)",
        arguments: [source, file.file, file.sha256]
      )
    }
    let documentInsertion = try database.makeStatement(
      sql: "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    let rejectionInsertion = try database.makeStatement(
      sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?)"
    )
    let attributeInsertion = try AttributeInsertion(database, isReplacement: isReplacement)
    self.database = database
    self.source = source
    self.documentInsertion = documentInsertion
    self.rejectionInsertion = rejectionInsertion
    self.attributeInsertion = attributeInsertion
    writer = ShardWriter(folder: folder, source: source)
  }

  /// Appends a document; its identity must not have occurred before in this source.
  ///
  /// - Parameter document: The document.
  /// - Throws: ``Failure`` where the disk is full.
  package mutating func append(_ document: PreparedDocument) throws {
    pending.append((document.columns, documents))
    documents += 1
    try insert(places: try writer.append(line: document.line))
  }

  /// Appends a rejection.
  ///
  /// - Parameter rejection: The rejection.
  /// - Throws: ``Failure`` where the disk is full.
  package mutating func append(_ rejection: Rejection) throws {
    try rejectionInsertion.execute(arguments: [
      source, rejections, rejection.reason, rejection.origin.file, rejection.origin.line,
      rejection.detail,
    ])
    rejections += 1
  }

  fileprivate mutating func finish() throws -> [ShardSummary] {
    let end = try writer.finish()
    try insert(places: end.places)
    try attributeInsertion.finish()
    for shard in end.shards {
      try database.execute(
        sql: "INSERT INTO shard VALUES (?, ?, ?, ?, ?)",
        arguments: [shard.name, source, shard.bytes, shard.documents, shard.sha256]
      )
    }
    return end.shards
  }

  private mutating func insert(places: [ShardPlace]) throws {
    guard !places.isEmpty else { return }
    for (row, place) in zip(pending, places) {
      let (columns, ordinal) = row
      let id = columns.id.description
      try documentInsertion.execute(arguments: [
        id, source, ordinal, columns.key, columns.origin.file,
        columns.origin.line, columns.license, columns.words, columns.bytes, columns.textHash,
        columns.preview, place.shard, place.frameOffset, place.frameLength, place.line,
      ])
      try attributeInsertion.insert(columns.attributes, of: id)
    }
    pending.removeFirst(places.count)
  }
}

extension CorpusIndex {
  /// The sources.
  ///
  /// - Returns: Their names, in order.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func sourceNames() throws -> [String] {
    try read { try String.fetchAll($0, sql: "SELECT name FROM source ORDER BY name") }
  }

  /// The documents of a source, as many as its shards hold.
  ///
  /// - Parameter source: The source's name.
  /// - Returns: Their number.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func documentCount(of source: String) throws -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: "SELECT coalesce(sum(documents), 0) FROM shard WHERE source = ?",
        arguments: [source]
      ) ?? 0
    }
  }

  /// The shard files of a source.
  ///
  /// - Parameter source: The source's name.
  /// - Returns: Their names inside `shards/`, in order.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func shards(of source: String) throws -> [String] {
    try read { database in
      try String.fetchAll(
        database,
        sql: "SELECT name FROM shard WHERE source = ? ORDER BY name",
        arguments: [source]
      )
    }
  }
}

extension CorpusIndex {
  /// The digest of a shard file.
  ///
  /// - Parameter shard: The file's name inside `shards/`.
  /// - Returns: The SHA-256, or `nil` where the index does not know the shard.
  /// - Throws: ``Failure`` where the index cannot be read.
  func digest(ofShard shard: String) throws -> String? {
    try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT sha256 FROM shard WHERE name = ?",
        arguments: [shard]
      )
    }
  }
}

extension Workspace {
  /// Replaces a source: rows and shards together, all or nothing.
  ///
  /// The new shards are made durable under temporary names; then one transaction replaces the rows
  /// and strikes the stage from the ledger; then the shards take their names. Killed before the
  /// transaction ends, the source is what it was; killed after it, the ledger asks for it anew.
  ///
  /// - Parameters:
  ///   - source: The source's name in the recipe.
  ///   - record: What it is read from, and how.
  ///   - stage: The ledger's name of the stage that made the source.
  ///   - body: Appends documents and rejections in source order.
  /// - Returns: What `body` returns.
  /// - Throws: ``Failure`` where writing fails; what `body` throws. Nothing has changed then.
  package func replaceSource<Value>(
    _ source: String,
    record: SourceRecord,
    stage: String,
    _ body: (inout SourceReplacement) throws -> Value
  ) throws -> Value {
    let folder = path(of: "shards")
    let (value, shards): (Value, [ShardSummary])
    do {
      (value, shards) = try index.write { database in
        try database.execute(sql: "DELETE FROM stage WHERE name = ?", arguments: [stage])
        var replacement = try SourceReplacement(
          database: database,
          source: source,
          record: record,
          folder: folder
        )
        let value = try body(&replacement)
        return (value, try replacement.finish())
      }
    } catch {
      // The shards may be finished where the disk is too full for the transaction's end.
      try? settlePartials()
      throw error
    }
    try ShardWriter.publish(shards, of: source, in: folder)
    return value
  }
}
