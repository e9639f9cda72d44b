// The one door to libzstd: whole frames in memory, nothing streamed.

private import CZstd

/// Compresses and decompresses independent zstd frames with reused contexts.
///
/// Not for sharing between threads: each worker has its own.
@safe package struct Zstandard: ~Copyable {
  // Unsafe because libzstd hands out raw contexts; they are made in init, freed in deinit and never
  // leave this noncopyable value.
  private let compressor: OpaquePointer
  private let decompressor: OpaquePointer

  /// Creates both contexts, with a content checksum.
  ///
  /// - Parameter level: The level of compression; 3 is the recommendation of the measurements for
  ///   256 KiB frames (231 MB/s, ratio 0.38).
  package init(level: Int32 = 3) {
    guard let compressor = unsafe ZSTD_createCCtx(), let decompressor = unsafe ZSTD_createDCtx()
    else { fatalError("libzstd cannot allocate a context") }
    unsafe self.compressor = unsafe compressor
    unsafe self.decompressor = unsafe decompressor
    _ = unsafe ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
    _ = unsafe ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1)
  }

  deinit {
    _ = unsafe ZSTD_freeCCtx(compressor)
    _ = unsafe ZSTD_freeDCtx(decompressor)
  }

  /// Compresses bytes into one frame.
  ///
  /// - Parameter bytes: The content.
  /// - Returns: The frame.
  package func frame(of bytes: [UInt8]) -> [UInt8] {
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      let size = unsafe bytes.withUnsafeBytes { content in
        unsafe ZSTD_compress2(
          compressor,
          buffer.baseAddress,
          bound,
          content.baseAddress,
          content.count
        )
      }
      precondition(ZSTD_isError(size) == 0, "libzstd refuses a buffer of its own bound")
      count = size
    }
  }

  /// The size of the frame that bytes would be compressed into.
  ///
  /// - Parameters:
  ///   - bytes: The content.
  ///   - scratch: Memory for the frame, made larger where needed; its content is of no use.
  /// - Returns: The size in bytes.
  func frameSize(of bytes: Span<UInt8>, scratch: inout [UInt8]) -> Int {
    let bound = ZSTD_compressBound(bytes.count)
    if scratch.count < bound { scratch = [UInt8](repeating: 0, count: bound) }
    // Unsafe because the call takes pointers; both buffers outlive it.
    let size = unsafe scratch.withUnsafeMutableBytes { buffer in
      unsafe bytes.withUnsafeBytes { content in
        unsafe ZSTD_compress2(
          compressor,
          buffer.baseAddress,
          bound,
          content.baseAddress,
          content.count
        )
      }
    }
    precondition(ZSTD_isError(size) == 0, "libzstd refuses a buffer of its own bound")
    return size
  }

  /// Decompresses one frame.
  ///
  /// - Parameters:
  ///   - frame: A whole frame that states its content's size.
  ///   - limit: The largest content that is believed.
  /// - Returns: The content, or `nil` where the frame is damaged, cut or over the limit.
  package func content(of frame: [UInt8], limit: Int) -> [UInt8]? {
    content(of: frame[...], limit: limit)
  }

  /// Decompresses one frame that lies among other bytes.
  ///
  /// - Parameters:
  ///   - frame: A whole frame that states its content's size.
  ///   - limit: The largest content that is believed.
  /// - Returns: The content, or `nil` where the frame is damaged, cut or over the limit.
  package func content(of frame: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
    let stated = unsafe frame.withUnsafeBytes {
      unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count)
    }
    guard stated <= UInt64(limit) else { return nil }
    var failed = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: Int(stated)) { buffer, count in
      let size = unsafe frame.withUnsafeBytes {
        unsafe ZSTD_decompressDCtx(
          decompressor,
          buffer.baseAddress,
          Int(stated),
          $0.baseAddress,
          $0.count
        )
      }
      failed = ZSTD_isError(size) != 0
      count = failed ? 0 : size
    }
    return failed || content.count != Int(stated) ? nil : content
  }

  /// The length of the frame that begins at a place, found from its block headers alone.
  ///
  /// - Parameters:
  ///   - bytes: Frames, from the begin of a file or from within.
  ///   - start: Where a frame begins.
  /// - Returns: The length, or `nil` where the frame is cut there or is none.
  package static func frameLength(in bytes: Span<UInt8>, from start: Int) -> Int? {
    // Unsafe because the call takes a pointer; the length is that of the rest of the span.
    let length = unsafe bytes.extracting(start..<bytes.count).withUnsafeBytes {
      unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count)
    }
    return ZSTD_isError(length) == 0 ? length : nil
  }

  /// Where the next whole frame lies.
  ///
  /// - Parameters:
  ///   - bytes: Frames one after another, perhaps with damage between them.
  ///   - start: Where to look from.
  /// - Returns: The bytes of the first frame that begins there or later and ends within `bytes`; its
  ///   content may still be damaged.
  package static func frame(in bytes: Span<UInt8>, from start: Int) -> Range<Int>? {
    var at = start
    while at + 4 <= bytes.count {
      let isMagic =
        bytes[at] == 0x28 && bytes[at + 1] == 0xb5 && bytes[at + 2] == 0x2f
        && bytes[at + 3] == 0xfd
      if isMagic, let length = frameLength(in: bytes, from: at) { return at..<at + length }
      at += 1
    }
    return nil
  }

  /// Decompresses one or more frames whose content's size is known from elsewhere.
  ///
  /// - Parameters:
  ///   - frames: Whole frames; they need not state their size.
  ///   - size: The size of the content.
  /// - Returns: The content, or `nil` where a frame is damaged, cut or of another size.
  package func content(of frames: Span<UInt8>, size: Int) -> [UInt8]? {
    var failed = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let written = unsafe frames.withUnsafeBytes {
        unsafe ZSTD_decompressDCtx(
          decompressor,
          buffer.baseAddress,
          size,
          $0.baseAddress,
          $0.count
        )
      }
      failed = ZSTD_isError(written) != 0 || written != size
      count = failed ? 0 : size
    }
    return failed ? nil : content
  }

  /// The library's version, such as `1.5.4`.
  package static var version: String { unsafe String(cString: ZSTD_versionString()) }
}

/// The version of libzstd, such as `1.5.4`.
///
/// - Returns: The version.
public func zstandardVersion() -> String { Zstandard.version }
