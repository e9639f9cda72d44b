/// Character references of HTML: `&amp;`, `&#8211;`, `&#x2013;`.
///
/// The names are the 253 of HTML 4, as libxml2 lists them, and those of HTML 5 that stand for
/// wikitext's own punctuation; MediaWiki pages use hardly any other.
enum WikitextEntities {
  /// A reference that was read.
  struct Entity {
    var scalar: Unicode.Scalar
    /// Past its semicolon.
    var end: Int
  }

  /// The reference that starts at the ampersand at `position`, if there is one.
  static func entity(in source: [UInt8], at position: Int) -> Entity? {
    var end = position + 1
    if end < source.count, source[end] == UInt8(ascii: "#") {
      return numericEntity(in: source, at: end + 1)
    }
    var key: UInt64 = 0
    while end < source.count, end <= position + 8, source[end] != UInt8(ascii: ";") {
      key = key << 8 | UInt64(source[end])
      end += 1
    }
    guard end < source.count, source[end] == UInt8(ascii: ";"), let scalar = names[key] else {
      return nil
    }
    return Entity(scalar: scalar, end: end + 1)
  }

  private static func numericEntity(in source: [UInt8], at start: Int) -> Entity? {
    var end = start
    let isHexadecimal = end < source.count && lowercased(source[end]) == UInt8(ascii: "x")
    if isHexadecimal { end += 1 }
    let digits = end
    var value: UInt32 = 0
    while end < source.count, end < digits + 10,
      let digit = digit(source[end], hexadecimal: isHexadecimal)
    {
      value = min(value * (isHexadecimal ? 16 : 10) + digit, 0x11_0000)
      end += 1
    }
    guard end > digits, end < source.count, source[end] == UInt8(ascii: ";") else { return nil }
    return Entity(scalar: scalar(value), end: end + 1)
  }

  private static func digit(_ byte: UInt8, hexadecimal: Bool) -> UInt32? {
    switch lowercased(byte) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f") where hexadecimal:
      UInt32(lowercased(byte) - UInt8(ascii: "a") + 10)
    default: nil
    }
  }

  /// The character of a number; 0x80 to 0x9F mean Windows-1252, as HTML 5 has it (13.2.5.80).
  private static func scalar(_ value: UInt32) -> Unicode.Scalar {
    if value >= 0x80, value < 0xa0 { return windows1252[Int(value) - 0x80] }
    return Unicode.Scalar(value) ?? "\u{fffd}"
  }

  private static let windows1252 = Array(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ".unicodeScalars
  )

  /// The characters by name, the name's bytes packed into one number.
  private static let names: [UInt64: Unicode.Scalar] = {
    var names: [UInt64: Unicode.Scalar] = [:]
    func add(_ name: some Sequence<UInt8>, _ scalar: Unicode.Scalar) {
      names[name.reduce(0) { $0 << 8 | UInt64($1) }] = scalar
    }
    for (name, scalar) in namedCharactersOfHTML4() { add(name.utf8, scalar) }
    let others: [(String, Unicode.Scalar)] = [
      ("apos", "'"), ("lbrace", "{"), ("lcub", "{"), ("rbrace", "}"), ("rcub", "}"),
      ("lbrack", "["),
      ("lsqb", "["), ("rbrack", "]"), ("rsqb", "]"), ("vert", "|"), ("verbar", "|"), ("num", "#"),
      ("equals", "="), ("colon", ":"), ("semi", ";"), ("ast", "*"), ("comma", ","), ("period", "."),
      ("sol", "/"), ("bsol", "\\"), ("lpar", "("), ("rpar", ")"), ("excl", "!"), ("quest", "?"),
      ("commat", "@"), ("dollar", "$"), ("percnt", "%"), ("plus", "+"), ("lowbar", "_"),
      ("hairsp", "\u{200a}"), ("NewLine", "\n"), ("Tab", "\t"), ("check", "✓"), ("star", "☆"),
    ]
    for (name, scalar) in others { add(name.utf8, scalar) }
    return names
  }()
}
