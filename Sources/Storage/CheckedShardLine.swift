// One line of a shard, taken apart without a JSON decoder: what verification holds against the index.
//
// Strict JSON on trusted layout: an object with `id`, `metadata`, `source` and `text`. Whatever else
// it may hold is checked for its form and passed over. Nothing in a damaged or hostile line traps.

/// What a line of a shard says of a document, as UTF-8.
package struct CheckedShardLine {
  package private(set) var id: [UInt8] = []
  package private(set) var source: [UInt8] = []
  package private(set) var text: [UInt8] = []
  package private(set) var key: [UInt8] = []
  package private(set) var file: [UInt8] = []
  package private(set) var license: [UInt8] = []
  package private(set) var line: Int?

  /// Reads a line; gives `nil` where it is no JSON object with the four names.
  ///
  /// - Parameters:
  ///   - bytes: The content of a frame.
  ///   - range: The line in it, without its line feed.
  package init?(_ bytes: [UInt8], _ range: Range<Int>) {
    var scanner = JSONScanner(at: range.lowerBound, end: range.upperBound)
    var found = 0
    let isObject = scanner.readObject(bytes) { name, scanner in
      switch name {
      case "id":
        found |= 1
        return scanner.readString(bytes, into: &id)
      case "source":
        found |= 2
        return scanner.readString(bytes, into: &source)
      case "text":
        found |= 4
        return scanner.readString(bytes, into: &text)
      case "metadata":
        found |= 8
        return readMetadata(bytes, &scanner)
      default: return scanner.skipValue(bytes)
      }
    }
    guard isObject, scanner.isAtEnd(bytes), found == 15 else { return nil }
  }

  private mutating func readMetadata(_ bytes: [UInt8], _ scanner: inout JSONScanner) -> Bool {
    scanner.readObject(bytes) { name, scanner in
      switch name {
      case "key": return scanner.readString(bytes, into: &key)
      case "file": return scanner.readString(bytes, into: &file)
      case "license": return scanner.readString(bytes, into: &license)
      case "line":
        let start = scanner.at
        guard scanner.skipValue(bytes) else { return false }
        line = Int(String(decoding: bytes[start..<scanner.at], as: UTF8.self))
        return line != nil
      default: return scanner.skipValue(bytes)
      }
    }
  }
}

/// A cursor over JSON text.
private struct JSONScanner {
  /// Deeper nesting than any source writes; bounds the recursion.
  private static let depthLimit = 256

  private(set) var at: Int
  private let end: Int
  private var depth = 0

  init(at: Int, end: Int) {
    self.at = at
    self.end = end
  }

  /// Whether nothing but white space is left.
  mutating func isAtEnd(_ bytes: [UInt8]) -> Bool {
    skipSpace(bytes)
    return at == end
  }

  private mutating func skipSpace(_ bytes: [UInt8]) {
    while at < end, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0d { at += 1 }
  }

  /// Passes over one expected byte and the white space before it.
  private mutating func take(_ byte: UInt8, _ bytes: [UInt8]) -> Bool {
    skipSpace(bytes)
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  /// Reads an object, handing each name to `member`, which reads the value.
  mutating func readObject(
    _ bytes: [UInt8],
    _ member: (_ name: String, _ scanner: inout JSONScanner) -> Bool
  ) -> Bool {
    guard depth < JSONScanner.depthLimit, take(UInt8(ascii: "{"), bytes) else { return false }
    depth += 1
    defer { depth -= 1 }
    if take(UInt8(ascii: "}"), bytes) { return true }
    repeat {
      var name: [UInt8] = []
      guard readString(bytes, into: &name), take(UInt8(ascii: ":"), bytes) else { return false }
      skipSpace(bytes)
      guard member(String(decoding: name, as: UTF8.self), &self) else { return false }
    } while take(UInt8(ascii: ","), bytes)
    return take(UInt8(ascii: "}"), bytes)
  }

  /// Passes over any value.
  mutating func skipValue(_ bytes: [UInt8]) -> Bool {
    skipSpace(bytes)
    guard at < end else { return false }
    switch bytes[at] {
    case UInt8(ascii: "\""):
      var passed: [UInt8] = []
      return readString(bytes, into: &passed)
    case UInt8(ascii: "{"): return readObject(bytes) { $1.skipValue(bytes) }
    case UInt8(ascii: "["):
      guard depth < JSONScanner.depthLimit, take(UInt8(ascii: "["), bytes) else { return false }
      depth += 1
      defer { depth -= 1 }
      if take(UInt8(ascii: "]"), bytes) { return true }
      repeat {
        guard skipValue(bytes) else { return false }
      } while take(UInt8(ascii: ","), bytes)
      return take(UInt8(ascii: "]"), bytes)
    default: return skipWord(bytes)
    }
  }

  /// Passes over a number, `true`, `false` or `null`.
  private mutating func skipWord(_ bytes: [UInt8]) -> Bool {
    for word in JSONScanner.words where bytes[at..<end].starts(with: word) {
      at += word.count
      return true
    }
    _ = takeDirectly(UInt8(ascii: "-"), bytes)
    if !takeDirectly(UInt8(ascii: "0"), bytes), !skipDigits(bytes) { return false }
    if takeDirectly(UInt8(ascii: "."), bytes), !skipDigits(bytes) { return false }
    if takeDirectly(UInt8(ascii: "e"), bytes) || takeDirectly(UInt8(ascii: "E"), bytes) {
      if !takeDirectly(UInt8(ascii: "+"), bytes) { _ = takeDirectly(UInt8(ascii: "-"), bytes) }
      return skipDigits(bytes)
    }
    return true
  }

  private static let words = ["true", "false", "null"].map { Array($0.utf8) }

  private mutating func takeDirectly(_ byte: UInt8, _ bytes: [UInt8]) -> Bool {
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func skipDigits(_ bytes: [UInt8]) -> Bool {
    let start = at
    while at < end, bytes[at] &- 0x30 <= 9 { at += 1 }
    return at > start
  }

  /// Reads a string and appends what it stands for.
  mutating func readString(_ bytes: [UInt8], into text: inout [UInt8]) -> Bool {
    guard take(UInt8(ascii: "\""), bytes) else { return false }
    let start = at
    while true {
      at = endOfPlainRun(in: bytes, from: at, to: end)
      guard at < end else { return false }
      if bytes[at] == UInt8(ascii: "\"") { break }
      // A control character ends here; of an escape the two bytes that cannot end the string.
      guard bytes[at] == UInt8(ascii: "\\"), at + 1 < end else { return false }
      at += 2
    }
    guard let content = unescaped(bytes, start..<at) else { return false }
    text += content
    at += 1
    return true
  }
}

/// Where a string's run of bytes that stand for themselves ends.
///
/// Never inlined: inside a closure that captures the array the loop would be many times slower.
@inline(never)
private func endOfPlainRun(in bytes: [UInt8], from start: Int, to end: Int) -> Int {
  var at = start
  while at < end {
    let byte = bytes[at]
    if byte == 0x22 || byte == 0x5c || byte < 0x20 { break }
    at += 1
  }
  return at
}
