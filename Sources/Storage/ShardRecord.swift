import Documents
import Foundation

/// One line of a shard: what `zstdcat`, `jq`, datatrove and `datasets` see of a document.
struct ShardRecord: Decodable {
  let id: DocumentID
  let metadata: [String: MetadataValue]
  let source: String
  let text: String

  /// The names in `metadata` that this project writes; a source's own value of that name yields.
  static let ownNames = ["file", "key", "license", "line"]

  init(_ document: Document) {
    id = document.id
    source = document.source
    text = document.text
    var metadata = document.metadata
    metadata["file"] = .text(document.origin.file)
    metadata["key"] = .text(document.key)
    metadata["license"] = .text(document.license)
    metadata["line"] = document.origin.line.map { .integer($0) }
    self.metadata = metadata
  }

  /// The line in the one form that ``ShardLine`` reads, with its line feed.
  ///
  /// - Parameter text: The bytes of ``text``.
  /// - Returns: The line.
  /// - Throws: `EncodingError` where the metadata holds a number that is not finite.
  func line(text: [UInt8]) throws -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(text.count + text.count / 16 + 512)
    line += "{\"id\":\"".utf8
    line += id.hexadecimalDigits
    line += "\",\"metadata\":".utf8
    try appendJSONObject(metadata, to: &line)
    line += ",\"source\":".utf8
    appendJSONString(Array(source.utf8), to: &line)
    line += ",\"text\":".utf8
    appendJSONString(text, to: &line)
    line += "}\n".utf8
    return line
  }

  /// The document that the line holds.
  var document: Document {
    func text(_ name: String) -> String {
      if case .text(let value) = metadata[name] { value } else { "" }
    }
    var line: Int?
    if case .integer(let value) = metadata["line"] { line = value }
    return Document(
      source: source,
      key: text("key"),
      text: self.text,
      license: text("license"),
      origin: Origin(file: text("file"), line: line),
      metadata: metadata.filter { !ShardRecord.ownNames.contains($0.key) }
    )
  }
}
