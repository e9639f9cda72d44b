/// TalkBank XML (schemas 1 and 2) read into the same utterances as CHAT.
///
/// A word's elements are put together to its CHAT spelling and read by the same rules, so that both
/// formats give one text. Dependent tiers, morphology and comments are passed over with all that they
/// hold. The schema is described at talkbank.org/software/xsddoc.
import Documents
import Files

final class TalkBankXML: XMLReceiver {
  /// The elements with a meaning; the others' children have one as if they stood in their place.
  private enum Element {
    case root, header, utterance, group, word, shortening, replacement
    case passedOver, other
  }

  private(set) var result: CHATTranscriptText
  /// The dependent tiers that were passed over: how many, by name.
  private(set) var dependentTiers: [String: Int] = [:]

  private var utterance = CHATUtterance()
  /// Whether an utterance is open whose speaker is kept.
  private var isInUtterance = false
  private var utteranceLine = 0
  private var path: [Element] = []
  /// How many elements deep in one that is passed over.
  private var passedOver = 0
  /// The spelling of the word that is open, and what its attributes make of it.
  private var spelling: [UInt8] = []
  private var prefix = WordPrefix.none
  private var suffix: [UInt8] = []
  /// Whether the word's spelling has been added, before its replacement or at its end.
  private var isWordAdded = false
  private var root: String?
  /// The header that is open.
  private var header = ""
  private var version = ""

  private enum WordPrefix {
    case none, filler, fragment, incomplete, nonword, omission, unintelligible
  }

  init(options: CHATReader.Options) {
    result = CHATTranscriptText(options: options)
  }

  /// Reads a whole transcript.
  ///
  /// - Parameters:
  ///   - bytes: XML in any encoding that it states.
  ///   - name: Its name, for a failure.
  /// - Returns: What is wrong with it as a whole, or `nil`.
  /// - Throws: ``Failure`` where there is no memory for a parser.
  func read(
    _ bytes: Span<UInt8>,
    name: String
  ) throws -> (fault: CHATFault, line: Int?, detail: String)? {
    let parser = try XMLPushParser(receiver: self, place: name)
    var start = 0
    var isGood = true
    while isGood, start < bytes.count, !result.hasTooManyFaults {
      let end = min(start + 1 << 20, bytes.count)
      isGood = parser.parse(bytes.extracting(start..<end))
      start = end
      if let root, root != "CHAT" || !(version.hasPrefix("1.") || version.hasPrefix("2.")) {
        let found =
          root == "CHAT" ? "its version is `\(version)`" : "its first element is <\(root)>"
        return (.unknownSchema, nil, "this is not TalkBank XML of schema 1 or 2: \(found)")
      }
    }
    if result.hasTooManyFaults { return nil }
    if isGood { isGood = parser.finish() }
    guard !isGood else { return nil }
    let message = parser.errorMessage ?? "it ends early"
    return (
      .malformedXML, parser.errorLine ?? parser.line, "the XML is not well-formed: \(message)"
    )
  }

  // MARK: Elements

  func open(_ element: String, attributes: [String: String], line: Int) {
    if passedOver > 0 {
      passedOver += 1
      if element == "gra" { dependentTiers["gra", default: 0] += 1 }
      return
    }
    let meaning = begin(element, attributes: attributes, line: line)
    if meaning == .passedOver { passedOver = 1 } else { path.append(meaning) }
  }

  func close() {
    if passedOver > 0 {
      passedOver -= 1
      return
    }
    switch path.popLast() {
    case .utterance: endUtterance()
    case .group: utterance.closeGroup()
    case .word: endWord()
    case .shortening: spelling.append(UInt8(ascii: ")"))
    case .replacement: utterance.closeReplacement()
    // The date stands among the attributes, too.
    case .header where header != "Date" && spelling.count < 1 << 16:
      let value = String(decoding: TextHygiene.withoutControls(spelling), as: UTF8.self)
      result.headers.read("@\(header):\t\(value)")
    default: break
    }
  }

  func append(_ text: Span<UInt8>) {
    guard passedOver == 0 else { return }
    if path.last == .header {
      for index in text.indices { spelling.append(text[index] < 0x20 ? 0x20 : text[index]) }
    }
    guard !isWordAdded, path.last == .word || path.last == .shortening else { return }
    for index in text.indices where text[index] > 0x20 { spelling.append(text[index]) }
  }

