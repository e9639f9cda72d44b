/// A column chunk's dictionary, unpacked by whoever needs it first.
///
/// Writers put the whole text of a small row group into the dictionary, so that unpacking it is most
/// of the work; it must not fall to the reading thread.
import Synchronization

final class ParquetDictionary: Sendable {
  let header: ParquetPageHeader
  let bytes: [UInt8]
  private let codec: ParquetCodec
  private let column: ParquetColumn
  private let decoded = Mutex<ParquetVector?>(nil)

  init(
    _ header: ParquetPageHeader,
    _ bytes: [UInt8],
    codec: ParquetCodec,
    of column: ParquetColumn
  ) {
    self.header = header
    self.bytes = bytes
    self.codec = codec
    self.column = column
  }

  /// The bytes of an entry on average.
  var averageSize: Int { header.size / max(1, header.valueCount) }

  /// The entries.
  ///
  /// - Returns: The values, unpacked once.
  /// - Throws: ``ParquetDefect`` where the page is damaged.
  func vector() throws -> ParquetVector {
    try decoded.withLock { decoded in
      if let decoded { return decoded }
      let vector = try unpacked()
      decoded = vector
      return vector
    }
  }

  private func unpacked() throws -> ParquetVector {
    if let checksum = header.checksum, checksum != crc32(of: bytes) {
      throw ParquetDefect.damaged("a page does not have its checksum")
    }
    guard header.encoding == .plain || header.encoding == .plainDictionary else {
      throw ParquetDefect.damaged("a dictionary has an encoding that dictionaries cannot have")
    }
    let content =
      header.size == 0 && bytes.isEmpty ? [] : try codec.content(of: bytes, size: header.size)
    return try plainValues(content, from: 0, count: header.valueCount, of: column)
  }
}
