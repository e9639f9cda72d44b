/// The headers of a CHAT transcript as metadata: participants, the target child's age, date,
/// languages, media, persistent identifier.
///
/// Only what research on child-directed text asks for is kept; a header that is malformed is left
/// out, never a reason to reject the transcript.
import Documents

struct CHATHeaders {
  /// The corpus named on the first `@ID` line.
  private(set) var corpus: String?
  private var values: [String: MetadataValue] = [:]
  /// Participants in the order of `@Participants`, by code.
  private var codes: [String] = []
  private var participants: [String: [String: MetadataValue]] = [:]

  /// Reads one header line.
  ///
  /// - Parameter line: The header with its continuation lines joined, from `@` on.
  mutating func read(_ line: String) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let name = line[..<colon]
    let value = trimmed(line[line.index(after: colon)...])
    guard !value.isEmpty else { return }
    switch name {
    case "@Participants": readParticipants(value)
    case "@ID": readIdentity(value)
    case "@Languages":
      let languages = value.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
      values["languages"] = .list(languages.map { .text($0) })
    case "@Date" where values["date"] == nil: values["date"] = .text(isoDate(value) ?? value)
    case "@Media": values["media"] = .text(value)
    case "@PID": values["pid"] = .text(value)
    default:
      if name.hasPrefix("@Age of ") { set("age", of: name.dropFirst(8), to: value) }
      if name.hasPrefix("@Sex of ") { set("sex", of: name.dropFirst(8), to: value) }
    }
  }

  /// What the headers say, by name.
  var metadata: [String: MetadataValue] {
    var values = values
    if let corpus { values["corpus"] = .text(corpus) }
    if !codes.isEmpty {
      values["participants"] = .list(codes.map { .object(participants[$0] ?? [:]) })
    }
    let child = codes.first { participants[$0]?["role"] == .text("Target_Child") } ?? "CHI"
    if case .number(let months)? = participants[child]?["ageMonths"] {
      values["targetChildAgeMonths"] = .number(months)
    }
    if case .text(let sex)? = participants[child]?["sex"] {
      values["targetChildSex"] = .text(sex)
    }
    return values
  }

  private mutating func readParticipants(_ value: String) {
    for part in value.split(separator: ",") {
      let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      guard let code = words.first else { continue }
      enter(code)
      if let role = words.dropFirst().last { participants[code]?["role"] = .text(role) }
      if words.count > 2 {
        participants[code]?["name"] = .text(words[1..<words.count - 1].joined(separator: " "))
      }
    }
  }

  // language|corpus|code|age|sex|group|status|role|education|custom|
  private mutating func readIdentity(_ value: String) {
    let fields = value.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
    guard fields.count >= 8, !fields[2].isEmpty else { return }
    if corpus == nil, !fields[1].isEmpty { corpus = fields[1] }
    let code = fields[2]
    enter(code)
    for (name, field) in [("language", 0), ("sex", 4), ("group", 5), ("role", 7)]
    where !fields[field].isEmpty {
      participants[code]?[name] = .text(fields[field])
    }
    if !fields[3].isEmpty { set("age", of: Substring(code), to: fields[3]) }
  }

  private mutating func enter(_ code: String) {
    guard participants[code] == nil else { return }
    codes.append(code)
    participants[code] = ["code": .text(code)]
  }

  private mutating func set(_ name: String, of code: Substring, to value: String) {
    let code = trimmed(code)
    enter(code)
    participants[code]?[name] = .text(value)
    if name == "age", let months = ageMonths(value) {
      participants[code]?["ageMonths"] = .number(months)
    }
  }
}

/// Months from CHAT's `years;months.days`, a day being 1/30 of a month, to two decimals.
func ageMonths(_ age: String) -> Double? {
  let halves = age.split(separator: ";", omittingEmptySubsequences: false)
  guard let first = halves.first, let years = Int(first), (0...150).contains(years) else {
    return nil
  }
  guard halves.count > 1 else { return nil }
  let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
  let months = parts.first.flatMap { Int($0) } ?? 0
  let days = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  guard (0...12).contains(months), (0...31).contains(days) else { return nil }
  return (Double(years * 12 + months) * 100 + (Double(days) * 100 / 30).rounded()) / 100
}

/// `1977-05-10` for CHAT's `10-MAY-1977`.
private func isoDate(_ date: String) -> String? {
  let parts = date.split(separator: "-")
  let names = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
  ]
  guard parts.count == 3, let day = Int(parts[0]), (1...31).contains(day),
    let month = names.firstIndex(of: parts[1].uppercased()), let year = Int(parts[2]),
    (1000...9999).contains(year)
  else { return nil }
  return "\(year)-\(twoDigits(month + 1))-\(twoDigits(day))"
}

private func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

private func trimmed(_ text: some StringProtocol) -> String {
  let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
  guard let first = text.firstIndex(where: { !isSpace($0) }),
    let last = text.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(text[first...last])
}
