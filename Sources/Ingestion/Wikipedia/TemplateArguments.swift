/// What a rule may know of the page on which a template stands.
struct WikitextPage: Sendable {
  /// The page's title.
  var title = ""
  /// The day on which the page was saved, the "today" of its ages.
  var date: CalendarDate?
}

/// The arguments of one use of a template, white space taken off.
struct TemplateArguments {
  /// All that stands between the pipes, in order.
  let parts: [String]
  /// The page on which the template stands.
  let page: WikitextPage
  /// The unnamed arguments in order, empty ones included.
  private(set) var positional: [String] = []
  private var named: [String: String] = [:]

  /// Sorts the parts between the pipes into unnamed and named arguments.
  init(parts: [String], page: WikitextPage = WikitextPage()) {
    self.page = page
    self.parts = parts.map { trimmed($0[...]) }
    for part in self.parts {
      let bytes = part.utf8
      var isLiteral = false
      let equals = bytes.firstIndex { byte in
        defer { isLiteral = byte == WikitextMark.literal }
        return byte == UInt8(ascii: "=") && !isLiteral
      }
      if let equals {
        let name = trimmed(part[..<equals])
        named[name.lowercased()] = stripped(part[bytes.index(after: equals)...])
      } else {
        positional.append(stripped(part[...]))
      }
    }
  }

  /// An unnamed argument, counted from 1, also where it was given by its number; `nil` where empty.
  subscript(_ number: Int) -> String? {
    let value = named[String(number)] ?? (number <= positional.count ? positional[number - 1] : "")
    return value.isEmpty ? nil : value
  }

  /// A named argument; `nil` where absent or empty.
  subscript(_ name: String) -> String? {
    named[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a named argument says yes.
  func isSet(_ name: String) -> Bool {
    switch named[name]?.lowercased() {
    case "y", "yes", "1", "true", "on": true
    default: false
    }
  }

  /// The last unnamed argument.
  var last: String? { self[max(positional.count, 1)] }

  /// The unnamed arguments without anything between.
  var joined: String { positional.joined() }

  /// The unnamed arguments that are not empty, in order, also those given by their number.
  var all: [String] {
    let count = max(positional.count, named.isEmpty ? 0 : min(30, positional.count + named.count))
    return count == 0 ? [] : (1...count).compactMap { self[$0] }
  }
}

/// A text without the blanks and newlines at its ends.
func trimmed(_ text: Substring) -> String {
  let bytes = text.utf8
  func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == WikitextMark.deleted
  }
  guard let first = bytes.firstIndex(where: { !isBlank($0) }),
    let last = bytes.lastIndex(where: { !isBlank($0) })
  else { return "" }
  return String(Substring(bytes[first...last]))
}

/// A text without the blanks, newlines and marks at its ends, but for the mark of a literal.
private func stripped(_ text: Substring) -> String {
  let bytes = text.utf8
  guard let first = bytes.firstIndex(where: { $0 > 0x20 || $0 == WikitextMark.literal }),
    let last = bytes.lastIndex(where: { $0 > 0x20 })
  else { return "" }
  return first <= last ? String(Substring(bytes[first...last])) : ""
}
