// Every document of a source in order, without the index: the way to read all of a corpus.
//
// The scanner hands out compressed frames, some at a time; whoever takes them decompresses and
// decodes them on as many threads as it likes. One document at a known place is ShardReader's.

import Codecs
package import Documents
import Files
import Foundation

/// Reads a source's frames from its shards, first to last.
///
/// Memory is that of the frames handed out and of one piece of a file.
package struct ShardScanner: ~Copyable {
  /// The bytes that are read at once; a longer frame is read whole.
  private static let pieceBytes = 4_194_304

  private let folder: String
  private var shards: ArraySlice<String>
  private var offset = 0
  private var piece: [UInt8] = []
  private var pieceStart = 0

  /// Begins at a source's first frame.
  ///
  /// - Parameters:
  ///   - workspace: The workspace.
  ///   - source: The source's name.
  /// - Throws: ``Failure`` where the index cannot be read.
  package init(_ workspace: Workspace, source: String) throws {
    folder = workspace.path(of: "shards")
    shards = try workspace.index.shards(of: source)[...]
  }

  /// The next frames, in order.
  ///
  /// - Parameter limit: The most frames to return, at least 1.
  /// - Returns: The frames; none at the end of the last shard.
  /// - Throws: ``Failure`` where a shard is missing, cut or damaged.
  package mutating func next(_ limit: Int) throws -> [ShardFrame] {
    precondition(limit > 0, "no frame is asked for")
    var frames: [ShardFrame] = []
    while frames.count < limit, let shard = shards.first {
      let path = folder + "/" + shard
      let file = try ShardFile.open(path)
      if offset == file.size {
        shards.removeFirst()
        (offset, piece, pieceStart) = (0, [], 0)
        continue
      }
      let length = try frameLength(in: file, path: path)
      let start = offset - pieceStart
      frames.append(
        ShardFrame(path: path, offset: offset, bytes: Array(piece[start..<start + length]))
      )
      offset += length
    }
    return frames
  }

  /// The length of the frame at `offset`, once it lies whole in `piece`.
  private mutating func frameLength(in file: borrowing BinaryFile, path: String) throws -> Int {
    var wanted = ShardScanner.pieceBytes
    while true {
      if offset < pieceStart + piece.count,
        let length = Zstandard.frameLength(in: piece.span, from: offset - pieceStart)
      {
        return length
      }
      let rest = file.size - offset
      guard pieceStart != offset || piece.count < rest else {
        throw shardDamage(path, offset, "the zstd frame is cut or damaged")
      }
      if pieceStart == offset { wanted = max(wanted, 2 * piece.count) }
      pieceStart = offset
      piece = try file.bytes(at: offset, count: min(rest, wanted))
    }
  }
}

/// One frame of a shard, still compressed: some hundred documents, on any thread.
package struct ShardFrame: Sendable {
  let path: String
  let offset: Int
  let bytes: [UInt8]

  /// Decompresses the frame and takes identities and texts out of its lines.
  ///
  /// - Returns: The texts in order, valid UTF-8.
  /// - Throws: ``Failure`` where the frame is damaged.
  package func texts() throws -> [(id: DocumentID, text: [UInt8])] {
    guard let content = Zstandard().content(of: bytes, limit: ShardFile.contentLimit) else {
      throw shardDamage(path, offset, "the zstd frame is cut or damaged")
    }
    var lines = LineCursor()
    var texts: [(id: DocumentID, text: [UInt8])] = []
    while let line = lines.line(texts.count, in: content.span) {
      guard let parts = ShardLine(content.span, line), let text = unescaped(content, parts.text),
        (try? UTF8Span(validating: text.span)) != nil
      else {
        throw shardDamage(path, offset, "line \(texts.count) of the frame is not a document")
      }
      texts.append((parts.id, text))
    }
    return texts
  }
}
