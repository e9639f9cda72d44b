// Writing to standard output and standard error when they are full, closed or nobody reads them.
//
// What goes to standard output is the work's result: that it cannot be written is a failure. What goes
// to standard error only accompanies the work, which goes on without it. `FileHandle.write(_:)` is not
// used, since it traps on an error.

import Files
import Foundation

/// Opens what the caller has closed of the three standard streams, so that no file of the workspace
/// takes its number and receives what is printed.
func openStandardStreams() {
  for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
    // Unsafe because the call takes a C string. The system gives the lowest free number.
    _ = unsafe open("/dev/null", O_RDWR)
  }
}

/// Writes bytes to standard output.
///
/// - Parameter bytes: The bytes.
/// - Throws: ``Failure`` where they cannot be written.
func writeToOutput(_ bytes: [UInt8]) throws {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data(bytes))
  } catch {
    throw writeFailure(error, path: "standard output")
  }
}

/// Writes what `print` has held back to standard output.
///
/// - Throws: ``Failure`` where it cannot be written.
func finishOutput() throws {
  guard fflush(nil) == 0 else {
    throw systemFailure("the output cannot be written", "standard output")
  }
}

/// Writes text to standard error, where that can be written.
func tell(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}
