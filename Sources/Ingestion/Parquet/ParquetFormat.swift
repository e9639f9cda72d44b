/// The names and codes of the Parquet format (apache/parquet-format, parquet.thrift), and the limits
/// that this reader sets to what a file may claim.

/// How a column's values are stored.
enum ParquetPhysicalType: Int {
  case boolean
  case int32
  case int64
  case int96
  case float
  case double
  case byteArray
  case fixedLengthByteArray
}

/// How a page's values are coded.
enum ParquetEncoding: Int {
  case plain = 0
  case plainDictionary = 2
  case runLength = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case runLengthDictionary = 8
  case byteStreamSplit = 9

  init(code: Int) throws {
    if code == 10 { throw ParquetDefect.unsupported("the encoding ALP") }
    guard let encoding = ParquetEncoding(rawValue: code) else {
      throw ParquetDefect.damaged("an encoding has the unknown code \(code)")
    }
    self = encoding
  }
}

/// How a page's bytes are compressed.
enum ParquetCodec: Int {
  case none
  case snappy
  case gzip
  case lzo
  case brotli
  case lz4
  case zstd
  case lz4Raw
}

/// Why a file cannot be read: its bytes contradict themselves, or it uses what is not read here.
///
/// The door adds the place and what to do.
enum ParquetDefect: Error {
  case damaged(String)
  case unsupported(String)
}

/// What a file may claim at most, so that a few damaged bytes cannot ask for all memory.
enum ParquetLimits {
  /// The bytes of a footer.
  static let footer = 1 << 28
  /// The bytes of a page header, which may hold statistics.
  static let pageHeader = 1 << 24
  /// The bytes of a page, packed or unpacked.
  static let page = 1 << 30
  /// The bytes of the values of one page that is handed on undecoded; the pages of which more is
  /// expected are cut into pieces instead.
  static let stretch = 1 << 28
  /// The values of a page, nulls included.
  static let pageValues = 1 << 24
  /// The elements of a schema.
  static let schemaElements = 1 << 16
  /// The nesting of a schema.
  static let schemaDepth = 64
}
