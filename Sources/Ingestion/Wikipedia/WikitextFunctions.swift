/// The parser functions and variables of MediaWiki whose input a page itself holds.
///
/// Conditions are decided where their test is known: a test in which a template was dropped is not, and
/// then the whole function is dropped and counted. What only the wiki's database knows (whether a
/// page exists, how many there are) is never guessed.
enum WikitextFunctions {
  /// Reads the text after the colon and the parts after the pipes; `nil` drops the function.
  typealias Rule = @Sendable (TemplateArguments) -> String?

  /// The functions by lower-case name; their first argument follows a colon.
  static let functions: [String: Rule] = [
    "#if": { condition($0) { !$0.isEmpty } },
    "#ifeq": { equality($0) },
    "#ifexpr": { arguments in
      guard let test = known(arguments.parts.first) else { return nil }
      if test.isEmpty { return part(2, of: arguments) }
      return Expression.value(of: test).flatMap { part($0 != 0 ? 1 : 2, of: arguments) }
    },
    "#iferror": { part($0.parts.count > 1 ? 2 : 0, of: $0) },
    "#switch": { choice($0) },
    "#expr": { arguments in
      guard let text = known(arguments.parts.first) else { return nil }
      return text.isEmpty ? "" : Expression.value(of: text).map(Expression.text)
    },
    "plural": { arguments in
      guard let number = known(arguments.parts.first).flatMap(number) else { return nil }
      return part(abs(number) == 1 || arguments.parts.count < 3 ? 1 : 2, of: arguments)
    },
    "formatnum": { arguments in
      arguments[1].map {
        arguments.parts.last == "R" ? $0.replacing(",", with: "") : Measure.grouped($0)
      }
    },
    "lc": { $0.parts.first?.lowercased() },
    "uc": { $0.parts.first?.uppercased() },
    "lcfirst": { $0.parts.first.map { $0.prefix(1).lowercased() + $0.dropFirst() } },
    "ucfirst": { $0.parts.first.map { $0.prefix(1).uppercased() + $0.dropFirst() } },
    "padleft": { padded($0, left: true) },
    "padright": { padded($0, left: false) },
    "anchorencode": { $0.parts.first },
    "gender": { $0.parts.count > 3 ? part(3, of: $0) : nil },
    "#tag": { arguments in
      let kept: Set<String> = ["nowiki", "poem", "blockquote", "span", "div", "sub", "sup", "pre"]
      return arguments.parts.first.flatMap { kept.contains($0) ? part(1, of: arguments) : nil }
    },
  ]

  /// The names after `#` and before a colon that are functions, known or not, and show no prose.
  static let silent: Set<String> = [
    "defaultsort", "defaultsortkey", "defaultcategorysort", "displaytitle", "#related",
    "#seo", "#coordinates", "noexternallanglinks", "#babel", "#set", "#subobject",
  ]

  // MARK: Conditions

  /// The text of a test where nothing unknown stands in it.
  private static func known(_ text: String?) -> String? {
    guard let text else { return "" }
    return text.utf8.contains { $0 == WikitextMark.dropped || $0 == WikitextMark.missing }
      ? nil : text
  }

  private static func part(_ number: Int, of arguments: TemplateArguments) -> String? {
    number < arguments.parts.count ? arguments.parts[number] : ""
  }

  /// `#if`: what was dropped counts as unknown only where nothing else stands in the test.
  private static func condition(
    _ arguments: TemplateArguments,
    _ holds: (String) -> Bool
  ) -> String? {
    let test = arguments.parts.first ?? ""
    if test.utf8.contains(where: { $0 > 0x20 }) { return part(1, of: arguments) }
    guard let test = known(test) else { return nil }
    return part(holds(test) ? 1 : 2, of: arguments)
  }

  private static func equality(_ arguments: TemplateArguments) -> String? {
    guard let left = known(arguments.parts.first), arguments.parts.count > 1,
      let right = known(arguments.parts[1])
    else { return nil }
    return part(areEqual(left, right) ? 2 : 3, of: arguments)
  }

  /// Numbers are compared by value, all else byte by byte.
  private static func areEqual(_ left: String, _ right: String) -> Bool {
    if let left = number(left), let right = number(right) { return left == right }
    return left == right
  }

  private static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, isASCIIDigit(first) || "+-.".utf8.contains(first) else {
      return nil
    }
    return Double(text)
  }

  /// `#switch`: the first case that equals the value; a case without a text takes the next one's.
  private static func choice(_ arguments: TemplateArguments) -> String? {
    guard let value = known(arguments.parts.first) else { return nil }
    var isFound = false
    var fallback: String?
    var last = ""
    for (place, part) in arguments.parts.enumerated().dropFirst() {
      guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        guard known(part) != nil || place == arguments.parts.count - 1 else { return nil }
        if place == arguments.parts.count - 1, !isFound { fallback = part }
        isFound = isFound || areEqual(value, part)
        last = part
        continue
      }
      let name = trimmed(part[..<equals])
      let text = trimmed(part[part.utf8.index(after: equals)...])
      guard let name = known(name) else { return nil }
      if isFound || areEqual(value, name) { return text }
      if name == "#default" { fallback = text }
    }
    return isFound ? last : fallback ?? ""
  }

  private static func padded(_ arguments: TemplateArguments, left: Bool) -> String? {
    guard let text = arguments.parts.first, arguments.parts.count > 1,
      let length = Int(arguments.parts[1]), (0...100).contains(length)
    else { return arguments.parts.first }
    let filler = arguments.parts.count > 2 && !arguments.parts[2].isEmpty ? arguments.parts[2] : "0"
    let missing = length - text.unicodeScalars.count
    guard missing > 0 else { return text }
    var padding = String.UnicodeScalarView()
    for place in 0..<missing {
      let scalars = filler.unicodeScalars
      padding.append(scalars[scalars.index(scalars.startIndex, offsetBy: place % scalars.count)])
    }
    return left ? String(padding) + text : text + String(padding)
  }
}
