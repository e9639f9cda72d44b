/// The named rules by which utterances become training text.
///
/// What each makes of every construct stands in the table of <doc:CHILDES>, which is also its test.

/// A named, versioned answer to what of an utterance is text.
public enum CHATTextPolicy: String, Codable, Sendable, CaseIterable {
  /// What the speaker meant: replacements applied, shortenings filled, retraced words dropped.
  case intended
  /// What was heard: words and fragments as spoken, every repetition kept.
  case heard
  /// The shape of the CHILDES files that BabyLM serves, without what their making loses.
  case babylm

  /// Raised whenever the same utterance would give another text under the policy.
  public var version: Int { 1 }

  /// The items that are left out where an annotation marks them so.
  var droppedFlags: CHATUtterance.Item.Flags {
    switch self {
    case .intended: [.retraced, .reformulated, .replaced]
    case .heard: []
    case .babylm: [.retraced]
    }
  }

  var appliesReplacements: Bool { self == .intended }
  var fillsShortenings: Bool { self != .heard }
  var keepsFragments: Bool { self == .heard }
  var keepsNonwords: Bool { self != .intended }
  var writesRepetitions: Bool { self == .heard }
  /// Whether what was given up for another wording stays, with three dots after it.
  var marksReformulations: Bool { self == .babylm }
  var keepsSatellites: Bool { self != .babylm }
  /// Whether an utterance with the linker `+"` stands in quotation marks.
  var quotesLinkedUtterances: Bool { self == .babylm }
  /// Whether a label is written as in the files of BabyLM, `*MOT:` and a tab.
  var writesStarLabels: Bool { self == .babylm }
}
