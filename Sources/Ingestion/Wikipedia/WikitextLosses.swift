/// What the rendering of a page cost: what a reader of the page sees and a reader of the text does not.
package struct WikitextLosses: Sendable, Equatable {
  /// What took characters of prose away.
  package enum Cause: String, Sendable, CaseIterable {
    /// The captions of files.
    case captions
    /// List items, where the options leave them out.
    case lists
    /// Paragraphs that were too short.
    case paragraphs
    /// Sections that the options leave out.
    case sections
    /// The cells of tables.
    case tables
    /// The arguments of templates without a reading.
    case templates
  }

  /// What became of one template.
  package struct Template: Sendable, Equatable {
    /// How often it was dropped.
    package var uses = 0
    /// The characters of prose in its arguments, and one for each use among words.
    package var characters = 0

    /// Counts uses and their cost.
    package init(uses: Int = 0, characters: Int = 0) {
      self.uses = uses
      self.characters = characters
    }
  }

  /// The characters of the text.
  package var kept = 0
  /// The characters dropped, by cause, without markup as far as it is known.
  package var characters: [Cause: Int] = [:]
  /// The tables dropped, those inside others left out.
  package var tables = 0
  /// The formulas dropped.
  package var formulas = 0
  /// The templates dropped among words, where one may be missing.
  package var gaps = 0
  /// The templates dropped, by lower-case name, those inside dropped ones left out.
  package var templates: [String: Template] = [:]

  /// All characters dropped.
  package var dropped: Int { characters.values.reduce(0, +) }
  /// All templates dropped.
  package var templateCount: Int { templates.values.reduce(0) { $0 + $1.uses } }
}

extension WikitextReducer {
  /// The losses of both passes.
  ///
  /// - Parameters:
  ///   - other: Those of the second pass.
  ///   - kept: The characters of the text.
  /// - Returns: What the page lost.
  func losses(with other: WikitextLosses, kept: Int) -> WikitextLosses {
    var losses = other
    losses.kept = kept
    losses.tables += otherLosses.tables
    losses.formulas += otherLosses.formulas
    losses.characters.merge(otherLosses.characters, uniquingKeysWith: +)
    for use in droppedUses {
      losses.templates[use.name, default: WikitextLosses.Template()].uses += 1
      losses.templates[use.name, default: WikitextLosses.Template()].characters += use.characters
      losses.characters[.templates, default: 0] += use.characters
      if use.isInline { losses.gaps += 1 }
    }
    return losses
  }
}

/// The number of Unicode characters of UTF-8 bytes, without control bytes and pipes.
func scalarCount(in bytes: ArraySlice<UInt8>) -> Int {
  var count = 0
  for byte in bytes where byte & 0xc0 != 0x80 && byte >= 0x20 && byte != UInt8(ascii: "|") {
    count += 1
  }
  return count
}

/// The number of Unicode characters of UTF-8 bytes.
func scalarCount(in bytes: [UInt8]) -> Int {
  var count = 0
  for byte in bytes where byte & 0xc0 != 0x80 { count += 1 }
  return count
}
