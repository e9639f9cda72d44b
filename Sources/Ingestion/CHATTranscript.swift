/// One pass over a transcript's lines: headers, main tiers, and dependent tiers passed over.
import Documents

struct CHATTranscript {
  /// The document's text, one utterance a line, without a final line feed.
  private(set) var text: [UInt8] = []
  private(set) var headers = CHATHeaders()
  /// Main tiers, whatever became of them.
  private(set) var utteranceCount = 0
  /// Whether a header that only CHAT has, or a main tier, was seen.
  private(set) var isCHAT = false

  private let options: CHATReader.Options
  private var mainTier = CHATMainTier()
  private var emptyCount = 0
  private var shortCount = 0
  private var strayLineCount = 0

  init(options: CHATReader.Options) {
    self.options = options
  }

  /// What the headers say and what was left out, by name.
  var metadata: [String: MetadataValue] {
    var metadata = headers.metadata
    metadata["utterances"] = .integer(utteranceCount)
    metadata["emptyUtterances"] = .integer(emptyCount)
    if options.minimumWords > 0 { metadata["shortUtterances"] = .integer(shortCount) }
    if mainTier.unclosedCount > 0 {
      metadata["unclosedBrackets"] = .integer(mainTier.unclosedCount)
    }
    if strayLineCount > 0 { metadata["strayLines"] = .integer(strayLineCount) }
    return metadata
  }

  /// Reads a whole transcript.
  ///
  /// - Parameter bytes: Valid UTF-8 with `\n` line ends.
  mutating func read(_ bytes: Span<UInt8>) {
    text.reserveCapacity(bytes.count / 2)
    var start = 0
    while start < bytes.count {
      var end = lineEnd(bytes, from: start)
      while end + 1 < bytes.count, isContinuation(bytes[end + 1]) {
        end = lineEnd(bytes, from: end + 1)
      }
      switch bytes[start] {
      case UInt8(ascii: "*"): readMainTier(bytes, in: start..<end)
      case UInt8(ascii: "@"): readHeader(bytes, in: start..<end)
      case UInt8(ascii: "%"): break
      default: if hasWords(bytes, in: start..<end) { strayLineCount += 1 }
      }
      start = end + 1
    }
  }

  private mutating func readMainTier(_ bytes: Span<UInt8>, in range: Range<Int>) {
    isCHAT = true
    utteranceCount += 1
    var colon = range.lowerBound + 1
    while colon < range.upperBound, bytes[colon] != UInt8(ascii: ":"), bytes[colon] > 0x20 {
      colon += 1
    }
    guard colon < range.upperBound, bytes[colon] == UInt8(ascii: ":") else {
      emptyCount += 1
      return
    }
    mainTier.read(bytes, in: colon + 1..<range.upperBound)
    if mainTier.text.isEmpty {
      emptyCount += 1
      return
    }
    if options.minimumWords > 1, WordCount.words(in: mainTier.text.span) < options.minimumWords {
      shortCount += 1
      return
    }
    if !text.isEmpty { text.append(0x0a) }
    if options.labels == .code {
      for index in range.lowerBound + 1..<colon where isCodeByte(bytes[index]) {
        text.append(bytes[index])
      }
      text.append(UInt8(ascii: ":"))
      text.append(0x20)
    }
    text.append(contentsOf: mainTier.text)
  }

  private mutating func readHeader(_ bytes: Span<UInt8>, in range: Range<Int>) {
    var line: [UInt8] = []
    for index in range {
      let byte = bytes[index]
      line.append(byte < 0x20 ? 0x20 : byte)
    }
    let header = String(decoding: TextHygiene.withoutControls(line), as: UTF8.self)
    if header.hasPrefix("@UTF8") || header.hasPrefix("@Begin") { isCHAT = true }
    headers.read(header)
  }
}

private func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
  var end = start
  while end < bytes.count, bytes[end] != 0x0a { end += 1 }
  return end
}

private func isContinuation(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x20 }

private func hasWords(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
  for index in range where bytes[index] > 0x20 { return true }
  return false
}

/// Letters, digits, hyphen, underscore and apostrophe, and what is beyond ASCII.
private func isCodeByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
    UInt8(ascii: "'"), 0x80...:
    true
  default: false
  }
}
