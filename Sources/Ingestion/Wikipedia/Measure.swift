/// Numbers and measures in templates: `{{convert|1200|km}}` reads "1,200 kilometres (750 mi)".
///
/// The measure as the article gives it, and in brackets what the template adds for readers used to
/// other units. Rounding follows the page of English Wikipedia's template (Template:Convert,
/// "Rounding"): as many digits as were given, at least two. A unit that is not known is shown, not
/// converted.
enum Measure {
  /// Reads the arguments of `convert`: a number, a range of numbers, or feet and inches.
  ///
  /// - Parameters:
  ///   - arguments: The arguments of the template.
  ///   - isShort: Whether units are symbols unless told otherwise, as in `cvt`.
  /// - Returns: The measure in words, or `nil` where it does not begin with a number.
  static func reading(_ arguments: TemplateArguments, isShort: Bool) -> String? {
    guard let measure = GivenMeasure(arguments) else { return nil }
    return MeasureStyle(arguments, isShort: isShort).text(of: measure)
  }

  /// `{{height|m=1.8}}` and `{{height|ft=5|in=11}}`.
  static func height(_ arguments: TemplateArguments) -> String? {
    var parts: [String]
    if let metres = arguments["m"] ?? arguments["meter"] ?? arguments["metre"] {
      parts = [metres, "m", "ftin"]
    } else if let centimetres = arguments["cm"] {
      parts = [centimetres, "cm", "ftin"]
    } else if let feet = arguments["ft"] {
      parts = [feet, "ft"] + (arguments["in"].map { [$0, "in"] } ?? []) + ["m"]
    } else {
      return nil
    }
    if let precision = arguments["precision"] { parts.append(precision) }
    return reading(TemplateArguments(parts: parts, page: arguments.page), isShort: true)
  }

  /// A number with commas between groups of three digits; anything else as it is.
  static func grouped(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let start = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? 1 : 0
    var end = start
    while end < bytes.count, isASCIIDigit(bytes[end]) { end += 1 }
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

  /// A number rounded to decimal places (tens where negative), in words of digits.
  static func rounded(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15, abs(places) < 16 else { return "" }
    let step = power(of: 10, abs(places))
    let scaled = places >= 0 ? abs(value) * step : abs(value) / step
    // A value half-way between two that floating point holds just below is rounded up, too.
    let whole = (scaled * (1 + 4e-16)).rounded()
    guard whole < 1e18 else { return "" }
    let digits = Int(places >= 0 ? whole : whole * step)
    let sign = value < 0 && digits != 0 ? "−" : ""
    guard places > 0 else { return sign + grouped(String(digits)) }
    let divisor = Int(step)
    let fraction = String(digits % divisor)
    let zeros = String(repeating: "0", count: places - fraction.utf8.count)
    return sign + grouped(String(digits / divisor)) + "." + zeros + fraction
  }

  private static func power(of base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { power, _ in power * base }
  }
}

/// Whether a byte is an ASCII digit.
func isASCIIDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
