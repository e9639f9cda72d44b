/// The templates whose loss would break a sentence, and how each reads in plain text.
///
/// One row a template, or a group that reads alike; to add one, add a row. Everything not named here
/// is dropped and counted. The readings follow the templates' pages on English Wikipedia, without
/// links, tooltips, conversions and flags.
enum WikitextTemplates {
  /// Reads the arguments of one use; `nil` drops it.
  typealias Rule = @Sendable (TemplateArguments) -> String?

  /// Names (lower case, separated by `/`) and their reading.
  private static let rows: [(names: String, rule: Rule)] = [
    // Text that only takes another form.
    (
      """
      nowrap/nobr/nobreak/nowr/j/small/smaller/big/larger/large/resize/em/strong/bold/sup/sub/\
      unicode/angbr/angle bracket/smallcaps/sc/mono/code/kbd/var/mvar/math/abbr/abbrv/tooltip/\
      hover title/sic/typo/not a typo/proper name/as written/notatypo/flag/flagcountry/flagu/\
      vanchor/visible anchor/url/linktext/no italic/noitalic/nobold/normal/keypress/key press/\
      interlanguage link/ill/illm/interlanguage link multi/midsize/avoid wrap/serif/sans-serif
      """,
      { $0[1] }
    ),
    ("lang/wikt-lang/tlit/font color/script", { $0[2] }),
    ("langx", { languageReading(code: $0[1], text: $0[2]) }),
    ("transl/transliteration/color/colour/font/rtl-lang", { $0.last }),
    ("nihongo/nihongo3/korean/chinese", { nihongo($0) }),
    ("chem/chem2/gaps", { $0.joined }),
    (
      "quote/blockquote/quotation/cquote/bquote/poemquote/block quote",
      { block($0["text"] ?? $0["quote"] ?? $0[1]) }
    ),
    ("quote box/quotebox/centered pull quote", { block($0["quote"] ?? $0["text"] ?? $0[1]) }),
    ("rquote/pull quote", { block($0[2] ?? $0["text"]) }),
    // Numbers and measures.
    ("convert", { Measure.reading($0, isShort: false) }),
    ("cvt", { Measure.reading($0, isShort: true) }),
    ("frac/fraction/sfrac/fract", { fraction($0) }),
    ("val", { measured($0) }),
    ("e", { $0[1].map { "×10^" + $0 } }),
    ("ordinal/ordinal to word", { $0[1].map(Measure.ordinal) }),
    ("formatnum/nts/number", { $0[1].map(Measure.grouped) }),
    ("us$/usd", { $0[1].map { "US$" + $0 } }),
    ("gbp/£/pound sterling", { $0[1].map { "£" + $0 } }),
    ("eur/€/euro", { $0[1].map { "€" + $0 } }),
    ("inr/indian rupee/indianrupee", { $0[1].map { "₹" + $0 } }),
    ("jpy/¥/yen", { $0[1].map { "¥" + $0 } }),
    ("percentage", { percentage($0) }),
    // Dates.
    (
      """
      birth date/birth date and age/birth-date/birth-date and age/bda/dob/start date/\
      start date and age/end date/end date and age/release date/release date and age/film date/\
      date/dts/birth year and age/birth year/start-date/end-date/birth based on age as of date
      """,
      { CalendarDate.reading($0) }
    ),
    (
      "death date and age/death-date and age/death date/death-date/dda/death year and age",
      { CalendarDate.deathReading($0) }
    ),
    ("as of/asof", { CalendarDate.asOf($0) }),
    ("circa/c./ca./ca", { approximate("c. ", $0, separator: " – c. ") }),
    ("floruit/fl./fl", { approximate("fl. ", $0, separator: "–") }),
    ("reign/r.", { approximate("r. ", $0, separator: "–") }),
    ("century", { $0[1].map { Measure.ordinal($0) + " century" } }),
    // Names of things.
    ("ship", { [$0[1], $0[2]].compactMap(\.self).joined(separator: " ") }),
    // Signs.
    ("ndash/en dash/endash/–", { _ in "–" }),
    ("mdash/mdashb/em dash/emdash/—", { _ in "—" }),
    ("spaced ndash/snd/spnd/spndash/spaced en dash/dash", { _ in " – " }),
    ("spaced mdash/snds/spaced em dash", { _ in " — " }),
    ("nbsp/space/spaces/sp/thinsp/hair space/thin space", { _ in " " }),
    ("·/•/middot/dot/bull/bullet", { _ in " · " }),
    ("pi/π", { _ in "π" }),
    ("=/equals", { _ in literal("=") }),
    ("'", { _ in literal("'") }),
    ("'s", { _ in literal("'s") }),
    ("' \"", { _ in literal("' \"") }),
    ("\"", { _ in "\"" }),
    ("okina/hamza/ʻ", { _ in "ʻ" }),
    ("degree/deg", { _ in "°" }),
    ("times/×", { _ in "×" }),
    ("sharp/music sharp", { _ in "♯" }),
    ("flat/music flat", { _ in "♭" }),
    ("pipe/pipe symbol", { _ in "|" }),
    ("br/break/crlf", { _ in String(decoding: [WikitextMark.lineBreak], as: UTF8.self) }),
  ]

