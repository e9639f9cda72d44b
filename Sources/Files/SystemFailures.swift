// The system's own words for what went wrong, as failures that say what to do.

import Foundation

/// The failure of the system call that has just returned, from `errno`.
///
/// - Parameters:
///   - what: What could not be done.
///   - path: The file or folder.
/// - Returns: The failure.
package func systemFailure(_ what: String, _ path: String) -> Failure {
  let number = errno
  return Failure(
    what: "\(what): \(systemWords(for: number))",
    place: path,
    remedy: "check the path, its permissions and the free space, then run the same command again"
  )
}

/// The failure of a write, with the system's reason.
///
/// - Parameters:
///   - error: What went wrong; a ``Failure`` is handed on as it is.
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

/// The system's own words for a Foundation or POSIX error, without Foundation's wrapping.
package func systemReason(of error: any Error) -> String {
  let wrapped = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
  let inner = (wrapped ?? error) as NSError
  return inner.domain == NSPOSIXErrorDomain
    ? systemWords(for: Int32(inner.code)) : inner.localizedDescription
}

/// The words for an error number, such as "No space left on device".
private func systemWords(for number: Int32) -> String {
  // Unsafe because the message is a C string that the library owns; it is copied at once.
  unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
}
