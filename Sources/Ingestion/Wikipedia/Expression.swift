import Glibc

/// The arithmetic of the parser function `#expr` (mediawiki.org, Help:Extension:ParserFunctions).
///
/// Operators and their order as documented there, on floating-point numbers. Evaluated with two stacks
/// and no recursion; nothing of a page is ever run. What is too long, too deep, no number or not
/// defined gives nothing.
enum Expression {
  /// More bytes than any sensible expression has.
  private static let greatestLength = 1_000
  private static let greatestDepth = 100

  /// Evaluates an expression.
  ///
  /// - Parameter text: Such as `(2 + 3) * 4 round 1`.
  /// - Returns: The value; `nil` where there is none.
  static func value(of text: String) -> Double? {
    guard text.utf8.count <= greatestLength else { return nil }
    var machine = Machine()
    var bytes = Array(text.utf8)[...]
    while let token = nextToken(of: &bytes) {
      guard machine.read(token) else { return nil }
    }
    guard bytes.isEmpty, let value = machine.finish(), value.isFinite else { return nil }
    return value
  }

  /// A number as MediaWiki prints it: at most 14 digits, none after the point that are not needed.
  static func text(of value: Double) -> String {
    if value == 0 { return "0" }
    let exponent = Int(floor(log10(abs(value))))
    guard (-5...14).contains(exponent) else { return "" }
    var rounded = Measure.rounded(value, places: max(0, 13 - exponent)).replacing(",", with: "")
    if rounded.contains(".") {
      while rounded.hasSuffix("0") { rounded.removeLast() }
      if rounded.hasSuffix(".") { rounded.removeLast() }
    }
    return rounded.replacing("−", with: "-")
  }

  // MARK: Tokens

  private enum Token {
    case number(Double)
    case word(String)
  }

  /// The next number, word or sign; `nil` at the end, or with bytes left where there is none.
  private static func nextToken(of bytes: inout ArraySlice<UInt8>) -> Token? {
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    guard let first = bytes.first else { return nil }
    if isASCIIDigit(first) || first == UInt8(ascii: ".") {
      let digits = bytes.prefix { isASCIIDigit($0) || $0 == UInt8(ascii: ".") }
      guard let value = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
      bytes.removeFirst(digits.count)
      return .number(value)
    }
    var length = bytes.prefix { isASCIILetterOrDigit($0) && !isASCIIDigit($0) }.count
    if length == 0 {
      let sign = String(decoding: bytes.prefix(2), as: UTF8.self)
      if ["<=", ">=", "!=", "<>"].contains(sign) {
        length = 2
      } else if bytes.starts(with: "−".utf8) {
        bytes.removeFirst(3)
        return .word("-")
      } else {
        length = 1
      }
    }
    let word = String(decoding: bytes.prefix(length), as: UTF8.self).lowercased()
    bytes.removeFirst(length)
    return .word(word)
  }

  // MARK: Evaluation

  private struct Operator {
    var name: String
    /// How tightly it binds; 0 for an open bracket.
    var rank: Int
    var isUnary = false
  }

  private struct Machine {
    private var values: [Double] = []
    private var operators: [Operator] = []
    private var wantsValue = true

    mutating func read(_ token: Token) -> Bool {
      guard operators.count < greatestDepth else { return false }
      switch token {
      case .number(let value):
        guard wantsValue else { return false }
        values.append(value)
        wantsValue = false
        return true
      case .word("("):
        guard wantsValue else { return false }
        operators.append(Operator(name: "(", rank: 0))
        return true
      case .word(")"):
        guard !wantsValue else { return false }
        while let last = operators.last, last.rank > 0 { guard apply() else { return false } }
        return operators.popLast() != nil
      case .word(let name): return wantsValue ? readUnary(name) : readBinary(name)
      }
    }

    mutating func finish() -> Double? {
      guard !wantsValue else { return nil }
      while let last = operators.last {
        guard last.rank > 0, apply() else { return nil }
      }
      return values.count == 1 ? values[0] : nil
    }

    private mutating func readUnary(_ name: String) -> Bool {
      if let constant = constants[name] {
        values.append(constant)
        wantsValue = false
        return true
      }
      if name == "+" || name == "-" {
        operators.append(Operator(name: name, rank: 10, isUnary: true))
        return true
      }
      guard functions[name] != nil else { return false }
      operators.append(Operator(name: name, rank: 9, isUnary: true))
      return true
    }

    private mutating func readBinary(_ name: String) -> Bool {
      guard let rank = ranks[name] else { return false }
      while let last = operators.last, last.rank >= rank { guard apply() else { return false } }
      operators.append(Operator(name: name, rank: rank))
      wantsValue = true
      return true
    }

    private mutating func apply() -> Bool {
      guard let last = operators.popLast(), let right = values.popLast() else { return false }
      if last.isUnary {
        let value = last.name == "-" ? -right : functions[last.name]?(right) ?? right
        values.append(value)
        return value.isFinite
      }
      guard let left = values.popLast(), let value = result(last.name, left, right) else {
        return false
      }
      values.append(value)
      return value.isFinite
    }

    private func result(_ name: String, _ left: Double, _ right: Double) -> Double? {
      switch name {
      case "+": left + right
      case "-": left - right
      case "*": left * right
      case "/", "div": right == 0 ? nil : left / right
      case "mod":
        right.rounded(.towardZero) == 0
          ? nil
          : left.rounded(.towardZero).truncatingRemainder(dividingBy: right.rounded(.towardZero))
      case "fmod": right == 0 ? nil : left.truncatingRemainder(dividingBy: right)
      case "^": pow(left, right)
      case "e": left * pow(10, right)
      case "round": rounded(left, places: right)
      case "=": left == right ? 1 : 0
      case "!=", "<>": left != right ? 1 : 0
      case "<": left < right ? 1 : 0
      case ">": left > right ? 1 : 0
      case "<=": left <= right ? 1 : 0
      case ">=": left >= right ? 1 : 0
      case "and": left != 0 && right != 0 ? 1 : 0
      case "or": left != 0 || right != 0 ? 1 : 0
      default: nil
      }
    }

    private func rounded(_ value: Double, places: Double) -> Double? {
      guard abs(places) <= 15 else { return value }
      let step = pow(10, places.rounded(.towardZero))
      return (value * step).rounded() / step
    }
  }

  private static let constants: [String: Double] = ["pi": .pi, "e": M_E]

  private static let ranks: [String: Int] = [
    "e": 10, "^": 8, "*": 7, "/": 7, "div": 7, "mod": 7, "fmod": 7, "+": 6, "-": 6, "round": 5,
    "=": 4, "!=": 4, "<>": 4, "<": 4, ">": 4, "<=": 4, ">=": 4, "and": 3, "or": 2,
  ]

  private static let functions: [String: @Sendable (Double) -> Double] = [
    "not": { $0 == 0 ? 1 : 0 }, "ceil": { $0.rounded(.up) }, "floor": { $0.rounded(.down) },
    "trunc": { $0.rounded(.towardZero) }, "abs": { abs($0) }, "exp": { exp($0) }, "ln": { log($0) },
    "sqrt": { sqrt($0) }, "sin": { sin($0) }, "cos": { cos($0) }, "tan": { tan($0) },
    "asin": { asin($0) }, "acos": { acos($0) }, "atan": { atan($0) },
  ]
}