  /// The parser functions that are rendered; their first argument follows a colon.
  static let functions: [String: Rule] = [
    "formatnum": { $0[1].map(Measure.grouped) },
    "lc": { $0[1]?.lowercased() },
    "uc": { $0[1]?.uppercased() },
    "lcfirst": { $0[1].map { $0.prefix(1).lowercased() + $0.dropFirst() } },
    "ucfirst": { $0[1].map { $0.prefix(1).uppercased() + $0.dropFirst() } },
  ]

  /// The templates by which a page says that it lists the meanings of its title.
  static let disambiguations: Set<String> = [
    "disambig", "disambiguation", "disamb", "dab", "disambiguation page", "disambig-cleanup",
    "disambiguation cleanup", "disambig cleanup", "hndis", "hndisambig",
    "human name disambiguation",
    "geodis", "geodisambig", "place name disambiguation", "mountain disambiguation", "mathdab",
    "mathematical disambiguation", "numberdis", "number disambiguation", "schooldis",
    "school disambiguation", "species latin name disambiguation", "hospitaldis", "roaddis",
    "road disambiguation", "letter-numbercombdisambig", "letter-number combination disambiguation",
    "airport disambiguation", "callsigndis", "tndis", "taxonomy disambiguation", "shipindex", "2cc",
    "3cc", "4cc", "setindex disambiguation", "begriffsklärung", "homonymie", "desambiguación",
    "desambig", "desambiguação", "disambigua", "dp", "doorverwijspagina", "неоднозначность",
    "ujednoznacznienie", "förgrening", "dubbelsinnig",
  ]

  /// The templates in running text that hold no words of it: notes, doubts, icons.
  ///
  /// They are dropped like any other, but not counted where a word may be missing.
  static let apparatus: Set<String> = [
    "citation needed", "cn", "fact", "citation", "sfn", "sfnp", "sfnm", "sfnref", "harv", "harvnb",
    "harvtxt", "rp", "r", "ref", "refn", "efn", "efn-ua", "note", "note label", "#tag:ref", "isbn",
    "issn", "oclc", "doi", "clarify", "when", "who", "which", "where", "by whom", "vague",
    "dubious",
    "better source", "page needed", "failed verification", "verify source", "full", "dead link",
    "original research inline", "relevance inline", "update inline", "update after", "flagicon",
    "flag icon", "anchor", "main", "clear", "-", "coord", "webarchive", "wayback", "respell",
    "inflation-fn", "sister project links", "div col", "div col end", "unreliable source?",
  ]

  /// Whether a template in running text holds no words of it, by name or by kind.
  static func isApparatus(_ name: String) -> Bool {
    apparatus.contains(name) || name.utf8.starts(with: "cite ".utf8)
      || name.utf8.starts(with: "ipa".utf8) || name.utf8.starts(with: "infobox".utf8)
  }

  private static let table: [String: Rule] = {
    var table: [String: Rule] = [:]
    for row in rows {
      for name in row.names.split(separator: "/") { table[String(name)] = row.rule }
    }
    for prefix in ["hms", "rms", "uss", "ss", "hmas", "hmcs", "mv", "sms", "ins", "rv", "usns"] {
      table[prefix] = { arguments in arguments[1].map { prefix.uppercased() + " " + $0 } }
    }
    return table
  }()

  /// The reading of a template, if it has a row; `lang-xx` counts as a row for each language.
  static func rule(named name: String) -> Rule? {
    if let rule = table[name] { return rule }
    guard name.utf8.starts(with: "lang-".utf8) else { return nil }
    let code = String(name.dropFirst(5))
    return { languageReading(code: code, text: $0[1]) }
  }

