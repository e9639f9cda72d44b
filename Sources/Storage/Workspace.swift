// A workspace: one folder that holds the shards, the index and everything made from them.
//
// Knows paths, the writer's lock and the index; knows nothing of stages.

import Files
import Foundation

/// One folder with everything that blalm makes: `corpus.sqlite`, `shards/`, `selections/`,
/// `tokenizers/`, `tokens/` and `runs/`.
public struct Workspace: Sendable {
  /// The folder.
  public let path: String
  /// The index.
  public let index: CorpusIndex
  private let lock: WorkspaceLock?

  /// Opens a workspace to write; one writer at a time.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - mayCreate: Whether to make it where there is none; a stage that needs what others wrote must
  ///     not leave an empty workspace where a path was mistyped.
  /// - Returns: The workspace, locked until the value is gone.
  /// - Throws: ``Failure`` where there is none and none may be made, the folder is read-only, another
  ///   process writes to it, or its index is damaged or of a newer schema.
  public static func openForWriting(_ path: String, mayCreate: Bool = true) throws -> Workspace {
    if !mayCreate { _ = try indexFile(of: path) }
    do {
      for folder in ["", "/shards"] {
        try FileManager.default.createDirectory(
          atPath: path + folder,
          withIntermediateDirectories: true
        )
      }
    } catch {
      throw Failure(
        what: "the workspace cannot be made or written: \(systemReason(of: error))",
        place: path,
        remedy: "name a folder on a writable disk with -w"
      )
    }
    let lock = try WorkspaceLock(writing: path)
    let index = try CorpusIndex(path: path + "/corpus.sqlite")
    let workspace = Workspace(path: path, index: index, lock: lock)
    try workspace.settlePartials()
    return workspace
  }

  /// Opens an existing workspace to look at it; another process may be writing.
  ///
  /// - Parameter path: The folder.
  /// - Returns: The workspace.
  /// - Throws: ``Failure`` where there is none, or its index is damaged or of another schema.
  public static func openForReading(_ path: String) throws -> Workspace {
    Workspace(path: path, index: try CorpusIndex(readingFrom: indexFile(of: path)), lock: nil)
  }

  /// Opens an existing workspace to check its files, which nobody writes until the value is gone.
  ///
  /// Neither the folder nor the disk need be writable.
  ///
  /// - Parameter path: The folder.
  /// - Returns: The workspace.
  /// - Throws: ``Failure`` where there is none, another process writes to it, or its index is damaged
  ///   or of another schema.
  public static func openForChecking(_ path: String) throws -> Workspace {
    let file = try indexFile(of: path)
    let lock = try WorkspaceLock(checking: path)
    return Workspace(path: path, index: try CorpusIndex(readingFrom: file), lock: lock)
  }

  /// Opens a workspace to mend it.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - replacingIndex: Whether to put the index aside as `corpus.sqlite.damaged`, or under the first
  ///     such name with a number that is free, and make a new one.
  /// - Returns: The workspace, locked until the value is gone; and where the index was put, if it was.
  /// - Throws: ``Failure`` where the folder is missing or cannot be written, another process writes
  ///   to it, or its index is of a newer schema.
  package static func openForRepair(
    _ path: String,
    replacingIndex: Bool
  ) throws -> (workspace: Workspace, putAside: String?) {
    try checkIsWorkspace(path)
    let lock = try WorkspaceLock(writing: path)
    let file = path + "/corpus.sqlite"
    var putAside: String?
    if replacingIndex {
      let aside = freeName(besideIndex: file)
      for suffix in ["", "-wal", "-shm"]
      where FileManager.default.fileExists(atPath: file + suffix) {
        try renameDurably(file + suffix, to: aside + suffix)
        if suffix.isEmpty { putAside = aside }
      }
    }
    let workspace = Workspace(path: path, index: try CorpusIndex(path: file), lock: lock)
    // A new index knows no shard: nothing may be removed for want of a row.
    if !replacingIndex { try workspace.settlePartials() }
    return (workspace, putAside)
  }

  /// A name for a damaged index that takes none from an earlier one, as where a disk was full at the
  /// first repair and all that is left to put aside at the second is what the first began.
  private static func freeName(besideIndex file: String) -> String {
    func isTaken(_ name: String) -> Bool {
      ["", "-wal", "-shm"].contains { FileManager.default.fileExists(atPath: name + $0) }
    }
    var name = file + ".damaged"
    var number = 1
    while isTaken(name) {
      number += 1
      name = "\(file).damaged-\(number)"
    }
    return name
  }

  /// Refuses a folder that no workspace was ever made in.
  ///
  /// - Parameter path: The folder.
  /// - Throws: ``Failure`` where it has no shards, whatever became of its index.
  package static func checkIsWorkspace(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path + "/shards") else { throw noWorkspace(path) }
  }

  private static func indexFile(of path: String) throws -> String {
    let file = path + "/corpus.sqlite"
    guard FileManager.default.fileExists(atPath: file) else { throw noWorkspace(path) }
    return file
  }

  private static func noWorkspace(_ path: String) -> Failure {
    let hasShards = FileManager.default.fileExists(atPath: path + "/shards")
    return Failure(
      what: hasShards
        ? "the workspace has lost its corpus.sqlite"
        : "this is no workspace: it has no corpus.sqlite",
      place: path,
      remedy: hasShards
        ? "run `blalm repair`, which makes it anew from the shards"
        : "name the workspace's folder with -w, or make one with `blalm build` or `ingest`"
    )
  }

  /// The path of something in the workspace.
  ///
  /// - Parameter name: A relative path, such as `selections/main`.
  /// - Returns: The absolute or working-folder-relative path.
  public func path(of name: String) -> String { path + "/" + name }

  /// Gives the shards that an interrupted writer had finished and entered their names, and removes
  /// the others that it left behind.
  func settlePartials() throws {
    let folder = path(of: "shards")
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      for name in names where name.hasSuffix(partialSuffix) {
        let path = folder + "/" + name
        let shard = String(name.dropLast(partialSuffix.count))
        if let digest = try index.digest(ofShard: shard), try digestOfFile(path).sha256 == digest {
          try renameDurably(path, to: folder + "/" + shard)
        } else {
          try FileManager.default.removeItem(atPath: path)
        }
      }
    } catch {
      throw writeFailure(error, path: folder)
    }
  }
}
