/// Numbers and measures in templates: `{{convert|1200|km}}` reads "1,200 kilometres".
///
/// The measure is shown as the article gives it; the converted value, which the template adds in
/// brackets, is not computed.
enum Measure {
  /// The names of a unit.
  private struct Unit {
    var symbol: String
    var singular: String
    var plural: String
  }

  /// Reads the arguments of `convert`: a number, a range of numbers, or feet and inches.
  ///
  /// - Parameters:
  ///   - arguments: The arguments of the template.
  ///   - isShort: Whether units are symbols unless told otherwise, as in `cvt`.
  /// - Returns: The measure in words, or `nil` where it does not begin with a number.
  static func reading(_ arguments: TemplateArguments, isShort: Bool) -> String? {
    guard let first = arguments[1], let number = number(first) else { return nil }
    var text = number
    var isOne = first == "1"
    var next = 2
    while let word = arguments[next], let joint = joints[word], let second = arguments[next + 1],
      let number = Self.number(second)
    {
      text += joint + number
      isOne = false
      next += 2
    }
    guard let code = arguments[next] else { return text }
    let unit = unit(code, isAmerican: arguments["sp"] == "us")
    let abbreviation = arguments["abbr"]
    let showsSymbol =
      abbreviation.map { $0 == "on" || $0 == "in" || $0 == "y" || $0 == "yes" || $0 == "values" }
      ?? isShort
    if abbreviation == "values" { return text }
    let isAdjective = arguments["adj"] == "on" || arguments["adj"] == "mid"
    if showsSymbol {
      text +=
        unit.symbol.hasPrefix("°") || unit.symbol.hasPrefix("/") ? unit.symbol : " " + unit.symbol
    } else if isAdjective {
      text += "-" + unit.singular
    } else {
      text += " " + (isOne ? unit.singular : unit.plural)
    }
    if let second = arguments[next + 1], let number = Self.number(second),
      let code = arguments[next + 2]
    {
      let smaller = Self.unit(code, isAmerican: false)
      let name = second == "1" || isAdjective ? smaller.singular : smaller.plural
      text += (isAdjective ? "-" : " ") + number
      text += (isAdjective ? "-" : " ") + (showsSymbol ? smaller.symbol : name)
    }
    return text
  }

  /// A number with commas between groups of three digits; anything else as it is.
  static func grouped(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let start = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? 1 : 0
    var end = start
    while end < bytes.count, isDigit(bytes[end]) { end += 1 }
    guard end - start > 3, end == bytes.count || bytes[end] == UInt8(ascii: ".") else {
      return text
    }
    var result = Array(bytes[..<start])
    for index in start..<end {
      if index > start, (end - index) % 3 == 0 { result.append(UInt8(ascii: ",")) }
      result.append(bytes[index])
    }
    result.append(contentsOf: bytes[end...])
    return String(decoding: result, as: UTF8.self)
  }

  /// "1st", "2nd", "11th"; anything but a number as it is.
  static func ordinal(_ text: String) -> String {
    guard let number = Int(text) else { return text }
    let suffix =
      switch (number.magnitude % 10, number.magnitude % 100 / 10) {
      case (1, let tens) where tens != 1: "st"
      case (2, let tens) where tens != 1: "nd"
      case (3, let tens) where tens != 1: "rd"
      default: "th"
      }
    return text + suffix
  }

  // MARK: Parts

