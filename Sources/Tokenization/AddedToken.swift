extension Tokenizer {
  /// A token that is found in a text by its name, before the text is cut into pieces.
  ///
  /// The flags are those of Hugging Face. Special tokens stand for no bytes: decoding leaves them
  /// out, and a text's mention of one is text unless the caller says otherwise.
  public struct AddedToken: Sendable, Equatable {
    /// The name, which is what stands in the text.
    public let name: String
    /// The id.
    public let id: UInt32
    /// Whether it stands for no bytes.
    public let isSpecial: Bool
    /// Whether it is one only where no letter, digit or underscore stands next to it.
    public let isSingleWord: Bool
    /// Whether it takes the white space before it.
    public let stripsLeft: Bool
    /// Whether it takes the white space behind it.
    public let stripsRight: Bool
    /// Whether it is looked for in the normalized text, under its normalized name.
    public let isNormalized: Bool

    /// Creates an added token.
    ///
    /// - Parameters:
    ///   - name: What stands in the text.
    ///   - id: The id.
    ///   - isSpecial: Whether it stands for no bytes.
    ///   - isSingleWord: Whether it must be a word by itself.
    ///   - stripsLeft: Whether it takes the white space before it.
    ///   - stripsRight: Whether it takes the white space behind it.
    ///   - isNormalized: Whether it is looked for in the normalized text.
    public init(
      name: String,
      id: UInt32,
      isSpecial: Bool = true,
      isSingleWord: Bool = false,
      stripsLeft: Bool = false,
      stripsRight: Bool = false,
      isNormalized: Bool = false
    ) {
      self.name = name
      self.id = id
      self.isSpecial = isSpecial
      self.isSingleWord = isSingleWord
      self.stripsLeft = stripsLeft
      self.stripsRight = stripsRight
      self.isNormalized = isNormalized
    }
  }

  /// What to do where a text names a special token.
  public enum SpecialTokenPolicy: String, Sendable, CaseIterable {
    /// The name is text as any other: a web page cannot forge a document's border.
    case text
    /// The name is the token, as with Hugging Face's `encode`.
    case allowed
    /// The name is an error.
    case disallowed
  }
}

/// Finds added tokens in a text: of those that begin first the longest, as Hugging Face does.
struct AddedTokenMatcher: Sendable, Equatable {
  /// The longest name, in bytes, which bounds the work at each place of a text.
  static let longestName = 512

  /// A stretch of a text: a token, or text between tokens.
  struct Section: Equatable {
    var range: Range<Int>
    var id: UInt32?
  }

  private let tokens: [Tokenizer.AddedToken]
  private let names: [[UInt8]]
  /// A trie: for each node its children by byte, and the token that ends there.
  private var children: [[UInt8: Int]] = [[:]]
  private var ends: [Int] = [-1]
  private var firstBytes = [Bool](repeating: false, count: 256)

  /// Takes tokens with the names under which they are looked for; empty names are never found.
  init(_ tokens: [(token: Tokenizer.AddedToken, name: [UInt8])]) {
    self.tokens = tokens.map(\.token)
    self.names = tokens.map(\.name)
    for (index, name) in names.enumerated() where !name.isEmpty {
      firstBytes[Int(name[0])] = true
      var node = 0
      for byte in name {
        if let child = children[node][byte] {
          node = child
        } else {
          children.append([:])
          ends.append(-1)
          children[node][byte] = children.count - 1
          node = children.count - 1
        }
      }
      if ends[node] < 0 { ends[node] = index }
    }
  }

  /// Two tokens that are looked for under one name, or `nil`; Hugging Face takes either by chance.
  var twins: (Tokenizer.AddedToken, Tokenizer.AddedToken)? {
    var seen: [[UInt8]: Int] = [:]
    for (index, name) in names.enumerated() where !name.isEmpty {
      if let other = seen.updateValue(index, forKey: name) { return (tokens[other], tokens[index]) }
    }
    return nil
  }

  /// A token that is looked for under no name, or `nil`; Hugging Face then cuts a text everywhere.
  var nameless: Tokenizer.AddedToken? {
    names.firstIndex { $0.isEmpty }.map { tokens[$0] }
  }

  /// Whether no text has any token.
  var isEmpty: Bool { children.count == 1 }

  /// Cuts a text at its tokens.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - takesSpecial: Whether special tokens count; their names are text where not.
  /// - Returns: The sections in order.
  func sections(of text: Span<UInt8>, takesSpecial: Bool) -> [Section] {
    var sections: [Section] = []
    var done = 0
    var index = 0
    while index < text.count {
      guard firstBytes[Int(text[index])], let match = match(in: text, at: index) else {
        index += 1
        continue
      }
      let found = index..<index + names[match].count
      index = found.upperBound
      let token = tokens[match]
      if token.isSpecial, !takesSpecial { continue }
      if token.isSingleWord, !isWordByItself(found, in: text) { continue }
      let start =
        token.stripsLeft
        ? spaceStart(in: text, before: found.lowerBound, downTo: done) : found.lowerBound
      let end =
        token.stripsRight
        ? spaceEnd(in: text, from: max(done, found.upperBound)) : found.upperBound
      // A token of white space that the token before it has stripped already is not there.
      guard start < end else { continue }
      let range = start..<end
      if done < range.lowerBound { sections.append(Section(range: done..<range.lowerBound)) }
      sections.append(Section(range: range, id: token.id))
      done = range.upperBound
    }
    if done < text.count { sections.append(Section(range: done..<text.count)) }
    return sections
  }

  /// The token of the longest name that stands at a place.
  private func match(in text: Span<UInt8>, at start: Int) -> Int? {
    var node = 0
    var found = -1
    var index = start
    while index < text.count, let child = children[node][text[index]] {
      node = child
      index += 1
      if ends[node] >= 0 { found = ends[node] }
    }
    return found < 0 ? nil : found
  }

  private func isWordByItself(_ range: Range<Int>, in text: Span<UInt8>) -> Bool {
    if range.upperBound < text.count, isWordSign(in: text, at: range.upperBound) { return false }
    guard range.lowerBound > 0 else { return true }
    return !isWordSign(in: text, at: lastScalarStart(in: text, before: range.lowerBound))
  }

  /// Whether a scalar is a regular expression's `\w`.
  private func isWordSign(in text: Span<UInt8>, at index: Int) -> Bool {
    guard let scalar = decodeScalar(text, at: index).scalar else { return false }
    let properties = scalar.properties
    if let age = properties.age, age.major > 16 { return false }
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default: return false
    }
  }

  private func spaceStart(in text: Span<UInt8>, before end: Int, downTo limit: Int) -> Int {
    var end = max(end, limit)
    while end > limit {
      let start = lastScalarStart(in: text, before: end)
      guard ScalarClasses.shared.scalar(in: text, at: start).kind == ScalarClasses.whiteSpace
      else { break }
      end = start
    }
    return end
  }

  private func spaceEnd(in text: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < text.count {
      let (kind, length) = ScalarClasses.shared.scalar(in: text, at: index)
      guard kind == ScalarClasses.whiteSpace else { break }
      index += length
    }
    return index
  }
}
