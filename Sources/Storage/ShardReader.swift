import Codecs
public import Documents
import Files
import Foundation

/// Reads documents back from their places, keeping the frames used last.
///
/// Not for sharing between threads. A damaged shard is a ``Failure`` that names file and offset.
public struct ShardReader: ~Copyable {
  /// The largest content of a frame that is believed; a frame is one frame's worth of lines plus at
  /// most one long document.
  private static let contentLimit = 4_294_967_296

  private struct FrameKey: Hashable {
    let shard: String
    let offset: Int
  }

  private let folder: String
  private let cacheBytes: Int
  private let codec = Zstandard()
  private let decoder = JSONDecoder()
  private var handles: [String: FileHandle] = [:]
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
    let content = try frame(at: place)
    var start = 0
    var line = 0
    while line < place.line, let end = content[start...].firstIndex(of: UInt8(ascii: "\n")) {
      start = end + 1
      line += 1
    }
    guard line == place.line, let end = content[start...].firstIndex(of: UInt8(ascii: "\n")),
      let record = try? decoder.decode(ShardRecord.self, from: Data(content[start..<end]))
    else { throw damage(place, "line \(place.line) of the frame is not a document") }
    guard record.id == id else { throw damage(place, "the shard is not the one that was indexed") }
    return record.document
  }

  private mutating func frame(at place: ShardPlace) throws -> [UInt8] {
    let key = FrameKey(shard: place.shard, offset: place.frameOffset)
    if let held = frames[key] { return held }
    let path = folder + "/" + place.shard
    let handle = handles[place.shard] ?? FileHandle(forReadingAtPath: path)
    guard let handle else {
      throw Failure(
        what: "the shard is missing",
        place: path,
        remedy: "run `blalm ingest` (or `build`) again to write it anew"
      )
    }
    handles[place.shard] = handle
    var bytes: [UInt8] = []
    do {
      try handle.seek(toOffset: UInt64(place.frameOffset))
      bytes = Array(try handle.read(upToCount: place.frameLength) ?? Data())
    } catch {
      throw damage(place, systemReason(of: error))
    }
    guard bytes.count == place.frameLength,
      let content = codec.content(of: bytes, limit: ShardReader.contentLimit)
    else { throw damage(place, "the zstd frame is cut or damaged") }
    while heldBytes + content.count > cacheBytes, let oldest = order.first {
      order.removeFirst()
      heldBytes -= frames.removeValue(forKey: oldest)?.count ?? 0
    }
    frames[key] = content
    order.append(key)
    heldBytes += content.count
    return content
  }

  private func damage(_ place: ShardPlace, _ what: String) -> Failure {
    Failure(
      what: what,
      place: "\(folder)/\(place.shard), offset \(place.frameOffset)",
      remedy: "restore the file, or delete it and run `blalm ingest` (or `build`) again"
    )
  }
}