  /// A number as the template shows it; `nil` where it does not begin like one.
  private static func number(_ text: String) -> String? {
    guard
      let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }),
      isDigit(first) || first == UInt8(ascii: ".") || text.hasPrefix("−")
    else { return nil }
    guard text.utf8.dropFirst().contains(UInt8(ascii: "+")) else { return grouped(text) }
    return String(decoding: text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }, as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func unit(_ code: String, isAmerican: Bool) -> Unit {
    guard var unit = units[code] ?? units[code.lowercased()] else {
      return Unit(symbol: code, singular: code, plural: code)
    }
    if isAmerican {
      unit.singular = american(unit.singular)
      unit.plural = american(unit.plural)
    }
    return unit
  }

  private static func american(_ name: String) -> String {
    for (british, american) in [("metre", "meter"), ("litre", "liter")] {
      if let range = name.firstRange(of: british) {
        return name.replacingCharacters(in: range, by: american)
      }
    }
    return name
  }

  /// What may stand between two numbers, and how it reads.
  private static let joints: [String: String] = [
    "to": " to ", "-": "–", "–": "–", "and": " and ", "or": " or ", "x": " × ", "×": " × ",
    "by": " by ", "*": " × ", "to(-)": "–", "to about": " to about ", "+/-": " ± ", "±": " ± ",
    "xx": " × ", "and(-)": " and ", "&": " & ",
  ]

  /// One row a unit: code, symbol, singular, plural.
  private static let units: [String: Unit] = {
    let rows = """
      mm|mm|millimetre|millimetres
      cm|cm|centimetre|centimetres
      dm|dm|decimetre|decimetres
      m|m|metre|metres
      km|km|kilometre|kilometres
      in|in|inch|inches
      inch|in|inch|inches
      ft|ft|foot|feet
      foot|ft|foot|feet
      yd|yd|yard|yards
      mi|mi|mile|miles
      mile|mi|mile|miles
      nmi|nmi|nautical mile|nautical miles
      ly|ly|light-year|light-years
      au|au|astronomical unit|astronomical units
      pc|pc|parsec|parsecs
      mm2|mm²|square millimetre|square millimetres
      cm2|cm²|square centimetre|square centimetres
      m2|m²|square metre|square metres
      km2|km²|square kilometre|square kilometres
      sqkm|km²|square kilometre|square kilometres
      sqm|m²|square metre|square metres
      sqmi|sq mi|square mile|square miles
      sqft|sq ft|square foot|square feet
      sqyd|sq yd|square yard|square yards
      acre|acre|acre|acres
      acres|acres|acre|acres
      ha|ha|hectare|hectares
      cm3|cm³|cubic centimetre|cubic centimetres
      m3|m³|cubic metre|cubic metres
      km3|km³|cubic kilometre|cubic kilometres
      cuft|cu ft|cubic foot|cubic feet
      cuin|cu in|cubic inch|cubic inches
      cumi|cu mi|cubic mile|cubic miles
      ml|ml|millilitre|millilitres
      l|l|litre|litres
      usgal|US gal|US gallon|US gallons
      impgal|imp gal|imperial gallon|imperial gallons
      usoz|US fl oz|US fluid ounce|US fluid ounces
      mg|mg|milligram|milligrams
      g|g|gram|grams
      kg|kg|kilogram|kilograms
      t|t|tonne|tonnes
      lb|lb|pound|pounds
      lbs|lb|pound|pounds
      oz|oz|ounce|ounces
      st|st|stone|stone
      ton|tons|ton|tons
      lt|long tons|long ton|long tons
      km/h|km/h|kilometre per hour|kilometres per hour
      mph|mph|mile per hour|miles per hour
      m/s|m/s|metre per second|metres per second
      km/s|km/s|kilometre per second|kilometres per second
      ft/s|ft/s|foot per second|feet per second
      kn|kn|knot|knots
      m3/s|m³/s|cubic metre per second|cubic metres per second
      cuft/s|cu ft/s|cubic foot per second|cubic feet per second
      c|°C|degree Celsius|degrees Celsius
      °c|°C|degree Celsius|degrees Celsius
      f|°F|degree Fahrenheit|degrees Fahrenheit
      °f|°F|degree Fahrenheit|degrees Fahrenheit
      k|K|kelvin|kelvins
      w|W|watt|watts
      kw|kW|kilowatt|kilowatts
      MW|MW|megawatt|megawatts
      gw|GW|gigawatt|gigawatts
      hp|hp|horsepower|horsepower
      bhp|bhp|brake horsepower|brake horsepower
      shp|shp|shaft horsepower|shaft horsepower
      ps|PS|metric horsepower|metric horsepower
      j|J|joule|joules
      kj|kJ|kilojoule|kilojoules
      kcal|kcal|kilocalorie|kilocalories
      nm|N⋅m|newton-metre|newton-metres
      lbft|lb⋅ft|pound-foot|pound-feet
      pa|Pa|pascal|pascals
      kpa|kPa|kilopascal|kilopascals
      psi|psi|pound per square inch|pounds per square inch
      pd/sqkm|/km²|inhabitant per square kilometre|inhabitants per square kilometre
      pd/sqmi|/sq mi|inhabitant per square mile|inhabitants per square mile
      /km2|/km²|per square kilometre|per square kilometre
      /sqmi|/sq mi|per square mile|per square mile
      kg/m3|kg/m³|kilogram per cubic metre|kilograms per cubic metre
      """
    var units: [String: Unit] = [:]
    for row in rows.split(separator: "\n") {
      let parts = row.split(separator: "|").map(String.init)
      units[parts[0]] = Unit(symbol: parts[1], singular: parts[2], plural: parts[3])
    }
    return units
  }()
}

extension String {
  /// The string with one range of it replaced.
  fileprivate func replacingCharacters(in range: Range<String.Index>, by other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