  private func begin(_ element: String, attributes: [String: String], line: Int) -> Element {
    guard let parent = path.last else {
      root = element
      version = attributes["Version"] ?? ""
      readRoot(attributes)
      return .root
    }
    switch element {
    case "participant":
      readParticipant(attributes)
      return .other
    case "u" where parent == .root:
      beginUtterance(attributes, line: line)
      return .utterance
    case "comment" where parent == .root:
      header = attributes["type"] ?? "Comment"
      spelling.removeAll(keepingCapacity: true)
      return .header
    case "comment": return .passedOver
    case "begin-gem", "end-gem", "lazy-gem":
      result.headers.read("@\(Self.gems[element] ?? element)")
      return .passedOver
    case "a":
      dependentTiers[tierName(attributes), default: 0] += 1
      return .passedOver
    case "mor", "wor", "gra", "mod", "pho", "sin":
      dependentTiers[element, default: 0] += 1
      return .passedOver
    default: break
    }
    // Without a speaker that is kept, what an utterance holds has no meaning.
    guard isInUtterance else { return .other }
    return beginContent(element, attributes: attributes)
  }

  /// Begins an element of an utterance.
  private func beginContent(_ element: String, attributes: [String: String]) -> Element {
    let type = attributes["type"] ?? ""
    switch element {
    case "g", "pg", "sg":
      utterance.openGroup()
      return .group
    case "w":
      beginWord(attributes)
      return .word
    case "replacement":
      endSpelling()
      utterance.openReplacement()
      return .replacement
    case "shortening":
      spelling.append(UInt8(ascii: "("))
      return .shortening
    case "wk": if type == "cmp" { spelling.append(UInt8(ascii: "+")) }
    case "p": if type == "drawl" { spelling.append(UInt8(ascii: ":")) }
    case "langs":
      utterance.counts.add(.languageSwitches)
      return .passedOver
    case "k": annotate(type)
    case "r": utterance.annotateGroup(times: attributes["times"].flatMap { Int($0) } ?? 1)
    case "e": utterance.appendSilent()
    case "action": utterance.counts.add(.actions)
    case "happening":
      utterance.counts.add(.events)
      return .passedOver
    case "otherSpokenEvent":
      utterance.counts.add(.otherSpeakersWords)
      return .passedOver
    case "nonvocal", "long-feature":
      utterance.appendSilent(.events)
      return .passedOver
    case "pause": utterance.appendSilent(.pauses)
    case "quotation": addQuotation(type)
    case "tagMarker", "s": addSeparator(type)
    case "linker", "t": addTerminator(type, isLinker: element == "linker")
    case "postcode": return passOver(.postcodes)
    case "error": return passOver(.errorMarks)
    case "overlap", "overlap-point": return passOver(.overlaps)
    case "media", "internal-media", "internalMedia": return passOver(.mediaMarks)
    case "ga", "freecode", "duration": return passOver(.notes)
    case "pos", "blob", "model", "actual", "signs": return .passedOver
    default: break
    }
    return .other
  }

  private func passOver(_ construct: CHATConstruct) -> Element {
    utterance.counts.add(construct)
    return .passedOver
  }

  // MARK: Headers

  private func readRoot(_ attributes: [String: String]) {
    result.headers.setCorpus(attributes["Corpus"] ?? "")
    result.headers.setLanguages((attributes["Lang"] ?? "").split(separator: " ").map(String.init))
    result.headers.setOptions(attributes["Options"] ?? "")
    // What TalkBank's converter writes where a transcript has no date.
    if let date = attributes["Date"], date != "1984-01-01" { result.headers.set("date", date) }
    result.headers.set("pid", attributes["PID"] ?? "")
    let media = [attributes["Media"], attributes["Mediatypes"]].compactMap { $0 }
    result.headers.set("media", media.joined(separator: ", "))
  }

  private func readParticipant(_ attributes: [String: String]) {
    guard let code = attributes["id"] else { return }
    for name in ["name", "role", "language", "age", "sex", "group", "education", "custom"] {
      result.headers.set(name, of: code, to: attributes[name] ?? "")
    }
    result.headers.set("socialStatus", of: code, to: attributes["SES"] ?? "")
  }

  /// The CHAT name of a dependent tier.
  private func tierName(_ attributes: [String: String]) -> String {
    let type = attributes["type"] ?? ""
    return attributes["flavor"] ?? Self.tierNames[type] ?? type
  }

