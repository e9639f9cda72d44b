// What can still be read of a source's shards when neither they nor the index are to be trusted.
//
// Frames are found by their magic number, so that one that is damaged costs only itself.

import Codecs
import Documents
import Files
import Foundation

/// The content of a frame that can still be read.
package struct SurvivingFrame: Sendable {
  private let content: [UInt8]

  fileprivate init(content: [UInt8]) { self.content = content }

  /// The documents in it.
  ///
  /// - Parameter source: The source's name; a line of another one is not kept.
  /// - Returns: The documents in order, and the number of lines that are none.
  package func documents(of source: String) -> (kept: [PreparedDocument], lost: Int) {
    let decoder = JSONDecoder()
    var kept: [PreparedDocument] = []
    var lost = 0
    for line in content.split(separator: UInt8(ascii: "\n")) {
      guard let record = try? decoder.decode(ShardRecord.self, from: Data(line)),
        record.source == source, record.document.id == record.id,
        let document = try? PreparedDocument(record.document)
      else {
        lost += 1
        continue
      }
      kept.append(document)
    }
    return (kept, lost)
  }
}

extension Workspace {
  /// Hands out what can be read of a source's shards, some frames at a time.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - body: Receives frames in order.
  /// - Returns: The number of places where something could not be read.
  /// - Throws: ``Failure`` where a shard cannot be opened; what `body` throws.
  package func forEachSurvivingFrame(
    of source: String,
    _ body: ([SurvivingFrame]) throws -> Void
  ) throws -> Int {
    var damaged = 0
    for name in try shardFiles() where sourceName(ofShard: name) == source {
      let file = path(of: "shards/" + name)
      let data: Data
      do {
        data = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
      } catch {
        throw Failure(
          what: "the shard cannot be opened: \(systemReason(of: error))",
          place: file,
          remedy: "check the disk and the permissions"
        )
      }
      damaged += try forEachFrame(in: data.span, body)
    }
    return damaged
  }

  private func shardFiles() throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path(of: "shards")).sorted()
    } catch {
      throw writeFailure(error, path: path(of: "shards"))
    }
  }
}

/// Hands out the frames of a shard that can be decompressed and counts the gaps.
private func forEachFrame(
  in bytes: Span<UInt8>,
  _ body: ([SurvivingFrame]) throws -> Void
) throws -> Int {
  let codec = Zstandard()
  var frames: [SurvivingFrame] = []
  var damaged = 0
  var at = 0
  // After damage every place where a frame might begin is tried; the gap counts once.
  var isInGap = false
  while at < bytes.count {
    let range = Zstandard.frame(in: bytes, from: at)
    let frame = range.map { range in Array(range.map { bytes[$0] }) }
    let content = frame.flatMap { codec.content(of: $0, limit: ShardFile.contentLimit) }
    if range?.lowerBound != at || content == nil {
      if !isInGap { damaged += 1 }
      isInGap = true
    }
    guard let range else { break }
    guard let content else {
      at = range.lowerBound + 1
      continue
    }
    isInGap = false
    frames.append(SurvivingFrame(content: content))
    at = range.upperBound
    if frames.count == 32 {
      try body(frames)
      frames.removeAll(keepingCapacity: true)
    }
  }
  if !frames.isEmpty { try body(frames) }
  return damaged
}
