/// What a scan sees of each Unicode scalar: its kind and its lower case.
///
/// Made from Unicode's properties at first use (some 10 ms). The tables follow Unicode 16 whatever
/// the Swift runtime knows: scalars that came later count as unassigned, so that counts stay the
/// same. They serve no other room: the tokenizer's classes follow another program's, and the words
/// of a budget are split at another set of white space.
struct ScalarKinds: Sendable {
  /// Symbols, emoji, controls, what is unassigned, and every byte that is not valid UTF-8.
  static let other: UInt8 = 0
  /// A letter that is not upper case.
  static let letter: UInt8 = 1
  /// An upper-case or title-case letter.
  static let upperLetter: UInt8 = 2
  /// A number, of whatever kind.
  static let digit: UInt8 = 3
  /// A combining mark.
  static let mark: UInt8 = 4
  /// What is passed over: format characters such as the soft hyphen and the joiners.
  static let format: UInt8 = 5
  /// White space other than the line feed.
  static let space: UInt8 = 6
  /// The line feed.
  static let lineFeed: UInt8 = 7
  /// Punctuation that no kind below names; the kinds from here on are all punctuation.
  static let punctuation: UInt8 = 8
  /// A full stop.
  static let period: UInt8 = 9
  /// A question mark.
  static let question: UInt8 = 10
  /// An exclamation mark.
  static let exclamation: UInt8 = 11
  /// The ellipsis that is one character.
  static let ellipsis: UInt8 = 12
  /// An apostrophe: the typewriter's, the typographer's or the phonetician's.
  static let apostrophe: UInt8 = 13
  /// A hyphen that can stand in a word.
  static let hyphen: UInt8 = 14
  /// A comma, a semicolon or a dash: what a sentence does not end with.
  static let pause: UInt8 = 15
  /// An opening bracket or single quotation mark.
  static let opener: UInt8 = 16
  /// A closing bracket.
  static let closer: UInt8 = 17
  /// An opening double quotation mark.
  static let openingQuote: UInt8 = 18
  /// A closing double quotation mark.
  static let closingQuote: UInt8 = 19
  /// The straight double quotation mark.
  static let straightQuote: UInt8 = 20

  /// The tables.
  static let shared = ScalarKinds()

  /// For each 256 scalars of planes 0 and 1 the place of their page in ``entries``, divided by 256.
  let pages: [UInt8]
  /// The distinct pages: the kind in the low 8 bits, above it what the lower case adds to the scalar.
  let entries: [Int32]

  private init() {
    var distinct: [[Int32]] = []
    var pages: [UInt8] = []
    for page in UInt32(0)..<0x200 {
      let content = (UInt32(0)..<256).map { low in
        Unicode.Scalar(page << 8 | low).map(ScalarKinds.entry) ?? 0
      }
      if let known = distinct.firstIndex(of: content) {
        pages.append(UInt8(known))
      } else {
        pages.append(UInt8(distinct.count))
        distinct.append(content)
      }
    }
    self.pages = pages
    self.entries = distinct.flatMap(\.self)
  }

  private static func entry(_ scalar: Unicode.Scalar) -> Int32 {
    let kind = Int32(kind(of: scalar))
    let lower = scalar.properties.lowercaseMapping.unicodeScalars
    guard kind == Int32(upperLetter), lower.count == 1, let first = lower.first else { return kind }
    return (Int32(first.value) - Int32(scalar.value)) << 8 | kind
  }

  private static func kind(of scalar: Unicode.Scalar) -> UInt8 {
    switch scalar {
    case "\n": return lineFeed
    case ".", "\u{3002}", "\u{ff0e}": return period
    case "?", "\u{ff1f}", "\u{61f}", "\u{37e}": return question
    case "!", "\u{ff01}": return exclamation
    case "\u{2026}": return ellipsis
    case "'", "\u{2019}", "\u{2bc}": return apostrophe
    case "-", "\u{2010}", "\u{2011}": return hyphen
    case ",", ";", "\u{2013}", "\u{2014}": return pause
    case "\u{201c}", "\u{201e}", "\u{ab}": return openingQuote
    case "\u{201d}", "\u{bb}": return closingQuote
    case "\"": return straightQuote
    default: return categoryKind(scalar.properties)
    }
  }

  private static func categoryKind(_ properties: Unicode.Scalar.Properties) -> UInt8 {
    if let age = properties.age, age.major > 16 { return other }
    if properties.isWhitespace { return space }
    switch properties.generalCategory {
    case .lowercaseLetter, .modifierLetter, .otherLetter: return letter
    case .uppercaseLetter, .titlecaseLetter: return upperLetter
    case .decimalNumber, .letterNumber, .otherNumber: return digit
    case .nonspacingMark, .spacingMark, .enclosingMark: return mark
    case .format: return format
    case .openPunctuation, .initialPunctuation: return opener
    case .closePunctuation, .finalPunctuation: return closer
    case .connectorPunctuation, .dashPunctuation, .otherPunctuation: return punctuation
    default: return other
    }
  }

  /// A scalar of a text: what it is and how long it is.
  struct Scalar {
    /// One of the kinds.
    var kind: UInt8
    /// Its length, 1 to 4 bytes.
    var length: Int
    /// The lower-case scalar, or the byte where the bytes are not valid UTF-8.
    var lower: UInt32
  }

  /// Reads the scalar at `index`; a byte that begins no valid UTF-8 sequence is one of kind ``other``.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - index: Where the scalar begins, inside `text`.
  /// - Returns: The scalar.
  @inline(__always)
  func scalar(in text: Span<UInt8>, at index: Int) -> Scalar {
    let byte = text[index]
    guard byte < 0x80 else { return longScalar(in: text, at: index) }
    let entry = entries[Int(byte)]
    return Scalar(
      kind: UInt8(truncatingIfNeeded: entry),
      length: 1,
      lower: UInt32(byte) &+ UInt32(truncatingIfNeeded: entry >> 8)
    )
  }

  private func longScalar(in text: Span<UInt8>, at index: Int) -> Scalar {
    let lead = text[index]
    let broken = Scalar(kind: ScalarKinds.other, length: 1, lower: UInt32(lead))
    let length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1
    guard length > 1, index + length <= text.count else { return broken }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length {
      let byte = text[index + offset]
      guard byte & 0xc0 == 0x80 else { return broken }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let isOverlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x1_0000)
    let isSurrogate = value >= 0xd800 && value < 0xe000
    guard !isOverlong, !isSurrogate, value <= 0x10_ffff else { return broken }
    guard value < 0x2_0000 else {
      // Planes 2 and 3 hold ideographs, the rest tags, private use and nothing.
      let kind = value < 0x4_0000 ? ScalarKinds.letter : ScalarKinds.other
      return Scalar(kind: kind, length: length, lower: value)
    }
    let entry = entries[Int(pages[Int(value >> 8)]) << 8 | Int(value & 255)]
    return Scalar(
      kind: UInt8(truncatingIfNeeded: entry),
      length: length,
      lower: value &+ UInt32(bitPattern: entry >> 8)
    )
  }
}
