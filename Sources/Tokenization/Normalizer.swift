/// What a tokenizer file asks to be done to a text before it is cut.
///
/// The steps of Hugging Face `tokenizers` that have one clear meaning; the others are refused by
/// name. A text may lose or gain bytes, so that a token's place in the text is found through
/// ``NormalizedText``.
indirect enum Normalizer: Sendable, Equatable {
  case form(UnicodeNormalization)
  case lowercase
  case prepend(String)
  case replace(String, with: String)
  case strip(left: Bool, right: Bool)
  case sequence([Normalizer])

  /// The longest string that a step may look for or put in, in bytes.
  static let longestPattern = 512
  /// The most bytes that a byte of text may become: steps that replace each other's output could
  /// otherwise make one character fill the memory.
  static let largestGrowth = 512
  /// The most steps.
  static let largestStepCount = 64

  /// Reads the part `normalizer` of a file.
  ///
  /// - Throws: ``UnsupportedPart`` that names what blalm does not do.
  init(_ json: JSONValue, part: String) throws {
    switch json["type"]?.text {
    case "NFC": self = .form(.nfc)
    case "NFD": self = .form(.nfd)
    case "NFKC": self = .form(.nfkc)
    case "NFKD": self = .form(.nfkd)
    case "Lowercase": self = .lowercase
    case "Prepend":
      guard let text = json["prepend"]?.text, text.utf8.count <= Self.longestPattern else {
        throw UnsupportedPart("\(part).prepend, which is no short string")
      }
      self = .prepend(text)
    case "Replace":
      guard let pattern = json["pattern"]?["String"]?.text, !pattern.isEmpty,
        pattern.utf8.count <= Self.longestPattern
      else { throw UnsupportedPart("\(part).pattern, which is no short string") }
      guard let content = json["content"]?.text, content.utf8.count <= Self.longestPattern else {
        throw UnsupportedPart("\(part).content")
      }
      self = .replace(pattern, with: content)
    case "Strip":
      self = .strip(
        left: json["strip_left"] == .flag(true),
        right: json["strip_right"] == .flag(true)
      )
    case "Sequence":
      guard let steps = json["normalizers"]?.elements else {
        throw UnsupportedPart("\(part).normalizers")
      }
      self = .sequence(
        try steps.enumerated().map { try Normalizer($1, part: "\(part).normalizers[\($0)]") }
      )
    case let type: throw UnsupportedPart("\(part) \(type ?? "without a type")")
    }
  }

  /// Reads the normalizer of a file, `nil` where it has none.
  ///
  /// - Throws: ``UnsupportedPart``, also for steps that would make a text far larger.
  static func reading(_ json: JSONValue) throws -> Normalizer? {
    guard json != .null else { return nil }
    let normalizer = try Normalizer(json, part: "normalizer")
    let steps = normalizer.steps
    guard steps.count <= largestStepCount else {
      throw UnsupportedPart("normalizer of \(steps.count) steps")
    }
    guard growth(of: steps) <= largestGrowth else {
      throw UnsupportedPart(
        "normalizer whose steps make a text more than \(largestGrowth) times as long"
      )
    }
    return normalizer
  }

  /// The single steps in order.
  private var steps: [Normalizer] {
    if case .sequence(let steps) = self { steps.flatMap(\.steps) } else { [self] }
  }

  /// The most bytes that a byte becomes.
  ///
  /// A normalization form gives at most three (UAX 15), or 11 (U+FDFA) where it is of
  /// compatibility; another form behind it adds nothing unless a replacement lies between.
  private static func growth(of steps: [Normalizer]) -> Int {
    var growth = 1
    var formGrowth = 1
    for step in steps where growth <= largestGrowth {
      switch step {
      case .form(.nfc), .form(.nfd): formGrowth = max(formGrowth, 3)
      case .form: formGrowth = 11
      case .lowercase: growth *= 2
      case .replace(let pattern, let content):
        let (old, new) = (pattern.utf8.count, content.utf8.count)
        growth *= formGrowth * max(1, (new + old - 1) / old)
        formGrowth = 1
      case .prepend, .strip, .sequence: continue
      }
    }
    return growth * formGrowth
  }

  /// Does the steps.
  func apply(to text: inout NormalizedText) {
    switch self {
    case .form(let form): form.apply(to: &text)
    case .lowercase: lowercase(&text)
    case .prepend(let prefix): if !text.bytes.isEmpty { text.prepend(prefix) }
    case .replace(let pattern, let content): replace(Array(pattern.utf8), content, in: &text)
    case .strip(let left, let right):
      text.keep(stripped(text.bytes.span, left: left, right: right))
    case .sequence(let steps): for step in steps { step.apply(to: &text) }
    }
  }

  private func lowercase(_ text: inout NormalizedText) {
    var result = NormalizedText(likeEmpty: text)
    var index = 0
    while index < text.bytes.count {
      let byte = text.bytes[index]
      if byte < 0x80 {
        let isCapital = byte >= 0x41 && byte <= 0x5a
        result.append(isCapital ? byte | 0x20 : byte, from: index..<index + 1, of: text)
        index += 1
        continue
      }
      let (scalar, length) = decodeScalar(text.bytes.span, at: index)
      let range = index..<index + length
      if let scalar {
        for byte in scalar.properties.lowercaseMapping.utf8 {
          result.append(byte, from: range, of: text)
        }
      } else {
        for byte in text.bytes[range] { result.append(byte, from: range, of: text) }
      }
      index += length
    }
    text = result
  }

  private func replace(_ pattern: [UInt8], _ content: String, in text: inout NormalizedText) {
    var result = NormalizedText(likeEmpty: text)
    var index = 0
    while index < text.bytes.count {
      let end = index + pattern.count
      if text.bytes[index] == pattern[0], end <= text.bytes.count,
        text.bytes[index..<end].elementsEqual(pattern)
      {
        for byte in content.utf8 { result.append(byte, from: index..<end, of: text) }
        index = end
      } else {
        result.append(text.bytes[index], from: index..<index + 1, of: text)
        index += 1
      }
    }
    text = result
  }

  private func stripped(_ bytes: Span<UInt8>, left: Bool, right: Bool) -> Range<Int> {
    var start = 0
    var end = bytes.count
    while left, start < end {
      let (kind, length) = ScalarClasses.shared.scalar(in: bytes, at: start)
      guard kind == ScalarClasses.whiteSpace else { break }
      start += length
    }
    while right, end > start {
      let place = lastScalarStart(in: bytes, before: end)
      guard ScalarClasses.shared.scalar(in: bytes, at: place).kind == ScalarClasses.whiteSpace
      else { break }
      end = place
    }
    return start..<end
  }
}

/// A part of a tokenizer file that blalm does not do, by its name in the file.
struct UnsupportedPart: Error {
  var name: String

  init(_ name: String) { self.name = name }
}
