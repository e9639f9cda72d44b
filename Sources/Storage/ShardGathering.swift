// Documents read back many at a time: each frame once, each wanted line taken apart by bytes.
//
// Not for one document here and there: that is ``ShardReader``, which keeps frames.

import Codecs
package import Documents
import Files

/// Reads many documents of a workspace's shards; a pure function of the files, for any thread.
package struct ShardGathering: Sendable {
  /// What to read.
  package struct Request: Sendable {
    /// The identity that must stand there.
    let id: DocumentID
    /// Where the document lies.
    package let place: ShardPlace
    /// The bytes of the text to keep, from its beginning.
    package let bytes: Int

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - id: The identity that must stand there.
    ///   - place: Where the document lies.
    ///   - bytes: The bytes of the text to keep, from its beginning.
    package init(id: DocumentID, place: ShardPlace, bytes: Int) {
      self.id = id
      self.place = place
      self.bytes = bytes
    }
  }

  /// What was read.
  package struct Found: Sendable {
    /// The kept beginning of the text, in UTF-8.
    package let text: [UInt8]
    /// The metadata as a JSON object, or nothing where it was not asked for.
    package let metadata: [UInt8]
  }

  private let folder: String

  /// Prepares to read a workspace's shards.
  ///
  /// - Parameter workspace: The workspace.
  package init(_ workspace: Workspace) {
    folder = workspace.path(of: "shards")
  }

  /// Reads documents; a frame is read once as long as requests for it are neighbours.
  ///
  /// - Parameters:
  ///   - requests: What to read, best in the order of shard, frame and line.
  ///   - withMetadata: Whether metadata is wanted too.
  /// - Returns: The documents in the order of the requests.
  /// - Throws: ``Failure`` where a shard is missing or damaged, or holds another document there.
  package func documents(_ requests: [Request], withMetadata: Bool) throws -> [Found] {
    let codec = Zstandard()
    var found: [Found] = []
    found.reserveCapacity(requests.count)
    var next = 0
    while next < requests.count {
      let shard = requests[next].place.shard
      let file = try ShardFile(shard, in: folder)
      var content: [UInt8] = []
      var offset: Int?
      var lines = LineCursor()
      while next < requests.count, requests[next].place.shard == shard {
        let request = requests[next]
        let place = request.place
        next += 1
        if offset != place.frameOffset {
          content = try file.content(at: place, with: codec)
          offset = place.frameOffset
          lines = LineCursor()
        }
        guard let line = lines.line(place.line, in: content.span),
          let parts = ShardLine(content.span, line),
          var text = unescaped(content, parts.text)
        else { throw file.noDocument(at: place) }
        guard parts.id == request.id else { throw file.otherDocument(at: place) }
        if text.count > request.bytes { text.removeLast(text.count - request.bytes) }
        found.append(
          Found(text: text, metadata: withMetadata ? Array(content[parts.metadata]) : [])
        )
      }
    }
    return found
  }
}

/// Finds lines of a frame by number, cheapest in rising order.
struct LineCursor {
  private var number = 0
  private var start = 0

  /// The bytes that are looked through at once for lines that nobody wants.
  private static let stride = 1_024

  /// Finds a line.
  ///
  /// - Parameters:
  ///   - wanted: Its number, from 0.
  ///   - bytes: The frame's content; the same at each call.
  /// - Returns: The line without its line feed, or `nil` where there are fewer lines.
  mutating func line(_ wanted: Int, in bytes: Span<UInt8>) -> Range<Int>? {
    if wanted < number { self = LineCursor() }
    var index = start
    while number < wanted, index < bytes.count {
      let end = min(index + LineCursor.stride, bytes.count)
      let lineFeeds = countOfLineFeeds(bytes, index..<end)
      if number + lineFeeds < wanted {
        number += lineFeeds
        index = end
        continue
      }
      while number < wanted {
        if bytes[index] == UInt8(ascii: "\n") { number += 1 }
        index += 1
      }
    }
    start = index
    guard number == wanted else { return nil }
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\n") { return start..<index }
      index += 1
    }
    return nil
  }
}

/// Counts within a part of its own, whose bounds are checked once, so that the compiler makes vector
/// instructions of the loop: three times as fast.
private func countOfLineFeeds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
  let part = bytes.extracting(range)
  var count = 0
  for index in part.indices { count &+= part[index] == UInt8(ascii: "\n") ? 1 : 0 }
  return count
}
