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

  /// Opens a workspace to write, making it where there is none; one writer at a time.
  ///
  /// - Parameter path: The folder.
  /// - Returns: The workspace, locked until the value is gone.
  /// - Throws: ``Failure`` where the folder is read-only, another process writes to it, or its index
  ///   is damaged or of a newer schema.
  public static func openForWriting(_ path: String) throws -> Workspace {
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
    let lock = try WorkspaceLock(folder: path)
    try removePartials(in: path + "/shards")
    return Workspace(path: path, index: try CorpusIndex(path: path + "/corpus.sqlite"), lock: lock)
  }

  /// Opens an existing workspace to look at it; another process may be writing.
  ///
  /// - Parameter path: The folder.
  /// - Returns: The workspace.
  /// - Throws: ``Failure`` where there is none, or its index is damaged or of a newer schema.
  public static func openForReading(_ path: String) throws -> Workspace {
    let file = path + "/corpus.sqlite"
    guard FileManager.default.fileExists(atPath: file) else {
      throw Failure(
        what: "this is no workspace: it has no corpus.sqlite",
        place: path,
        remedy: "name the workspace's folder with -w, or make one with `blalm build` or `ingest`"
      )
    }
    return Workspace(path: path, index: try CorpusIndex(readingFrom: file), lock: nil)
  }

  /// The path of something in the workspace.
  ///
  /// - Parameter name: A relative path, such as `selections/main`.
  /// - Returns: The absolute or working-folder-relative path.
  public func path(of name: String) -> String { path + "/" + name }

  /// Shard files that an interrupted writer left behind.
  private static func removePartials(in folder: String) throws {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      for name in names where name.hasSuffix(partialSuffix) {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      }
    } catch {
      throw writeFailure(error, path: folder)
    }
  }
}
