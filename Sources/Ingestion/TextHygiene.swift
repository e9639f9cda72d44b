/// What every source does to bytes before they may become a document's text.
///
/// The result is valid UTF-8 with `\n` between lines and no control characters but line feed and
/// tab. It neither guesses an encoding nor repairs mojibake (``Mojibake`` does): bytes that are not valid in the stated
/// encoding end the reading with their place.
package import Documents
import Files

/// The character encoding of a source's files.
public enum TextEncoding: String, Codable, Sendable, CaseIterable {
  /// UTF-8, with or without a byte order mark.
  case utf8 = "utf-8"
  /// Windows-1252, of which ISO 8859-1 text is a special case.
  case windows1252 = "windows-1252"
}

package enum TextHygiene {
  /// Decodes bytes to UTF-8 with `\n` line ends and without a byte order mark.
  ///
  /// - Parameters:
  ///   - bytes: The bytes as they stand in the file.
  ///   - encoding: The encoding that they are in.
  ///   - origin: Where they begin, for the failure.
  /// - Returns: Valid UTF-8; control characters other than carriage return are still there.
  /// - Throws: ``Failure`` with line and byte where the bytes are not valid UTF-8.
  /// - Complexity: Linear in the bytes.
  package static func decoded(
    _ bytes: [UInt8],
    encoding: TextEncoding,
    origin: Origin
  ) throws -> [UInt8] {
    switch encoding {
    case .utf8:
      let bytes = try checked(bytes, origin: origin)
      return withLineFeeds(bytes)
    case .windows1252:
      return withLineFeeds(decodedFromWindows1252(bytes))
    }
  }

  /// Drops control characters from valid UTF-8, all but line feed and tab.
  ///
  /// The information separators U+001C to U+001F and the next-line character U+0085 count as white
  /// space, so that a space takes their place; all others leave nothing.
  ///
  /// - Parameter bytes: Valid UTF-8.
  /// - Returns: The text without C0, DEL and C1 characters.
  /// - Complexity: Linear in the bytes.
  package static func withoutControls(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = firstControl(in: bytes.span) else { return bytes }
    return withoutControls(bytes, from: first)
  }

  private static func withoutControls(_ bytes: [UInt8], from first: Int) -> [UInt8] {
    var result = Array(bytes[..<first])
    result.reserveCapacity(bytes.count)
    var index = first
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x1c...0x1f: result.append(0x20)
      case 0x09, 0x0a, 0x20...0x7e: result.append(byte)
      case 0..<0x20, 0x7f: break
      case 0xc2 where index + 1 < bytes.count && bytes[index + 1] < 0xa0:
        if bytes[index + 1] == 0x85 { result.append(0x20) }
        index += 1
      default: result.append(byte)
      }
      index += 1
    }
    return result
  }

  /// Drops white space (space, tab, line feed) at the two ends of a text and at the ends of its lines.
  ///
  /// - Parameter text: Valid UTF-8.
  /// - Returns: The text without it; lines keep their indentation.
  /// - Complexity: Linear in the bytes.
  package static func withoutOuterSpace(_ text: [UInt8]) -> [UInt8] {
    // The ends apart, since those of a story nearly always have some.
    guard let start = text.firstIndex(where: { $0 != 0x0a && !isBlank($0) }),
      let last = text.lastIndex(where: { $0 != 0x0a && !isBlank($0) })
    else { return [] }
    let isWhole = start == 0 && last == text.count - 1
    let inner = isWhole ? text : Array(text[start...last])
    guard hasSpaceAtLineEnd(inner.span) else { return inner }
    var result: [UInt8] = []
    result.reserveCapacity(inner.count)
    for byte in inner {
      if byte == 0x0a { while let last = result.last, isBlank(last) { result.removeLast() } }
      result.append(byte)
    }
    return result
  }

  /// Cleans text that is known to be valid, such as a decoded JSON string.
  package static func cleaned(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    return firstControl(in: bytes.span) == nil ? bytes : withoutControls(withLineFeeds(bytes))
  }

  /// Decodes and cleans; see ``decoded(_:encoding:origin:)`` and ``withoutControls(_:)``.
  package static func cleaned(
    _ bytes: [UInt8],
    encoding: TextEncoding,
    origin: Origin
  ) throws -> [UInt8] {
    if encoding == .utf8 {
      let bytes = try checked(bytes, origin: origin)
      // A carriage return is a control character, too: most text needs but this one search.
      if firstControl(in: bytes.span) == nil { return bytes }
      return withoutControls(withLineFeeds(bytes))
    }
    return withoutControls(try decoded(bytes, encoding: encoding, origin: origin))
  }

  /// Takes a byte order mark away and makes sure that the rest is valid UTF-8.
  private static func checked(_ bytes: [UInt8], origin: Origin) throws -> [UInt8] {
    if isASCII(bytes.span) { return bytes }
    let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    if let offset = firstInvalidByte(in: bytes) {
      throw invalid(bytes, at: offset, origin: origin)
    }
    return bytes
  }

  private static func hasSpaceAtLineEnd(_ text: Span<UInt8>) -> Bool {
    var start = 0
    while let index = firstIndex(of: 0x0a, in: text, from: start) {
      if index > 0, isBlank(text[index - 1]) { return true }
      start = index + 1
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func firstInvalidByte(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  private static func invalid(_ bytes: [UInt8], at offset: Int, origin: Origin) -> Failure {
    let lines = bytes[..<offset].count { $0 == 0x0a }
    let lineStart = bytes[..<offset].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let line = (origin.line ?? 1) + lines
    return Failure(
      what: "invalid UTF-8 (byte 0x\(String(bytes[offset], radix: 16)))",
      place: "\(origin.file), line \(line), byte \(offset - lineStart) of the line, "
        + "byte \(offset) of the record",
      remedy: "convert the file to UTF-8, or set the reader option `encoding: windows-1252`"
    )
  }

  private static func firstControl(in bytes: Span<UInt8>) -> Int? {
    var start = 0
    while let index = firstSuspect(in: bytes, from: start) {
      // U+00A0 to U+00BF begin with 0xC2 as well.
      let isControl = bytes[index] != 0xc2 || index + 1 < bytes.count && bytes[index + 1] < 0xa0
      if isControl { return index }
      start = index + 1
    }
    return nil
  }

  /// The first control character of ASCII but line feed and tab, or lead byte of C1.
  private static func firstSuspect(in bytes: Span<UInt8>, from start: Int) -> Int? {
    firstIndex(in: bytes, from: start) { vector in
      // Of 0x00 to 0x1F all but 0x09 and 0x0A.
      ((vector .< ByteVector(repeating: 0x20))
        .& (vector &- ByteVector(repeating: 0x09) .>= ByteVector(repeating: 2)))
        .| (vector .== ByteVector(repeating: 0x7f)) .| (vector .== ByteVector(repeating: 0xc2))
    }
  }

  private static func withLineFeeds(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = firstIndex(of: 0x0d, in: bytes.span) else { return bytes }
    var result = Array(bytes[..<first])
    result.reserveCapacity(bytes.count)
    for index in first..<bytes.count {
      if bytes[index] != 0x0d {
        result.append(bytes[index])
      } else if index + 1 == bytes.count || bytes[index + 1] != 0x0a {
        result.append(0x0a)
      }
    }
    return result
  }

  private static func decodedFromWindows1252(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 {
        result.append(byte)
        continue
      }
      let scalar = byte < 0xa0 ? windows1252[Int(byte) - 0x80] : UInt16(byte)
      if scalar < 0x800 {
        result.append(UInt8(0xc0 | scalar >> 6))
      } else {
        result.append(UInt8(0xe0 | scalar >> 12))
        result.append(UInt8(0x80 | scalar >> 6 & 0x3f))
      }
      result.append(UInt8(0x80 | scalar & 0x3f))
    }
    return result
  }

  /// The scalars of 0x80 to 0x9f; the five bytes without one stand for C1 controls, as in the
  /// WHATWG Encoding Standard, and are dropped with those.
  static let windows1252: [UInt16] = [
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
  ]
}
