import Codecs
public import Documents
import Foundation

/// Reads documents back from their places one by one, keeping the frames used last.
///
/// Not for sharing between threads; ``ShardGathering`` reads many at once. A damaged shard is a
/// ``Failure`` that names file and offset.
public struct ShardReader: ~Copyable {
  private struct FrameKey: Hashable {
    let shard: String
    let offset: Int
  }

  private let folder: String
  private let cacheBytes: Int
  private let codec = Zstandard()
  private let decoder = JSONDecoder()
  private var frames: [FrameKey: [UInt8]] = [:]
  private var order: [FrameKey] = []
  private var heldBytes = 0

  /// Opens the shards of a workspace.
  ///
  /// - Parameters:
  ///   - workspace: The workspace.
  ///   - cacheBytes: The decompressed bytes to keep.
  public init(_ workspace: Workspace, cacheBytes: Int = 134_217_728) {
    folder = workspace.path(of: "shards")
    self.cacheBytes = cacheBytes
  }

  /// Reads one document.
  ///
  /// - Parameters:
  ///   - id: Its identity.
  ///   - place: Where it lies, from the index.
  /// - Returns: The document.
  /// - Throws: ``Failure`` where the shard is missing or damaged, or holds another document there.
  public mutating func document(_ id: DocumentID, at place: ShardPlace) throws -> Document {
    let key = FrameKey(shard: place.shard, offset: place.frameOffset)
    let file = try ShardFile(place.shard, in: folder)
    let content = try frames[key] ?? file.content(at: place, with: codec)
    if frames[key] == nil { keep(content, for: key) }
    var lines = LineCursor()
    guard let line = lines.line(place.line, in: content.span),
      let record = try? decoder.decode(ShardRecord.self, from: Data(content[line]))
    else { throw file.noDocument(at: place) }
    guard record.id == id else { throw file.otherDocument(at: place) }
    return record.document
  }

  private mutating func keep(_ content: [UInt8], for key: FrameKey) {
    while heldBytes + content.count > cacheBytes, let oldest = order.first {
      order.removeFirst()
      heldBytes -= frames.removeValue(forKey: oldest)?.count ?? 0
    }
    frames[key] = content
    order.append(key)
    heldBytes += content.count
  }
}
