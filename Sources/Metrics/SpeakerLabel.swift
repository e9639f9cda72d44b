/// The label that names the speaker of a transcript's line: passed over, since nobody said it.
///
/// It stands at a line's very start, as the readers of CHAT and of BabyLM write it: a code of up to
/// seven capitals, digits and low lines that begins with a capital, or a role of CHAT's, with a colon
/// and a blank or tab behind it (`MOT: `, `A: `, `Target_Child: `), or any name with a star before it
/// and a colon behind it (`*MOT:`). An utterance that begins in such a way by itself (`OK: so`) is not
/// told from it.
enum SpeakerLabel {
  /// The longest name in bytes.
  private static let longestName = 24
  /// The longest code in bytes (MacWhinney 2000).
  private static let longestCode = 7

  /// The roles that the manual of CHAT knows.
  private static let roles = WordTable([
    (
      0,
      [
        "Adult", "Attorney", "Audience", "Aunt", "Babysitter", "Boy", "Brother", "Camera_Operator",
        "Caretaker", "Child", "Client", "Clinician", "Cousin", "Doctor", "Environment",
        "Family_Friend", "Father", "Female", "Friend", "Girl", "Grandfather", "Grandmother",
        "Group",
        "Guest", "Host", "Housekeeper", "Informant", "Investigator", "Justice", "LENA", "Leader",
        "Male", "Media", "Member", "Mother", "Narrator", "Non_Human", "Nurse", "Observer",
        "Offscreen", "Other", "Participant", "Partner", "Patient", "PlayRole", "Playmate",
        "Relative", "Sibling", "Sister", "Speaker", "Student", "Subject", "Target_Adult",
        "Target_Child", "Teacher", "Teenager", "Text", "Toy", "Uncertain", "Uncle", "Unidentified",
        "Visitor",
      ]
    )
  ])

  /// Where a label that begins at a line's start ends, the white space behind it included.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - start: The line's start.
  /// - Returns: Where what was said begins; `start` where there is no label.
  /// - Complexity: Constant, but for the white space.
  static func end(in text: Span<UInt8>, at start: Int) -> Int {
    var index = start
    let hasStar = index < text.count && text[index] == UInt8(ascii: "*")
    if hasStar { index += 1 }
    let name = index
    var isCode = index < text.count && text[index] &- 0x41 < 26
    var key = WordKey()
    while index < text.count, index - name <= longestName, isNameByte(text[index]) {
      if text[index] &- 0x61 < 26 { isCode = false }
      key.append(text[index])
      index += 1
    }
    let length = index - name
    guard length > 0, length <= longestName, index < text.count, text[index] == UInt8(ascii: ":")
    else { return start }
    index += 1
    if !hasStar {
      guard index < text.count, text[index] == 0x20 || text[index] == 0x09,
        isCode && length <= longestCode || roles.value(key.value) != nil
      else { return start }
    }
    while index < text.count, text[index] == 0x20 || text[index] == 0x09 { index += 1 }
    return index
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
  }
}
