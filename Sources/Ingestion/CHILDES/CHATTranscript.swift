/// One pass over the lines of a CHAT transcript: headers, main tiers, and dependent tiers passed over.
import Documents

struct CHATTranscript {
  private(set) var result: CHATTranscriptText
  /// Whether a header that only CHAT has, or a main tier, was seen.
  private(set) var isCHAT = false

  private let options: CHATReader.Options
  private var utterance = CHATUtterance()
  /// The dependent tiers by the first seven bytes of their names, packed, and how many there are.
  private var tiers: [(name: UInt64, count: Int)] = []

  init(options: CHATReader.Options) {
    self.options = options
    result = CHATTranscriptText(options: options)
  }

  /// The dependent tiers that were passed over: how many, by name.
  var dependentTiers: [String: Int] {
    var result: [String: Int] = [:]
    for tier in tiers {
      let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: tier.name >> (8 * $0)) }
      let name = bytes.filter { $0 > 0x20 && $0 != 0x7f }
      result[String(decoding: name, as: UTF8.self), default: 0] += tier.count
    }
    return result
  }

  /// Reads a whole transcript.
  ///
  /// - Parameter bytes: Valid UTF-8 with any line ends, perhaps with a byte order mark.
  mutating func read(_ bytes: Span<UInt8>) {
    result.reserve(bytes.count / 3)
    var start = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf ? 3 : 0
    var line = 1
    while start < bytes.count, !result.hasTooManyFaults {
      let first = line
      var end = lineEnd(bytes, from: start)
      var next = lineStart(bytes, after: end)
      line += 1
      while next < bytes.count, isContinuation(bytes[next]) {
        end = lineEnd(bytes, from: next)
        next = lineStart(bytes, after: end)
        line += 1
      }
      switch bytes[start] {
      case UInt8(ascii: "*"): readMainTier(bytes, in: start..<end, line: first)
      case UInt8(ascii: "@"): readHeader(bytes, in: start..<end)
      case UInt8(ascii: "%"): countTier(bytes, in: start..<end)
      default: if hasWords(bytes, in: start..<end) { result.note(.strayLine, line: first) }
      }
      start = next
    }
  }

  private mutating func readMainTier(_ bytes: Span<UInt8>, in range: Range<Int>, line: Int) {
    isCHAT = true
    var colon = range.lowerBound + 1
    while colon < range.upperBound, bytes[colon] != UInt8(ascii: ":"), bytes[colon] > 0x20 {
      colon += 1
    }
    guard colon < range.upperBound, bytes[colon] == UInt8(ascii: ":") else {
      return result.addFaultyUtterance(.missingColon, line: line)
    }
    guard result.beginUtterance(by: range.lowerBound + 1..<colon, of: bytes) else { return }
    if result.addPlain(bytes, in: colon + 1..<range.upperBound) { return }
    utterance.read(
      bytes,
      in: colon + 1..<range.upperBound,
      isConversationAnalysis: result.headers.isConversationAnalysis
    )
    result.add(&utterance, source: bytes, line: line)
  }

  private mutating func readHeader(_ bytes: Span<UInt8>, in range: Range<Int>) {
    // Headers are lines for people; of one that is longer than any, the beginning is enough.
    var line: [UInt8] = []
    for index in range.prefix(1 << 16) {
      let byte = bytes[index]
      line.append(byte < 0x20 ? 0x20 : byte)
    }
    let header = String(decoding: TextHygiene.withoutControls(line), as: UTF8.self)
    if header.hasPrefix("@UTF8") || header.hasPrefix("@Begin") { isCHAT = true }
    result.headers.read(header)
  }

  private mutating func countTier(_ bytes: Span<UInt8>, in range: Range<Int>) {
    var name: UInt64 = 0
    for index in range.dropFirst().prefix(7) {
      let byte = bytes[index]
      if byte == UInt8(ascii: ":") || byte <= 0x20 { break }
      name = name << 8 | UInt64(byte)
    }
    for index in tiers.indices where tiers[index].name == name {
      tiers[index].count += 1
      return
    }
    // A transcript has a few dozen kinds; what has more is no list of tiers.
    if tiers.count < 64 { tiers.append((name, 1)) }
  }
}

/// The index of the line feed or carriage return that ends a line, or of the end.
@inline(__always)
private func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
  var end = start
  while end < bytes.count {
    let byte = bytes[end]
    if byte <= 0x0d, byte == 0x0a || byte == 0x0d { break }
    end += 1
  }
  return end
}

/// Where the line after a line's end begins.
@inline(__always)
private func lineStart(_ bytes: Span<UInt8>, after end: Int) -> Int {
  let isPair = end + 1 < bytes.count && bytes[end] == 0x0d && bytes[end + 1] == 0x0a
  return min(bytes.count, end + (isPair ? 2 : 1))
}

private func isContinuation(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x20 }

private func hasWords(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
  for index in range where bytes[index] > 0x20 { return true }
  return false
}
