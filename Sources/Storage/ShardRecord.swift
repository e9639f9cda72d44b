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

  /// Makes a document's line in the one form that ``ShardLine`` reads, with its line feed.
  ///
  /// - Parameter document: The document.
  /// - Returns: The line.
  /// - Throws: `EncodingError` where the metadata holds a number that is not finite.
  static func line(of document: Document) throws -> [UInt8] {
    var members: [(name: String, value: MetadataValue)] = [
      ("file", .text(document.origin.file)), ("key", .text(document.key)),
      ("license", .text(document.license)),
    ]
    if let line = document.origin.line { members.append(("line", .integer(line))) }
    if !document.metadata.isEmpty {
      for (name, value) in document.metadata where !ownNames.contains(name) {
        members.append((name, value))
      }
      members.sort { $0.name < $1.name }
    }
    let text = document.text.utf8Span.span
    var line: [UInt8] = []
    line.reserveCapacity(text.count + text.count / 16 + 512)
    line += "{\"id\":\"".utf8
    line += document.id.hexadecimalDigits
    line += "\",\"metadata\":{".utf8
    for (index, member) in members.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      appendJSONString(member.name.utf8Span.span, to: &line)
      line.append(UInt8(ascii: ":"))
      try member.value.appendJSON(to: &line)
    }
    line += "},\"source\":".utf8
    appendJSONString(document.source.utf8Span.span, to: &line)
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
