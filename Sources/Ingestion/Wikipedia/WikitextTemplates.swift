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
      nowrap/nobr/nobreak/nowr/j/small/smaller/big/larger/large/em/strong/bold/sup/sub/\
      unicode/smallcaps/sc/mono/code/kbd/var/mvar/math/abbr/abbrv/tooltip/hover title/typo/\
      not a typo/proper name/as written/notatypo/flag/flagcountry/flagu/vanchor/visible anchor/\
      no italic/noitalic/nobold/normal/keypress/key press/midsize/avoid wrap/serif/sans-serif/\
      italic correction/ic/underline/strikethrough/bigmath/nobreak/align/center/left/right/\
      smallcaps all/sc2/lcfirst/title case/dfn/samp/var serif/highlight/mark/nocaps/uc first/\
      audio-ipa/multiline/decrease/increase/no selflink
      """,
      { $0[1] }
    ),
    ("angbr/angle bracket", { $0[1].map { "⟨" + $0 + "⟩" } }),
    ("resize", { $0[2] ?? $0[1] }),
    ("sic", { sic($0) }),
    ("url", { $0[2] ?? $0[1] }),
    ("linktext", { $0.all.joined() }),
    ("ill/illm/interlanguage link/interlanguage link multi", { redLink($0) }),
    ("audio/audio-nohelp", { $0[2] ?? $0[1] }),
    ("columns-list/columns list", { ($0[2] ?? $0[1]).map { "\n" + $0 + "\n" } }),
    ("bibleref/bibleverse", { listed($0, " ") }),
    ("simplenuclide/simplenuclide2/nuclide/nuclide2", { listed($0, "-") }),
    ("oldstyledate/old style date", { oldStyle($0) }),
    ("n/a", { $0[1] ?? "N/A" }),
    ("legend/legend inline/legend2", { $0[2] }),
    ("hlist/flatlist/dotlist", { listed($0, " · ") }),
    ("ubl/ubil/unbulleted list/plainlist/plain list/bulleted list/ordered list", { lines($0) }),
    ("lang/wikt-lang/tlit/font color/script", { $0[2] }),
    ("langwithname", { languageReading(name: $0[2], text: $0[3]) }),
    ("zh/zh-full", { chinese($0) }),
    ("langx", { languageReading(code: $0[1], text: $0[2]) }),
    ("transl/transliteration/color/colour/font/rtl-lang", { $0.last }),
    ("nihongo/nihongo3/korean/chinese", { nihongo($0) }),
    ("chem/chem2/gaps", { $0.joined }),
    ("ipa/ipa-all", { pronunciation($0) }),
    ("ipac-en", { englishPronunciation($0) }),
    ("respell/respelling", { respelling($0) }),
    ("pron/pronunciation/pron-en", { pronounced($0) }),
    // Quotations, with their author.
    (
      """
      quote/blockquote/quotation/cquote/bquote/poemquote/block quote/quote frame/blockquotation/\
      verse translation
      """,
      {
        quotation($0["text"] ?? $0["quote"] ?? $0[1], $0["author"] ?? $0[2], $0["source"] ?? $0[3])
      }
    ),
    (
      "quote box/quotebox/centered pull quote",
      { quotation($0["quote"] ?? $0["text"] ?? $0[1], $0["author"], $0["source"]) }
    ),
    (
      "pull quote/pullquote",
      { quotation($0[1] ?? $0["text"], $0["author"] ?? $0[2], $0["source"]) }
    ),
    ("rquote", { quotation($0[2] ?? $0["text"], $0[3] ?? $0["author"], $0[4]) }),
    // Numbers and measures.
    ("convert", { Measure.reading($0, isShort: false) }),
    ("cvt", { Measure.reading($0, isShort: true) }),
    ("height", { Measure.height($0) }),
    ("pop density/population density", { density($0) }),
    ("frac/fraction/sfrac/fract", { fraction($0) }),
    ("val", { measured($0) }),
    ("e", { $0[1].map { "×10^" + $0 } }),
    ("ordinal/ordinal to word", { $0[1].map(Measure.ordinal) }),
    ("formatnum/nts/number/fnum/comma separate/formatnumber", { $0[1].map(Measure.grouped) }),
    ("decimals/rnd/round", { decimals($0) }),
    ("roman/roman numeral", { $0[1].flatMap { Int($0) }.flatMap(romanNumeral) }),
    ("us$/usd", { $0[1].map { "US$" + $0 } }),
    ("gbp/£/pound sterling", { $0[1].map { "£" + $0 } }),
    ("eur/€/euro", { $0[1].map { "€" + $0 } }),
    ("inr/indian rupee/indianrupee", { $0[1].map { "₹" + $0 } }),
    ("jpy/¥/yen", { $0[1].map { "¥" + $0 } }),
    ("percentage", { percentage($0) }),
    // Dates.
    (
      """
      birth date/birth-date/birth-date and age/dob/start date/start date and age/end date/\
      end date and age/release date/release date and age/film date/date/dts/birth year and age/\
      birth year/start-date/end-date/birth based on age as of date/start and end dates/ymd/dmy/mdy/\
      launch date/disestablished date/established date/opening date/closing date/foundation date
      """,
      { CalendarDate.reading($0) }
    ),
    ("birth date and age/bda/birth date and age2", { CalendarDate.birthReading($0) }),
    ("age/age in years/aged", { CalendarDate.age($0) }),
    ("monthname/month name", { CalendarDate.monthName($0[1]) }),
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
    ("bce", { $0[1].map { $0 + " BCE" } ?? "BCE" }),
    ("bc", { $0[1].map { $0 + " BC" } ?? "BC" }),
    ("ce", { $0[1].map { $0 + " CE" } ?? "CE" }),
    ("ad", { $0[1].map { "AD " + $0 } ?? "AD" }),
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

  /// The templates that hold no words of the running text: notes, doubts, links, boxes, icons.
  ///
  /// They are dropped and counted like any other, but cost no prose.
  private static let apparatus: Set<String> = Set(
    """
    citation needed/cn/fact/citation/citation style/sfn/sfnp/sfnm/sfnref/harv/harvnb/harvtxt/harvp/\
    harvs/harvcol/harvcolnb/harvard citation no brackets/vcite2 journal/vcite book/vcite journal/rp/r/\
    ref/refn/efn/efn-ua/efn-lr/note/note label/notetag/#tag:ref/#tag/isbn/issn/oclc/doi/pmid/arxiv/\
    clarify/when/who/which/where/by whom/whom/vague/why/dubious/better source/page needed/\
    failed verification/verify source/verification needed/full/full citation needed/dead link/\
    original research inline/relevance inline/update inline/update after/attribution needed/\
    according to whom/specify/quantify/weasel inline/peacock inline/neutrality disputed inline/\
    inconsistent citations/google books/imdb name/imdb title/lsj/flagicon/flag icon/anchor/clear/-/\
    coord/coord missing/coords/webarchive/wayback/inflation-fn/sister project links/div col/\
    div col end/unreliable source?/main/main article/see also/further/further information/about/\
    redirect/redirect2/for/other uses/otheruses/other uses2/other people/other places/distinguish/\
    hatnote/details/catmain/catmore/portal/portal bar/portal-inline/commons/commonscat/\
    commons category/commons category-inline/wiktionary/wikiquote/wikisource/wikinews/wikibooks/\
    wikivoyage/wikiversity/wikispecies/authority control/navbox/navboxes/navbar/reflist/refbegin/\
    refend/references/short description/use dmy dates/use mdy dates/use british english/\
    use american english/engvarb/good article/featured article/link fa/link ga/stub/official website/\
    official/dmoz/curlie/no more links/multiple issues/refimprove/unreferenced/more citations needed/\
    expand section/expand/cleanup/orphan/merge/move/update/wikify/notability/pov/globalize/tone/\
    succession box/s-start/s-end/s-bef/s-ttl/s-aft/start box/end box/taxobox/automatic taxobox/\
    speciesbox/chembox/drugbox/geobox/sidebar/clade/multiple image/gallery/image label/nhle/\
    toc limit/toc/compact toc/user/admin/version/r from camelcase/r from other capitalisation/redr/\
    italic title/lowercase title/lowercase/displaytitle/redlink/tocright/tocleft/clear left/\
    clear right/clr/fontcolor/#invoke/see/also/sources/primary sources/cite/subscription required
    """.split(separator: "/").map(String.init)
  )

  private static let apparatusPrefixes = [
    "cite ", "infobox", "sfn", "harv", "use ", "pp-", "portal", "wikiproject", "navbox", "sidebar",
    "s-", "commons", "redirect", "about", "distinguish", "main ", "two other", "three other",
    "dablink", "details", "spoken wikipedia", "wide image", "double image", "panorama", "youtube",
    "imdb ", "osmrelation", "library resources", "wikipedia books", "refn", "r from ", "r to ",
    "campaignbox", "further", "#invoke:",
  ].map { Array($0.utf8) }

  private static let apparatusSuffixes = ["stub", " needed", "sidebar", "navbox"].map {
    Array($0.utf8)
  }

  /// The named arguments that hold prose.
  static let proseArguments: Set<String> = [
    "1", "2", "3", "text", "quote", "content", "caption", "title", "body",
  ]

  /// Whether a template holds no words of the running text, by name or by kind.
  static func isApparatus(_ name: String) -> Bool {
    apparatus.contains(name) || apparatusPrefixes.contains { name.utf8.starts(with: $0) }
      || apparatusSuffixes.contains { name.utf8.suffix($0.count).elementsEqual($0) }
  }

  private static let table: [String: Rule] = {
    var table: [String: Rule] = [:]
    for row in rows {
      for name in row.names.split(separator: "/") { table[String(name)] = row.rule }
    }
    for name in ["pagename", "fullpagename", "basepagename", "subpagename", "pagenamebase"] {
      table[name] = { $0.page.title }
    }
    for name in ["namespace", "talkspace", "noinclude", "-", "0", "null", "void"] {
      table[name] = { _ in "" }
    }
    for prefix in ["hms", "rms", "uss", "ss", "hmas", "hmcs", "mv", "sms", "ins", "rv", "usns"] {
      table[prefix] = { arguments in arguments[1].map { prefix.uppercased() + " " + $0 } }
    }
    return table
  }()

  /// The reading of a template, if it has a row; `lang-xx` and `IPA-xx` count as a row for each
  /// language.
  static func rule(named name: String) -> Rule? {
    if let rule = table[name] { return rule }
    if name.utf8.starts(with: "lang-".utf8) {
      let code = String(name.utf8.dropFirst(5)) ?? ""
      return { languageReading(code: code, text: $0[1]) }
    }
    if name.utf8.starts(with: "ipa-".utf8) {
      let code = String(name.utf8.dropFirst(4)) ?? ""
      return { pronunciation($0, language: code) }
    }
    return nil
  }

  // MARK: Readings

  /// A text whose first byte must not be read as markup.
  private static func literal(_ text: String) -> String {
    String(decoding: [WikitextMark.literal], as: UTF8.self) + text
  }

  private static let paragraphBreak = String(
    decoding: [WikitextMark.paragraphBreak],
    as: UTF8.self
  )
  private static let lineBreak = String(decoding: [WikitextMark.lineBreak], as: UTF8.self)

  private static func quotation(_ text: String?, _ author: String?, _ source: String?) -> String? {
    guard let text else { return nil }
    let origin = [author, source].compactMap(\.self).joined(separator: ", ")
    return paragraphBreak + text + (origin.isEmpty ? "" : lineBreak + "— " + origin)
      + paragraphBreak
  }

  private static func listed(_ arguments: TemplateArguments, _ separator: String) -> String? {
    let items = arguments.all
    return items.isEmpty ? nil : items.joined(separator: separator)
  }

  private static func lines(_ arguments: TemplateArguments) -> String? {
    listed(arguments, lineBreak).map { lineBreak + $0 + lineBreak }
  }

  /// `{{sic|recieve}}` reads "recieve [sic]", unless it is told to hide the remark.
  private static func sic(_ arguments: TemplateArguments) -> String? {
    let words = arguments.all.joined()
    let remark = literal("[sic") + literal("]")
    if arguments.isSet("hide") { return words.isEmpty ? nil : words }
    return words.isEmpty ? remark : words + " " + remark
  }

  /// `{{ill|Rex Marlow|de}}`, or as it was until 2014, `{{ill|de|Rex Marlow|Rex Marlow (Hund)|Rex}}`.
  private static func redLink(_ arguments: TemplateArguments) -> String? {
    if let text = arguments["lt"] { return text }
    guard let code = arguments[1], languageNames[code] != nil, let title = arguments[2],
      languageNames[title] == nil
    else { return arguments[1] }
    return arguments[4] ?? title
  }

  /// `{{OldStyleDate|14 March|1879|2 March}}` is a day of the new calendar with that of the old.
  private static func oldStyle(_ arguments: TemplateArguments) -> String? {
    guard let new = arguments[1], let year = arguments[2], let old = arguments[3] else {
      return nil
    }
    return new + " " + literal("[O.S. ") + old + literal("]") + " " + year
  }

  // MARK: Languages

  private static func pronunciation(
    _ arguments: TemplateArguments,
    language: String? = nil
  ) -> String? {
    var words = arguments.all
    guard let first = words.first else { return nil }
    var code = language
    if code == nil, words.count > 1, languageNames[first.lowercased()] != nil {
      code = first
      words.removeFirst()
    }
    let text = words[0]
    let isMarked = ["/", "[", "⟨"].contains { text.hasPrefix($0) } || text.utf8.first == 0x01
    let shown =
      isMarked || language == nil && code == nil ? text : literal("[") + text + literal("]")
    guard let name = code.flatMap({ languageNames[$0.lowercased()] }) else { return shown }
    return language != nil && words.count < 2 ? shown : name + ": " + shown
  }

  /// `{{pron|ˈbæt}}`; what names a recording instead shows the words for it.
  private static func pronounced(_ arguments: TemplateArguments) -> String? {
    guard let sounds = arguments[1] else { return nil }
    let ending = sounds.lowercased().utf8.suffix(4)
    let isRecording = [".ogg", ".oga", ".wav", ".mp3", ".opus", ".flac"]
      .contains { ending.elementsEqual($0.utf8.suffix(4)) }
    return isRecording ? arguments[2] : "pronounced /" + sounds + "/"
  }

  /// `{{IPAc-en|ˈ|b|æ|t}}` reads "/ˈbæt/"; some of its arguments are words before it.
  private static func englishPronunciation(_ arguments: TemplateArguments) -> String? {
    var before = ""
    var sounds = ""
    for part in arguments.all {
      switch part.lowercased() {
      case "icon", "local": continue
      case "lang": before += "English: "
      case "pron": before += "pronounced "
      case "also": before += "also "
      case "us", "uk", "ca", "au", "nz", "ie": before += part.uppercased() + ": "
      case "audio": continue
      case "_", "": sounds += " "
      case "'": sounds += "ˈ"
      case ",": sounds += "ˌ"
      default: sounds += part
      }
    }
    return sounds.isEmpty ? nil : before + "/" + sounds + "/"
  }

  /// `{{respell|AL|ə|bam}}` reads "AL-ə-bam".
  private static func respelling(_ arguments: TemplateArguments) -> String? {
    let syllables = arguments.positional.filter { !$0.isEmpty }
    guard !syllables.isEmpty else { return nil }
    return syllables.joined(separator: "-").replacing("-_-", with: " ").replacing("-'-", with: "'")
  }

  private static func languageReading(name: String?, text: String?) -> String? {
    guard let text else { return nil }
    return name.map { $0 + ": " + text } ?? text
  }

  /// `{{zh|t=…|p=…}}`: each form under its name.
  private static func chinese(_ arguments: TemplateArguments) -> String? {
    let forms = [
      ("c", "Chinese"), ("s", "simplified Chinese"), ("t", "traditional Chinese"), ("p", "pinyin"),
      ("w", "Wade–Giles"), ("j", "Jyutping"), ("l", "lit."),
    ]
    let shown = forms.compactMap { form in
      arguments[form.0].map { arguments["labels"] == "no" ? $0 : form.1 + ": " + $0 }
    }
    return shown.isEmpty ? nil : shown.joined(separator: "; ")
  }

  // MARK: Numbers

  private static func density(_ arguments: TemplateArguments) -> String? {
    guard let people = arguments[1].flatMap({ Double($0.replacing(",", with: "")) }),
      let area = arguments[2].flatMap({ Double($0.replacing(",", with: "")) }), area > 0
    else { return nil }
    let places = arguments["prec"].flatMap { Int($0) } ?? 0
    return Measure.rounded(people / area, places: max(0, min(6, places)))
      + "/" + (arguments[3] == "sqmi" ? "sq mi" : "km²")
  }

  private static func decimals(_ arguments: TemplateArguments) -> String? {
    guard let value = arguments[1].flatMap({ Double($0.replacing(",", with: "")) }) else {
      return arguments[1]
    }
    let places = arguments[2].flatMap { Int($0) } ?? 2
    let text = Measure.rounded(value, places: max(-12, min(12, places)))
    return text.isEmpty ? nil : text
  }

  private static func romanNumeral(_ number: Int) -> String? {
    guard (1...3_999).contains(number) else { return nil }
    let values = [
      (1_000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
      (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    var left = number
    var text = ""
    for (value, letters) in values {
      while left >= value {
        text += letters
        left -= value
      }
    }
    return text
  }

  // MARK: Parts

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
    var text = Measure.grouped(number)
    let power = arguments["e"].map { "×10^" + $0 } ?? ""
    if let error = arguments[2] {
      if error.hasPrefix("(") {
        text += error
      } else {
        text += arguments[3].map { "+" + error + "−" + $0 } ?? "±" + error
        if !power.isEmpty { text = "(" + text + ")" }
      }
    }
    let unit = (arguments["u"] ?? arguments["ul"]).map { " " + $0 } ?? ""
    return text + power + unit
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
