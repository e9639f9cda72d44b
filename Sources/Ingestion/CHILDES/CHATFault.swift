/// What can be wrong with a transcript, or with one utterance of it, so that its text is not used.
///
/// The raw values are the reasons under which rejections are counted and queried.
package enum CHATFault: String, Sendable, CaseIterable {
  // One utterance or line; the rest of the transcript goes on.
  case missingColon
  case unclosedBracket
  case unopenedBracket
  case unclosedGroup
  case unopenedGroup
  case unclosedShortening
  case nestingTooDeep
  case controlCharacter
  case utteranceTooLong
  case strayLine
  // The whole transcript.
  case notTranscript
  case noUtterances
  case noWords
  case ageUnknown
  case outsideAgeRange
  case languageUnknown
  case otherLanguage
  case tooManyFaults
  case transcriptTooLong
  case unsafeMemberName
  case malformedXML
  case unknownSchema
  case notUTF8

  /// What is wrong, for a person.
  var explanation: String {
    switch self {
    case .missingColon: "no colon follows the speaker's code"
    case .unclosedBracket: "a square bracket is never closed"
    case .unopenedBracket: "a square bracket is closed that was never opened"
    case .unclosedGroup: "a group is never closed"
    case .unopenedGroup: "a group is closed that was never opened"
    case .unclosedShortening: "a word's round brackets do not pair"
    case .nestingTooDeep: "brackets nest deeper than \(CHATLimits.nesting)"
    case .controlCharacter: "a control character that CHAT does not use"
    case .utteranceTooLong: "the utterance is longer than \(CHATLimits.utteranceBytes) bytes"
    case .strayLine: "a line that begins with none of `@`, `*`, `%`, tab and blank"
    case .notTranscript: "no @UTF8, no @Begin and no main tier was found"
    case .noUtterances: "the transcript has no main tier"
    case .noWords: "no utterance has words under these options"
    case .ageUnknown: "an age range is set, and no target child's age is stated"
    case .outsideAgeRange: "the target child is younger or older than the age range"
    case .languageUnknown: "languages are set, and the transcript states none"
    case .otherLanguage: "the transcript is in none of the languages that are set"
    case .tooManyFaults: "more than \(CHATLimits.faults) lines have faults"
    case .transcriptTooLong: "the transcript is longer than \(CHATLimits.transcriptBytes) bytes"
    case .unsafeMemberName: "the name of the archive's member leads out of the archive"
    case .malformedXML: "the XML is not well-formed"
    case .unknownSchema: "this is not TalkBank XML of schema 1 or 2"
    case .notUTF8: "the transcript is not valid UTF-8"
    }
  }
}

/// How much of anything is read before it counts as a fault; far above what people transcribe.
package enum CHATLimits {
  /// The bytes of one transcript.
  package static let transcriptBytes = 64 << 20
  /// The bytes of one main tier with its continuation lines.
  package static let utteranceBytes = 1 << 20
  /// How deep brackets and groups may nest.
  package static let nesting = 128
  /// The faults of one transcript that are listed; one with more is rejected whole.
  package static let faults = 1_000
  /// The bytes of an utterance's text up to which repetitions (`[x 3]`) are written out.
  package static let repeatedBytes = 1 << 14
  /// How many times its own size an archive may unpack to, beyond one transcript's limit.
  package static let archiveExpansion = 200
}
