// JSON as the shards and the public rows hold it, appended to bytes: many times faster than through a
// general encoder, and in one canonical form.
//
// Names are sorted, nothing stands between tokens, slashes are not escaped, and of escapes the short
// ones are used (RFC 8259).

/// Appends UTF-8 as a JSON string.
///
/// - Parameters:
///   - text: Valid UTF-8.
///   - line: Receives the string with its quotes.
/// - Complexity: Linear in the bytes.
package func appendJSONString(_ text: Span<UInt8>, to line: inout [UInt8]) {
  line.append(UInt8(ascii: "\""))
  var runStart = 0
  while let index = firstJSONSpecial(in: text, from: runStart) {
    append(text.extracting(runStart..<index), to: &line)
    runStart = index + 1
    appendEscape(of: text[index], to: &line)
  }
  append(text.extracting(runStart..<text.count), to: &line)
  line.append(UInt8(ascii: "\""))
}

/// Appends UTF-8 as a JSON string.
///
/// - Parameters:
///   - text: Valid UTF-8.
///   - line: Receives the string with its quotes.
/// - Complexity: Linear in the bytes.
package func appendJSONString(_ text: [UInt8], to line: inout [UInt8]) {
  appendJSONString(text.span, to: &line)
}

/// Finds the first quote, backslash or control character, which stand in no JSON string as they are.
///
/// - Parameters:
///   - bytes: Where to look.
///   - start: The first place to look at.
/// - Returns: The place, or `nil` where there is none.
package func firstJSONSpecial(in bytes: Span<UInt8>, from start: Int) -> Int? {
  firstIndex(in: bytes, from: start) { vector in
    (vector .== ByteVector(repeating: UInt8(ascii: "\"")))
      .| (vector .== ByteVector(repeating: UInt8(ascii: "\\")))
      .| (vector .< ByteVector(repeating: 0x20))
  }
}

private func appendEscape(of byte: UInt8, to line: inout [UInt8]) {
  line.append(UInt8(ascii: "\\"))
  switch byte {
  case UInt8(ascii: "\""), UInt8(ascii: "\\"): line.append(byte)
  case UInt8(ascii: "\n"): line.append(UInt8(ascii: "n"))
  case UInt8(ascii: "\t"): line.append(UInt8(ascii: "t"))
  case UInt8(ascii: "\r"): line.append(UInt8(ascii: "r"))
  case 0x08: line.append(UInt8(ascii: "b"))
  case 0x0c: line.append(UInt8(ascii: "f"))
  default:
    let digit = byte & 15
    line += byte < 16 ? "u000".utf8 : "u001".utf8
    line.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
  }
}

extension MetadataValue {
  /// Appends the bare JSON value.
  ///
  /// - Parameter line: Receives the value.
  /// - Throws: `EncodingError` for a number that is not finite.
  package func appendJSON(to line: inout [UInt8]) throws {
    switch self {
    case .text(let value): appendJSONString(value.utf8Span.span, to: &line)
    case .integer(let value): line += String(value).utf8
    case .number(let value):
      guard value.isFinite else {
        throw EncodingError.invalidValue(
          value,
          EncodingError.Context(codingPath: [], debugDescription: "JSON has no such number")
        )
      }
      let digits = value.description.utf8
      line += digits.suffix(2).elementsEqual(".0".utf8) ? digits.dropLast(2) : digits[...]
    case .flag(let value): line += (value ? "true" : "false").utf8
    case .list(let values):
      line.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { line.append(UInt8(ascii: ",")) }
        try value.appendJSON(to: &line)
      }
      line.append(UInt8(ascii: "]"))
    case .object(let members): try appendJSONObject(members, to: &line)
    }
  }
}

/// Appends metadata as a JSON object.
///
/// - Parameters:
///   - members: The values by name.
///   - line: Receives the object.
/// - Throws: `EncodingError` for a number that is not finite.
package func appendJSONObject(
  _ members: [String: MetadataValue],
  to line: inout [UInt8]
) throws {
  line.append(UInt8(ascii: "{"))
  for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
    if index > 0 { line.append(UInt8(ascii: ",")) }
    appendJSONString(member.key.utf8Span.span, to: &line)
    line.append(UInt8(ascii: ":"))
    try member.value.appendJSON(to: &line)
  }
  line.append(UInt8(ascii: "}"))
}
