import Documents
import Foundation

/// One line of a shard: what `zstdcat`, `jq`, datatrove and `datasets` see of a document.
struct ShardRecord: Codable {
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
