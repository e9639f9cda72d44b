/// The door to libbz2: the bytes of a bzip2 file, its blocks decompressed on all cores, in order.
///
/// A bzip2 file is a row of streams, each a row of blocks that start with a 48-bit number at any bit
/// and know their own checksum (the format has no specification beyond the program; J. Seward, bzip2
/// and libbzip2 1.0, 1996 to 2019). ``Bzip2Scanner`` finds those numbers, each stretch between two of
/// them is decoded as a stream of one block, and the results are taken in order. A number that stands
/// in a block by chance cuts it short: its decoder then shows nothing, and the block is decoded again
/// with the stretches that follow. A file of one stream and a file of many go the same way.
///
/// Every block's checksum and every stream's are compared. Memory is a few blocks, whatever the file.
/// This is the only file that imports CBzip2; its pointers live for one call each.
import CBzip2
import Dispatch
import Files
import Foundation
import Synchronization

/// Hands over the decompressed bytes of a bzip2 file of one or more streams.
///
/// - Parameters:
///   - input: The file, which starts with bzip2's magic bytes.
///   - body: Receives pieces of up to 256 KiB, none of them empty.
/// - Throws: ``Failure`` where the data is cut off, damaged, or followed by something else; what came
///   before the damage has been handed over.
func forEachChunk(ofBzip2 input: InputBytes, _ body: (Span<UInt8>) throws -> Void) throws {
  var decoding = Bzip2Decoding(input: input)
  defer { decoding.abandon() }
  try decoding.run(body)
}

/// The reading of one file.
private struct Bzip2Decoding {
  /// The blocks that are decoded or wait for it: enough to keep every core busy.
  private static let greatestQueue = ProcessInfo.processInfo.activeProcessorCount + 2

  private let path: String
  private var scanner: Bzip2Scanner
  private var jobs: [Bzip2Job] = []
  /// The decompressed bytes handed over.
  private var offset = 0
  /// The checksum of the stream so far.
  private var streamChecksum: UInt32 = 0

  init(input: InputBytes) {
    path = input.path
    scanner = Bzip2Scanner(input: input)
  }

  /// Waits for the blocks that are being decoded; the others are given up.
  func abandon() {
    for job in jobs { job.abandon() }
  }

  mutating func run(_ body: (Span<UInt8>) throws -> Void) throws {
    // The first stream's header; the caller has seen it.
    var start = 32
    while let job = try nextJob() {
      jobs.removeFirst()
      guard job.stretch.start == start else { throw damaged(atBit: start) }
      if job.stretch.isEnd {
        guard let next = try endStream(job.stretch) else { return try checkNotEmpty() }
        start = next
      } else {
        start = try handOver(job, body)
      }
    }
    throw failure("the bzip2 data is cut off", atByte: scanner.byteCount)
  }

  /// Reads ahead until the queue is full.
  ///
  /// - Returns: The first job, which stays in the queue, or `nil` at the end of the file.
  private mutating func nextJob() throws -> Bzip2Job? {
    while jobs.count < Self.greatestQueue, let stretch = try scanner.nextStretch() {
      let job = Bzip2Job(stretch)
      jobs.append(job)
      if !stretch.isEnd { DispatchQueue.global().async { job.runUnlessTaken() } }
    }
    return jobs.first
  }

  // MARK: Blocks

  /// Hands over a block and returns where it ends.
  private mutating func handOver(
    _ job: Bzip2Job,
    _ body: (Span<UInt8>) throws -> Void
  ) throws -> Int {
    streamChecksum = (streamChecksum << 1 | streamChecksum >> 31) ^ job.stretch.checksum
    switch job.result() {
    case .whole(let bytes):
      try pass(bytes.span, body)
      return job.stretch.end
    case .damaged: throw damaged(atBit: job.stretch.start)
    case .unfinished: return try decodeOnward(from: job.stretch, body)
    }
  }

  /// Decodes a block that goes on past its stretch, or is too large to wait in memory.
  private mutating func decodeOnward(
    from first: Bzip2Stretch,
    _ body: (Span<UInt8>) throws -> Void
  ) throws -> Int {
    let decoder = Bzip2Decoder()
    var buffer = [UInt8](repeating: 0, count: 256 * 1_024)
    var stretch = first
    var position = first.start
    while true {
      var input = stretch.bytes(fromBit: position)
      position += 8 * input.count
      var isWhole = false
      repeat {
        guard let count = decoder.decode(&input, into: &buffer) else {
          throw damaged(atBit: first.start)
        }
        if count == 0 { break }
        isWhole = true
        try pass(buffer.span.extracting(0..<count), body)
      } while true
      if isWhole { return stretch.end }
      guard stretch.end - first.start < 8 * Bzip2Scanner.longestBlock, let next = try nextJob()
      else { throw failure("the bzip2 data is cut off or damaged", atByte: first.start / 8) }
      jobs.removeFirst()
      next.abandon()
      stretch = next.stretch
    }
  }

