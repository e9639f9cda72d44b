/// The bytes of a compressed page, by codec; brotli and LZO are refused by name.
import Codecs

extension ParquetCodec {
  init(code: Int) throws {
    guard let codec = ParquetCodec(rawValue: code) else {
      throw ParquetDefect.damaged("a column is compressed with the unknown codec \(code)")
    }
    self = codec
  }

  /// Refuses what no library here reads.
  func check() throws {
    switch self {
    case .lzo: throw ParquetDefect.unsupported("the compression LZO")
    case .brotli: throw ParquetDefect.unsupported("the compression brotli")
    case .none, .snappy, .gzip, .lz4, .zstd, .lz4Raw: break
    }
  }

  /// Decompresses a page.
  ///
  /// - Parameters:
  ///   - bytes: The compressed bytes.
  ///   - size: The size that the page header states.
  /// - Returns: Exactly `size` bytes.
  /// - Throws: ``ParquetDefect`` where the bytes are damaged or of another size.
  func content(of bytes: [UInt8], size: Int) throws -> [UInt8] {
    let content: [UInt8]?
    switch self {
    case .none: content = bytes.count == size ? bytes : nil
    case .snappy: content = Snappy.content(of: bytes.span, size: size)
    case .gzip: content = inflated(bytes, size: size)
    case .zstd: content = Zstandard().content(of: bytes.span, size: size)
    case .lz4Raw: content = size == 0 ? [] : LZ4.content(of: bytes.span, size: size)
    case .lz4:
      content = Self.framedLZ4(bytes, size: size) ?? LZ4.content(of: bytes.span, size: size)
    case .lzo, .brotli:
      try check()
      content = nil
    }
    guard let content else { throw ParquetDefect.damaged("a page cannot be decompressed") }
    return content
  }

  /// The older LZ4: blocks, each behind its two sizes, big-endian, as Hadoop writes them.
  ///
  /// Some writers left the sizes out; then the bytes are one raw block.
  private static func framedLZ4(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    func number(at position: Int) -> Int {
      bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    var content: [UInt8] = []
    var position = 0
    while position < bytes.count {
      guard bytes.count - position >= 8 else { return nil }
      let blockSize = number(at: position)
      let compressedSize = number(at: position + 4)
      position += 8
      guard compressedSize <= bytes.count - position, blockSize <= size - content.count,
        let block = LZ4.content(
          of: bytes.span.extracting(position..<position + compressedSize),
          size: blockSize
        )
      else { return nil }
      content += block
      position += compressedSize
    }
    return content.count == size ? content : nil
  }
}
