/// A transcript in the making: utterances in, text, counts and faults out.
///
/// Both formats, CHAT and TalkBank XML, end here, so that they give the same text under every policy.
import Documents

struct CHATTranscriptText {
  /// A line whose text is not used.
  struct FaultyLine {
    let fault: CHATFault
    let line: Int?
  }

  /// The document's text, one utterance a line, without a final line feed.
  private(set) var text: [UInt8] = []
  /// Main tiers, whatever became of them.
  private(set) var utteranceCount = 0
  /// The faults, in order; one more than ``CHATLimits/faults`` at most.
  private(set) var faults: [FaultyLine] = []
  var headers = CHATHeaders()

  private let options: CHATReader.Options
  private var speakers: CHATSpeakerTable
  /// Who speaks the utterance that was begun.
  private var speaker = 0
  private var utteranceText: CHATText
  private var counts = CHATConstructCounts()
  private var emptyCount = 0
  private var shortCount = 0
  private var otherSpeakerCount = 0
  private var otherLanguageCount = 0
  private var rejectedCount = 0

  init(options: CHATReader.Options) {
    self.options = options
    speakers = CHATSpeakerTable(options: options)
    utteranceText = CHATText(policy: options.policy)
  }

  var hasTooManyFaults: Bool { faults.count > CHATLimits.faults }

  mutating func reserve(_ count: Int) { text.reserveCapacity(count) }

  /// Counts one more main tier and finds out who speaks.
  ///
  /// - Returns: Whether the options keep the utterance.
  mutating func beginUtterance(by code: Range<Int>, of bytes: Span<UInt8>) -> Bool {
    utteranceCount += 1
    speaker = speakers.place(bytes, in: code, headers: headers)
    let isKept = speakers.speakers[speaker].isKept
    if !isKept { otherSpeakerCount += 1 }
    return isKept
  }

  /// Counts one more main tier that cannot be read.
  mutating func addFaultyUtterance(_ fault: CHATFault, line: Int?) {
    utteranceCount += 1
    rejectedCount += 1
    note(fault, line: line)
  }

  mutating func note(_ fault: CHATFault, line: Int?) {
    if !hasTooManyFaults { faults.append(FaultyLine(fault: fault, line: line)) }
  }

  /// Writes the utterance that was begun.
  mutating func add(
    _ utterance: inout CHATUtterance,
    source: Span<UInt8>,
    line: Int?
  ) {
    if let fault = utterance.fault {
      rejectedCount += 1
      return note(fault, line: line)
    }
    if !options.languages.isEmpty, !isInLanguages(utterance.language) {
      otherLanguageCount += 1
      return
    }
    utteranceText.write(utterance, source: source)
    if !utteranceText.hasPairedQuotes { utterance.counts.add(.unpairedQuotations) }
    counts.add(utterance.counts)
    finishUtterance()
  }

  /// Writes the utterance that was begun from its main tier, where that is plain.
  ///
  /// - Returns: Whether it is; if not, nothing has happened.
  mutating func addPlain(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
    guard options.languages.isEmpty, range.count <= CHATLimits.utteranceBytes,
      let mediaMarks = utteranceText.writePlain(bytes, in: range)
    else { return false }
    if mediaMarks > 0 { counts.add(.mediaMarks, count: mediaMarks) }
    finishUtterance()
    return true
  }

  /// Appends the text of the utterance, if the options keep it.
  private mutating func finishUtterance() {
    if utteranceText.text.isEmpty {
      emptyCount += 1
      return
    }
    if options.minimumWords > 1,
      WordCount.words(in: utteranceText.text.span) < options.minimumWords
    {
      shortCount += 1
      return
    }
    if options.capitalizeSentences { utteranceText.capitalizeSentences() }
    if !text.isEmpty { text.append(0x0a) }
    text += speakers.speakers[speaker].label
    text += utteranceText.text
  }

  private func isInLanguages(_ precode: [UInt8]) -> Bool {
    let language =
      precode.isEmpty ? headers.languages.first : String(decoding: precode, as: UTF8.self)
    return language.map { options.languages.contains($0) } ?? false
  }

  /// Why the options leave the whole transcript out, if they do.
  var exclusion: CHATFault? {
    if options.minimumAgeMonths != nil || options.maximumAgeMonths != nil {
      guard let age = headers.targetChildAgeMonths else { return .ageUnknown }
      if age < options.minimumAgeMonths ?? 0 || age > options.maximumAgeMonths ?? .infinity {
        return .outsideAgeRange
      }
    }
    guard !options.languages.isEmpty else { return nil }
    if headers.languages.isEmpty { return .languageUnknown }
    return headers.languages.contains { options.languages.contains($0) } ? nil : .otherLanguage
  }

  /// What the headers say and what became of the utterances, by name.
  var metadata: [String: MetadataValue] {
    var metadata = headers.metadata
    metadata["textPolicy"] = .text(options.policy.rawValue)
    metadata["textPolicyVersion"] = .integer(options.policy.version)
    metadata["utterances"] = .integer(utteranceCount)
    metadata["emptyUtterances"] = .integer(emptyCount)
    metadata["shortUtterances"] = .integer(shortCount)
    metadata["otherSpeakersUtterances"] = .integer(otherSpeakerCount)
    metadata["otherLanguagesUtterances"] = .integer(otherLanguageCount)
    metadata["rejectedUtterances"] = .integer(rejectedCount)
    metadata["constructs"] = .object(counts.byName.mapValues { .integer($0) })
    return metadata
  }

  /// The names among ``metadata`` whose numbers add up over transcripts.
  static let summedMetadata = [
    "utterances", "emptyUtterances", "shortUtterances", "otherSpeakersUtterances",
    "otherLanguagesUtterances", "rejectedUtterances", "constructs",
  ]
}
