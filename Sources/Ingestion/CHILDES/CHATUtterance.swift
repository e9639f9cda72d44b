/// One utterance as CHAT and TalkBank XML state it, before any policy: words, marks and their scopes.
///
/// A flat list instead of a tree: groups are a pair of items, and an annotation sets flags on the item
/// that opens its scope. So nothing recurses, nesting costs constant work a bracket, and every policy
/// renders the same list. Words are ranges of the bytes that were read, or of `letters` where the
/// spelling holds more than letters; there, bytes below U+0020 stand for what a policy decides on.

/// Stand in `CHATUtterance.letters` for what is no letter.
enum CHATLetterMark {
  static let openShortening: UInt8 = 0x01
  static let closeShortening: UInt8 = 0x02
  /// Joins the parts of a compound, written as a hyphen where letters stand on both sides.
  static let hyphen: UInt8 = 0x03
  /// Joins the words of a phrase (`_`), written as a blank where letters stand on both sides.
  static let blank: UInt8 = 0x04
}

struct CHATUtterance {
  struct Item {
    enum Kind: UInt8 {
      case word, filler, fragment, nonword
      /// An event, a pause, an omitted or unintelligible word: no text, but annotations may follow it.
      case silent
      case openGroup, closeGroup
      case openReplacement, closeReplacement
      case openQuote, closeQuote
      /// A comma, semicolon or tag marker inside the utterance; `start` is the byte that is written.
      case soft
      /// A satellite marker, which stands for a comma; `babylm` leaves it out.
      case satellite
      /// A sentence mark of one or several characters, as it stands.
      case mark
      /// A sentence mark of one character; `start` is the byte that is written.
      case ownMark
      /// A terminator that starts with `+`; `start` is its place in ``CHATTerminator/all``.
      case terminator
      /// The linker `+"`: the utterance is a quotation.
      case quotedLinker
    }

    struct Flags: OptionSet {
      var rawValue: UInt8
      /// Repeated or corrected by what follows: `[/]`, `[//]`, `[/?]`.
      static let retraced = Flags(rawValue: 1)
      /// Given up for another wording: `[///]`, `[/-]`.
      static let reformulated = Flags(rawValue: 2)
      /// Followed by a replacement: `[: …]`, `[:: …]`.
      static let replaced = Flags(rawValue: 4)
      /// The range is one of the bytes that were read.
      static let isInSource = Flags(rawValue: 8)
    }

    var kind: Kind
    var flags: Flags = []
    /// How often the item was said: `[x 3]`.
    var times: UInt16 = 1
    /// The word's range; for a closing item, the item that opens it; for a replacement, its target.
    var start: Int32 = 0
    var end: Int32 = 0
  }

  private(set) var items: [Item] = []
  /// The words' bytes that are not simply in the source.
  var letters: [UInt8] = []
  /// The first thing that is wrong, where anything is.
  private(set) var fault: CHATFault?
  /// What occurred in this utterance.
  var counts = CHATConstructCounts()
  /// The language that a precode (`[- spa]`) states for the whole utterance, or empty.
  var language: [UInt8] = []

  /// The item that a following annotation refers to, or -1.
  private var target = -1
  /// The groups and replacements that are open, innermost last.
  private var openings: [Int] = []
  private var isPlainQuoteOpen = false
  private var hasTerminator = false
  /// Whether round brackets mark uncertain hearing and terminators may be missing.
  var isConversationAnalysis = false

  /// Starts the next utterance; buffers are kept.
  mutating func begin() {
    items.removeAll(keepingCapacity: true)
    letters.removeAll(keepingCapacity: true)
    openings.removeAll(keepingCapacity: true)
    language.removeAll(keepingCapacity: true)
    counts.removeAll()
    fault = nil
    target = -1
    isPlainQuoteOpen = false
    hasTerminator = false
  }

  /// Ends the utterance.
  mutating func finish() {
    if !hasTerminator, !isConversationAnalysis { counts.add(.missingTerminators) }
    if let opening = openings.last {
      note(items[opening].kind == .openGroup ? .unclosedGroup : .unclosedBracket)
    }
  }

  mutating func note(_ fault: CHATFault) {
    if self.fault == nil { self.fault = fault }
  }

  /// Adds a word, a filler, a fragment or a nonword.
  mutating func append(_ kind: Item.Kind, start: Int, end: Int, isInSource: Bool) {
    target = items.count
    items.append(
      Item(
        kind: kind,
        flags: isInSource ? .isInSource : [],
        start: Int32(truncatingIfNeeded: start),
        end: Int32(truncatingIfNeeded: end)
      )
    )
  }

  mutating func appendSilent() {
    target = items.count
    items.append(Item(kind: .silent))
  }

  mutating func appendSilent(_ construct: CHATConstruct) {
    counts.add(construct)
    appendSilent()
  }

  mutating func append(_ kind: Item.Kind, value: Int = 0) {
    items.append(Item(kind: kind, start: Int32(truncatingIfNeeded: value)))
  }

  /// Adds a sentence mark that stands in the source.
  mutating func appendMark(start: Int, end: Int) {
    let target = target
    append(.mark, start: start, end: end, isInSource: true)
    self.target = target
    hasTerminator = true
  }

