// Unsafe only where a POSIX call takes a C string, which Swift makes and frees around the call.
//
// Writing that survives a crash: temporary name, fsync, rename, fsync of the folder.

package import Documents
import Foundation

/// Writes a whole file under a temporary name, makes it durable and gives it its name.
///
/// - Parameters:
///   - bytes: The content.
///   - path: The file.
/// - Throws: ``Failure`` where the disk is full or the folder cannot be written.
package func writeDurably(_ bytes: [UInt8], to path: String) throws {
  let partial = path + partialSuffix
  do {
    guard FileManager.default.createFile(atPath: partial, contents: nil),
      let handle = FileHandle(forWritingAtPath: partial)
    else { throw POSIXError.current }
    defer { try? handle.close() }
    try handle.write(contentsOf: bytes)
    try handle.synchronize()
    try renameReplacing(partial, path)
  } catch {
    try? FileManager.default.removeItem(atPath: partial)
    throw writeFailure(error, path: path)
  }
}

/// Puts a finished folder in the place of an earlier one.
///
/// - Parameters:
///   - partial: The finished folder.
///   - path: Its name from now on; what stands there is removed.
/// - Throws: ``Failure`` where the folder cannot be renamed.
package func publishFolder(_ partial: String, as path: String) throws {
  let manager = FileManager.default
  do {
    for name in try manager.contentsOfDirectory(atPath: partial) {
      guard let handle = FileHandle(forUpdatingAtPath: partial + "/" + name) else { continue }
      try handle.synchronize()
      try handle.close()
    }
    try synchronizeFolder(partial)
    if manager.fileExists(atPath: path) { try manager.removeItem(atPath: path) }
    try renameReplacing(partial, path)
    try synchronizeFolder((path as NSString).deletingLastPathComponent)
  } catch let failure as Failure {
    throw failure
  } catch {
    throw writeFailure(error, path: path)
  }
}

/// Renames, replacing what stands there in one step.
func renameReplacing(_ from: String, _ to: String) throws {
  guard unsafe rename(from, to) == 0 else { throw writeFailure(POSIXError.current, path: to) }
}

/// Makes the names in a folder durable.
func synchronizeFolder(_ path: String) throws {
  let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw writeFailure(POSIXError.current, path: path) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw writeFailure(POSIXError.current, path: path) }
}

/// The failure of a write, with the system's reason.
///
/// - Parameters:
///   - error: What went wrong.
///   - path: The file or folder.
/// - Returns: The failure.
package func writeFailure(_ error: any Error, path: String) -> Failure {
  if let failure = error as? Failure { return failure }
  return Failure(
    what: "the file cannot be written: \(systemReason(of: error))",
    place: path,
    remedy: "free some space or make the folder writable, then run the same command again"
  )
}
