// How wide text is on a terminal, and text that is safe to show there.
//
// Widths follow Unicode's East Asian Width (UAX #11) and emoji presentation, by grapheme cluster, as
// terminals of today do. Control characters never reach the terminal: a document must not be able to
// move the cursor or change colours.

/// The cells that a text takes on a terminal.
///
/// - Parameter text: Text without control characters.
/// - Returns: The number of cells.
func displayWidth(_ text: some StringProtocol) -> Int {
  text.reduce(0) { $0 + displayWidth(of: $1) }
}

/// Cuts a text that is wider than a number of cells, and marks the cut.
///
/// - Parameters:
///   - text: Text without control characters.
///   - width: The cells, at least 1.
/// - Returns: The text, or a beginning of it with `…`.
func clipped(_ text: String, _ width: Int) -> String {
  var cells = 0
  var kept = ""
  // A text of ten thousand characters is cut after its first few.
  for character in text {
    cells += displayWidth(of: character)
    if cells > width { break }
    kept.append(character)
  }
  guard cells > width else { return text }
  while displayWidth(kept) > width - 1, !kept.isEmpty { kept.removeLast() }
  return width > 0 ? kept + "…" : ""
}

/// Pads a text to a number of cells, on its right or its left.
func aligned(_ text: String, _ width: Int, right: Bool) -> String {
  let blanks = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return right ? blanks + text : text + blanks
}

/// A text on one line that cannot steer a terminal.
///
/// - Parameter text: Any text.
/// - Returns: The text with runs of white space as one blank, and `\u{fffd}` for each other control
///   character and each mark that turns the writing direction.
func tamed(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var isAfterBlank = true
  for scalar in text.unicodeScalars {
    if scalar.properties.isWhitespace {
      if !isAfterBlank { result.append(" ") }
      isAfterBlank = true
      continue
    }
    isAfterBlank = false
    result.append(steersTerminal(scalar) ? "\u{fffd}" : scalar)
  }
  if result.last == " " { result.removeLast() }
  return String(result)
}

/// A text of several lines that cannot steer a terminal.
///
/// - Parameter text: Any text.
/// - Returns: The text with `\u{fffd}` for each control character but line feeds, and each mark that
///   turns the writing direction.
func tamedLines(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    result.append(scalar != "\n" && steersTerminal(scalar) ? "\u{fffd}" : scalar)
  }
  return String(result)
}

private func steersTerminal(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.generalCategory == .control || turnsDirection(scalar)
}

private func turnsDirection(_ scalar: Unicode.Scalar) -> Bool {
  (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
}

private func displayWidth(of character: Character) -> Int {
  var width = 0
  for scalar in character.unicodeScalars {
    if scalar.isASCII { return 1 }
    if scalar.value == 0xfe0f { return 2 }
    width = max(width, displayWidth(of: scalar))
  }
  return width
}

private func displayWidth(of scalar: Unicode.Scalar) -> Int {
  let properties = scalar.properties
  switch properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  if properties.isEmojiPresentation { return 2 }
  // Jungseong and Jongseong join the syllable before them.
  if (0x1160...0x11ff).contains(scalar.value) { return 0 }
  return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
}

/// The characters of East Asian Width W and F, in blocks; unassigned ones among them count as wide.
private let wideRanges: [ClosedRange<UInt32>] = [
  0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf,
  0x4e00...0x9fff, 0xa000...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff,
  0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18cff,
  0x1aff0...0x1b2ff, 0x1f200...0x1f265, 0x20000...0x3fffd,
]
