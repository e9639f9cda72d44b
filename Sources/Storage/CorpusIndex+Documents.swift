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
  private var writer: ShardWriter
  private var pending: [PendingDocument] = []

  fileprivate init(database: Database, source: String, format: String, folder: String) throws {
    try database.execute(sql: "DELETE FROM source WHERE name = ?", arguments: [source])
    try database.execute(sql: "INSERT INTO source VALUES (?, ?)", arguments: [source, format])
    let documentInsertion = try database.makeStatement(
      sql: "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    let rejectionInsertion = try database.makeStatement(
      sql: "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?)"
    )
    self.database = database
    self.source = source
    self.documentInsertion = documentInsertion
    self.rejectionInsertion = rejectionInsertion
    writer = ShardWriter(folder: folder, source: source)
  }

  /// Appends a document; its identity must not have occurred before in this source.
  ///
  /// - Parameters:
  ///   - document: The document.
  ///   - words: Its words.
  ///   - textHash: The SHA-256 of its text.
  /// - Throws: ``Failure`` where the disk is full.
  package mutating func append(_ document: Document, words: Int, textHash: String) throws {
    pending.append(
      PendingDocument(document, ordinal: documents, words: words, textHash: textHash)
    )
    documents += 1
    try insert(places: try writer.append(document))
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

  fileprivate mutating func finish() throws {
    let end = try writer.finish()
    try insert(places: end.places)
    for shard in end.shards {
      try database.execute(
        sql: "INSERT INTO shard VALUES (?, ?, ?, ?, ?)",
        arguments: [shard.name, source, shard.bytes, shard.documents, shard.sha256]
      )
    }
    try writer.publish()
  }

  private mutating func insert(places: [ShardPlace]) throws {
    guard !places.isEmpty else { return }
    for (row, place) in zip(pending, places) {
      try documentInsertion.execute(arguments: [
        row.id.description, source, row.ordinal, row.key, row.origin.file, row.origin.line,
        row.license, row.words, row.bytes, row.textHash, row.preview, place.shard,
        place.frameOffset, place.frameLength, place.line,
      ])
    }
    pending.removeFirst(places.count)
  }
}

/// The columns of a document whose frame is still open.
private struct PendingDocument {
  /// The characters of the preview.
  static let previewLength = 200

  let id: DocumentID
  let ordinal: Int
  let key: String
  let origin: Origin
  let license: String
  let words: Int
  let bytes: Int
  let textHash: String
  let preview: String

  init(_ document: Document, ordinal: Int, words: Int, textHash: String) {
    id = document.id
    self.ordinal = ordinal
    key = document.key
    origin = document.origin
    license = document.license
    self.words = words
    bytes = document.text.utf8.count
    self.textHash = textHash
    preview = String(document.text.unicodeScalars.prefix(PendingDocument.previewLength))
  }
}

extension Workspace {
  /// Replaces a source: rows and shards together, all or nothing.
  ///
  /// - Parameters:
  ///   - source: The source's name in the recipe.
  ///   - format: The reader's name.
  ///   - body: Appends documents and rejections in source order.
  /// - Returns: What `body` returns.
  /// - Throws: ``Failure`` where writing fails; what `body` throws. Nothing has changed then.
  package func replaceSource<Value>(
    _ source: String,
    format: String,
    _ body: (inout SourceReplacement) throws -> Value
  ) throws -> Value {
    try index.write { database in
      var replacement = try SourceReplacement(
        database: database,
        source: source,
        format: format,
        folder: path(of: "shards")
      )
      let value = try body(&replacement)
      try replacement.finish()
      return value
    }
  }
}
