package import Documents
import Foundation
import GRDB

/// The most memory that SQLite may take for pages while a source is replaced, in bytes.
private let replacementCache = 268_435_456

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
  private let rejectionInsertion: Statement
  private var attributeInsertion: AttributeInsertion
  private var writer: ShardWriter
  /// Documents whose frame is not written yet, oldest first.
  private var pending: [PreparedDocument.Columns] = []
  /// Documents that can become rows.
  private var placed: [Row] = []
  /// The ordinal of the next one.
  private var ordinal = 0

  /// What becomes a row of `document`.
  private struct Row {
    let id: DocumentID
    let columns: PreparedDocument.Columns
    let hasAttributes: Bool
    let ordinal: Int
    let place: ShardPlace

    init(_ columns: PreparedDocument.Columns, ordinal: Int, place: ShardPlace) {
      id = columns.id
      self.columns = columns
      hasAttributes = !columns.attributes.isEmpty
      self.ordinal = ordinal
      self.place = place
    }
  }

  /// The rows that are sorted and go in together, some 50 MB: neighbours in the table then share its
  /// pages, and pages are filled.
  private static let rowsAtOnce = 65_536

  fileprivate init(
    database: Database,
    source: String,
    record: SourceRecord,
    folder: String,
    threads: Int
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
    let rejectionInsertion = try database.makeStatement(
      sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?)"
    )
    let attributeInsertion = try AttributeInsertion(database, isReplacement: isReplacement)
    self.database = database
    self.source = source
    self.rejectionInsertion = rejectionInsertion
    self.attributeInsertion = attributeInsertion
    writer = ShardWriter(folder: folder, source: source, threads: threads)
  }

  /// Appends a document; its identity must not have occurred before in this source.
  ///
  /// - Parameter document: The document.
  /// - Throws: ``Failure`` where the disk is full.
  package mutating func append(_ document: PreparedDocument) throws {
    pending.append(document.columns)
    documents += 1
    take(try writer.append(line: document.line))
    if placed.count >= SourceReplacement.rowsAtOnce { try insertPlaced() }
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
    take(end.places)
    try insertPlaced()
    try attributeInsertion.finish()
    for shard in end.shards {
      try database.execute(
        sql: "INSERT INTO shard VALUES (?, ?, ?, ?, ?)",
        arguments: [shard.name, source, shard.bytes, shard.documents, shard.sha256]
      )
    }
    return end.shards
  }

  /// Gives the oldest documents their places.
  private mutating func take(_ places: [ShardPlace]) {
    guard !places.isEmpty else { return }
    for (columns, place) in zip(pending, places) {
      placed.append(Row(columns, ordinal: ordinal, place: place))
      ordinal += 1
    }
    pending.removeFirst(places.count)
  }

  private mutating func insertPlaced() throws {
    // Sorting identities alone touches no text; only what is bound is fetched from memory.
    let order = placed.indices.map { (id: placed[$0].id, index: $0) }.sorted { $0.id < $1.id }
    let insertion = BulkInsertion(database, table: "document", columns: 15)
    try insertion.insert(order) { entry, binding in
      let row = placed[entry.index]
      let (columns, place) = (row.columns, row.place)
      binding.id(columns.id)
      binding.text(source)
      binding.integer(row.ordinal)
      binding.text(columns.key)
      binding.text(columns.origin.file)
      binding.integer(columns.origin.line)
      binding.text(columns.license)
      binding.integer(columns.words)
      binding.integer(columns.bytes)
      binding.text(columns.textHash)
      binding.text(columns.preview)
      binding.text(place.shard)
      binding.integer(place.frameOffset)
      binding.integer(place.frameLength)
      binding.integer(place.line)
    }
    let described = order.filter { placed[$0.index].hasAttributes }
    try attributeInsertion.insert(described.map { placed[$0.index].columns })
    placed.removeAll(keepingCapacity: true)
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
  ///   - threads: The threads that compress; nothing but time depends on it.
  ///   - body: Appends documents and rejections in source order.
  /// - Returns: What `body` returns.
  /// - Throws: ``Failure`` where writing fails; what `body` throws. Nothing has changed then.
  package func replaceSource<Value>(
    _ source: String,
    record: SourceRecord,
    stage: String,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    _ body: (inout SourceReplacement) throws -> Value
  ) throws -> Value {
    let folder = path(of: "shards")
    let (value, shards): (Value, [ShardSummary])
    do {
      (value, shards) = try index.write { database in
        // Rows go all over the tables, by their ids: with SQLite's 2 MB their pages are written and
        // read over and over.
        try database.execute(sql: "PRAGMA cache_size = -\(replacementCache / 1_024)")
        defer { try? database.execute(sql: "PRAGMA cache_size = -2000") }
        try database.execute(sql: "DELETE FROM stage WHERE name = ?", arguments: [stage])
        var replacement = try SourceReplacement(
          database: database,
          source: source,
          record: record,
          folder: folder,
          threads: threads
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
