import Documents
import Foundation
import Glibc

/// Moves a finished temporary file to its final name, replacing what is there, in one step.
///
/// The one file that calls `rename(2)` and `fsync(2)`: Foundation's `moveItem` refuses an existing
/// target and its `replaceItemAt` is not one step on Linux. "Unsafe" is only the passing of paths
/// as C strings, which Swift makes and frees around each call.
///
/// - Parameters:
///   - target: The final path.
///   - source: The temporary file, in the same folder.
/// - Throws: ``Failure`` with the system's reason.
func replaceFile(at target: String, with source: String) throws {
  guard unsafe rename(source, target) == 0 else {
    throw Failure(
      what: "the finished file cannot take its name (\(unsafe String(cString: strerror(errno))))",
      place: target,
      remedy: "check the permissions of the folder"
    )
  }
  // The name itself is durable once the folder is; a file system that cannot do this loses nothing.
  let folder = unsafe open((target as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY)
  guard folder >= 0 else { return }
  _ = fsync(folder)
  close(folder)
}
