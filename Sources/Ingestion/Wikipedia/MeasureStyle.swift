import Glibc

/// How a measure is shown: names or symbols, what comes first, how the conversions are set off.
struct MeasureStyle {
  private let isShort: Bool
  private let abbreviation: String
  private let display: String
  private let adjective: String?
  private let isAmerican: Bool
  private let isFlipped: Bool
  private let significantDigits: Int?
  private let roundTo: Double?

  init(_ arguments: TemplateArguments, isShort: Bool) {
    self.isShort = isShort
    abbreviation = arguments["abbr"] ?? (isShort ? "on" : "out")
    let display = arguments["disp"] ?? "b"
    self.display = display
    adjective = arguments["adj"]
    isAmerican = arguments["sp"] == "us"
    isFlipped = arguments["order"] == "flip" || display == "flip"
    significantDigits = arguments["sigfig"].flatMap { Int($0) }.map { max(1, min(12, $0)) }
    roundTo = arguments["round"].flatMap { Double($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// What a reader sees.
  func text(of measure: GivenMeasure) -> String {
    if abbreviation == "values" { return joined(measure.numbers.map(\.text), measure.joints) }
    let given = self.given(measure, inSymbols: false)
    let conversions = conversions(of: measure)
    guard let first = conversions.first else { return given }
    switch display {
    case "out", "output only":
      return conversions.map { $0.text(isWordy: false) }.joined(separator: "; ")
    case "number", "output number only", "num": return first.numbers
    case "preunit", "unit", "unit2", "x":
      return given
    default: break
    }
    if isFlipped {
      return enclosed(
        self.given(measure, inSymbols: true),
        after: first.text(isWordy: isWordyInput)
      )
    }
    let others = conversions.map { $0.text(isWordy: abbreviation == "off" || abbreviation == "in") }
    return enclosed(others.joined(separator: "; "), after: given)
  }

  private func enclosed(_ conversion: String, after given: String) -> String {
    switch display {
    case "or": given + " or " + conversion
    case "sqbr": given + " [" + conversion + "]"
    case "comma": given + ", " + conversion
    case "slash", "s", "/": given + " / " + conversion
    default: given + " (" + conversion + ")"
    }
  }

  // MARK: What was given

  private var isWordyInput: Bool {
    abbreviation == "out" || abbreviation == "off" || abbreviation == "none"
  }

  private func given(_ measure: GivenMeasure, inSymbols: Bool) -> String {
    let isAdjective = adjective == "on" || adjective == "mid" || adjective == "j"
    guard var unit = measure.unit else {
      let numbers = joined(measure.numbers.map(\.text), measure.joints)
      if measure.code.isEmpty { return numbers }
      return numbers + (isAdjective ? "-" : " ") + measure.code
    }
    if isAmerican { unit = unit.american }
    let isWordy = isWordyInput && !inSymbols
    let isOne = measure.numbers.count == 1 && abs(measure.numbers[0].value) == 1
    let numbers = measure.numbers.map(\.text)
    if !isWordy, measure.joints.contains(where: { $0 == "x" || $0 == "×" || $0 == "*" }) {
      return numbers.map { withSymbol($0, unit) }.joined(separator: " × ")
    }
    var text = joined(numbers, measure.joints, isWordy: isWordy)
    let join = isAdjective && isWordy ? "-" : " "
    if !isWordy {
      text = withSymbol(text, unit)
    } else {
      text += join + (isAdjective || isOne || isFraction(measure) ? unit.singular : unit.plural)
      if adjective == "mid" { text += measure.remark }
    }
    guard let (number, smaller) = measure.smaller else { return text }
    let name = isAdjective || abs(number.value) == 1 ? smaller.singular : smaller.plural
    return isWordy
      ? text + join + number.text + join + name
      : text + " " + withSymbol(number.text, smaller)
  }

  private func isFraction(_ measure: GivenMeasure) -> Bool {
    measure.numbers.count == 1 && measure.numbers[0].denominator != nil
      && abs(measure.numbers[0].value) < 1
  }

  private func withSymbol(_ number: String, _ unit: MeasureUnit) -> String {
    unit.symbol.hasPrefix("/")
      ? number + unit.symbol : number + " " + unit.symbol
  }

  private func joined(_ numbers: [String], _ joints: [String], isWordy: Bool = true) -> String {
    var text = numbers[0]
    for (number, joint) in zip(numbers.dropFirst(), joints) {
      let between =
        switch joint {
        case "to": isWordy || isShort || abbreviation != "on" ? " to " : "–"
        case "-", "–", "to(-)", "—": "–"
        case "x", "×", "*": isWordy ? " by " : " × "
        case "xx": " × "
        case "and(-)": " and "
        case "+/-", "±": " ± "
        case ",": ", "
        case "+", "plus": " + "
        default: " " + joint + " "
        }
      text += between + number
    }
    return text
  }

  // MARK: Conversions

  /// The same measure in another unit.
  private struct Conversion {
    var numbers: String
    var symbol: String
    var name: String

    func text(isWordy: Bool) -> String {
      if isWordy { return numbers + " " + name }
      let joins = symbol.hasPrefix("/") || symbol.isEmpty
      return numbers + (joins ? "" : " ") + symbol
    }
  }

  private func conversions(of measure: GivenMeasure) -> [Conversion] {
    guard let unit = measure.unit else { return [] }
    let targets = measure.targets.isEmpty ? unit.counterparts : measure.targets
    return targets.compactMap { conversion(of: measure, from: unit, to: $0) }
  }

  private func conversion(
    of measure: GivenMeasure,
    from unit: MeasureUnit,
    to code: String
  ) -> Conversion? {
    if code == "ftin" || code == "ft in" { return feetAndInches(measure, from: unit) }
    guard var target = MeasureUnit.named(code), target.kind == unit.kind else { return nil }
    if isAmerican { target = target.american }
    var values: [Double] = []
    var texts: [String] = []
    for number in measure.numbers {
      var value = number.value
      var from = unit
      var places = number.places
      if let (number, smaller) = measure.smaller {
        value = value * unit.scale / smaller.scale + number.value
        from = smaller
        places = max(0, number.places)
      }
      let converted = (value + from.offset) * from.scale / target.scale - target.offset
      // A number that is finite in its own unit need not be so in the other.
      guard converted.isFinite else { return nil }
      values.append(converted)
      let shown =
        measure.places
        ?? self.places(
          of: value,
          places: places,
          denominator: number.denominator,
          from: from,
          to: target,
          converted: converted,
          isComposite: measure.smaller != nil
        )
      let rounded = roundTo.map { (converted / $0).rounded() * $0 } ?? converted
      let text = Measure.rounded(rounded, places: roundTo == nil ? shown : max(0, shown))
      if text.isEmpty { return nil }
      texts.append(text)
    }
    let isOne = texts == ["1"]
    let name = isOne ? target.singular : target.plural
    if measure.joints.contains(where: { $0 == "x" || $0 == "×" || $0 == "*" }) {
      let numbers = texts.dropLast().map { withSymbol($0, target) + " × " }.joined()
      return Conversion(
        numbers: numbers + texts[texts.count - 1],
        symbol: target.symbol,
        name: name
      )
    }
    return Conversion(
      numbers: joined(texts, measure.joints, isWordy: true),
      symbol: target.symbol,
      name: name
    )
  }

  /// The decimal places of a converted number where none are asked for.
  private func places(
    of value: Double,
    places: Int,
    denominator: Double?,
    from unit: MeasureUnit,
    to target: MeasureUnit,
    converted: Double,
    isComposite: Bool
  ) -> Int {
    let size = abs(converted)
    if let significantDigits {
      return size == 0 ? 0 : significantDigits - 1 - Int(floor(log10(size) + 1e-14))
    }
    var given = Double(places)
    if let denominator { given = max(log10(abs(denominator)), 1) }
    if unit.kind == "temperature" {
      let kelvin = abs((value + unit.offset) * unit.scale)
      let least = kelvin < 1e-8 ? 2 : 2 - Int(floor(log10(kelvin) + 1e-14))
      return max(Int(floor(given)), least)
    }
    guard value != 0, size > 0 else { return 0 }
    let gain = isComposite ? log10(target.scale) + 2 : log10(abs(value) / size)
    return max(Int(floor(given + gain + log10(2))), 1 - Int(floor(log10(size) + 1e-14)))
  }

  private func feetAndInches(_ measure: GivenMeasure, from unit: MeasureUnit) -> Conversion? {
    guard unit.kind == "length" else { return nil }
    var texts: [String] = []
    for number in measure.numbers {
      let inches = (abs(number.value) * unit.scale / 0.0254).rounded()
      guard inches < 1e9 else { return nil }
      let whole = Int(inches)
      texts.append("\(Measure.grouped(String(whole / 12))) ft \(whole % 12) in")
    }
    return Conversion(numbers: joined(texts, measure.joints), symbol: "", name: "")
  }
}
