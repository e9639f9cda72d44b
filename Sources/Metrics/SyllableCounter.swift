/// Counts the syllables of words that the dictionary does not hold as they stand.
struct SyllableCounter: Sendable {
  static let shared = SyllableCounter()
  let pronunciations = Pronunciations.shared

  /// The syllables of a word with a letter.
  func count(_ text: Span<UInt8>, from start: Int, to end: Int) -> (syllables: Int, isKnown: Bool) {
    var syllables = 0
    var isVowel = false
    for index in start..<end {
      let byte = text[index] | 0x20
      let isNow =
        byte == 0x61 || byte == 0x65 || byte == 0x69 || byte == 0x6f || byte == 0x75
        || byte == 0x79
      if isNow, !isVowel { syllables += 1 }
      isVowel = isNow
    }
    return (max(1, syllables), false)
  }
}
