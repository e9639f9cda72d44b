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

  /// Reads the day of a timestamp such as `2019-10-01T12:00:00Z`.
  init?(timestamp: String) {
    let parts = timestamp.prefix(10).split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[1]), (1...31).contains(parts[2]) else {
      return nil
    }
    (year, month, day) = (parts[0], parts[1], parts[2])
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

  /// A date of birth, with the age on the day on which the page was saved.
  static func birthReading(_ arguments: TemplateArguments) -> String? {
    guard let birth = CalendarDate(arguments, from: 1), birth.day != nil,
      let age = arguments.page.date.flatMap(birth.wholeYears), (0...130).contains(age)
    else { return reading(arguments) }
    return birth.text(dayFirst: isDayFirst(arguments)) + " (age \(age))"
  }

  /// `{{age|1950|1|2|2000|3|4}}`: the whole years between two days, or up to the saving of the page.
  static func age(_ arguments: TemplateArguments) -> String? {
    guard let birth = CalendarDate(arguments, from: 1), birth.day != nil,
      let end = CalendarDate(arguments, from: 4) ?? arguments.page.date
    else { return nil }
    return birth.wholeYears(until: end).map { String($0) }
  }

  /// The whole years from this day to another; `nil` where either is no day.
  private func wholeYears(until end: CalendarDate) -> Int? {
    guard let month, let day, let endMonth = end.month, let endDay = end.day else { return nil }
    return end.year - year - ((endMonth, endDay) < (month, day) ? 1 : 0)
  }

  /// The English name of a month given by its number.
  static func monthName(_ number: String?) -> String? {
    number.flatMap(month).map { monthNames[$0 - 1] }
  }

  /// A date of death, with the age where the date of birth is given too.
  static func deathReading(_ arguments: TemplateArguments) -> String? {
    guard let death = CalendarDate(arguments, from: 1) else { return arguments[1] }
    let text = death.text(dayFirst: isDayFirst(arguments))
    guard let birth = CalendarDate(arguments, from: 4), let age = birth.wholeYears(until: death)
    else { return text }
    return text + " (aged \(age))"
  }

  /// `{{as of|2010|3}}`: "As of March 2010".
  static func asOf(_ arguments: TemplateArguments) -> String? {
    if let alternative = arguments["alt"] { return alternative }
    guard let date = CalendarDate(arguments, from: 1) else {
      return arguments[1].map { "As of " + $0 }
    }
    let isSmall = arguments.isSet("lc")
    let word =
      arguments.isSet("since") ? (isSmall ? "since" : "Since") : (isSmall ? "as of" : "As of")
    return word + " " + date.text(dayFirst: arguments["df"].map { $0 != "us" } ?? true)
  }

  private static func isDayFirst(_ arguments: TemplateArguments) -> Bool {
    arguments.isSet("df")
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