  /// The CHAT headers that mark passages.
  private static let gems = ["begin-gem": "Bg", "end-gem": "Eg", "lazy-gem": "G"]

  private static let tierNames = [
    "actions": "act", "addressee": "add", "alternative": "alt", "coding": "cod", "cohesion": "coh",
    "comments": "com", "english translation": "eng", "errcoding": "err", "explanation": "exp",
    "flow": "flo", "facial": "fac", "target gloss": "gls", "gesture": "gpx", "intonation": "int",
    "language": "lan", "orthography": "ort", "paralinguistics": "par", "SALT": "def",
    "situation": "sit", "speech act": "spa", "time stamp": "tim",
  ]

  // MARK: Utterances

  private func beginUtterance(_ attributes: [String: String], line: Int) {
    utterance.begin()
    utterance.isConversationAnalysis = result.headers.isConversationAnalysis
    if let language = attributes["lang"] {
      utterance.language = Array(language.utf8)
      utterance.counts.add(.languageSwitches)
    }
    utteranceLine = line
    let code = Array((attributes["who"] ?? "").utf8)
    isInUtterance = result.beginUtterance(by: 0..<code.count, of: code.span)
  }

  private func endUtterance() {
    guard isInUtterance else { return }
    isInUtterance = false
    utterance.finish()
    // Every word is among the utterance's own letters: there is no source to refer to.
    let nothing: [UInt8] = []
    result.add(&utterance, source: nothing.span, line: utteranceLine)
  }

  private func annotate(_ type: String) {
    switch type {
    case "retracing", "retracing with correction", "retracing unclear":
      utterance.annotateGroup(.retraced)
    case "retracing reformulation", "false start": utterance.annotateGroup(.reformulated)
    default: utterance.counts.add(.notes)
    }
  }

  private func addQuotation(_ type: String) {
    if type == "end" {
      utterance.append(.closeQuote)
      utterance.counts.add(.quotations)
    } else {
      utterance.append(.openQuote)
    }
  }

  private func addSeparator(_ type: String) {
    switch type {
    case "comma": utterance.append(.soft, value: Int(UInt8(ascii: ",")))
    case "semicolon": utterance.append(.soft, value: Int(UInt8(ascii: ";")))
    case "tag", "vocative": utterance.append(.satellite)
    default: utterance.counts.add(.prosodyMarks)
    }
  }

  private func addTerminator(_ type: String, isLinker: Bool) {
    switch type {
    case "p": utterance.appendMark(".")
    case "q": utterance.appendMark("?")
    case "e": utterance.appendMark("!")
    default:
      guard let place = CHATTerminator.index(ofName: type) else { return }
      utterance.append(terminatorAt: place)
    }
  }

  // MARK: Words

  private func beginWord(_ attributes: [String: String]) {
    spelling.removeAll(keepingCapacity: true)
    isWordAdded = false
    suffix = attributes["formSuffix"].map { Array($0.utf8) } ?? []
    if attributes["untranscribed"] != nil {
      prefix = .unintelligible
    } else {
      prefix =
        switch attributes["type"] {
        case "filler": .filler
        case "fragment": .fragment
        case "incomplete": .incomplete
        case "nonword": .nonword
        case "omission": .omission
        default: .none
        }
    }
    if let form = attributes["formType"] {
      // The one form that changes how a suffix is written: the letter of "two s's".
      suffix = (form == "letter" ? Array("@l".utf8) : Array("@c".utf8)) + suffix
    }
  }

  /// Adds the word that is open, unless its replacement has done so.
  private func endSpelling() {
    guard !isWordAdded else { return }
    isWordAdded = true
    spelling += suffix
    switch prefix {
    case .unintelligible: utterance.appendSilent(.unintelligible)
    case .omission: utterance.appendSilent(.omissions)
    case .none: utterance.appendWord(.word, spelling)
    case .filler: utterance.appendWord(.filler, spelling, counting: .fillers)
    case .incomplete: utterance.appendWord(.fragment, spelling, counting: .fragments)
    case .nonword: utterance.appendWord(.nonword, spelling, counting: .nonwords)
    case .fragment: utterance.appendUnmarkedFragment(spelling)
    }
  }

  private func endWord() {
    endSpelling()
    // The words of a replacement stand inside the word that they replace.
    isWordAdded = path.contains(.word)
  }
}
