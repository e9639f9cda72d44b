/// The measure that a use of `convert` gives: numbers, what joins them, units, and what is asked for.
struct GivenMeasure {
  /// A number as it was written, with its value.
  struct Number {
    var text: String
    var value: Double
    /// Decimal places; negative for zeros at the end of a whole number.
    var places: Int
    /// The denominator of a fraction.
    var denominator: Double?

    /// Reads `12`, `-1,200.5`, `1.2e6`, `1/2`, `5+1/2`.
    init?(_ argument: String) {
      var text = argument.replacing("−", with: "-").replacing("&minus;", with: "-")
        .replacing(",", with: "")
      if text.hasPrefix("+") { text.removeFirst() }
      self.text = Measure.grouped(text).replacing("-", with: "−")
      let sign: Double = text.hasPrefix("-") ? -1 : 1
      if text.contains("/") {
        let parts = text.dropFirst(sign < 0 ? 1 : 0).split { $0 == "+" || $0 == "-" || $0 == " " }
        guard let fraction = parts.last?.split(separator: "/"), fraction.count == 2,
          parts.count <= 2, let top = Double(fraction[0]), let bottom = Double(fraction[1]),
          bottom != 0, let whole = parts.count == 2 ? Double(parts[0]) : 0,
          (whole + top / bottom).isFinite
        else { return nil }
        value = sign * (whole + top / bottom)
        places = 0
        denominator = bottom
        self.text = (sign < 0 ? "−" : "") + parts.joined(separator: " ")
        return
      }
      guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") }),
        isASCIIDigit(first) || first == UInt8(ascii: "."), let value = Double(text), value.isFinite
      else { return nil }
      self.value = value
      let mantissa = text.prefix { $0 != "e" && $0 != "E" }
      let exponent = Int(text.dropFirst(mantissa.count + 1)) ?? 0
      if let dot = mantissa.firstIndex(of: ".") {
        places = mantissa[dot...].count - 1
      } else {
        places = -mantissa.reversed().prefix { $0 == "0" }.count
      }
      guard exponent.magnitude < 400 else { return nil }
      places -= exponent
      if mantissa.count < text.count {
        self.text = Measure.grouped(String(mantissa)) + "×10^" + String(exponent)
      }
    }
  }

  var numbers: [Number]
  /// What stands between the numbers, one fewer.
  var joints: [String]
  var code: String
  var unit: MeasureUnit?
  /// The smaller unit of feet and inches, stones and pounds, with its number.
  var smaller: (number: Number, unit: MeasureUnit)?
  /// The codes of the units to tell it in; empty for the usual ones.
  var targets: [String] = []
  /// The decimal places asked for.
  var places: Int?
  /// What follows the unit of an adjective: the `-tall` of "5-metre-tall".
  var remark = ""

  /// Reads the unnamed arguments; `nil` where they do not begin with a number.
  init?(_ arguments: TemplateArguments) {
    guard let first = arguments[1].flatMap({ Number($0) }) else { return nil }
    numbers = [first]
    joints = []
    var next = 2
    while let joint = arguments[next], joint.utf8.count <= 10, Self.joints.contains(joint),
      let number = arguments[next + 1].flatMap({ Number($0) })
    {
      joints.append(joint)
      numbers.append(number)
      next += 2
    }
    code = arguments[next] ?? ""
    unit = MeasureUnit.named(code)
    next += 1
    if let unit, numbers.count == 1, let number = arguments[next].flatMap({ Number($0) }),
      let smaller = arguments[next + 1].flatMap({ MeasureUnit.named($0) }),
      smaller.kind == unit.kind, smaller.scale < unit.scale
    {
      self.smaller = (number, smaller)
      next += 2
    }
    if let target = arguments[next], Int(target) == nil {
      targets = target.split(separator: " ").map(String.init)
    }
    if arguments["adj"] == "mid", let last = arguments.last, last.hasPrefix("-") { remark = last }
    if let places = arguments[next].flatMap({ Int($0) }) ?? arguments[next + 1].flatMap({ Int($0) })
    {
      self.places = max(-12, min(12, places))
    }
  }

  private static let joints: Set<String> = [
    "to", "-", "–", "—", "and", "or", "x", "×", "by", "*", "to(-)", "to about", "+/-", "±", "xx",
    "and(-)", "&", "+", ",", "plus", "and/or",
  ]
}
