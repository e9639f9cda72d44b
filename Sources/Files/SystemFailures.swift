// The system's own words for what went wrong, as failures that say what to do.

import Foundation

/// The failure of the system call that has just returned, from `errno`.
///
/// - Parameters:
///   - what: What could not be done.
///   - path: The file or folder.
/// - Returns: The failure.
package func systemFailure(_ what: String, _ path: String) -> Failure {
  let code = POSIXErrorCode(rawValue: errno) ?? .EIO
  return Failure(
    what: "\(what): \(POSIXError(code).localizedDescription)",
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
  if let code = (wrapped ?? error) as? POSIXError { return code.localizedDescription }
  return (wrapped ?? error).localizedDescription
}
