/// The door to zlib: the bytes of a gzip file, each member's checksum and length verified.
///
/// libarchive reads gzip as well but does not compare the checksum (seen in 3.6.2: most flipped
/// bits of a file went through), which would let damaged text into a corpus unseen. This is the only
/// file that imports CZlib; its pointers live for one call of `inflate` each.
import CZlib
import Files

/// Hands over the decompressed bytes of a gzip file of one or more members.
///
/// - Parameters:
///   - source: The file, which starts with gzip's magic bytes.
///   - body: Receives pieces of up to 256 KiB, none of them empty.
/// - Throws: ``Failure`` where the data is cut off, damaged, or followed by something else.
func forEachChunk(ofGzip source: InputBytes, _ body: (Span<UInt8>) throws -> Void) throws {
  let stream = try GzipStream(source)
  var output = [UInt8](repeating: 0, count: 256 * 1_024)
  while case let count = try stream.read(into: &output), count > 0 {
    try body(output.span.extracting(0..<count))
  }
}

/// The decompressed bytes of a gzip file, taken piece by piece.
///
/// Safe to hold: zlib's state is this object's own, stays where it is, and holds no pointer to a
/// buffer between two calls.
@safe final class GzipStream {
  private let source: InputBytes
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8] = []
  private var used = 0
  private var offset = 0
  private var insideMember = false
  /// A full output buffer may hide more that zlib holds back although its input is used up.
  private var isOutputFull = false

  /// Starts at the beginning of a file that begins with gzip's magic bytes.
  init(_ source: InputBytes) throws {
    self.source = source
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 bits of window, and 16 to ask for the gzip wrapper.
    let started = unsafe inflateInit2_(
      stream,
      15 + 16,
      ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)
    )
    guard started == Z_OK else {
      throw Failure(
        what: "no memory to decompress",
        place: source.path,
        remedy: "close other programs"
      )
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Fills a buffer.
  ///
  /// - Parameter output: Where to put the bytes.
  /// - Returns: How many there are, 0 at the end.
  /// - Throws: ``Failure`` where the data is cut off, damaged, or followed by something else.
  func read(into output: inout [UInt8]) throws -> Int {
    while true {
      if used == input.count, !isOutputFull || !insideMember {
        isOutputFull = false
        guard let next = try piece(of: source) else {
          if insideMember { throw damaged("the gzip data is cut off") }
          if offset == 0 { throw emptyFile(source.path) }
          return 0
        }
        input = next
        used = 0
      }
      if !insideMember, unsafe inflateReset(stream) != Z_OK {
        throw damaged("the gzip data is damaged")
      }
      insideMember = true
      let step = unsafe inflated(stream, &input, from: used, into: &output)
      used += step.consumed
      isOutputFull = step.produced == output.count
      offset += step.produced
      switch step.status {
      case Z_STREAM_END: insideMember = false
      case Z_OK, Z_BUF_ERROR: break
      default: throw damaged("the gzip data is damaged")
      }
      if step.produced > 0 { return step.produced }
    }
  }

  private func damaged(_ what: String) -> Failure {
    Failure(
      what: what,
      place: "\(source.path), decompressed byte \(offset)",
      remedy: "fetch the file again and compare its checksum with the publisher's"
    )
  }
}

/// Decompresses gzip members, or one zlib stream, whose content's size is known from elsewhere.
///
/// - Parameters:
///   - bytes: One or more whole members.
///   - size: The size of the content.
/// - Returns: The content, or `nil` where the data is damaged, cut or of another size.
func inflated(_ bytes: [UInt8], size: Int) -> [UInt8]? {
  var stream = unsafe z_stream()
  // 15 bits of window, and 32 to recognise the wrapper.
  let started = unsafe inflateInit2_(
    &stream,
    15 + 32,
    ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size)
  )
  guard started == Z_OK else { return nil }
  defer { unsafe inflateEnd(&stream) }
  var isWhole = false
  // Unsafe because zlib takes pointers and counts; both are of buffers that live for the closure.
  // One byte more than the content shows a content that is too long.
  let content = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { target, count in
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      unsafe stream.avail_in = UInt32(source.count)
      unsafe stream.next_out = target.baseAddress
      unsafe stream.avail_out = UInt32(size + 1)
      while true {
        let status = unsafe inflate(&stream, Z_NO_FLUSH)
        guard status == Z_STREAM_END else { return }
        isWhole = unsafe stream.avail_in == 0 && stream.avail_out == 1
        guard unsafe stream.avail_in > 0, unsafe inflateReset(&stream) == Z_OK else { break }
      }
    }
    count = isWhole ? size : 0
  }
  return isWhole ? content : nil
}

/// The checksum of bytes that gzip, zip and Parquet use.
func crc32(of bytes: [UInt8]) -> UInt32 {
  // Unsafe because zlib takes a pointer and a count; the array lives for the call.
  unsafe bytes.withUnsafeBufferPointer {
    UInt32(truncatingIfNeeded: unsafe crc32_z(0, $0.baseAddress, $0.count))
  }
}

/// One call of `inflate` over the rest of the input.
private func inflated(
  _ stream: UnsafeMutablePointer<z_stream>,
  _ input: inout [UInt8],
  from start: Int,
  into output: inout [UInt8]
) -> (status: Int32, consumed: Int, produced: Int) {
  unsafe input.withUnsafeMutableBufferPointer { source in
    unsafe output.withUnsafeMutableBufferPointer { target in
      unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + start }
      unsafe stream.pointee.avail_in = UInt32(source.count - start)
      unsafe stream.pointee.next_out = target.baseAddress
      unsafe stream.pointee.avail_out = UInt32(target.count)
      let status = unsafe inflate(stream, Z_NO_FLUSH)
      let consumed = unsafe source.count - start - Int(stream.pointee.avail_in)
      let produced = unsafe target.count - Int(stream.pointee.avail_out)
      unsafe stream.pointee.next_in = nil
      unsafe stream.pointee.next_out = nil
      return (status, consumed, produced)
    }
  }
}

private func piece(of source: InputBytes) throws -> [UInt8]? {
  var piece = [UInt8](repeating: 0, count: 256 * 1_024)
  let count = try source.read(into: &piece)
  if count == 0 { return nil }
  piece.removeLast(piece.count - count)
  return piece
}
