import Files
import Foundation

/// The lock of a workspace: an advisory lock that the kernel drops with the process, on a file that
/// names who wrote last.
///
/// A writer holds it alone. Those who check files hold it together, so that no writer changes what
/// they look at; those who only ask the index hold none.
final class WorkspaceLock: Sendable {
  private let descriptor: Int32

  /// Takes the writer's lock.
  ///
  /// - Parameter folder: The workspace.
  /// - Throws: ``Failure`` where another process holds the lock or the folder cannot be written.
  init(writing folder: String) throws {
    let path = WorkspaceLock.path(in: folder)
    // Unsafe because the call takes a C string, which Swift makes and frees around it.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw systemFailure("the workspace cannot be written", folder)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      // Those who check hold it together with whoever asks for the same; a writer does not.
      let isChecked = flock(descriptor, LOCK_SH | LOCK_NB) == 0
      WorkspaceLock.release(descriptor)
      throw isChecked ? WorkspaceLock.isBeingChecked(folder) : WorkspaceLock.isBeingWritten(folder)
    }
    self.descriptor = descriptor
    let owner = Array(WorkspaceLock.ownName.utf8)
    _ = ftruncate(descriptor, 0)
    // Unsafe because the POSIX call takes a pointer; the length is the array's own.
    _ = unsafe owner.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Takes the lock of one who checks files; gives `nil` where no process ever wrote there, as in a
  /// copy without the lock's file.
  ///
  /// - Parameter folder: The workspace.
  /// - Throws: ``Failure`` where a writer holds the lock.
  init?(checking folder: String) throws {
    // Unsafe because the call takes a C string, which Swift makes and frees around it.
    let descriptor = unsafe open(WorkspaceLock.path(in: folder), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
      close(descriptor)
      throw WorkspaceLock.isBeingWritten(folder)
    }
    self.descriptor = descriptor
  }

  deinit { WorkspaceLock.release(descriptor) }

  /// Unlocks before it closes: a process that is being started holds copies of all descriptors, and
  /// with them the lock, until its program begins.
  private static func release(_ descriptor: Int32) {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func path(in folder: String) -> String { folder + "/.lock" }

  /// This process, as the file names it.
  private static var ownName: String {
    let program = (CommandLine.arguments.first ?? "blalm") as NSString
    let command = ([program.lastPathComponent] + CommandLine.arguments.dropFirst())
      .joined(separator: " ").prefix(200)
      .map { $0.isNewline ? " " : $0 }
    let now = Date().formatted(.iso8601)
    return "process \(getpid()), `\(String(command))`, since \(now)"
  }

  private static func isBeingChecked(_ folder: String) -> Failure {
    Failure(
      what: "`blalm verify` is checking this workspace",
      place: folder,
      remedy: "wait until it is done, or stop it"
    )
  }

  private static func isBeingWritten(_ folder: String) -> Failure {
    let owner = try? String(contentsOfFile: path(in: folder), encoding: .utf8)
    return Failure(
      what: "another blalm writes to this workspace (\(owner ?? "of unknown name"))",
      place: folder,
      remedy: "wait until it is done, or stop it"
    )
  }
}
