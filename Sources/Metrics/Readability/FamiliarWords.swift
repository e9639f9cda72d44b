/// A list of familiar words, with the forms that its makers count as familiar too.
///
/// Familiar are, after the instructions of Dale and Chall (1948): numbers; names, that is capitalised
/// words inside a sentence; words on the list; their forms in `'s`, `-s`, `-es`, `-ies`, `-d`, `-ed`,
/// `-ied`, `-ing`, `-r`, `-er`, `-ier`, `-st`, `-est`, `-iest` and `-ly`, a doubled consonant or a lost
/// e allowed for; and compounds with a hyphen whose parts are all familiar or numbers. Apostrophes and
/// hyphens of every kind are the typewriter's.
struct FamiliarWords: Sendable {
  private let words: WordTable

  /// Takes up a list of words in lower case.
  init(_ list: [String: Double]) {
    var table = WordTable(capacity: list.count)
    for word in list.keys {
      let key = WordKey.key(of: word)
      if key != 0 { table.insert(key, 1) }
    }
    words = table
  }

  /// Whether a word is familiar.
  ///
  /// - Parameters:
  ///   - word: The word.
  ///   - isFirst: Whether it begins its sentence, where a capital says nothing.
  ///   - text: The text.
  /// - Returns: Whether it is.
  func contains(_ word: Word, _ isFirst: Bool, _ text: Span<UInt8>) -> Bool {
    if words.value(word.key) != nil || word.flags.contains(.isNumber) { return true }
    if word.flags.contains(.capitalized), !isFirst { return true }
    // A word as long as this is on no list, nor is its stem.
    guard word.end - word.start <= FamiliarWords.longest else { return false }
    let isHyphenated = word.flags.contains(.hyphenated)
    guard word.flags.contains(.beyondASCII) else {
      return isFamiliarForm(text, word.start, word.end, isHyphenated)
    }
    var spelling = InlineArray<40, UInt8>(repeating: 0)
    var count = 0
    ScalarKinds.shared.forEachSpelledByte(text, word.start..<word.end) { byte in
      // The spelling is no longer than the word, but for a few capitals.
      if count < FamiliarWords.longest { spelling[count] = byte }
      count += 1
    }
    guard count <= FamiliarWords.longest else { return false }
    return isFamiliarForm(spelling.span, 0, count, isHyphenated)
  }

  /// The longest word in bytes that is looked at closely.
  private static let longest = 40

  /// Whether a word that is not on the list itself is a form of one that is, or a compound.
  private func isFamiliarForm(
    _ text: Span<UInt8>,
    _ first: Int,
    _ end: Int,
    _ isHyphenated: Bool
  ) -> Bool {
    guard isHyphenated else { return hasFamiliarStem(text, first, end) }
    var start = first
    for index in first...end where index == end || text[index] == 0x2d {
      if index > start, !isFamiliar(text, start, index) { return false }
      start = index + 1
    }
    return true
  }

  private func isFamiliar(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    isListed(text, start, end) || hasFamiliarStem(text, start, end) || isNumber(text, start, end)
  }

  /// Whether the bytes are digits, with full stops and commas among them.
  private func isNumber(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    for index in start..<end {
      let byte = text[index]
      if byte &- 0x30 >= 10, byte != 0x2e, byte != 0x2c { return false }
    }
    return true
  }

  /// Whether the bytes, in lower case, with a letter more where one is given, are on the list.
  private func isListed(
    _ text: Span<UInt8>,
    _ start: Int,
    _ end: Int,
    adding letter: UInt8 = 0
  ) -> Bool {
    guard end > start else { return false }
    var key = WordKey()
    for index in start..<end {
      let byte = text[index]
      key.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
    if letter != 0 { key.append(letter) }
    return words.value(key.value) != nil
  }

  private func hasFamiliarStem(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    for ending in FamiliarWords.endings {
      let stem = end - ending.letters.count
      guard stem - start >= 2, endsWith(ending.letters, text, end) else { continue }
      switch ending.stem {
      case .asItIs:
        if isListed(text, start, stem) { return true }
      case .withY:
        if isListed(text, start, stem, adding: 0x79) { return true }
      case .changed:
        if isListed(text, start, stem) || isListed(text, start, stem, adding: 0x65) { return true }
        let isDoubled = stem - start >= 3 && text[stem - 1] | 0x20 == text[stem - 2] | 0x20
        if isDoubled, isListed(text, start, stem - 1) { return true }
      }
    }
    return false
  }

  private func endsWith(_ letters: [UInt8], _ text: Span<UInt8>, _ end: Int) -> Bool {
    for index in letters.indices {
      let byte = text[end - letters.count + index]
      if (byte &- 0x41 < 26 ? byte | 0x20 : byte) != letters[index] { return false }
    }
    return true
  }

  /// What an ending does to the stem before it.
  private enum Stem {
    /// Nothing.
    case asItIs
    /// Its y is gone.
    case withY
    /// Its e may be gone, or its last letter doubled.
    case changed
  }

  private static let endings: [(letters: [UInt8], stem: Stem)] =
    ["'s", "s", "es", "d", "r", "st", "ly"].map { (Array($0.utf8), .asItIs) }
    + ["ies", "ied", "ier", "iest"].map { (Array($0.utf8), .withY) }
    + ["ed", "ing", "er", "est"].map { (Array($0.utf8), .changed) }
}
