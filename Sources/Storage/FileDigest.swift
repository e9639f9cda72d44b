import Documents
import Files
import Foundation

/// Computes the SHA-256 of a file in pieces.
///
/// - Parameter path: The file.
/// - Returns: The digest and the size in bytes.
/// - Throws: ``Failure`` where the file cannot be read.
package func digestOfFile(_ path: String) throws -> (sha256: String, bytes: Int) {
  var status = stat()
  // Unsafe because the call takes a C string, which Swift makes and frees around it.
  guard unsafe stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
    throw Failure(
      what: "a folder, pipe or device stands where a file is expected",
      place: path,
      remedy: "give a file"
    )
  }
  guard let handle = FileHandle(forReadingAtPath: path) else {
    throw Failure(
      what: "the file cannot be opened",
      place: path,
      remedy: "check that the path exists and that you may read it"
    )
  }
  defer { try? handle.close() }
  var hash = SHA256()
  var bytes = 0
  do {
    while let piece = try handle.read(upToCount: 1_048_576), !piece.isEmpty {
      hash.update(piece.span)
      bytes += piece.count
    }
  } catch {
    throw Failure(
      what: "the file cannot be read: \(systemReason(of: error))",
      place: path,
      remedy: "check the disk and the permissions"
    )
  }
  return (hash.finish().description, bytes)
}