  /// Adds a terminator or a linker by its place in ``CHATTerminator/all``.
  mutating func append(terminatorAt place: Int) {
    let terminator = CHATTerminator.all[place]
    counts.add(terminator.isLinker ? .linkers : .specialTerminators)
    if terminator.isLinker {
      if terminator.name == "quoted utterance next" { append(.quotedLinker) }
    } else {
      append(.terminator, value: place)
      hasTerminator = true
    }
  }

  /// Notes a round bracket without its partner, which only conversation analysis allows.
  mutating func noteRoundBracket() {
    if !isConversationAnalysis { note(.unclosedShortening) }
  }

  /// Makes a filler of the fragment that was added last, where it is one that old transcripts mark like
  /// a fragment.
  ///
  /// - Returns: Whether it is.
  mutating func turnIntoFiller(_ bytes: Span<UInt8>) -> Bool {
    guard let last = items.indices.last, items[last].kind == .fragment else { return false }
    let item = items[last]
    let isInSource = item.flags.contains(.isInSource)
    var word: [UInt8] = []
    for index in Int(item.start)..<Int(item.end) {
      word.append((isInSource ? bytes[index] : letters[index]) | 0x20)
    }
    guard Self.fillers.contains(word) else { return false }
    items[last].kind = .filler
    return true
  }

  /// The hesitations that were written `&uh` before CHAT had `&-uh`.
  private static let fillers: Set<[UInt8]> = Set(
    ["ah", "eh", "ehm", "er", "erm", "hm", "hmm", "mm", "mmm", "uh", "uhm", "um", "umm"]
      .map { Array($0.utf8) }
  )

  mutating func togglePlainQuote() {
    append(isPlainQuoteOpen ? .closeQuote : .openQuote)
    if isPlainQuoteOpen { counts.add(.quotations) }
    isPlainQuoteOpen.toggle()
  }

  // MARK: From other spellings than the source

  /// Adds a sentence mark.
  mutating func appendMark(_ mark: Unicode.Scalar) {
    append(.ownMark, value: Int(mark.value))
    hasTerminator = true
  }

  /// Adds a word by its CHAT spelling, which need not outlive the call.
  mutating func appendWord(
    _ kind: Item.Kind,
    _ spelling: [UInt8],
    counting construct: CHATConstruct? = nil
  ) {
    if let construct { counts.add(construct) }
    let next = readWord(kind, spelling.span, at: 0, end: spelling.count)
    if next == 0 { appendSilent() }
    takeOver(spelling)
  }

  /// Adds a fragment of which the mark does not tell whether it is a filler.
  mutating func appendUnmarkedFragment(_ spelling: [UInt8]) {
    _ = readUnmarkedFragment(spelling.span, at: 0, end: spelling.count)
    takeOver(spelling)
  }

  /// Copies the bytes of the word that was added last.
  private mutating func takeOver(_ spelling: [UInt8]) {
    guard let last = items.indices.last, items[last].flags.contains(.isInSource) else { return }
    let start = letters.count
    for index in Int(items[last].start)..<Int(items[last].end) { letters.append(spelling[index]) }
    items[last].start = Int32(truncatingIfNeeded: start)
    items[last].end = Int32(truncatingIfNeeded: letters.count)
    items[last].flags.remove(.isInSource)
  }

  // MARK: Scopes

  /// Annotates the group that is open.
  mutating func annotateGroup(_ flag: Item.Flags) {
    target = openings.last ?? -1
    annotate(flag)
  }

  /// Annotates the group that is open with how often it was said.
  mutating func annotateGroup(times: Int) {
    target = openings.last ?? -1
    annotate(times: times)
  }

  mutating func openGroup() { open(.openGroup, value: 0) }

  mutating func closeGroup() {
    guard let opening = openings.popLast() else { return note(.unopenedGroup) }
    guard items[opening].kind == .openGroup else { return note(.unopenedGroup) }
    append(.closeGroup, value: opening)
    target = opening
  }

  /// Opens a replacement of the item before; of several for one item, the first holds.
  mutating func openReplacement() {
    counts.add(.replacements)
    if target >= 0 { items[target].flags.insert(.replaced) }
    open(.openReplacement, value: target)
  }

  mutating func closeReplacement() {
    guard let opening = openings.popLast() else { return note(.unopenedBracket) }
    guard items[opening].kind == .openReplacement else { return note(.unclosedGroup) }
    append(.closeReplacement, value: opening)
    // What follows the bracket is said of the word and its replacement together.
    target = Int(items[opening].start)
  }

  mutating func annotate(_ flag: Item.Flags) {
    counts.add(flag == .retraced ? .retraces : .reformulations)
    if target >= 0 { items[target].flags.insert(flag) }
  }

  mutating func annotate(times: Int) {
    counts.add(.repetitions)
    if target >= 0 { items[target].times = UInt16(clamping: max(1, times)) }
  }

  private mutating func open(_ kind: Item.Kind, value: Int) {
    guard openings.count < CHATLimits.nesting else { return note(.nestingTooDeep) }
    openings.append(items.count)
    append(kind, value: value)
    target = -1
  }
}
