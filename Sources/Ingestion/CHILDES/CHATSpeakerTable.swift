/// The speakers of a transcript as they occur: whether each is kept, and the label of a line.
import Documents

struct CHATSpeakerTable {
  struct Speaker {
    let code: [UInt8]
    let isKept: Bool
    /// What a line begins with, or empty.
    let label: [UInt8]
  }

  private let options: CHATReader.Options
  private(set) var speakers: [Speaker] = []

  init(options: CHATReader.Options) {
    self.options = options
  }

  /// The speaker with a code, made when it first occurs.
  ///
  /// - Parameters:
  ///   - bytes: Where the code stands.
  ///   - range: The code's range.
  ///   - headers: Who the participants are.
  /// - Returns: The speaker's place.
  mutating func place(
    _ bytes: Span<UInt8>,
    in range: Range<Int>,
    headers: CHATHeaders
  ) -> Int {
    search: for place in speakers.indices where speakers[place].code.count == range.count {
      for offset in 0..<range.count
      where speakers[place].code[offset] != bytes[range.lowerBound + offset] { continue search }
      return place
    }
    var code: [UInt8] = []
    for index in range { code.append(bytes[index]) }
    let made = make(code, headers: headers)
    // A transcript has a few dozen; of what has more, the last place is used again and again.
    if speakers.count < 256 { speakers.append(made) } else { speakers[255] = made }
    return speakers.count - 1
  }

  private func make(_ code: [UInt8], headers: CHATHeaders) -> Speaker {
    let name = String(decoding: code, as: UTF8.self)
    let participant = headers.participant(name)
    let isKept =
      switch options.speakers {
      case .all: true
      case .allButTargetChild: !headers.isTargetChild(name)
      case .adults: !headers.isTargetChild(name) && isAdult(participant)
      case .listed(let codes): codes.contains(name)
      }
    var label: [UInt8] = []
    if options.labels != .none {
      let role = options.labels == .role ? participant?.role : nil
      let isStarred = options.policy.writesStarLabels
      if isStarred { label.append(UInt8(ascii: "*")) }
      label += TextHygiene.withoutControls(Array((role ?? name).utf8)).filter(isCodeByte)
      label += isStarred ? [UInt8(ascii: ":"), 0x09] : [UInt8(ascii: ":"), 0x20]
    }
    return Speaker(code: code, isKept: isKept, label: label)
  }

  /// Whether a participant is grown up: 18 years old where an age is stated, else by role.
  private func isAdult(_ participant: CHATHeaders.Participant?) -> Bool {
    guard let participant else { return false }
    if let months = participant.ageMonths { return months >= 216 }
    return !Self.otherRoles.contains(participant.role ?? "")
  }

  /// The roles of children, of those whose age the role leaves open, and of what is no person.
  private static let otherRoles: Set<String> = [
    "", "Target_Child", "Child", "Sibling", "Brother", "Sister", "Boy", "Girl", "Playmate",
    "Student",
    "Teenager", "Friend", "Cousin", "Group", "Unidentified", "Environment", "Media",
    "Camera_Operator",
    "Non_Human", "Toy", "Text", "LENA",
  ]
}

/// Letters, digits, hyphen, underscore and apostrophe, and what is beyond ASCII.
private func isCodeByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
    UInt8(ascii: "'"), 0x80...:
    true
  default: false
  }
}
