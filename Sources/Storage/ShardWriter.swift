import Documents
import Files
import Foundation

/// Where a document lies: the shard, the zstd frame in it, the line in the frame.
public struct ShardPlace: Sendable, Equatable {
  /// The shard's file name inside `shards/`.
  public var shard: String
  /// The frame's first byte in the file.
  public var frameOffset: Int
  /// The frame's length in bytes.
  public var frameLength: Int
  /// The line in the frame, counted from 0.
  public var line: Int

  /// Names a place.
  ///
  /// - Parameters:
  ///   - shard: The shard's file name inside `shards/`.
  ///   - frameOffset: The frame's first byte in the file.
  ///   - frameLength: The frame's length in bytes.
  ///   - line: The line in the frame, counted from 0.
  package init(shard: String, frameOffset: Int, frameLength: Int, line: Int) {
    self.shard = shard
    self.frameOffset = frameOffset
    self.frameLength = frameLength
    self.line = line
  }
}

/// A finished shard file.
public struct ShardSummary: Sendable, Equatable {
  /// The file name inside `shards/`.
  public let name: String
  /// The size in bytes.
  public let bytes: Int
  /// The documents in it.
  public let documents: Int
  /// The SHA-256 of the file.
  public let sha256: String
}

/// Writes one source's documents as JSON Lines in independent zstd frames.
///
/// Frames hold about 256 KiB of lines and close at line ends; other threads compress them, some ahead,
/// and they are written in order. Files carry the suffix `.partial`
/// until ``publish(_:of:in:)`` gives them their names; a value that goes away unfinished removes them.
package struct ShardWriter: ~Copyable {
  /// The lines of a frame: small enough to read one document in 0.2 ms, large enough to compress.
  static let frameBytes = 262_144
  /// The size at which the next shard file begins.
  static let shardBytes = 536_870_912

  private let folder: String
  private let source: String
  private let compressor: FrameCompressor
  private var handle: FileHandle?
  private var hash = SHA256()
  private var name = ""
  private var offset = 0
  private var documentsInShard = 0
  private var lines: [UInt8] = []
  private var pending = 0
  /// The documents of each frame that is being compressed.
  private var compressing: [Int] = []
  private var finished: [ShardSummary] = []
  private var isFinished = false

  /// Begins the shards of a source.
  ///
  /// - Parameters:
  ///   - folder: The workspace's `shards` folder.
  ///   - source: The source's name, the beginning of the files' names.
  ///   - threads: The threads that compress; the files do not depend on it.
  package init(folder: String, source: String, threads: Int) {
    self.folder = folder
    self.source = source
    compressor = FrameCompressor(threads: threads)
  }

  /// Appends a document's line.
  ///
  /// - Parameter line: The line, with its line feed.
  /// - Returns: The places of documents whose frame was written meanwhile, oldest first; mostly none,
  ///   then some hundred at once.
  /// - Throws: ``Failure`` where the disk is full or the file cannot be written.
  package mutating func append(line: [UInt8]) throws -> [ShardPlace] {
    lines += line
    pending += 1
    guard lines.count >= ShardWriter.frameBytes else { return [] }
    closeFrame()
    return compressor.isFull ? try writeFrame() : []
  }

  /// Closes the last frame and makes every byte durable; the files keep their `.partial` names.
  ///
  /// - Returns: The places of the last documents, and the shards in order.
  /// - Throws: ``Failure`` where the disk is full.
  package mutating func finish() throws -> (places: [ShardPlace], shards: [ShardSummary]) {
    if pending > 0 { closeFrame() }
    var places: [ShardPlace] = []
    while !compressing.isEmpty { places += try writeFrame() }
    try closeShard()
    isFinished = true
    return (places, finished)
  }

  /// Gives finished files their names, replacing those of an earlier run, and removes earlier files
  /// that are not among them.
  ///
  /// - Parameters:
  ///   - shards: The finished shards of a source.
  ///   - source: The source's name.
  ///   - folder: The workspace's `shards` folder.
  /// - Throws: ``Failure`` where a file cannot be renamed.
  static func publish(_ shards: [ShardSummary], of source: String, in folder: String) throws {
    let manager = FileManager.default
    do {
      let earlier = try manager.contentsOfDirectory(atPath: folder)
        .filter { isShard($0, of: source) }
      for shard in shards {
        try renameDurably(
          folder + "/" + shard.name + partialSuffix,
          to: folder + "/" + shard.name
        )
      }
      for name in earlier where !shards.contains(where: { $0.name == name }) {
        try manager.removeItem(atPath: folder + "/" + name)
      }
    } catch {
      throw writeFailure(error, path: folder)
    }
  }

  deinit {
    compressor.end()
    if !isFinished {
      try? handle?.close()
      for index in 0...finished.count {
        let name = ShardWriter.shardName(source: source, index: index)
        try? FileManager.default.removeItem(atPath: folder + "/" + name + partialSuffix)
      }
    }
  }

  private static func shardName(source: String, index: Int) -> String {
    let digits = String(index)
    return source + "-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
      + ".jsonl.zst"
  }

  /// Whether a file name is that of a shard of a source.
  private static func isShard(_ name: String, of source: String) -> Bool {
    sourceName(ofShard: name) == source
  }

  /// Gives the lines at hand to the threads that compress.
  private mutating func closeFrame() {
    compressor.add(lines)
    compressing.append(pending)
    lines = []
    lines.reserveCapacity(ShardWriter.frameBytes + ShardWriter.frameBytes / 16)
    pending = 0
  }

  /// Writes the oldest frame that is being compressed.
  private mutating func writeFrame() throws -> [ShardPlace] {
    guard let frame = compressor.next() else { return [] }
    let documents = compressing.removeFirst()
    if handle == nil { try openShard() }
    do {
      try handle?.write(contentsOf: frame)
    } catch {
      throw writeFailure(error, path: folder + "/" + name)
    }
    hash.update(bytes: frame)
    let places = (0..<documents).map {
      ShardPlace(shard: name, frameOffset: offset, frameLength: frame.count, line: $0)
    }
    offset += frame.count
    documentsInShard += documents
    if offset >= ShardWriter.shardBytes { try closeShard() }
    return places
  }

  private mutating func openShard() throws {
    name = ShardWriter.shardName(source: source, index: finished.count)
    let path = folder + "/" + name + partialSuffix
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let opened = FileHandle(forWritingAtPath: path)
    else { throw systemFailure("the file cannot be made", path) }
    handle = opened
    hash = SHA256()
    offset = 0
    documentsInShard = 0
  }

  private mutating func closeShard() throws {
    guard let open = handle else { return }
    do {
      try open.synchronize()
      try open.close()
    } catch {
      throw writeFailure(error, path: folder + "/" + name)
    }
    handle = nil
    finished.append(
      ShardSummary(
        name: name,
        bytes: offset,
        documents: documentsInShard,
        sha256: hash.finish().description
      )
    )
  }
}

/// The source whose shard a file name is.
///
/// - Parameter name: A file name inside `shards/`.
/// - Returns: The source's name, or `nil` where this is not the name of a shard.
package func sourceName(ofShard name: String) -> String? {
  guard name.hasSuffix(".jsonl.zst"), let cut = name.lastIndex(of: "-"), cut > name.startIndex
  else { return nil }
  let number = name[name.index(after: cut)...].dropLast(10).utf8
  guard number.count >= 5, number.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return String(name[..<cut])
}
