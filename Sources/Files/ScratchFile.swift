// Working data that is too much for memory, in a file without a name.
//
// Unsafe only where a system call takes a path as a C string, which Swift makes and frees around the
// call, or a buffer by pointer and count, which are kept in step here. Only types without references
// go in and come out, so that their bytes are all there is to them.

import Foundation

/// A file for one process's working data: it loses its name as soon as it is open, so that the system
/// frees it with the process, however that ends.
package final class ScratchFile: Sendable {
  private let folder: String
  private let descriptor: Int32

  /// Makes an empty file on the disk of a folder.
  ///
  /// - Parameter folder: A writable folder.
  /// - Throws: ``Failure`` where the file cannot be made.
  package init(in folder: String) throws {
    self.folder = folder
    // Should the process end before the name is gone: whoever cleans the folder knows the suffix.
    let path = folder + "/scratch" + partialSuffix
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw systemFailure("the working file cannot be made", path) }
    guard unsafe unlink(path) == 0 else {
      close(descriptor)
      throw systemFailure("the working file cannot be unnamed", path)
    }
  }

  deinit { close(descriptor) }

  /// Appends values as they lie in memory.
  ///
  /// - Parameter values: The values.
  /// - Throws: ``Failure`` where the disk is full.
  package func append<Value: BitwiseCopyable>(_ values: [Value]) throws {
    try unsafe values.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
        let count = unsafe Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw systemFailure("working data cannot be written", folder) }
        written += count
      }
    }
  }

  /// Reads as many values as an array holds, in place of them.
  ///
  /// - Parameters:
  ///   - values: The array.
  ///   - first: The number of values that lie before the first one wanted.
  /// - Throws: ``Failure`` where the file holds fewer, or the disk fails.
  package func read<Value: BitwiseCopyable>(into values: inout [Value], from first: Int) throws {
    let offset = first * MemoryLayout<Value>.stride
    try unsafe values.withUnsafeMutableBytes { bytes in
      var taken = 0
      while taken < bytes.count {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[taken...])
        let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + taken))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw systemFailure("working data cannot be read", folder) }
        taken += count
      }
    }
  }

  /// Reads all of a file, piece by piece.
  ///
  /// - Parameters:
  ///   - count: The number of values.
  ///   - empty: Any value, to make room with.
  ///   - body: Receives each piece and the number of values that lie before it.
  /// - Throws: ``Failure`` where the file holds fewer, or the disk fails; what `body` throws.
  package func forEachPiece<Value: BitwiseCopyable>(
    of count: Int,
    filledWith empty: Value,
    _ body: (_ values: [Value], _ first: Int) throws -> Void
  ) throws {
    let length = 65_536
    for first in stride(from: 0, to: count, by: length) {
      var values = [Value](repeating: empty, count: min(length, count - first))
      try read(into: &values, from: first)
      try body(values, first)
    }
  }
}
