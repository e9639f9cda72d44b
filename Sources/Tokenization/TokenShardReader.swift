import Documents
import Files
import Foundation

/// Reads a token shard through the file cache: nothing is loaded until it is looked at.
///
/// Both files are checked when they are opened, each id when it is read, so that a damaged shard
/// gives a message instead of a wrong embedding. The files must not change while they are open.
public struct TokenShardReader: Sendable {
  /// The header of the `.bin` file.
  public let header: TokenShardHeader
  /// The names of the sources, in the order in which documents refer to them.
  public let sourceNames: [String]
  /// The number of documents.
  public let documentCount: Int
  /// The number of white-space words of all documents.
  public let wordCount: Int
  /// The number of ids.
  public var tokenCount: Int { header.tokenCount }

  let path: String
  private let ids: Data
  private let index: Data
  private let documentsOffset: Int
  private let bitmapOffset: Int

  /// Opens a shard.
  ///
  /// - Parameters:
  ///   - path: The path without `.bin` or `.idx`.
  ///   - tokenizer: The tokenizer that must have made the ids, or `nil` for any.
  /// - Throws: ``Failure`` where a file is missing, cut short, damaged, of a newer version or of
  ///   another tokenizer.
  public init(path: String, tokenizer: Tokenizer? = nil) throws {
    self.path = path
    ids = try Self.mapped(path + ".bin")
    index = try Self.mapped(path + ".idx")
    header = try TokenShardHeader(reading: ids.span, path: path + ".bin")
    if let tokenizer, tokenizer.hash.bytes != header.tokenizerHash {
      throw Failure(
        what: "the token shard was made with another tokenizer",
        place: path + ".bin",
        remedy: "run `blalm tokenize` again with this tokenizer"
      )
    }
    let layout = try IndexLayout(reading: index.span, header: header, path: path + ".idx")
    sourceNames = layout.sourceNames
    documentCount = layout.documentCount
    wordCount = layout.wordCount
    documentsOffset = layout.documentsOffset
    bitmapOffset = layout.bitmapOffset
  }

  private static func mapped(_ path: String) throws -> Data {
    do {
      return try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    } catch {
      throw Failure(
        what: "the token shard cannot be opened (\(error.localizedDescription))",
        place: path,
        remedy: "run `blalm tokenize` again"
      )
    }
  }

  /// What the shard knows of a document.
  ///
  /// - Parameter position: The document's place in the shard.
  /// - Returns: Its identity, tokens, words and source.
  /// - Precondition: `position` is below ``documentCount``.
  public func document(_ position: Int) -> TokenShardDocument {
    precondition(position >= 0 && position < documentCount, "a document beyond the shard")
    let bytes = index.span
    let at = documentsOffset + position * TokenShardIndex.documentSize
    let first = Int(bytes.integer(UInt64.self, at: at))
    let isLast = position + 1 == documentCount
    let end =
      isLast
      ? tokenCount : Int(bytes.integer(UInt64.self, at: at + TokenShardIndex.documentSize))
    return TokenShardDocument(
      id: DocumentID(
        high: bytes.integer(UInt64.self, at: at + 16),
        low: bytes.integer(UInt64.self, at: at + 24)
      ),
      firstToken: first,
      tokenCount: end - first,
      wordCount: Int(bytes.integer(UInt32.self, at: at + 8)),
      sourceIndex: Int(bytes.integer(UInt32.self, at: at + 12))
    )
  }

  /// The document that holds a token.
  ///
  /// - Parameter token: The token's place in the shard.
  /// - Returns: The document's place.
  /// - Precondition: `token` is below ``tokenCount``.
  /// - Complexity: Logarithmic in the number of documents.
  public func documentPosition(ofToken token: Int) -> Int {
    precondition(token >= 0 && token < tokenCount, "a token beyond the shard")
    let bytes = index.span
    var low = 0
    var high = documentCount
    while high - low > 1 {
      let middle = (low + high) / 2
      let at = documentsOffset + middle * TokenShardIndex.documentSize
      if Int(bytes.integer(UInt64.self, at: at)) <= token { low = middle } else { high = middle }
    }
    return low
  }

  /// One id.
  ///
  /// - Parameter position: The token's place in the shard.
  /// - Returns: The id.
  /// - Throws: ``Failure`` where the id is beyond the vocabulary.
  /// - Precondition: `position` is below ``tokenCount``.
  public func token(at position: Int) throws -> UInt32 {
    var id: [Int32] = [0]
    var span = id.mutableSpan
    try copyTokens(position..<position + 1, into: &span)
    return UInt32(id[0])
  }

