import Foundation

/// The processor time that a body takes on this thread.
///
/// For bounds on how work grows with its input: unlike the clock on the wall it does not depend on
/// what else the machine does. Speed itself is measured by `blalm bench`, never by a test.
///
/// - Parameter body: Work on the calling thread alone.
/// - Returns: Seconds.
/// - Throws: What `body` throws.
public func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
  let start = threadSeconds()
  try body()
  return threadSeconds() - start
}

private func threadSeconds() -> Double {
  var time = timespec()
  // Unsafe because the C call fills a structure through a pointer that lives for the call.
  guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
