/// The terminators and linkers that start with `+`, and what they become.
///
/// An utterance that trails off or is broken off ends in three dots, whoever broke it off.
struct CHATTerminator {
  /// Its spelling in CHAT.
  let code: [UInt8]
  /// Its name in TalkBank XML, where that has one of its own.
  let name: String
  /// Its text under `intended` and `heard`; empty for linkers.
  let text: [UInt8]
  /// Its text under `babylm`.
  let babylm: [UInt8]
  let isLinker: Bool

  /// All of them, longest first among those that share a beginning.
  static let all: [CHATTerminator] = [
    terminator("+...", "...", name: "trail off"),
    terminator("+..?", "...?", name: "trail off question"),
    terminator("+..!", "...!"),
    terminator("+\u{2026}", "..."),
    terminator("+!?", "?!", babylm: "!?", name: "question exclamation"),
    terminator("+//.", "...", name: "self interruption"),
    terminator("+//?", "...?", name: "self interruption question"),
    terminator("+//!", "...!"),
    terminator("+/??", "...?"),
    terminator("+/.", "...", name: "interruption"),
    terminator("+/?", "...?", name: "interruption question"),
    terminator("+/!", "...!"),
    terminator("+\"/.", ":", babylm: ".", name: "quotation next line"),
    terminator("+\"/?", "?"),
    terminator("+\"/!", "!"),
    terminator("+\".", ".", name: "quotation precedes"),
    terminator("+\"?", "?"),
    terminator("+\"!", "!"),
    terminator("+.", ".", name: "broken for coding"),
    terminator("+?", "?"),
    terminator("+!", "!"),
    linker("++", name: "other completion"),
    linker("+^", name: "quick uptake"),
    linker("+<", name: "lazy overlap mark"),
    linker("+,", name: "self completion"),
    linker("+\"", name: "quoted utterance next"),
    linker("+\u{2248}", name: "no break TCU completion"),
    linker("+\u{224b}", name: "technical break TCU completion"),
  ]

  /// The place of a terminator in ``all``, by its name in TalkBank XML.
  static func index(ofName name: String) -> Int? {
    all.firstIndex { $0.name == name }
  }

  private static func terminator(
    _ code: String,
    _ text: String,
    babylm: String? = nil,
    name: String = ""
  ) -> CHATTerminator {
    CHATTerminator(
      code: Array(code.utf8),
      name: name,
      text: Array(text.utf8),
      babylm: Array((babylm ?? text).utf8),
      isLinker: false
    )
  }

  private static func linker(_ code: String, name: String) -> CHATTerminator {
    CHATTerminator(code: Array(code.utf8), name: name, text: [], babylm: [], isLinker: true)
  }
}
