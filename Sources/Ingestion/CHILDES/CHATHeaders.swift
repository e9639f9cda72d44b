/// What a transcript says of itself: participants, the target child's age, date, languages, media.
///
/// CHAT headers and the attributes of TalkBank XML fill the same structure. A header that is malformed
/// is left out, never a reason to reject the transcript; headers that only structure the recording
/// (`@Bg`, `@New Episode`, `@Comment`) are counted.
import Documents

struct CHATHeaders {
  /// One person, by what `@Participants` and `@ID` say.
  struct Participant {
    let code: String
    /// What is stated, by name: name, role, sex, age, language, group, education, socialStatus.
    var fields: [String: String] = [:]

    var role: String? { fields["role"] }
    var ageMonths: Double? { fields["age"].flatMap(CHATAge.months) }

    var metadata: MetadataValue {
      var values = fields.mapValues { MetadataValue.text($0) }
      values["code"] = .text(code)
      if let months = ageMonths { values["ageMonths"] = .number(months) }
      return .object(values)
    }
  }

  /// The corpus named on the first `@ID` line.
  private(set) var corpus: String?
  private(set) var languages: [String] = []
  /// Participants in the order of `@Participants`.
  private(set) var participants: [Participant] = []
  /// Whether `@Options` names conversation analysis.
  private(set) var isConversationAnalysis = false

  private var values: [String: MetadataValue] = [:]
  private var others: [String: Int] = [:]

  /// Reads one header line.
  ///
  /// - Parameter line: The header with its continuation lines joined, from `@` on.
  mutating func read(_ line: String) {
    let name: Substring
    let value: String
    if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
      name = line[..<colon]
      value = withoutBlanksAtEnds(line[line.index(after: colon)...])
    } else {
      name = Substring(withoutBlanksAtEnds(line))
      value = ""
    }
    switch name {
    case "@UTF8", "@Begin", "@End": break
    case "@Participants": readParticipants(value)
    case "@ID": readIdentity(value)
    case "@Languages":
      setLanguages(value.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init))
    case "@Options": setOptions(value)
    case "@Date" where values["date"] == nil: set("date", CHATDate.iso(value) ?? value)
    case "@Media": set("media", value)
    case "@PID": set("pid", value)
    case "@Situation" where values["situation"] == nil: set("situation", value)
    case "@Activities" where values["activities"] == nil: set("activities", value)
    case "@Location": set("location", value)
    default:
      if name.hasPrefix("@Age of ") {
        return set("age", of: withoutBlanksAtEnds(name.dropFirst(8)), to: value)
      }
      if name.hasPrefix("@Sex of ") {
        return set("sex", of: withoutBlanksAtEnds(name.dropFirst(8)), to: value)
      }
      // A transcript has a few dozen kinds; what has more is no header.
      let key = String(name.dropFirst())
      if others[key] != nil || others.count < 64 { others[key, default: 0] += 1 }
    }
  }

  /// Notes a stated value, unless it is empty.
  mutating func set(_ name: String, _ value: String) {
    if !value.isEmpty { values[name] = .text(value) }
  }

  mutating func setCorpus(_ name: String) {
    if corpus == nil, !name.isEmpty { corpus = name }
  }

  /// Notes the languages, the first of them being the transcript's own.
  mutating func setLanguages(_ codes: [String]) { languages = Array(codes.prefix(64)) }

  mutating func setOptions(_ value: String) {
    set("options", value)
    isConversationAnalysis = value.split(whereSeparator: { $0 == "," || $0 == " " })
      .contains { $0.hasPrefix("CA") }
  }

  /// Notes what is stated of a participant, unless it is empty.
  mutating func set(_ name: String, of code: String, to value: String) {
    guard !code.isEmpty, let place = enter(code) else { return }
    if !value.isEmpty { participants[place].fields[name] = value }
  }

  /// The participant with a code.
  func participant(_ code: String) -> Participant? { participants.first { $0.code == code } }

  /// Whether a participant is the child that the recording is about.
  func isTargetChild(_ code: String) -> Bool {
    if participants.contains(where: { $0.role == "Target_Child" }) {
      return participant(code)?.role == "Target_Child"
    }
    return code == "CHI"
  }

  /// The age in months of the first target child whose age is stated.
  var targetChildAgeMonths: Double? {
    participants.first { isTargetChild($0.code) && $0.ageMonths != nil }?.ageMonths
  }

  /// What the headers say, by name.
  var metadata: [String: MetadataValue] {
    var values = values
    if let corpus { values["corpus"] = .text(corpus) }
    if let first = languages.first {
      values["language"] = .text(first)
      values["languages"] = .list(languages.map { .text($0) })
    }
    if !participants.isEmpty { values["participants"] = .list(participants.map(\.metadata)) }
    if let months = targetChildAgeMonths { values["targetChildAgeMonths"] = .number(months) }
    if let sex = participants.first(where: { isTargetChild($0.code) })?.fields["sex"] {
      values["targetChildSex"] = .text(sex)
    }
    if !others.isEmpty { values["otherHeaders"] = .object(others.mapValues { .integer($0) }) }
    return values
  }

  private mutating func readParticipants(_ value: String) {
    for part in value.split(separator: ",") {
      let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      guard let code = words.first else { continue }
      set("role", of: code, to: words.dropFirst().last ?? "")
      if words.count > 2 {
        set("name", of: code, to: words[1..<words.count - 1].joined(separator: " "))
      }
    }
  }

  // language|corpus|code|age|sex|group|status|role|education|custom|
  private mutating func readIdentity(_ value: String) {
    let fields = value.split(separator: "|", omittingEmptySubsequences: false).map(
      withoutBlanksAtEnds
    )
    guard fields.count >= 8, !fields[2].isEmpty else { return }
    setCorpus(fields[1])
    guard let place = enter(fields[2]) else { return }
    for (name, field) in zip(Self.identityFields, fields) {
      if let name, !field.isEmpty { participants[place].fields[name] = field }
    }
  }

  /// The names of the fields of `@ID`; corpus and code are not the participant's.
  private static let identityFields = [
    "language", nil, nil, "age", "sex", "group", "socialStatus", "role", "education", "custom",
  ]

  /// The place of a participant, made where it is new; `nil` once there are more than any talk has.
  private mutating func enter(_ code: String) -> Int? {
    if let place = participants.firstIndex(where: { $0.code == code }) { return place }
    guard participants.count < 256 else { return nil }
    participants.append(Participant(code: code))
    return participants.count - 1
  }
}

