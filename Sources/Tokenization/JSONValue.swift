/// Any JSON value, for the small parts of a tokenizer file, with members in the file's order.
///
/// Numbers stay as they are spelled, so that a part that is kept can be written again as it was.
enum JSONValue: Equatable, Sendable {
  case null
  case flag(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A name and its value.
  struct Member: Equatable, Sendable {
    var name: String
    var value: JSONValue
  }

  /// The member of an object, or `nil`.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// A string's text, or `nil`.
  var text: String? { if case .string(let text) = self { text } else { nil } }

  /// A list's elements, or `nil`.
  var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}
