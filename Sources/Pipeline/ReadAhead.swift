// Cutting a file into records on one thread while the records before are converted on all cores.

import Dispatch
import Foundation
import Ingestion
import Synchronization

/// Records are handed over in batches of about this many bytes, so that memory stays bounded.
private let batchBytes = 8_388_608
/// A batch holds at most this many records.
private let batchRecords = 8_192
/// The batches that may wait to be converted.
private let waitingBatches = 2

/// Reads a file's records on a thread of its own and hands them out in order, batch by batch.
///
/// Decompression and parsing then cost no time of their own where a second core is free. However the
/// call ends, the thread has ended before it returns.
///
/// - Parameters:
///   - file: The file.
///   - reader: The reader.
///   - body: Receives each batch on the caller's thread.
/// - Throws: What the reader throws, after the batches before it; what `body` throws.
func forEachBatchAhead(
  of file: InputFile,
  with reader: any SourceReader,
  _ body: ([RawRecord]) throws -> Void
) throws {
  let queue = BatchQueue()
  let thread = Thread { queue.fill(from: file, with: reader) }
  // The parsers are iterative; this is room for libxml2 and libarchive.
  thread.stackSize = 8_388_608
  thread.start()
  defer { queue.abandon() }
  while let batch = try queue.next() { try body(batch) }
}

/// A bounded queue between one reading thread and one converting thread.
private final class BatchQueue: Sendable {
  /// The consumer has gone; the reading thread ends at the next record.
  private struct Abandoned: Error {}

  private struct State {
    var batches: [[RawRecord]] = []
    var failure: (any Error)?
    var isAbandoned = false
  }

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  // Counted up from 0: libdispatch traps where a semaphore goes away below the value it began with,
  // as it does when the consumer leaves batches behind.
  private let free = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  init() {
    for _ in 0..<waitingBatches { free.signal() }
  }

  /// Reads the whole file into the queue; an empty batch marks the end.
  func fill(from file: InputFile, with reader: any SourceReader) {
    var batch: [RawRecord] = []
    var bytes = 0
    do {
      try reader.forEachRecord(in: file) { record in
        bytes += record.bytes.count
        batch.append(record)
        if bytes >= batchBytes || batch.count >= batchRecords {
          try push(batch)
          batch = []
          bytes = 0
        }
      }
      if !batch.isEmpty { try push(batch) }
    } catch {
      state.withLock { $0.failure = error }
    }
    state.withLock { $0.batches.append([]) }
    filled.signal()
    ended.signal()
  }

  private func push(_ batch: [RawRecord]) throws {
    free.wait()
    let isAbandoned = state.withLock { state in
      if !state.isAbandoned { state.batches.append(batch) }
      return state.isAbandoned
    }
    if isAbandoned { throw Abandoned() }
    filled.signal()
  }

  /// Waits for the next batch.
  ///
  /// - Returns: The batch, or `nil` at the end.
  /// - Throws: What the reader threw, where the end came early.
  func next() throws -> [RawRecord]? {
    filled.wait()
    let (batch, failure) = state.withLock { ($0.batches.removeFirst(), $0.failure) }
    guard batch.isEmpty else {
      free.signal()
      return batch
    }
    if let failure { throw failure }
    return nil
  }

  /// Lets the reading thread run out and waits for it.
  func abandon() {
    state.withLock { $0.isAbandoned = true }
    free.signal()
    ended.wait()
  }
}
