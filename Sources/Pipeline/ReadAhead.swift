// Cutting files into records on threads of their own while the records before are converted on all
// cores.

import Dispatch
import Foundation
package import Ingestion
import Synchronization

/// Records are handed over in batches of about this many bytes, so that memory stays bounded.
private let batchBytes = 8_388_608
/// A batch holds at most this many records.
private let batchRecords = 8_192
/// The batches of a file that may wait to be converted.
private let waitingBatches = 2
/// The files that are read at once: one core can then decompress while another does, too.
private let filesAhead = 2

/// Reads files' records on threads of their own and hands them out in order, batch by batch.
///
/// Decompression and parsing then cost little time of their own where a second core is free. A batch
/// may hold the records of many small files. However the call ends, its threads have ended before it
/// returns.
///
/// - Parameters:
///   - files: The files.
///   - reader: The reader.
///   - body: Receives each batch on the caller's thread, with the file that it ends in.
/// - Throws: What the reader throws, in the files' order; what `body` throws.
package func forEachBatchAhead(
  of files: [InputFile],
  with reader: any SourceReader,
  _ body: ([RawRecord], InputFile) throws -> Void
) throws {
  var started: [BatchQueue<[RawRecord]>] = []
  defer { for queue in started { queue.abandon() } }
  var gathered: [RawRecord] = []
  var bytes = 0
  for (index, file) in files.enumerated() {
    while started.count < min(files.count, index + filesAhead) {
      let file = files[started.count]
      started.append(BatchQueue { push in try makeBatches(of: file, with: reader, push) })
    }
    while let batch = try started[index].next() {
      bytes += batch.reduce(0) { $0 + $1.heldSize }
      gathered += batch
      guard bytes >= batchBytes || gathered.count >= batchRecords else { continue }
      try body(gathered, file)
      gathered.removeAll(keepingCapacity: true)
      bytes = 0
    }
  }
  if let last = files.last, !gathered.isEmpty { try body(gathered, last) }
}

/// Reads a whole file in batches.
private func makeBatches(
  of file: InputFile,
  with reader: any SourceReader,
  _ push: ([RawRecord]) throws -> Void
) throws {
  var batch: [RawRecord] = []
  var bytes = 0
  try reader.forEachRecord(in: file) { record in
    bytes += record.heldSize
    batch.append(record)
    if bytes >= batchBytes || batch.count >= batchRecords {
      try push(batch)
      batch = []
      bytes = 0
    }
  }
  if !batch.isEmpty { try push(batch) }
}

/// A bounded queue between one thread that makes batches and one that uses them.
///
/// However the user ends, it must call ``abandon()``; the making thread has ended when that returns.
final class BatchQueue<Batch: Sendable>: Sendable {
  /// The consumer has gone; the making thread ends at the next batch.
  private struct Abandoned: Error {}

  private struct State {
    var batches: [Batch] = []
    var failure: (any Error)?
    var isAbandoned = false
  }

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  // Counted up from 0: libdispatch traps where a semaphore goes away below the value it began with,
  // as it does when the consumer leaves batches behind.
  private let free = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Starts the thread that makes batches.
  ///
  /// - Parameter make: Makes the batches and hands each over; what the handing over throws must end
  ///   it.
  init(_ make: @escaping @Sendable (_ push: (Batch) throws -> Void) throws -> Void) {
    for _ in 0..<waitingBatches { free.signal() }
    let thread = Thread {
      do {
        try make(self.push)
      } catch {
        self.state.withLock { $0.failure = error }
      }
      self.filled.signal()
      self.ended.signal()
    }
    // The parsers are iterative; this is room for libxml2 and libarchive.
    thread.stackSize = 8_388_608
    thread.start()
  }

  private func push(_ batch: Batch) throws {
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
  /// - Throws: What the making thread threw, where the end came early.
  func next() throws -> Batch? {
    filled.wait()
    let (batch, failure) = state.withLock { state in
      (state.batches.isEmpty ? nil : state.batches.removeFirst(), state.failure)
    }
    if let batch {
      free.signal()
      return batch
    }
    if let failure { throw failure }
    return nil
  }

  /// Lets the making thread run out and waits for it.
  func abandon() {
    state.withLock { $0.isAbandoned = true }
    free.signal()
    ended.wait()
  }
}