  private mutating func pass(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) throws -> Void) throws {
    var start = 0
    while start < bytes.count {
      let end = min(start + 256 * 1_024, bytes.count)
      try body(bytes.extracting(start..<end))
      offset += end - start
      start = end
    }
  }

  // MARK: Streams

  /// Checks the end of a stream: its checksum, and after it nothing or the next stream's header.
  ///
  /// - Returns: Where the next stream's first block starts, or `nil` at the end of the file.
  private mutating func endStream(_ stretch: Bzip2Stretch) throws -> Int? {
    let end = (stretch.start + 80 + 7) / 8 * 8
    guard end <= stretch.end else {
      throw failure("the bzip2 data is cut off", atByte: scanner.byteCount)
    }
    guard stretch.checksum == streamChecksum else { throw damaged(atBit: stretch.start) }
    streamChecksum = 0
    if end == stretch.end, stretch.isLast { return nil }
    let header = stretch.bytes(fromBit: end)
    if header.starts(with: Array("BZh".utf8)), header.count == 4, 49...57 ~= header[3] {
      if stretch.isLast { throw failure("the bzip2 data is cut off", atByte: scanner.byteCount) }
      return stretch.end
    }
    throw Failure(
      what: "bytes that are not compressed data follow the end of the compressed data",
      place: "\(path), byte \(end / 8)",
      remedy: "fetch the file again: it was cut off or joined with something else"
    )
  }

  private func checkNotEmpty() throws {
    if offset == 0 { throw emptyFile(path) }
  }

  private func damaged(atBit bit: Int) -> Failure {
    failure("the bzip2 data is damaged", atByte: bit / 8)
  }

  private func failure(_ what: String, atByte byte: Int) -> Failure {
    Failure(
      what: "\(what) at byte \(byte)",
      place: "\(path), decompressed byte \(offset)",
      remedy: "fetch the file again and compare its checksum with the publisher's"
    )
  }
}

// MARK: Jobs

/// What became of a stretch that was taken for a block.
private enum Bzip2Block: Sendable {
  case whole([UInt8])
  /// The stretch ends before the block, or the block is larger than may wait in memory.
  case unfinished
  case damaged
}

/// One stretch to decode, by whichever thread comes first.
private final class Bzip2Job: Sendable {
  private enum State {
    case waiting, taken
    case done(Bzip2Block)
  }

  let stretch: Bzip2Stretch
  private let state = Mutex(State.waiting)
  private let finished = DispatchSemaphore(value: 0)

  init(_ stretch: Bzip2Stretch) {
    self.stretch = stretch
  }

  /// Decodes the stretch unless another thread has taken it.
  func runUnlessTaken() {
    guard take() else { return }
    let block = Bzip2Decoder.block(of: stretch)
    state.withLock { $0 = .done(block) }
    finished.signal()
  }

  /// Decodes the stretch, or waits for the thread that does.
  func result() -> Bzip2Block {
    if take() { return Bzip2Decoder.block(of: stretch) }
    finished.wait()
    return state.withLock { if case .done(let block) = $0 { block } else { .damaged } }
  }

  /// Sees to it that no thread is at work on the stretch, now or later.
  func abandon() {
    if !take() { finished.wait() }
  }

  private func take() -> Bool {
    state.withLock { state in
      guard case .waiting = state else { return false }
      state = .taken
      return true
    }
  }
}

// MARK: The library

/// A decoder at the start of a stream of one block.
///
/// Safe to hold: the library's own memory is freed with it, and between two calls the structure points
/// to nothing of ours.
@safe private final class Bzip2Decoder {
  /// A block of more bytes does not wait in memory; one may hold 46 MB.
  private static let greatestBlock = 4_194_304

  private var stream = unsafe bz_stream()
  private var isOpen = false

  init() {
    isOpen = unsafe BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK
    var header = Array("BZh9".utf8)
    var nothing = [UInt8](repeating: 0, count: 1)
    _ = decode(&header, into: &nothing)
  }

  deinit {
    unsafe BZ2_bzDecompressEnd(&stream)
  }

  /// Decodes a stretch that may be a block.
  static func block(of stretch: Bzip2Stretch) -> Bzip2Block {
    let decoder = Bzip2Decoder()
    var input = stretch.bytes(fromBit: stretch.start)
    var block = [UInt8](repeating: 0, count: 1_048_576)
    var count = 0
    while let more = decoder.decode(&input, into: &block, from: count) {
      // A block shows its first byte once it was read to its end, its last byte once its checksum
      // held, and what would follow has not been given.
      count += more
      if count == 0 { return .unfinished }
      if count < block.count {
        block.removeLast(block.count - count)
        return .whole(block)
      }
      if block.count == greatestBlock { return .unfinished }
      block.append(contentsOf: [UInt8](repeating: 0, count: block.count))
    }
    return .damaged
  }

  /// Decodes until the input is used up or the output full.
  ///
  /// - Parameters:
  ///   - input: What to read; empty afterwards unless the output is full.
  ///   - output: Where to write.
  ///   - start: The first place to fill.
  /// - Returns: The bytes written, or `nil` where the data is bad.
  func decode(_ input: inout [UInt8], into output: inout [UInt8], from start: Int = 0) -> Int? {
    guard isOpen else { return nil }
    var left = 0
    var written = 0
    // Both arrays stay where they are during the call, and the library forgets them after it.
    let status = unsafe input.withUnsafeMutableBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe stream.next_in = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        unsafe stream.avail_in = UInt32(source.count)
        unsafe stream.next_out = target.baseAddress.map {
          unsafe ($0 + start).assumingMemoryBound(to: CChar.self)
        }
        unsafe stream.avail_out = UInt32(target.count - start)
        let status = unsafe BZ2_bzDecompress(&stream)
        left = unsafe Int(stream.avail_in)
        written = unsafe target.count - start - Int(stream.avail_out)
        unsafe stream.next_in = nil
        unsafe stream.next_out = nil
        return status
      }
    }
    input.removeFirst(input.count - left)
    return status == BZ_OK ? written : nil
  }
}
