// The one door to libsnappy: whole raw blocks in memory.

private import CSnappy

/// Decompresses one raw Snappy block.
package enum Snappy {
  /// Decompresses a block whose content's size is known from elsewhere.
  ///
  /// - Parameters:
  ///   - block: The block, without framing.
  ///   - size: The size of the content; the block must state the same.
  /// - Returns: The content, or `nil` where the block is damaged, cut or of another size.
  package static func content(of block: Span<UInt8>, size: Int) -> [UInt8]? {
    var failed = false
    // Unsafe because the library takes pointers and counts; both are of buffers that live for the
    // call, and it writes no more than the size that it has checked to be `size`.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let written = unsafe block.withUnsafeBufferPointer { source -> Int? in
        guard let start = source.baseAddress else { return nil }
        return unsafe start.withMemoryRebound(to: CChar.self, capacity: source.count) { source in
          var stated = 0
          guard
            unsafe snappy_uncompressed_length(source, block.count, &stated) == SNAPPY_OK,
            stated == size
          else { return nil }
          guard size > 0, let target = buffer.baseAddress else { return 0 }
          return unsafe target.withMemoryRebound(to: CChar.self, capacity: size) { target in
            var room = size
            let status = unsafe snappy_uncompress(source, block.count, target, &room)
            return status == SNAPPY_OK ? room : nil
          }
        }
      }
      failed = written != size
      count = failed ? 0 : size
    }
    return failed ? nil : content
  }
}
