package import Documents
import Foundation
import GRDB

/// A document with what the store needs of it and that does not depend on other documents.
///
/// That is its line, its counts and its hash: made on any thread, written in order by one.
package struct PreparedDocument: Sendable {
  /// What the index says of the document beside its place.
  ///
  /// A class, since it is handed on some times and holds many texts, each of which would be counted.
  final class Columns: Sendable {
    let id: DocumentID
    let key: String
    let origin: Origin
    let license: String
    let words: Int
    let bytes: Int
    let textHash: String
    let preview: String
    let attributes: [(name: String, value: DatabaseValue)]

    fileprivate init(_ document: Document) {
      let text = document.text.utf8Span.span
      var hash = SHA256()
      hash.update(text)
      id = document.id
      key = document.key
      origin = document.origin
      license = document.license
      words = WordCount.words(in: text)
      bytes = text.count
      textHash = hash.finish().description
      preview = String(
        decoding: document.text.utf8.prefix(PreparedDocument.previewEnd(in: text)),
        as: UTF8.self
      )
      attributes = Storage.attributes(of: document.metadata)
    }
  }

  /// The characters of the index's preview.
  private static let previewLength = 200

  /// The document's line in its shard, with the line feed.
  let line: [UInt8]
  let columns: Columns

  /// The identity.
  package var id: DocumentID { columns.id }
  /// The key.
  package var key: String { columns.key }
  /// Where the record was read.
  package var origin: Origin { columns.origin }
  /// The words of the text.
  package var words: Int { columns.words }

  /// Prepares a document.
  ///
  /// - Parameter document: The document.
  /// - Throws: `EncodingError` where its metadata holds a number that is not finite.
  package init(_ document: Document) throws {
    line = try ShardRecord.line(of: document)
    columns = Columns(document)
  }

  /// Where the preview of a text ends.
  ///
  /// - Parameter text: UTF-8.
  /// - Returns: The bytes of its first characters.
  static func previewEnd(in text: Span<UInt8>) -> Int {
    var characters = 0
    var end = 0
    while end < text.count {
      // A byte that continues a character is 0b10xxxxxx.
      if text[end] & 0xc0 != 0x80 { characters += 1 }
      if characters > previewLength { break }
      end += 1
    }
    return end
  }
}
