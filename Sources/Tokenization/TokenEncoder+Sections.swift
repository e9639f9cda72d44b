import Files

/// Tokens with their places in the text.
public struct LocatedTokens: Sendable, Equatable {
  /// The ids.
  public internal(set) var ids: [UInt32] = []
  /// For each id the bytes of the text that it came of; empty where it came of none, as a blank
  /// that was put before the text.
  public internal(set) var byteRanges: [Range<Int>] = []

  /// The ranges as numbers of characters (Unicode scalars), as Hugging Face counts.
  ///
  /// A token that holds a part of a character has all of it.
  ///
  /// - Parameter text: The text of the tokens.
  /// - Returns: For each id the range of scalars; each byte that is not valid UTF-8 counts as one.
  /// - Complexity: Linear in the text and the ids.
  public func characterRanges(in text: Span<UInt8>) -> [Range<Int>] {
    var numbers: [Int32] = []
    numbers.reserveCapacity(text.count + 1)
    var number: Int32 = 0
    while numbers.count < text.count {
      let length = ScalarClasses.shared.scalar(in: text, at: numbers.count).length
      for _ in 0..<length { numbers.append(number) }
      number += 1
    }
    numbers.append(number)
    return byteRanges.map { range in
      let start = Int(numbers[range.lowerBound])
      return range.isEmpty ? start..<start : start..<Int(numbers[range.upperBound - 1]) + 1
    }
  }
}

/// What surrounds the pieces of a text: added tokens, the normalizer, places, the template.
extension TokenEncoder {
  /// Appends the ids of one text, special tokens as the caller wishes.
  ///
  /// - Parameters:
  ///   - text: The UTF-8 of a whole document or passage.
  ///   - specialTokens: What the name of a special token in the text is.
  ///   - ids: Where the ids go.
  /// - Throws: ``Failure`` where the text names a special token and may not.
  /// - Precondition: The text has less than 2 GiB.
  public mutating func encode(
    _ text: Span<UInt8>,
    specialTokens: Tokenizer.SpecialTokenPolicy,
    into ids: inout [UInt32]
  ) throws {
    precondition(text.count <= Int(Int32.max), "a text of 2 GiB or more")
    if specialTokens == .disallowed { try refuseSpecialTokens(in: text) }
    encodeSections(text, takesSpecial: specialTokens == .allowed, into: &ids)
  }

  /// Encodes one text and says where in it each token stands.
  ///
  /// - Parameters:
  ///   - text: The UTF-8 of a whole document or passage.
  ///   - specialTokens: What the name of a special token in the text is.
  /// - Returns: The ids and their places.
  /// - Throws: ``Failure`` where the text names a special token and may not.
  /// - Precondition: The text has less than 2 GiB.
  public mutating func locatedTokens(
    _ text: Span<UInt8>,
    specialTokens: Tokenizer.SpecialTokenPolicy = .text
  ) throws -> LocatedTokens {
    precondition(text.count <= Int(Int32.max), "a text of 2 GiB or more")
    if specialTokens == .disallowed { try refuseSpecialTokens(in: text) }
    return locatedTokens(text, takesSpecial: specialTokens == .allowed)
  }

  /// Encodes one text and says where in it each token stands.
  mutating func locatedTokens(_ text: Span<UInt8>, takesSpecial: Bool) -> LocatedTokens {
    var tokens = LocatedTokens()
    let tokenizer = tokenizer
    forEachSection(of: text, takesSpecial: takesSpecial, keepsPlaces: true) { part, encoder in
      let first = tokens.ids.count
      switch part {
      case .token(let id, let range):
        tokens.ids.append(id)
        tokens.byteRanges.append(range)
      case .text(let range):
        encoder.encodePieces(text.extracting(range), into: &tokens.ids)
        var end = range.lowerBound - tokenizer.prefixLength(text.extracting(range))
        for id in tokens.ids[first...] {
          let start = max(range.lowerBound, end)
          end += tokenizer.byteCount(of: id)
          tokens.byteRanges.append(start..<max(start, end))
        }
      case .normalized(let normalized, let range):
        let section = normalized.bytes.span.extracting(range)
        encoder.encodePieces(section, into: &tokens.ids)
        var end = range.lowerBound - tokenizer.prefixLength(section)
        for id in tokens.ids[first...] {
          let start = max(range.lowerBound, end)
          end += tokenizer.byteCount(of: id)
          tokens.byteRanges.append(normalized.place(of: start..<max(start, end)))
        }
      }
    }
    return tokens
  }

