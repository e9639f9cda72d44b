// One pool of plain threads for the numeric side, and the one way to use it: each worker gets an
// element of an array to itself. Not the cooperative pool, whose threads must not be kept busy for
// seconds and change under a task; products inside a job run on one thread (BLAS is told so).

private import Foundation

/// A fixed number of threads that run a function over the elements of an array, one call each.
///
/// Elements are handed out in order to whichever worker is free. A result that depends only on its
/// own element is therefore the same for every number of threads.
public final class Parallel: Sendable {
  /// The number of threads that work, the caller's own included.
  public let threadCount: Int

  private let board = Board()

  /// The number of cores this process may use.
  public static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Starts the threads.
  ///
  /// - Parameter threadCount: The number of threads, the caller's included.
  /// - Precondition: The count is positive.
  public init(threadCount: Int = Parallel.coreCount) {
    precondition(threadCount >= 1, "a pool needs at least one thread")
    self.threadCount = threadCount
    setBLASThreadCount(1)
    for index in 1..<threadCount {
      let thread = Thread { [board] in board.work() }
      thread.name = "kernels-\(index)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit { board.stop() }

  /// Calls the body once for every element, several at a time, and returns when all are done.
  ///
  /// - Parameters:
  ///   - elements: The values to work on; each call has one to itself.
  ///   - body: The work, with the element's index. It must not use this pool.
  public func forEach<Element: Sendable>(
    _ elements: inout [Element],
    _ body: @Sendable (Int, inout Element) -> Void
  ) {
    let count = elements.count
    unsafe elements.withUnsafeMutableBufferPointer { buffer in
      let slots = unsafe Slots(base: buffer)
      board.run(count: count) { index in unsafe body(index, &slots.base[index]) }
    }
  }
}

/// The elements of one `forEach`, as the workers see them.
///
/// Proof that sharing it is sound: (1) `Board` hands out every index of a run exactly once, under
/// its lock, so no two threads form a reference to the same element; (2) `Element` is Sendable, so
/// another thread may use it; (3) the buffer outlives every use, because `Board.run` returns only
/// after the last call of the body has ended, and `forEach` holds the array exclusively until then;
/// (4) the lock orders the workers' writes before the caller's next read.
@unsafe private struct Slots<Element: Sendable>: @unchecked Sendable {
  let base: UnsafeMutableBufferPointer<Element>
}

/// What the threads wait on: one run at a time, its next index and how many calls are still going.
private final class Board: Sendable {
  private struct Run {
    var body: (@Sendable (Int) -> Void)?
    var next = 0
    var count = 0
    var unfinished = 0
    var isStopped = false
  }

  private let condition = NSCondition()
  private let current = Guarded(Run())

  /// Holds a value that is only touched while the condition is locked.
  ///
  /// Proof that sharing it is sound: it is private to `Board`, and every access in `Board` lies
  /// between `condition.lock()` and `condition.unlock()`; `NSCondition.wait()` returns with the lock
  /// held.
  private final class Guarded: @unchecked Sendable {
    var run: Run
    init(_ run: Run) { self.run = run }
  }

  /// Runs the body for every index below the count, the calling thread working too.
  ///
  /// It allocates once: the closure that the threads hold for the time of the call.
  func run(count: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      condition.lock()
      precondition(current.run.unfinished == 0, "a parallel run was begun inside another")
      current.run = Run(body: body, count: count, unfinished: count)
      condition.broadcast()
      takeTurns()
      while current.run.unfinished > 0 { condition.wait() }
      current.run.body = nil
      condition.unlock()
    }
  }

  /// The life of a worker thread.
  func work() {
    condition.lock()
    while !current.run.isStopped {
      takeTurns()
      if !current.run.isStopped { condition.wait() }
    }
    condition.unlock()
  }

  /// Ends the worker threads.
  func stop() {
    condition.lock()
    current.run.isStopped = true
    condition.broadcast()
    condition.unlock()
  }

  /// Takes indices until none is left; called and returning with the lock held.
  private func takeTurns() {
    while current.run.next < current.run.count, let body = current.run.body {
      let index = current.run.next
      current.run.next += 1
      condition.unlock()
      body(index)
      condition.lock()
      current.run.unfinished -= 1
      if current.run.unfinished == 0 { condition.broadcast() }
    }
  }
}
