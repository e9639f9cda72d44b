import Files
import Foundation

/// The writer's lock of a workspace: an advisory lock that the kernel drops with the process, on a
/// file that names its owner.
final class WorkspaceLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Parameter folder: The workspace.
  /// - Throws: ``Failure`` where another process holds it or the folder cannot be written.
  init(folder: String) throws {
    let path = folder + "/.lock"
    // Unsafe because the call takes a C string, which Swift makes and frees around it.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw systemFailure("the workspace cannot be written", folder)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      let owner = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "unknown"
      throw Failure(
        what: "another blalm writes to this workspace (process \(owner))",
        place: folder,
        remedy: "wait until it is done, or stop it"
      )
    }
    self.descriptor = descriptor
    let owner = Array("\(getpid())".utf8)
    _ = ftruncate(descriptor, 0)
    // Unsafe because the POSIX call takes a pointer; the length is the array's own.
    _ = unsafe owner.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit { close(descriptor) }
}