  /// Appends the ids of one text.
  mutating func encodeSections(
    _ text: Span<UInt8>,
    takesSpecial: Bool,
    into ids: inout [UInt32]
  ) {
    forEachSection(of: text, takesSpecial: takesSpecial, keepsPlaces: false) { part, encoder in
      switch part {
      case .token(let id, _): ids.append(id)
      case .text(let range): encoder.encodePieces(text.extracting(range), into: &ids)
      case .normalized(let normalized, let range):
        encoder.encodePieces(normalized.bytes.span.extracting(range), into: &ids)
      }
    }
  }

  /// A stretch of a text on its way to ids.
  private enum Part {
    /// An added token and its place in the text.
    case token(UInt32, Range<Int>)
    /// A range of the text.
    case text(Range<Int>)
    /// A range of a normalized stretch.
    case normalized(NormalizedText, Range<Int>)
  }

  /// Cuts a text at its added tokens and normalizes what is left, as Hugging Face does: first the
  /// tokens of the text as it came, then, within each stretch, those of the normalized text.
  private mutating func forEachSection(
    of text: Span<UInt8>,
    takesSpecial: Bool,
    keepsPlaces: Bool,
    _ body: (Part, inout TokenEncoder) -> Void
  ) {
    let tokenizer = tokenizer
    for section in tokenizer.matcher.sections(of: text, takesSpecial: takesSpecial) {
      if let id = section.id {
        body(.token(id, section.range), &self)
      } else if let normalizer = tokenizer.normalizer {
        var normalized = NormalizedText(text, section.range, keepsPlaces: keepsPlaces)
        normalizer.apply(to: &normalized)
        let sections = tokenizer.normalizedMatcher.sections(
          of: normalized.bytes.span,
          takesSpecial: takesSpecial
        )
        for section in sections {
          if let id = section.id {
            let place = keepsPlaces ? normalized.place(of: section.range) : section.range
            body(.token(id, place), &self)
          } else {
            body(.normalized(normalized, section.range), &self)
          }
        }
      } else {
        let stretch = text.extracting(section.range)
        for part in tokenizer.normalizedMatcher.sections(of: stretch, takesSpecial: takesSpecial) {
          let start = section.range.lowerBound + part.range.lowerBound
          let range = start..<start + part.range.count
          body(part.id.map { .token($0, range) } ?? .text(range), &self)
        }
      }
    }
  }

  /// Refuses a text that names a special token.
  private mutating func refuseSpecialTokens(in text: Span<UInt8>) throws {
    let special = Set(tokenizer.specialTokens.map(\.id))
    var found: (id: UInt32, range: Range<Int>)?
    forEachSection(of: text, takesSpecial: true, keepsPlaces: true) { part, _ in
      if case .token(let id, let range) = part, found == nil, special.contains(id) {
        found = (id, range)
      }
    }
    guard let found else { return }
    throw Failure(
      what: "the text names the special token \(tokenizer.name(of: found.id))",
      place: "byte \(found.range.lowerBound) of the text",
      remedy: "take the name out, or choose whether it is text or the token"
    )
  }
}

extension Tokenizer {
  /// The blanks that encoding puts before a text, 0 or 1.
  func prefixLength(_ text: Span<UInt8>) -> Int {
    addPrefixSpace && !text.isEmpty && text[0] != UInt8(ascii: " ") ? 1 : 0
  }

  /// The token that is a whole word, where merges are ignored for those.
  func wholeWord(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt32? {
    guard ignoresMerges, range.count > 1, range.count <= longestToken else { return nil }
    var word: [UInt8] = []
    word.reserveCapacity(range.count)
    for index in range { word.append(text[index]) }
    return wholeWords[word]
  }

  /// The ids that the file's template puts before and behind a text.
  public var surrounding: [[UInt32]] { [template.prefix, template.suffix] }
}
