// One document with all that the workspace knows of it.

public import Documents
import Files
public import Storage

/// A document with all that the workspace knows of it.
public struct InspectedDocument: Sendable, Encodable {
  /// The identity.
  public let id: DocumentID
  /// The index's columns: source, key, place, counts, and what sources and stages add.
  public let columns: IndexRow
  /// What the source says of it, lists and objects included.
  public let metadata: [String: MetadataValue]
  /// The cluster of like documents that it belongs to, with its own kind and similarity.
  public let cluster: IndexRow?
  /// Its overlaps with evaluation files.
  public let contamination: [IndexRow]
  /// What became of it in each selection, with the reason.
  public let selections: [IndexRow]
  /// Its tokens in token shards.
  public let tokens: [IndexRow]
  /// The records of its file that were not kept, by reason.
  public let rejectionsInFile: [IndexRow]
  /// The text.
  public let text: String

  /// The document as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }

  /// Finds a document by its id or the beginning of it.
  ///
  /// - Parameters:
  ///   - prefix: As many digits of the id as tell it from all others.
  ///   - workspace: The workspace.
  /// - Throws: ``Failure`` where no document or more than one has an id that begins so, or where its
  ///   shard is damaged.
  public init(_ prefix: String, in workspace: Workspace) throws {
    let id = try InspectedDocument.id(beginningWith: prefix, in: workspace)
    guard let record = try workspace.index.record(of: id) else {
      throw InspectedDocument.unknown(prefix, in: workspace)
    }
    var reader = ShardReader(workspace)
    let document = try reader.document(id, at: record.place)
    self.id = id
    columns = record.corpus
    metadata = document.metadata
    cluster = record.cluster
    contamination = record.contamination
    selections = record.selections
    tokens = record.tokens
    rejectionsInFile = record.rejections
    text = document.text
  }

  /// The most candidates that an ambiguous beginning lists.
  private static let candidates = 10

  private static func id(
    beginningWith prefix: String,
    in workspace: Workspace
  ) throws -> DocumentID {
    let digits = prefix.lowercased()
    let isHexadecimal = digits.utf8.allSatisfy {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
    }
    guard isHexadecimal, 1...32 ~= digits.utf8.count else {
      throw Failure(
        .usage,
        what: "`\(prefix)` is no document's id",
        place: "the argument ID",
        remedy: "give up to 32 hexadecimal digits, as the column `id` of the index has them"
      )
    }
    let found = try workspace.index.documents(withPrefix: digits, limit: candidates + 1)
    guard let first = found.first else { throw unknown(prefix, in: workspace) }
    if found.count == 1, let id = first.text("id").flatMap({ DocumentID($0) }) { return id }
    let lines = found.prefix(candidates).map { row in
      "\n    \(row.text("id") ?? "")  \(row.text("source") ?? "")  \(row.text("key") ?? "")"
    }
    throw Failure(
      .usage,
      what: (found.count > candidates ? "more than \(candidates)" : "\(found.count)")
        + " documents have an id that begins with `\(prefix)`:" + lines.joined(),
      place: workspace.path,
      remedy: "give more digits"
    )
  }

  private static func unknown(_ prefix: String, in workspace: Workspace) -> Failure {
    Failure(
      what: "no document has an id that begins with `\(prefix)`",
      place: workspace.path,
      remedy:
        "look it up in the index: `sqlite3 corpus.sqlite 'SELECT id, source, key FROM corpus'`"
    )
  }
}
