// A shard's line taken apart byte by byte, many times faster than by a general JSON decoder.
//
// Reads only the form that this project writes: the keys `id`, `metadata`, `source`, `text` in this
// order without blanks. Anything else is no line of a shard, and the caller says so.

import Documents

/// The parts of one line of a shard.
struct ShardLine {
  /// The document's identity.
  let id: DocumentID
  /// The JSON object of its metadata, as it stands in the line.
  let metadata: Range<Int>
  /// The text as it stands in the line: between the quotes, with its escapes.
  let text: Range<Int>

  /// Finds the parts of a line.
  ///
  /// - Parameters:
  ///   - bytes: The content of a frame.
  ///   - line: The line in it, without the line feed.
  init?(_ bytes: Span<UInt8>, _ line: Range<Int>) {
    var index = line.lowerBound
    guard matches(bytes, ShardLine.beforeID, at: &index, before: line.upperBound),
      index + 32 <= line.upperBound, let id = DocumentID(hexadecimal: bytes, at: index)
    else { return nil }
    index += 32
    guard matches(bytes, ShardLine.beforeMetadata, at: &index, before: line.upperBound) else {
      return nil
    }
    let metadata = index
    guard let metadataEnd = endOfValue(bytes, index..<line.upperBound) else { return nil }
    index = metadataEnd
    guard matches(bytes, ShardLine.beforeSource, at: &index, before: line.upperBound),
      let sourceEnd = endOfValue(bytes, index..<line.upperBound)
    else { return nil }
    index = sourceEnd
    guard matches(bytes, ShardLine.beforeText, at: &index, before: line.upperBound),
      index + 2 <= line.upperBound, bytes[line.upperBound - 1] == UInt8(ascii: "}"),
      bytes[line.upperBound - 2] == UInt8(ascii: "\"")
    else { return nil }
    self.id = id
    self.metadata = metadata..<metadataEnd
    text = index..<line.upperBound - 2
  }

  private static let beforeID = Array("{\"id\":\"".utf8)
  private static let beforeMetadata = Array("\",\"metadata\":".utf8)
  private static let beforeSource = Array(",\"source\":".utf8)
  private static let beforeText = Array(",\"text\":\"".utf8)
}

/// Whether bytes continue with a piece of text; steps behind it where they do.
private func matches(
  _ bytes: Span<UInt8>,
  _ piece: [UInt8],
  at index: inout Int,
  before end: Int
) -> Bool {
  guard index + piece.count <= end else { return false }
  for offset in 0..<piece.count where bytes[index + offset] != piece[offset] { return false }
  index += piece.count
  return true
}

/// The end of the JSON value that begins a range, or `nil` where it is cut.
///
/// Brackets are counted, not matched: the writer is our own.
private func endOfValue(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
  var index = range.lowerBound
  var depth = 0
  while index < range.upperBound {
    switch bytes[index] {
    case UInt8(ascii: "\""):
      index += 1
      while index < range.upperBound, bytes[index] != UInt8(ascii: "\"") {
        index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      guard index < range.upperBound else { return nil }
      index += 1
      if depth == 0 { return index }
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      index += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == 0 { return index }
      depth -= 1
      index += 1
      if depth == 0 { return index }
    case UInt8(ascii: ","):
      if depth == 0 { return index }
      index += 1
    default: index += 1
    }
  }
  return depth == 0 && index > range.lowerBound ? index : nil
}

/// The JSON value of a name in the metadata of a shard's line.
///
/// - Parameters:
///   - name: The name; without characters that JSON escapes.
///   - object: A JSON object in the form that this project writes.
/// - Returns: The value as it stands there, quotes and escapes included, or `nil`.
package func jsonValue(of name: String, in object: [UInt8]) -> ArraySlice<UInt8>? {
  let key = Array("\"\(name)\":".utf8)
  let bytes = object.span
  var index = 1
  while index < object.count - 1 {
    let isWanted: Bool
    var behind = index
    isWanted = matches(bytes, key, at: &behind, before: object.count)
    guard let keyEnd = endOfValue(bytes, index..<object.count), keyEnd + 1 < object.count,
      let end = endOfValue(bytes, keyEnd + 1..<object.count)
    else { return nil }
    if isWanted { return object[behind..<end] }
    index = end + 1
  }
  return nil
}

/// The text that the inside of a JSON string stands for.
///
/// - Parameters:
///   - bytes: Bytes with the string in them.
///   - range: The inside, without the quotes.
/// - Returns: UTF-8, or `nil` where an escape is none or a quote stands free.
func unescaped(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8]? {
  let span = bytes.span
  var text: [UInt8] = []
  text.reserveCapacity(range.count)
  var index = range.lowerBound
  var runStart = index
  while index < range.upperBound {
    let byte = span[index]
    if byte >= 0x20, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") {
      index += 1
      continue
    }
    guard byte == UInt8(ascii: "\\"), index + 1 < range.upperBound else { return nil }
    text += bytes[runStart..<index]
    guard let escape = Escape(span, at: index, before: range.upperBound) else { return nil }
    UTF8.encode(escape.scalar) { text.append($0) }
    index += escape.length
    runStart = index
  }
  text += bytes[runStart..<range.upperBound]
  return text
}

/// One escape of a JSON string (RFC 8259, section 7).
private struct Escape {
  let scalar: Unicode.Scalar
  let length: Int

  init?(_ bytes: Span<UInt8>, at index: Int, before end: Int) {
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): scalar = "\n"
    case UInt8(ascii: "t"): scalar = "\t"
    case UInt8(ascii: "r"): scalar = "\r"
    case UInt8(ascii: "b"): scalar = "\u{8}"
    case UInt8(ascii: "f"): scalar = "\u{c}"
    case UInt8(ascii: "\""): scalar = "\""
    case UInt8(ascii: "\\"): scalar = "\\"
    case UInt8(ascii: "/"): scalar = "/"
    case UInt8(ascii: "u"):
      guard let unit = codeUnit(bytes, at: index, before: end) else { return nil }
      if let single = Unicode.Scalar(UInt32(unit)) {
        scalar = single
        length = 6
        return
      }
      guard UTF16.isLeadSurrogate(unit), index + 6 < end, bytes[index + 6] == UInt8(ascii: "\\"),
        let trail = codeUnit(bytes, at: index + 6, before: end), UTF16.isTrailSurrogate(trail),
        let pair = Unicode.Scalar(
          0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(trail) - 0xdc00)
        )
      else { return nil }
      scalar = pair
      length = 12
      return
    default: return nil
    }
    length = 2
  }
}

/// The code unit of `\uXXXX`, or `nil`.
private func codeUnit(_ bytes: Span<UInt8>, at index: Int, before end: Int) -> UInt16? {
  guard index + 6 <= end, bytes[index + 1] == UInt8(ascii: "u") else { return nil }
  var unit: UInt16 = 0
  for offset in 2..<6 {
    guard let digit = hexadecimalDigit(bytes[index + offset]) else { return nil }
    unit = unit << 4 | UInt16(digit)
  }
  return unit
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
