// The one door to liblz4: whole raw blocks in memory, without the frame format.

private import CLZ4

/// Decompresses raw LZ4 blocks.
package enum LZ4 {
  /// Decompresses a block whose content's size is known from elsewhere.
  ///
  /// - Parameters:
  ///   - block: The block, without framing.
  ///   - size: The size of the content.
  /// - Returns: The content, or `nil` where the block is damaged, cut or of another size.
  package static func content(of block: Span<UInt8>, size: Int) -> [UInt8]? {
    guard let blockCount = Int32(exactly: block.count), let capacity = Int32(exactly: size) else {
      return nil
    }
    var failed = false
    // Unsafe because the library takes pointers and counts; both are of buffers that live for the
    // call, and `LZ4_decompress_safe` stays inside them.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let written = unsafe block.withUnsafeBufferPointer { source -> Int32? in
        guard let source = source.baseAddress, let target = buffer.baseAddress else {
          return nil
        }
        return unsafe source.withMemoryRebound(to: CChar.self, capacity: block.count) { source in
          unsafe target.withMemoryRebound(to: CChar.self, capacity: size) { target in
            unsafe LZ4_decompress_safe(source, target, blockCount, capacity)
          }
        }
      }
      failed = written != capacity
      count = failed ? 0 : size
    }
    return failed ? nil : content
  }
}
