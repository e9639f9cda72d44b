// Files that appear under their name whole or not at all.
//
// Written under a temporary name, synced, renamed, and the folder synced, so that neither a kill nor
// a power cut leaves half a file. Unsafe only where a system call takes a path as a C string, which
// Swift makes and frees around the call, or bytes by pointer and count, which are kept in step here.

import Foundation

/// What the name of an unfinished file or folder ends in.
package let partialSuffix = ".partial"

/// A file being written under a temporary name; ``finish()`` gives it its own.
///
/// A value that goes away unfinished removes what it wrote.
package struct DurableFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var isFinished = false

  /// Creates the temporary file beside `path`.
  package init(path: String) throws {
    self.path = path
    descriptor = unsafe open(
      path + partialSuffix,
      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
      0o644
    )
    guard descriptor >= 0 else { throw systemFailure("the file cannot be made", path) }
  }

  deinit {
    close(descriptor)
    if !isFinished { _ = unsafe unlink(path + partialSuffix) }
  }

  /// Appends bytes.
  package func write(_ bytes: [UInt8]) throws {
    try unsafe bytes.withUnsafeBytes { try unsafe write($0) }
  }

  /// Appends the little-endian bytes of a range of numbers.
  package func write(_ values: [Float], _ range: Range<Int>) throws {
    precondition(1.littleEndian == 1, "numbers are written as they lie in memory")
    try unsafe values[range].withUnsafeBytes { try unsafe write($0) }
  }

  /// Writes over the file's first bytes; what is appended afterwards still goes to the end.
  package func overwriteStart(with bytes: [UInt8]) throws {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0)
    }
    guard count == bytes.count else { throw systemFailure("the file cannot be written", path) }
  }

  /// Syncs the file, renames it and syncs its folder.
  package consuming func finish() throws {
    guard fsync(descriptor) == 0 else { throw systemFailure("the file cannot be synced", path) }
    try renameDurably(path + partialSuffix, to: path)
    isFinished = true
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = unsafe Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemFailure("the file cannot be written", path) }
      written += count
    }
  }
}

/// Writes a whole small file durably.
package func writeDurably(_ bytes: [UInt8], to path: String) throws {
  let file = try DurableFile(path: path)
  try file.write(bytes)
  try file.finish()
}
