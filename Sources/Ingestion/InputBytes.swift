/// The bytes of a file or of standard input as they lie there, in order.
///
/// What lies under every decompressor: one open descriptor, read in pieces, with the first bytes kept
/// so that the format can be told before anything is consumed. It knows no compression.
import Files
import Glibc

package final class InputBytes {
  /// The path that stands for standard input.
  package static let standardInput = "-"

  let path: String
  /// The first bytes, for recognising the format; fewer than 8 where the input is shorter.
  private(set) var head: [UInt8] = []
  /// The bytes handed out.
  private(set) var offset = 0

  private let descriptor: Int32
  /// The part of the head that is still to be handed out.
  private var headLeft = 0..<0

  /// Opens an input and reads its first bytes.
  ///
  /// - Parameter path: A regular file, or `-` for standard input.
  /// - Throws: ``Failure`` where there is nothing to read.
  package init(path: String) throws {
    self.path = path
    if path == InputBytes.standardInput {
      descriptor = STDIN_FILENO
    } else {
      _ = try sizeOfReadableFile(path)
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw unreadable(path) }
    }
    var first = [UInt8](repeating: 0, count: 8)
    var count = 0
    while count < first.count, case let read = try readDescriptor(into: &first, from: count),
      read > 0
    {
      count += read
    }
    head = Array(first[..<count])
    headLeft = 0..<count
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// Fills a part of a buffer.
  ///
  /// - Parameters:
  ///   - buffer: Where to put the bytes.
  ///   - start: The first place to fill.
  /// - Returns: The bytes read; 0 at the end.
  /// - Throws: ``Failure`` where the system cannot read on.
  func read(into buffer: inout [UInt8], from start: Int = 0) throws -> Int {
    let count: Int
    if headLeft.isEmpty {
      count = try readDescriptor(into: &buffer, from: start)
    } else {
      count = min(headLeft.count, buffer.count - start)
      for place in 0..<count { buffer[start + place] = head[headLeft.lowerBound + place] }
      headLeft = headLeft.lowerBound + count..<headLeft.upperBound
    }
    offset += count
    return count
  }

  private func readDescriptor(into buffer: inout [UInt8], from start: Int) throws -> Int {
    while true {
      // The call fills the buffer's own memory, no further than its end, before it returns.
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(
          descriptor,
          bytes.baseAddress.map { unsafe $0 + start },
          bytes.count - start
        )
      }
      if count >= 0 { return count }
      if errno != EINTR { throw unreadable(path) }
    }
  }
}

/// The size of a regular file that can be read.
func sizeOfReadableFile(_ path: String) throws -> Int64 {
  var status = stat()
  guard unsafe stat(path, &status) == 0, unsafe access(path, R_OK) == 0 else {
    throw unreadable(path)
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw Failure(
      what: "a folder, pipe or device stands where a file is expected",
      place: path,
      remedy: "give a file, or `-` and the bytes on standard input"
    )
  }
  return Int64(status.st_size)
}

private func unreadable(_ path: String) -> Failure {
  Failure(
    what: "the file cannot be read (\(unsafe String(cString: strerror(errno))))",
    place: path,
    remedy: "check the path and the file's permissions"
  )
}

/// The first bytes of a file, for recognising its format; none of standard input, which has them once.
func firstBytes(ofFile path: String) throws -> [UInt8] {
  path == InputBytes.standardInput ? [] : try InputBytes(path: path).head
}
