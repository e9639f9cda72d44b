/// Writes JSON as Hugging Face `tokenizers` lays it out: two spaces a level, one member a line.
///
/// Only what the three tokenizer files need. The bytes depend on the calls alone, so that the
/// files, and the hash that token shards carry, are the same on any machine.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var depth = 0
  private var needsComma = false

  /// Writes `{ … }` as a value.
  mutating func object(_ name: String? = nil, _ members: (inout JSONWriter) -> Void) {
    container(name, "{", "}", members)
  }

  /// Writes `[ … ]` as a value.
  mutating func array(_ name: String? = nil, _ elements: (inout JSONWriter) -> Void) {
    container(name, "[", "]", elements)
  }

  /// Writes a string.
  mutating func string(_ name: String? = nil, _ value: String) {
    begin(name)
    quote(value)
  }

  /// Writes an integer.
  mutating func integer(_ name: String? = nil, _ value: Int) {
    literal(name, "\(value)")
  }

  /// Writes `true` or `false`.
  mutating func flag(_ name: String, _ value: Bool) {
    literal(name, value ? "true" : "false")
  }

  /// Writes `null`.
  mutating func null(_ name: String) {
    literal(name, "null")
  }

  /// Writes a value that was read.
  mutating func value(_ name: String? = nil, _ value: JSONValue) {
    switch value {
    case .null: literal(name, "null")
    case .flag(let flag): literal(name, flag ? "true" : "false")
    case .number(let digits): literal(name, digits)
    case .string(let text): string(name, text)
    case .array(let elements):
      array(name) { json in
        for element in elements { json.value(nil, element) }
      }
    case .object(let members):
      object(name) { json in
        for member in members { json.value(member.name, member.value) }
      }
    }
  }

  private mutating func literal(_ name: String?, _ text: String) {
    begin(name)
    bytes += text.utf8
  }

  private mutating func container(
    _ name: String?,
    _ opening: String,
    _ closing: String,
    _ content: (inout JSONWriter) -> Void
  ) {
    begin(name)
    bytes += opening.utf8
    depth += 1
    needsComma = false
    content(&self)
    depth -= 1
    if needsComma { breakLine() }
    bytes += closing.utf8
    needsComma = true
  }

  private mutating func begin(_ name: String?) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    needsComma = true
    guard let name else { return }
    quote(name)
    bytes += ": ".utf8
  }

  private mutating func breakLine() {
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<depth { bytes += "  ".utf8 }
  }

  private mutating func quote(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      case UInt8(ascii: "\t"): bytes += "\\t".utf8
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes += "\\u00".utf8
        bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