  /// Copies ids into the beginning of a buffer.
  ///
  /// - Parameters:
  ///   - range: Which tokens.
  ///   - destination: Where they go; what lies beyond stays as it is.
  /// - Throws: ``Failure`` where an id is beyond the vocabulary.
  /// - Precondition: `range` is inside 0 ..< ``tokenCount`` and fits into `destination`.
  public func copyTokens(_ range: Range<Int>, into destination: inout MutableSpan<Int32>) throws {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= tokenCount && range.count <= destination.count,
      "tokens beyond the shard or the buffer"
    )
    let offset = TokenShardHeader.size + range.lowerBound * header.bytesPerToken
    let largest =
      header.bytesPerToken == 2
      ? copy(UInt16.self, ids.span, at: offset, count: range.count, into: &destination)
      : copy(UInt32.self, ids.span, at: offset, count: range.count, into: &destination)
    guard largest < header.vocabularySize else {
      throw damagedTokenFile(
        "tokens \(range.lowerBound) to \(range.upperBound - 1) hold the id \(largest), "
          + "the vocabulary has \(header.vocabularySize)",
        path + ".bin"
      )
    }
  }

  /// The number of words that begin in a range of tokens.
  ///
  /// - Parameter range: Which tokens.
  /// - Returns: The number of words.
  /// - Precondition: `range` is inside 0 ..< ``tokenCount``.
  /// - Complexity: Linear in the tokens, eight at a step.
  public func words(inTokens range: Range<Int>) -> Int {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= tokenCount,
      "tokens beyond the shard"
    )
    guard !range.isEmpty else { return 0 }
    let bits = index.span
    let first = range.lowerBound >> 3
    let last = (range.upperBound - 1) >> 3
    var count = 0
    for at in first...last {
      var byte = bits[bitmapOffset + at]
      if at == first { byte &= 0xff << UInt8(range.lowerBound & 7) }
      if at == last { byte &= 0xff >> UInt8(7 - (range.upperBound - 1) & 7) }
      count += byte.nonzeroBitCount
    }
    return count
  }
}

/// Copies little-endian integers into 32 bits and gives the largest, -1 for none.
private func copy<Integer: FixedWidthInteger & UnsignedInteger>(
  _ type: Integer.Type,
  _ bytes: Span<UInt8>,
  at offset: Int,
  count: Int,
  into destination: inout MutableSpan<Int32>
) -> Int {
  var largest: Int64 = -1
  for index in 0..<count {
    let id = bytes.integer(Integer.self, at: offset + index * (Integer.bitWidth / 8))
    largest = max(largest, Int64(id))
    destination[index] = Int32(truncatingIfNeeded: id)
  }
  return Int(largest)
}

/// The places of an `.idx` file's parts, checked against each other and the file's size.
private struct IndexLayout {
  var sourceNames: [String] = []
  var documentCount: Int
  var wordCount: Int
  var documentsOffset: Int
  var bitmapOffset: Int

  init(reading bytes: Span<UInt8>, header: TokenShardHeader, path: String) throws {
    try checkTokenFile(
      bytes,
      magic: TokenShardIndex.magic,
      version: TokenShardIndex.version,
      path: path
    )
    func field(_ offset: Int) throws -> Int {
      let value = bytes.integer(UInt64.self, at: offset)
      guard value < 1 << 56 else { throw damagedTokenFile("a number is out of range", path) }
      return Int(value)
    }
    let sourceCount = Int(bytes.integer(UInt32.self, at: 12))
    documentCount = try field(16)
    let tokenCount = try field(24)
    wordCount = try field(32)
    documentsOffset = try field(40)
    bitmapOffset = try field(48)
    let isSameShard =
      tokenCount == header.tokenCount
      && (0..<8).allSatisfy { bytes[56 + $0] == header.tokenizerHash[$0] }
    guard isSameShard else {
      throw damagedTokenFile("the .bin and .idx files are not of the same shard", path)
    }
    let bitmapSize = (tokenCount + 63) / 64 * 8
    guard documentsOffset >= TokenShardHeader.size,
      bitmapOffset == documentsOffset + documentCount * TokenShardIndex.documentSize,
      bytes.count == bitmapOffset + bitmapSize
    else {
      throw damagedTokenFile("the file has \(bytes.count) bytes, which is not what it says", path)
    }
    try readSourceNames(bytes, count: sourceCount, path: path)
    try checkDocuments(bytes, tokenCount: tokenCount, path: path)
  }

  private mutating func readSourceNames(
    _ bytes: Span<UInt8>,
    count: Int,
    path: String
  ) throws {
    var at = TokenShardHeader.size
    for _ in 0..<count {
      guard at + 4 <= documentsOffset else {
        throw damagedTokenFile("the source names are cut short", path)
      }
      let length = Int(bytes.integer(UInt32.self, at: at))
      guard length <= documentsOffset - at - 4,
        let name = String(validating: (0..<length).map { bytes[at + 4 + $0] }, as: UTF8.self)
      else { throw damagedTokenFile("a source name is damaged", path) }
      sourceNames.append(name)
      at += 4 + length
    }
  }

  private func checkDocuments(_ bytes: Span<UInt8>, tokenCount: Int, path: String) throws {
    guard (documentCount == 0) == (tokenCount == 0) else {
      throw damagedTokenFile("tokens without documents, or documents without tokens", path)
    }
    var previous = -1
    var words = 0
    for position in 0..<documentCount {
      let at = documentsOffset + position * TokenShardIndex.documentSize
      let first = bytes.integer(UInt64.self, at: at)
      guard first < UInt64(tokenCount), Int(first) > previous, position > 0 || first == 0,
        Int(bytes.integer(UInt32.self, at: at + 12)) < sourceNames.count
      else { throw damagedTokenFile("document \(position) is damaged", path) }
      previous = Int(first)
      words += Int(bytes.integer(UInt32.self, at: at + 8))
    }
    guard words == wordCount else {
      throw damagedTokenFile("the documents have \(words) words, the head says \(wordCount)", path)
    }
  }
}
