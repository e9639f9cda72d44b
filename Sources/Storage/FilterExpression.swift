// What of a filter can be judged by its characters alone, before SQLite sees it.
//
// Not the defence itself, which is the authorizer of `RestrictedConnection`; this makes sure that a
// filter put between parentheses stays there, and says in the user's terms what is not allowed.

/// What a filter may use.
package enum FilterExpression {
  /// The most bytes of a filter.
  package static let mostBytes = 10_000
  /// The most levels of an expression.
  static let mostDepth = 200
  /// The most steps of SQLite's machine that filters and columns may take, per document.
  package static let mostStepsPerDocument = 1_000

  /// The functions that a filter may call: each depends on its arguments alone, and none makes
  /// something large from something small.
  package static let functions: Set<String> = [
    "->", "->>", "abs", "ceil", "ceiling", "coalesce", "floor", "glob", "ifnull", "iif", "instr",
    "json_array_length", "json_extract", "json_type", "json_valid", "length", "like", "lower",
    "ltrim", "max", "min", "nullif", "round", "rtrim", "sign", "sqrt", "substr", "substring",
    "trim", "typeof", "unicode", "upper",
  ]

  /// What in an expression is not allowed.
  ///
  /// - Parameter text: The expression.
  /// - Returns: What a message says of it, or `nil` where its characters are fine.
  static func refusal(of text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count <= mostBytes else {
      return "it is \(bytes.count) bytes long, and \(mostBytes) are allowed"
    }
    var scanner = FilterScanner(bytes: bytes)
    return scanner.refusal()
  }
}

/// Walks over an expression, past quoted parts.
private struct FilterScanner {
  let bytes: [UInt8]
  private var index = 0
  private var depth = 0
  private var hasContent = false

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func refusal() -> String? {
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "["):
        let closing = byte == UInt8(ascii: "[") ? UInt8(ascii: "]") : byte
        guard let end = bytes[(index + 1)...].firstIndex(of: closing) else {
          return "a quotation has no end"
        }
        index = end + 1
        hasContent = true
      case UInt8(ascii: "("):
        depth += 1
        index += 1
      case UInt8(ascii: ")"):
        depth -= 1
        guard depth >= 0 else { return "`)` closes a parenthesis that was not opened" }
        index += 1
      case UInt8(ascii: "-") where follows(UInt8(ascii: "-")),
        UInt8(ascii: "/") where follows(UInt8(ascii: "*")):
        return "comments are not allowed"
      case UInt8(ascii: ";"): return "`;` is not allowed: a filter is one expression"
      case 0, UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"),
        UInt8(ascii: "#"):
        return "`\(String(decoding: [byte], as: UTF8.self))` is not allowed outside quotes"
      case let byte where isWordByte(byte):
        if let refused = word() { return refused }
      default:
        index += 1
      }
    }
    guard depth == 0 else { return "a parenthesis is not closed" }
    return hasContent ? nil : "it is empty"
  }

  private func follows(_ byte: UInt8) -> Bool {
    index + 1 < bytes.count && bytes[index + 1] == byte
  }

  private mutating func word() -> String? {
    let start = index
    while index < bytes.count, isWordByte(bytes[index]) { index += 1 }
    hasContent = true
    let word = String(decoding: bytes[start..<index], as: UTF8.self).uppercased()
    switch word {
    case "SELECT", "WITH", "VALUES":
      return "`\(word)` is not allowed: a filter looks at one document at a time"
    default: return nil
    }
  }
}

private func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xff:
    true
  default: false
  }
}
