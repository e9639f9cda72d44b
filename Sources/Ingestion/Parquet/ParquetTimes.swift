/// Dates and times as ISO 8601 writes them, from counts since 1970-01-01.
///
/// The calendar is the proleptic Gregorian one. Years outside 0 to 9999 carry a sign.

/// Writes a day.
func isoDate(day: Int64) -> String {
  // Days are counted from 0000-03-01 so that the leap day ends a year; an era is 400 years.
  let shifted = day + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let sign = year < 0 ? "-" : year > 9_999 ? "+" : ""
  return "\(sign)\(padded(abs(year), 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
}

/// Writes a time that is counted in fractions of a second.
func isoTime(_ count: Int64, perSecond: Int64, isUTC: Bool) -> String {
  let perDay = perSecond * 86_400
  let (day, rest) = floored(count, by: perDay)
  return isoTime(day: day, rest: rest, perSecond: perSecond, isUTC: isUTC)
}

/// Writes a time of 12 bytes: nanoseconds of the day and the Julian day, little-endian.
func isoTime(julian bytes: [UInt8]) -> String {
  precondition(bytes.count == 12, "a Julian time has 12 bytes")
  let nanoseconds = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  let julianDay = bytes[8...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  let day = Int64(Int32(bitPattern: julianDay)) - 2_440_588
  // Spark counts microseconds and lets far years wrap around.
  let (wholeMicroseconds, rest) = floored(Int64(bitPattern: nanoseconds), by: 1_000)
  let microseconds = day &* 86_400_000_000 &+ wholeMicroseconds
  let (shownDay, restOfDay) = floored(microseconds, by: 86_400_000_000)
  return isoTime(
    day: shownDay,
    rest: restOfDay * 1_000 + rest,
    perSecond: 1_000_000_000,
    isUTC: false
  )
}

private func isoTime(day: Int64, rest: Int64, perSecond: Int64, isUTC: Bool) -> String {
  let seconds = rest / perSecond
  let fraction = rest % perSecond
  let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
  let digits = perSecond == 1_000 ? 3 : perSecond == 1_000_000 ? 6 : 9
  return isoDate(day: day) + "T" + clock.joined(separator: ":")
    + (fraction == 0 ? "" : "." + padded(fraction, digits)) + (isUTC ? "Z" : "")
}

/// The quotient rounded down, and what remains.
private func floored(_ value: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
  let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
  return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
