// Exact reads of binary files.
//
// Unsafe only where a system call takes a path as a C string, which Swift makes and frees around the
// call, or a buffer by pointer and count, which are kept in step here.

import Foundation

/// A binary file open for reads at given places.
package struct BinaryFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  /// The file's size in bytes.
  package let size: Int

  /// Opens a regular file.
  package init(path: String) throws {
    self.path = path
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFailure("the file cannot be opened", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(what: "is not a regular file", place: path, remedy: "name a file")
    }
    self.descriptor = descriptor
    size = status.st_size
  }

  deinit { close(descriptor) }

  /// Reads `count` bytes that lie at `offset`.
  package func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBytes { try unsafe read(into: $0, at: offset) }
    return bytes
  }

  /// Reads little-endian numbers that lie at `offset` into a range of `values`.
  package func read(into values: inout [Float], _ range: Range<Int>, at offset: Int) throws {
    precondition(1.littleEndian == 1, "numbers are read as they lie in memory")
    try unsafe values[range].withUnsafeMutableBytes { try unsafe read(into: $0, at: offset) }
  }

  private func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var taken = 0
    while taken < bytes.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[taken...])
      let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + taken))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemFailure("the file cannot be read to its end", path) }
      taken += count
    }
  }
}
