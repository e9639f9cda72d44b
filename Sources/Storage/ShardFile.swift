import Codecs
import Documents
import Files
import Foundation

/// A shard open to read; a damaged one is a ``Failure`` that names file and offset.
struct ShardFile: ~Copyable {
  /// The largest content of a frame that is believed; a frame is one frame's worth of lines plus at
  /// most one long document.
  static let contentLimit = 4_294_967_296

  private let file: BinaryFile
  private let path: String

  /// Opens a shard.
  ///
  /// - Parameters:
  ///   - name: Its file name.
  ///   - folder: The workspace's `shards` folder.
  /// - Throws: ``Failure`` where it is missing or cannot be opened.
  init(_ name: String, in folder: String) throws {
    path = folder + "/" + name
    file = try ShardFile.open(path)
  }

  /// Opens a shard's bytes.
  ///
  /// - Parameter path: The shard.
  /// - Returns: The file.
  /// - Throws: ``Failure`` where it is missing or cannot be opened.
  static func open(_ path: String) throws -> BinaryFile {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        what: "the shard is missing",
        place: path,
        remedy: "run `blalm ingest` (or `build`) again to write it anew"
      )
    }
    return try BinaryFile(path: path)
  }

  /// Reads and decompresses the frame of a document.
  func content(at place: ShardPlace, with codec: borrowing Zstandard) throws -> [UInt8] {
    let (end, overflow) = place.frameOffset.addingReportingOverflow(place.frameLength)
    guard !overflow, place.frameOffset >= 0, place.frameLength > 0, end <= file.size,
      let content = codec.content(
        of: try file.bytes(at: place.frameOffset, count: place.frameLength),
        limit: ShardFile.contentLimit
      )
    else { throw damage(place, "the zstd frame is cut or damaged") }
    return content
  }

  /// The failure where a line does not hold what it should.
  func noDocument(at place: ShardPlace) -> Failure {
    damage(place, "line \(place.line) of the frame is not a document")
  }

  /// The failure where a line holds another document than the index says.
  func otherDocument(at place: ShardPlace) -> Failure {
    damage(place, "the shard is not the one that was indexed")
  }

  private func damage(_ place: ShardPlace, _ what: String) -> Failure {
    shardDamage(path, place.frameOffset, what)
  }
}

/// The failure that a place in a shard cannot be read.
func shardDamage(_ path: String, _ offset: Int, _ what: String) -> Failure {
  Failure(
    what: what,
    place: "\(path), offset \(offset)",
    remedy: "restore the file, or delete it and run `blalm ingest` (or `build`) again"
  )
}
