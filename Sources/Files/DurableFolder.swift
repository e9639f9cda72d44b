// Folders that appear under their name whole, and names that survive a power cut.
//
// Unsafe only where a system call takes a path as a C string, which Swift makes and frees around it.

import Foundation

/// Makes an empty folder, removing what an interrupted run left under its name.
package func makeEmptyFolder(_ path: String) throws {
  do {
    if FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw writeFailure(error, path: path)
  }
}

/// Fills a folder under a temporary name and puts it, whole and durable, in the place of an earlier
/// one.
///
/// - Parameters:
///   - path: The folder's name.
///   - replacing: Called before the earlier folder is touched.
///   - fill: Writes files, no folders, into the path that it is given.
/// - Returns: What `fill` returns.
/// - Throws: What `fill` or `replacing` throw, and ``Failure`` where the disk refuses; the earlier
///   folder then stands and the temporary one is gone.
package func replaceFolder<Value>(
  _ path: String,
  replacing: () throws -> Void = {},
  _ fill: (_ partial: String) throws -> Value
) throws -> Value {
  let partial = path + partialSuffix
  try makeEmptyFolder(partial)
  do {
    let value = try fill(partial)
    try replacing()
    try publishFolder(partial, as: path)
    return value
  } catch {
    try? FileManager.default.removeItem(atPath: partial)
    throw error
  }
}

/// Syncs every file of a finished folder and puts it in the place of an earlier one.
///
/// - Parameters:
///   - partial: The finished folder; files in it, no folders.
///   - path: Its name from now on; what stands there is removed.
/// - Throws: ``Failure`` where the folder cannot be renamed.
private func publishFolder(_ partial: String, as path: String) throws {
  let manager = FileManager.default
  do {
    for name in try manager.contentsOfDirectory(atPath: partial) {
      try synchronize(partial + "/" + name, flags: O_RDONLY)
    }
    try synchronize(partial, flags: O_RDONLY | O_DIRECTORY)
    if manager.fileExists(atPath: path) { try manager.removeItem(atPath: path) }
  } catch {
    throw writeFailure(error, path: path)
  }
  try renameDurably(partial, to: path)
}

/// Renames in one step, replacing a file that stands there, and syncs the folder above.
package func renameDurably(_ path: String, to target: String) throws {
  guard unsafe rename(path, target) == 0 else {
    throw systemFailure("`\(path)` cannot take its name", target)
  }
  try synchronizeFolder(of: target)
}

/// Syncs the folder that holds `path`, so that a rename or removal in it survives a power cut.
package func synchronizeFolder(of path: String) throws {
  let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  try synchronize(folder, flags: O_RDONLY | O_DIRECTORY)
}

private func synchronize(_ path: String, flags: Int32) throws {
  let descriptor = unsafe open(path, flags | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemFailure("cannot be opened", path) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw systemFailure("cannot be synced", path) }
}
