// Compressing frames on threads of their own while the one that writes does other work.
//
// A frame's bytes depend on its content alone, so that neither the number of threads nor who is
// fastest changes a shard. Knows no files.

import Codecs
import Dispatch
import Foundation
import Synchronization

/// Threads that compress frames, each with a context of its own; frames come back in order.
///
/// For one writer. It must call ``end()``, or the threads wait for ever.
final class FrameCompressor: Sendable {
  /// A frame on its way.
  private final class Frame: Sendable {
    let content: [UInt8]
    let compressed = Mutex<[UInt8]?>(nil)
    let finished = DispatchSemaphore(value: 0)

    init(content: [UInt8]) { self.content = content }
  }

  private struct State {
    /// Frames that no thread has taken up yet.
    var untouched: [Frame] = []
    /// Frames that were not handed back yet, in order.
    var waiting: [Frame] = []
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let added = DispatchSemaphore(value: 0)
  private let threads: Int

  /// Starts the threads.
  ///
  /// - Parameter threads: How many, at least 1.
  init(threads: Int) {
    self.threads = max(1, threads)
    for _ in 0..<self.threads { Thread { self.compress() }.start() }
  }

  /// Whether as many frames are on their way as memory should hold: two a thread.
  var isFull: Bool { state.withLock { $0.waiting.count >= 2 * threads } }

  /// Takes up a frame.
  ///
  /// - Parameter content: Its content.
  func add(_ content: [UInt8]) {
    let frame = Frame(content: content)
    state.withLock { state in
      state.untouched.append(frame)
      state.waiting.append(frame)
    }
    added.signal()
  }

  /// Waits for the oldest frame that was not handed back yet.
  ///
  /// - Returns: The frame, or `nil` where there is none.
  func next() -> [UInt8]? {
    let oldest = state.withLock { state in
      state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    guard let oldest else { return nil }
    oldest.finished.wait()
    return oldest.compressed.withLock { $0 }
  }

  /// Lets the threads run out; frames that were not handed back are lost.
  func end() {
    state.withLock { state in
      state.hasEnded = true
      state.untouched = []
    }
    for _ in 0..<threads { added.signal() }
  }

  private func compress() {
    let codec = Zstandard()
    while true {
      added.wait()
      let (frame, hasEnded) = state.withLock { state in
        (state.untouched.isEmpty ? nil : state.untouched.removeFirst(), state.hasEnded)
      }
      if hasEnded { return }
      guard let frame else { continue }
      let compressed = codec.frame(of: frame.content)
      frame.compressed.withLock { $0 = compressed }
      frame.finished.signal()
    }
  }
}
