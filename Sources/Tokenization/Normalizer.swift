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

  /// The longest literal that a `Replace` may look for, in bytes.
  static let longestPattern = 512

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
      guard let text = json["prepend"]?.text else { throw UnsupportedPart("\(part).prepend") }
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
