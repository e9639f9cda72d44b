/// The unit of text that flows through every stage: one transcript, page, story or web page.
///
/// A document is a pure value. It knows nothing of files, shards or the index; those know of it.
public struct Document: Sendable, Equatable {
  /// The stable identity, derived from the source's name and the record's own key.
  public let id: DocumentID
  /// The recipe's name for the source, such as `childes`.
  public let source: String
  /// The record's own key inside its source: a transcript path, a page number, a book and passage.
  public let key: String
  /// The text as it will be trained on: valid UTF-8, lines separated by `\n`, no control characters
  /// but line feed and tab.
  public let text: String
  /// The licence under which the source serves this text, as an SPDX identifier where one exists.
  public let license: String
  /// Where the record was read.
  public let origin: Origin
  /// What the source says of the record (title, participants, scores), by name.
  public let metadata: [String: MetadataValue]

  /// Creates a document; its identity follows from `source` and `key`.
  ///
  /// A NUL in the key becomes U+FFFD: SQLite ends a text there, so that the index would hold another
  /// key than the shard.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - key: The record's own key, unique inside the source.
  ///   - text: The text to train on.
  ///   - license: The licence of the text.
  ///   - origin: Where the record was read.
  ///   - metadata: What the source says of the record.
  public init(
    source: String,
    key: String,
    text: String,
    license: String,
    origin: Origin,
    metadata: [String: MetadataValue] = [:]
  ) {
    let key = key.utf8.contains(0) ? key.replacing("\0", with: "\u{fffd}") : key
    self.id = DocumentID(source: source, key: key)
    self.source = source
    self.key = key
    self.text = text
    self.license = license
    self.origin = origin
    self.metadata = metadata
  }
}

/// The place in an input file from which a record was read.
public struct Origin: Sendable, Equatable, Codable {
  /// The file's path relative to the folder that was given, or its base name; archive members
  /// follow after `!`, as in `Brown.zip!Brown/Sarah/sarah051.cha`.
  public var file: String
  /// The record's first line, or its row in a format of rows, counted from 1; `nil` where the format
  /// has neither.
  public var line: Int?

  /// Creates a place.
  ///
  /// - Parameters:
  ///   - file: The relative path, with the archive member after `!`.
  ///   - line: The first line, counted from 1.
  public init(file: String, line: Int? = nil) {
    self.file = file
    self.line = line
  }
}