  // MARK: Readings

  /// A text whose first byte must not be read as markup.
  private static func literal(_ text: String) -> String {
    String(decoding: [WikitextMark.literal], as: UTF8.self) + text
  }

  private static func block(_ text: String?) -> String? {
    let mark = String(decoding: [WikitextMark.paragraphBreak], as: UTF8.self)
    return text.map { mark + $0 + mark }
  }

  private static func languageReading(code: String?, text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    guard let code, let name = languageNames[code.lowercased()] else { return text }
    return name + ": " + text
  }

  private static func nihongo(_ arguments: TemplateArguments) -> String? {
    let others = [arguments[2], arguments[3]].compactMap(\.self)
    guard let first = arguments[1] else { return others.joined(separator: ", ") }
    return others.isEmpty ? first : first + " (" + others.joined(separator: ", ") + ")"
  }

  private static func fraction(_ arguments: TemplateArguments) -> String? {
    switch arguments.positional.count {
    case 1: arguments[1].map { "1/" + $0 }
    case 2: (arguments[1] ?? "1") + "/" + (arguments[2] ?? "1")
    case 3...: (arguments[1] ?? "") + " " + (arguments[2] ?? "1") + "/" + (arguments[3] ?? "1")
    default: nil
    }
  }

  private static func measured(_ arguments: TemplateArguments) -> String? {
    guard let number = arguments[1] else { return nil }
    let power = arguments["e"].map { "×10^" + $0 } ?? ""
    let unit = (arguments["u"] ?? arguments["ul"]).map { " " + $0 } ?? ""
    return Measure.grouped(number) + power + unit
  }

  private static func percentage(_ arguments: TemplateArguments) -> String? {
    guard let part = arguments[1].flatMap(Double.init), part.isFinite,
      let whole = arguments[2].flatMap(Double.init), whole != 0, whole.isFinite
    else { return nil }
    let percent = (part / whole * 100).rounded()
    return abs(percent) < 1e9 ? "\(Int(percent))%" : nil
  }

  private static func approximate(
    _ prefix: String,
    _ arguments: TemplateArguments,
    separator: String
  ) -> String? {
    let years = [arguments[1], arguments[2]].compactMap(\.self)
    guard !years.isEmpty else { return String(prefix.utf8.dropLast()) }
    return prefix + years.joined(separator: separator)
  }

  private static let languageNames: [String: String] = [
    "ar": "Arabic", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gd": "Scottish Gaelic",
    "grc": "Ancient Greek", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "ko": "Korean", "la": "Latin", "lt": "Lithuanian", "lv": "Latvian",
    "ms": "Malay", "mt": "Maltese", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sa": "Sanskrit", "sk": "Slovak",
    "sl": "Slovene", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "yi": "Yiddish", "zh": "Chinese",
  ]
}

/// The arguments of one use of a template, white space taken off.
struct TemplateArguments {
  /// The unnamed arguments in order, empty ones included.
  private(set) var positional: [String] = []
  private var named: [String: String] = [:]

  /// Sorts the parts between the pipes into unnamed and named arguments.
  init(parts: [String]) {
    for part in parts {
      let bytes = part.utf8
      var isLiteral = false
      let equals = bytes.firstIndex { byte in
        defer { isLiteral = byte == WikitextMark.literal }
        return byte == UInt8(ascii: "=") && !isLiteral
      }
      if let equals {
        let name = trimmed(part[..<equals])
        named[name.lowercased()] = trimmed(part[bytes.index(after: equals)...])
      } else {
        positional.append(trimmed(part[...]))
      }
    }
  }

  /// An unnamed argument, counted from 1, also where it was given by its number; `nil` where empty.
  subscript(_ number: Int) -> String? {
    let value = named[String(number)] ?? (number <= positional.count ? positional[number - 1] : "")
    return value.isEmpty ? nil : value
  }

  /// A named argument; `nil` where absent or empty.
  subscript(_ name: String) -> String? {
    named[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The last unnamed argument.
  var last: String? { self[max(positional.count, 1)] }

  /// The unnamed arguments without anything between.
  var joined: String { positional.joined() }
}

/// A text without the blanks, newlines and marks at its ends.
private func trimmed(_ text: Substring) -> String {
  let bytes = text.utf8
  guard let first = bytes.firstIndex(where: { $0 > 0x20 }),
    let last = bytes.lastIndex(where: { $0 > 0x20 })
  else { return "" }
  return String(text[first...last])
}