enum CHATAge {
  /// Months of CHAT's `years;months.days` or XML's `P1Y2M9D`, a day being 1/30 of a month, to two
  /// decimals.
  static func months(_ age: String) -> Double? {
    let parts = age.hasPrefix("P") ? partsOfDuration(age.dropFirst()) : partsOfAge(age)
    guard let (years, months, days) = parts, (0...150).contains(years), (0...12).contains(months),
      (0...31).contains(days)
    else { return nil }
    return (Double(years * 12 + months) * 100 + (Double(days) * 100 / 30).rounded()) / 100
  }

  private static func partsOfAge(_ age: String) -> (Int, Int, Int)? {
    let halves = age.split(separator: ";", omittingEmptySubsequences: false)
    guard halves.count > 1, let years = Int(halves[0]) else { return nil }
    let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
    return (years, parts.first.flatMap { Int($0) } ?? 0, parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
  }

  private static func partsOfDuration(_ duration: Substring) -> (Int, Int, Int)? {
    var parts: [Character: Int] = [:]
    var digits = ""
    for character in duration {
      if character.isWholeNumber {
        digits.append(character)
      } else {
        parts[character] = Int(digits)
        digits = ""
      }
    }
    guard let years = parts["Y"] ?? (parts["M"] == nil ? nil : 0) else { return nil }
    return (years, parts["M"] ?? 0, parts["D"] ?? 0)
  }
}

enum CHATDate {
  /// `1977-05-10` for CHAT's `10-MAY-1977`.
  static func iso(_ date: String) -> String? {
    let parts = date.split(separator: "-")
    let names = [
      "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    guard parts.count == 3, let day = Int(parts[0]), (1...31).contains(day),
      let month = names.firstIndex(of: parts[1].uppercased()), let year = Int(parts[2]),
      (1000...9999).contains(year)
    else { return nil }
    func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)-\(twoDigits(month + 1))-\(twoDigits(day))"
  }
}

/// A text without blanks and tabs at its ends.
private func withoutBlanksAtEnds(_ text: some StringProtocol) -> String {
  var bytes = Array(text.utf8)[...]
  while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
  while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
  return String(decoding: bytes, as: UTF8.self)
}
