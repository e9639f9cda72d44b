/// One line of JSON, value by value, without a tree.
///
/// Foundation's decoder builds a map of the whole line and a string for every key, which was most of
/// the time of reading JSON Lines; this takes out what is asked for and passes over the rest, but
/// checks all of it (RFC 8259). It expects valid UTF-8 and knows no numbers past 64 bits but as
/// doubles. Nesting is bounded, and nothing recurses past that bound.
import Documents

package struct JSONScanner {
  /// What is wrong with a line, and where.
  package struct Malformed: Error {
    let what: String
    let offset: Int

    package var reason: String { "\(what) at byte \(offset) of the line" }
  }

  /// A value that was taken out.
  package enum Value {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    /// A string as UTF-8.
    case text([UInt8])
    /// A list, an object, a string with half a surrogate pair, or a number past all doubles.
    case other
  }

  private static let depthLimit = 256

  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads one object that makes up the whole line.
  ///
  /// - Parameter body: Receives each name and must take the value, or leave it to be passed over.
  /// - Returns: Whether the line is an object; another value is checked and passed over.
  /// - Throws: ``Malformed`` where the line is not JSON.
  package mutating func object(
    _ body: (_ name: [UInt8], _ value: inout JSONScanner) throws(Malformed) -> Void
  ) throws(Malformed) -> Bool {
    skipSpace()
    let isObject = peek == UInt8(ascii: "{")
    if isObject {
      position += 1
      skipSpace()
      if peek == UInt8(ascii: "}") {
        position += 1
      } else {
        repeat {
          let name = try name()
          let start = position
          try body(name ?? [], &self)
          if position == start { try skipValue(depth: 1) }
          skipSpace()
        } while try another(before: UInt8(ascii: "}"))
      }
    } else {
      try skipValue(depth: 0)
    }
    skipSpace()
    guard position == bytes.count else { throw malformed("something follows the value") }
    return isObject
  }

  /// Takes the value at hand.
  ///
  /// - Returns: The value.
  /// - Throws: ``Malformed`` where it is not JSON.
  package mutating func value() throws(Malformed) -> Value {
    skipSpace()
    switch peek {
    case UInt8(ascii: "\""): return try string().map { .text($0) } ?? .other
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"):
      try word("true")
      return .flag(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .flag(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    default:
      try skipValue(depth: 1)
      return .other
    }
  }

  private var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private func malformed(_ what: String) -> Malformed { Malformed(what: what, offset: position) }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  /// Reads a name and the colon behind it.
  private mutating func name() throws(Malformed) -> [UInt8]? {
    skipSpace()
    guard peek == UInt8(ascii: "\"") else { throw malformed("a name is missing") }
    let name = try string()
    skipSpace()
    guard peek == UInt8(ascii: ":") else { throw malformed("a colon is missing") }
    position += 1
    return name
  }

  /// Reads the comma before another element, or the end.
  private mutating func another(before end: UInt8) throws(Malformed) -> Bool {
    let byte = peek
    guard byte == UInt8(ascii: ",") || byte == end, position < bytes.count else {
      throw malformed("a comma or an end is missing")
    }
    position += 1
    return byte != end
  }

  private mutating func word(_ word: StaticString) throws(Malformed) {
    let expected = Array("\(word)".utf8)
    guard bytes.count - position >= expected.count,
      bytes[position..<position + expected.count].elementsEqual(expected)
    else { throw malformed("an unknown word") }
    position += expected.count
  }

  private mutating func skipValue(depth: Int) throws(Malformed) {
    guard depth <= Self.depthLimit else {
      throw malformed("nesting of more than \(Self.depthLimit)")
    }
    skipSpace()
    let first = peek
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      let end = first == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
      position += 1
      skipSpace()
      if peek == end {
        position += 1
        return
      }
      repeat {
        if first == UInt8(ascii: "{") { _ = try name() }
        try skipValue(depth: depth + 1)
        skipSpace()
      } while try another(before: end)
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try number()
    default: throw malformed("a value is missing")
    }
  }

  /// Reads a string; `nil` where it holds half a surrogate pair.
  private mutating func string() throws(Malformed) -> [UInt8]? {
    position += 1
    var result: [UInt8] = []
    var isWhole = true
    while true {
      let end = firstJSONSpecial(in: bytes.span, from: position) ?? bytes.count
      result.append(contentsOf: bytes[position..<end])
      position = end
      guard position < bytes.count else { throw malformed("a string without an end") }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return isWhole ? result : nil
      case UInt8(ascii: "\\"):
        if try !escape(into: &result) { isWhole = false }
      default: throw malformed("a control character in a string")
      }
    }
  }

  /// Reads an escape; false for half a surrogate pair.
  private mutating func escape(into result: inout [UInt8]) throws(Malformed) -> Bool {
    guard position + 1 < bytes.count else { throw malformed("a string without an end") }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0c)
    case UInt8(ascii: "n"): result.append(0x0a)
    case UInt8(ascii: "r"): result.append(0x0d)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if 0xd800..<0xdc00 ~= code, peek == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let before = position
        position += 2
        let low = try hexadecimal()
        if 0xdc00..<0xe000 ~= low {
          code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        } else {
          position = before
        }
      }
      guard let scalar = Unicode.Scalar(code) else { return false }
      result.append(contentsOf: UTF8.encode(scalar) ?? .init())
    default: throw malformed("an unknown escape")
    }
    return true
  }

  private mutating func hexadecimal() throws(Malformed) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      let digit = peek
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(digit - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(digit - 0x57)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(digit - 0x37)
      default: throw malformed("an escape of fewer than four digits")
      }
      position += 1
    }
    return code
  }

  private mutating func number() throws(Malformed) -> Value {
    let start = position
    var isInteger = true
    if peek == UInt8(ascii: "-") { position += 1 }
    let first = peek
    let digits = skipDigits()
    guard digits > 0, digits == 1 || first != UInt8(ascii: "0") else {
      throw malformed("a number that is none")
    }
    if peek == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard skipDigits() > 0 else { throw malformed("a number that is none") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw malformed("a number that is none") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { return .other }
    return .number(value)
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while UInt8(ascii: "0")...UInt8(ascii: "9") ~= peek { position += 1 }
    return position - start
  }
}
