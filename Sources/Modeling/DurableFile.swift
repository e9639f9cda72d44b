// Files that appear under their name whole or not at all, and exact reads of binary ones.
//
// Written under a temporary name, synced, renamed, and the folder synced, so that neither a kill nor
// a power cut leaves half a checkpoint. The one place of this target that speaks to the system.

private import Glibc

/// A model file that cannot be read or written: what is wrong, where, and what to do.
public struct ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, as one clause; names the tensor where one is at fault.
  public let what: String
  /// The path.
  public let place: String
  /// What to do.
  public let remedy: String

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - what: What is wrong.
  ///   - place: The path.
  ///   - remedy: What to do.
  public init(what: String, place: String, remedy: String) {
    self.what = what
    self.place = place
    self.remedy = remedy
  }

  /// The message for people: place, fault, remedy.
  public var description: String { "\(place): \(what)\n  what to do: \(remedy)" }
}

/// A file being written under a temporary name; ``finish()`` gives it its own.
package struct DurableFile: ~Copyable {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isFinished = false

  /// Creates the temporary file beside `path`.
  package init(path: String) throws {
    self.path = path
    temporaryPath = path + ".partial"
    // Unsafe because the system takes the path as a C string; Swift keeps it alive for the call.
    descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError("cannot be created", path) }
  }

  deinit {
    close(descriptor)
    if !isFinished { unsafe unlink(temporaryPath) }
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

  /// Syncs the file, renames it and syncs its folder.
  package consuming func finish() throws {
    guard fsync(descriptor) == 0 else { throw systemError("cannot be synced", path) }
    guard unsafe rename(temporaryPath, path) == 0 else {
      throw systemError("cannot be renamed", path)
    }
    isFinished = true
    try syncFolder(of: path)
  }

  /// Writes all the bytes; unsafe because `write` takes a pointer and its count, kept in step here.
  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError("cannot be written", path) }
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

/// Syncs the folder that holds `path`, so that a rename in it survives a power cut.
package func syncFolder(of path: String) throws {
  let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError("cannot be opened", folder) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw systemError("cannot be synced", folder) }
}

/// Moves a finished folder to its name and syncs the folder above.
package func renameDurably(_ path: String, to target: String) throws {
  guard unsafe rename(path, target) == 0 else { throw systemError("cannot be renamed", path) }
  try syncFolder(of: target)
}

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
    guard descriptor >= 0 else { throw systemError("cannot be opened", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ModelFileError(what: "is not a regular file", place: path, remedy: "name a file")
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

  /// Fills the bytes; unsafe because `pread` takes a pointer and its count, kept in step here.
  private func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var taken = 0
    while taken < bytes.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[taken...])
      let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + taken))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError("cannot be read to its end", path) }
      taken += count
    }
  }
}

private func systemError(_ what: String, _ path: String) -> ModelFileError {
  // Unsafe because the message is a C string owned by the library; it is copied at once.
  let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error"
  return ModelFileError(
    what: "\(what): \(reason)",
    place: path,
    remedy: "check the path, its permissions and the free space"
  )
}
