// Whether a shard holds what the index says of it: frame by frame, line by line.
//
// Pure checks over bytes and rows, for any thread; reading files, spreading the work and wording the
// result are the caller's.

import Codecs
import Documents

/// What the index says of a document.
package struct IndexedDocument: Sendable {
  let id: String
  let key: String
  let file: String
  let line: Int?
  let license: String
  let words: Int
  let bytes: Int
  let textHash: String
  let preview: String
  /// The line in the frame.
  let frameLine: Int
}

/// A frame as the index sees it: where it lies and the documents in it.
package struct IndexedFrame: Sendable {
  /// The shard's file name.
  package let shard: String
  /// The first byte.
  package let offset: Int
  /// The number of bytes.
  package let length: Int
  /// The ordinal of the first document.
  package let firstOrdinal: Int
  /// The ordinal of the last document.
  package internal(set) var lastOrdinal: Int
  /// The documents, in order.
  package internal(set) var documents: [IndexedDocument]
}

/// Something about a frame that is not as the index says.
package struct FrameFault: Sendable {
  /// What is wrong, the same words for every fault of the kind.
  package let what: String
  /// Where in the shard.
  package let place: String
}

/// What verification counted.
package struct ShardTotals: Sendable, Equatable, Codable {
  /// The frames.
  package var frames = 0
  /// The documents.
  package var documents = 0
  /// Their words.
  package var words = 0
  /// The bytes of their texts.
  package var bytes = 0

  /// Creates counts of nothing.
  package init() {}

  /// Adds other counts.
  package mutating func add(_ other: ShardTotals) {
    frames += other.frames
    documents += other.documents
    words += other.words
    bytes += other.bytes
  }
}

/// Checks frames of one source against the index.
package struct FrameVerifier: ~Copyable {
  /// What was found wrong.
  package private(set) var faults: [FrameFault] = []
  /// What was counted.
  package private(set) var totals = ShardTotals()

  private let source: String
  private let codec = Zstandard()

  /// Creates a verifier; not for sharing between threads.
  ///
  /// - Parameter source: The source's name.
  package init(source: String) { self.source = source }

  /// Checks a frame.
  ///
  /// - Parameters:
  ///   - frame: What the index says.
  ///   - bytes: The frame's bytes in the shard.
  package mutating func check(_ frame: IndexedFrame, _ bytes: ArraySlice<UInt8>) {
    totals.frames += 1
    guard let content = codec.content(of: bytes, limit: ShardFile.contentLimit) else {
      return report("a frame cannot be decompressed", frame)
    }
    var start = 0
    var number = 0
    while start < content.count {
      let end = endOfLine(in: content, from: start)
      guard end < content.count else { return report("a frame ends inside a line", frame, number) }
      if number < frame.documents.count {
        check(frame.documents[number], content, start..<end, frame, number)
      }
      number += 1
      start = end + 1
    }
    if number < frame.documents.count {
      report("a row's line is beyond the end of its frame", frame, number)
    } else if number > frame.documents.count {
      report("a line belongs to no row of the index", frame, frame.documents.count)
    }
  }

  private mutating func report(_ what: String, _ frame: IndexedFrame, _ line: Int? = nil) {
    var place = "offset \(frame.offset)"
    if let line {
      place += ", line \(line)"
      if line < frame.documents.count { place += ", document \(frame.documents[line].id)" }
    }
    faults.append(FrameFault(what: what, place: place))
  }

  private mutating func check(
    _ row: IndexedDocument,
    _ content: [UInt8],
    _ range: Range<Int>,
    _ frame: IndexedFrame,
    _ number: Int
  ) {
    guard row.frameLine == number else {
      return report("the rows of a frame do not number its lines", frame, number)
    }
    guard let line = CheckedShardLine(content, range) else {
      return report("a line is not a document", frame, number)
    }
    let words = WordCount.words(in: line.text.span)
    totals.documents += 1
    totals.words += words
    totals.bytes += line.text.count
    let isOwnIdentity =
      DocumentID(
        source: source,
        key: String(decoding: line.key, as: UTF8.self)
      ).description.utf8.elementsEqual(line.id)
    if !row.id.utf8.elementsEqual(line.id) || !isOwnIdentity {
      report("a document has another identity than its row or its key", frame, number)
    }
    if SHA256.hash(line.text).description != row.textHash {
      report("a text is not the one whose hash the index has", frame, number)
    }
    if words != row.words || line.text.count != row.bytes {
      report("a document has other words or bytes than its row", frame, number)
    }
    let isSame =
      source.utf8.elementsEqual(line.source) && row.key.utf8.elementsEqual(line.key)
      && row.file.utf8.elementsEqual(line.file) && row.license.utf8.elementsEqual(line.license)
      && row.line == line.line
      && row.preview.utf8.elementsEqual(
        line.text[..<PreparedDocument.previewEnd(in: line.text.span)]
      )
    if !isSame { report("a document's columns are not what its line says", frame, number) }
  }
}

/// Where the line that begins at `start` ends: its line feed, or the end.
private func endOfLine(in bytes: [UInt8], from start: Int) -> Int {
  var at = start
  while at < bytes.count, bytes[at] != 0x0a { at += 1 }
  return at
}
