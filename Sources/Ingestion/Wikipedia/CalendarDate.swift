/// Dates in templates: `{{birth date|1950|1|2|df=y}}` reads "2 January 1950".
///
/// The Gregorian calendar as the templates state it, without checks; what does not parse as numbers
/// is shown as it was given.
struct CalendarDate {
  var year: Int
  var month: Int?
  var day: Int?

  /// Reads a date from three unnamed arguments, starting with the year.
  init?(_ arguments: TemplateArguments, from first: Int) {
    guard let year = arguments[first].flatMap({ Int($0) }), (-9_999...9_999).contains(year) else {
      return nil
    }
    self.year = year
    month = arguments[first + 1].flatMap(Self.month)
    day = month == nil ? nil : arguments[first + 2].flatMap { Int($0) }
    if let day, !(1...31).contains(day) { self.day = nil }
  }

  /// The date in words, month first as the templates have it unless told otherwise.
  func text(dayFirst: Bool) -> String {
    guard let month else { return String(year) }
    let name = Self.monthNames[month - 1]
    guard let day else { return "\(name) \(year)" }
    return dayFirst ? "\(day) \(name) \(year)" : "\(name) \(day), \(year)"
  }

  /// A date of birth, a start, a release: the first date given, without the age.
  static func reading(_ arguments: TemplateArguments) -> String? {
    CalendarDate(arguments, from: 1)?.text(dayFirst: isDayFirst(arguments)) ?? arguments[1]
  }

  /// A date of death, with the age where the date of birth is given too.
  static func deathReading(_ arguments: TemplateArguments) -> String? {
    guard let death = CalendarDate(arguments, from: 1) else { return arguments[1] }
    let text = death.text(dayFirst: isDayFirst(arguments))
    guard let birth = CalendarDate(arguments, from: death.day == nil ? 2 : 4), birth.day != nil,
      death.day != nil
    else { return text }
    let isBeforeBirthday =
      (death.month ?? 0, death.day ?? 0) < (birth.month ?? 0, birth.day ?? 0)
    return text + " (aged \(death.year - birth.year - (isBeforeBirthday ? 1 : 0)))"
  }

  /// `{{as of|2010|3}}`: "As of March 2010".
  static func asOf(_ arguments: TemplateArguments) -> String? {
    if let alternative = arguments["alt"] { return alternative }
    guard let date = CalendarDate(arguments, from: 1) else {
      return arguments[1].map { "As of " + $0 }
    }
    let isSmall = isSet(arguments["lc"])
    let word =
      isSet(arguments["since"]) ? (isSmall ? "since" : "Since") : (isSmall ? "as of" : "As of")
    return word + " " + date.text(dayFirst: arguments["df"].map { $0 != "us" } ?? true)
  }

  private static func isDayFirst(_ arguments: TemplateArguments) -> Bool {
    isSet(arguments["df"])
  }

  private static func isSet(_ value: String?) -> Bool {
    value == "y" || value == "yes" || value == "1" || value == "true" || value == "on"
  }

  private static func month(_ text: String) -> Int? {
    if let number = Int(text) { return (1...12).contains(number) ? number : nil }
    let start = text.lowercased().utf8.prefix(3)
    guard start.count == 3 else { return nil }
    return monthNames.firstIndex { $0.lowercased().utf8.starts(with: start) }.map { $0 + 1 }
  }

  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
}
