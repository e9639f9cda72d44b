/// Reads the JSON of tokenizer files value by value, within bounds.
///
/// The vocabulary and the merges are taken as they come, so a file costs what is kept of it; the
/// small parts become ``JSONValue`` trees whose depth and number of values are bounded. Foundation's
/// decoder would build a tree of the whole file and treats names as equal that only look equal.
/// Checks RFC 8259, and that no tree names a member twice.
struct JSONParser {
  /// What is wrong, and at which byte.
  struct Malformed: Error {
    var what: String
    var offset: Int
  }

  private static let depthLimit = 64
  private static let valueLimit = 1_000_000

  private let bytes: [UInt8]
  private(set) var position = 0
  private var valuesLeft = Self.valueLimit

  /// Takes bytes that are known to be UTF-8.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next byte that is no white space, or 0 at the end.
  mutating func peek() -> UInt8 {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return bytes[position]
      }
    }
    return 0
  }

  func malformed(_ what: String) -> Malformed { Malformed(what: what, offset: position) }

  /// Reads `{ … }`, handing each name over; the body reads the value.
  mutating func object(_ body: (String, inout JSONParser) throws -> Void) throws {
    guard peek() == UInt8(ascii: "{") else { throw malformed("an object is missing") }
    position += 1
    if peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    repeat {
      let name = try string()
      guard peek() == UInt8(ascii: ":") else { throw malformed("a colon is missing") }
      position += 1
      try body(name, &self)
    } while try another(before: UInt8(ascii: "}"))
  }

  /// Reads `[ … ]`; the body reads each element.
  mutating func array(_ body: (inout JSONParser) throws -> Void) throws {
    guard peek() == UInt8(ascii: "[") else { throw malformed("a list is missing") }
    position += 1
    if peek() == UInt8(ascii: "]") {
      position += 1
      return
    }
    repeat { try body(&self) } while try another(before: UInt8(ascii: "]"))
  }

  /// Whether the text is at its end.
  mutating func isAtEnd() -> Bool {
    _ = peek()
    return position == bytes.count
  }

  private mutating func another(before end: UInt8) throws -> Bool {
    let byte = peek()
    guard byte == UInt8(ascii: ",") || byte == end else {
      throw malformed("a comma or an end is missing")
    }
    position += 1
    return byte != end
  }

  /// Reads a number, or `nil` where it is no whole one of 64 bits.
  mutating func integer() throws -> Int? {
    _ = peek()
    return Int(try number())
  }

  /// Reads any value.
  mutating func value(depth: Int = 0) throws -> JSONValue {
    guard depth < Self.depthLimit else {
      throw malformed("nesting of more than \(Self.depthLimit)")
    }
    valuesLeft -= 1
    guard valuesLeft > 0 else { throw malformed("more than \(Self.valueLimit) settings") }
    switch peek() {
    case UInt8(ascii: "{"):
      var members: [JSONValue.Member] = []
      var names: Set<[UInt8]> = []
      try object { name, parser in
        guard names.insert(Array(name.utf8)).inserted else {
          throw parser.malformed("\"\(name)\" stands there twice")
        }
        members.append(JSONValue.Member(name: name, value: try parser.value(depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { elements.append(try $0.value(depth: depth + 1)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .flag(true))
    case UInt8(ascii: "f"): return try word("false", .flag(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    let end = position + word.utf8.count
    guard end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8) else {
      throw malformed("an unknown word")
    }
    position = end
    return value
  }

  /// Reads a number as it is spelled.
  private mutating func number() throws -> String {
    let start = position
    if byte == UInt8(ascii: "-") { position += 1 }
    if byte == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if byte == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { position += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws {
    let first = position
    while (0x30...0x39).contains(byte) { position += 1 }
    guard position > first else { throw malformed("a value is missing") }
  }

  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// Reads a string.
  mutating func string() throws -> String {
    guard peek() == UInt8(ascii: "\"") else { throw malformed("a string is missing") }
    position += 1
    let start = position
    while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\")
    { position += 1 }
    if byte == UInt8(ascii: "\"") {
      position += 1
      return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<position])
    while true {
      guard position < bytes.count else { throw malformed("a string does not end") }
      let byte = bytes[position]
      guard byte >= 0x20 else { throw malformed("a control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        text += String(try escape()).utf8
      } else {
        text.append(byte)
      }
    }
  }

  private mutating func escape() throws -> Unicode.Scalar {
    let kind = byte
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try fourDigits()
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard first < 0xdc00, byte == UInt8(ascii: "\\") else { throw malformed("half a character") }
      position += 1
      guard byte == UInt8(ascii: "u") else { throw malformed("half a character") }
      position += 1
      let second = try fourDigits()
      guard (0xdc00..<0xe000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
      else { throw malformed("half a character") }
      return scalar
    default: throw malformed("an unknown escape")
    }
  }

  private mutating func fourDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw malformed("an unknown escape")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
