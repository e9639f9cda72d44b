/// What the comparison of texts sees of each scalar of the Basic Multilingual Plane.
///
/// Made from Unicode's properties at first use (4 ms). Letters, digits and marks are kept, a letter
/// by its simple lower-case mapping; white space, punctuation, symbols and controls separate words;
/// apostrophes and format characters (soft hyphen, joiners) are passed over: they stand in no word
/// and separate none. Scalars beyond the plane are kept as they are.
struct LetterTable: Sendable {
  /// Separates words.
  static let separator: UInt16 = 0
  /// Is passed over.
  static let passedOver: UInt16 = 1

  /// One entry a scalar: the scalar that is kept, or one of the two marks above.
  let entries: [UInt16]

  static let shared = LetterTable()

  private init() {
    entries = (UInt16(0)...UInt16.max).map { value in
      Unicode.Scalar(value).map(LetterTable.entry) ?? LetterTable.separator
    }
  }

  private static func entry(_ scalar: Unicode.Scalar) -> UInt16 {
    // The typewriter's, the typographer's and the phonetician's apostrophe.
    if scalar == "'" || scalar == "\u{2019}" || scalar == "\u{2bc}" { return passedOver }
    switch scalar.properties.generalCategory {
    case .format: return passedOver
    case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator, .connectorPunctuation,
      .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol,
      .otherSymbol:
      return separator
    default:
      let lower = scalar.properties.lowercaseMapping.unicodeScalars
      guard lower.count == 1, let first = lower.first else { return UInt16(scalar.value) }
      return UInt16(exactly: first.value) ?? UInt16(scalar.value)
    }
  }
}
