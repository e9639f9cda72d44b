// What one line of an answer says of the score or of a point.
//
// A list of what may follow the digits, and not of what may not: `3/10`, `3½`, `3 and 4` and `5 would
// be too high` all begin with a number that is not the score, and no list of such is ever whole.

/// The grammar of the lines that a judge ends with.
enum AnswerLine {
  /// What a line says of the score.
  enum Number: Equatable {
    /// A whole number, and where its digits end.
    case whole(Int, end: String.Index)
    /// A number that cannot be taken for the score, with what its first digits would be.
    case unreadable(Int?)
    /// A number in words.
    case inWords
    /// None, or the instruction's own letter.
    case none
  }

  /// What precedes the score, without emphasis and marks.
  struct Marker {
    private let characters: [Character]

    /// Takes a rubric's line.
    init(_ scoreLine: String) {
      let plain = beginning(of: scoreLine[...]).filter { !emphasis.contains($0) }
      characters = Array(plain.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    /// The words of letters that are left of it, in lower case.
    var words: [String] {
      characters.split { !$0.isLetter }.map { String($0).lowercased() }
    }

    /// What of it a point's name would have to be to be taken for it.
    var name: String {
      String(characters.filter { $0 != ":" && $0 != "：" && $0 != " " }).lowercased()
    }

    /// What follows it in a line that begins with it; `nil` for any other line.
    ///
    /// Emphasis, marks of lists, headings, quotes and tables, case, and a blank more or less are not
    /// the judge's point.
    func tail(of line: Substring) -> Substring? {
      let isTable = line.first { !$0.isWhitespace } == "|"
      var rest = beginning(of: line)
      for (index, character) in characters.enumerated() {
        if index > 0 { rest = rest.drop { emphasis.contains($0) && $0 != character } }
        if character == ":" || character == "：" {
          rest = rest.drop { $0.isWhitespace || emphasis.contains($0) }
          guard let next = rest.first, next == ":" || next == "：" || (isTable && next == "|")
          else { return nil }
          rest = rest.dropFirst()
        } else if character == " " {
          // A blank before a colon may be missing.
          if index + 1 < characters.count, characters[index + 1] == ":" { continue }
          guard rest.first?.isWhitespace == true else { return nil }
          rest = rest.drop { $0.isWhitespace || emphasis.contains($0) }
        } else {
          guard let next = rest.first, next.lowercased() == character.lowercased() else {
            return nil
          }
          rest = rest.dropFirst()
        }
      }
      // `Score` does not begin `Scoreboard`.
      if let last = characters.last, isPartOfWord(last), let next = rest.first, isPartOfWord(next) {
        return nil
      }
      return characters.isEmpty ? nil : rest
    }
  }

  /// The number that a line gives as the score.
  ///
  /// - Parameters:
  ///   - tail: What follows the score's words.
  ///   - highest: The scale's end, which may follow: `4/5`, `4 out of 5`.
  /// - Returns: The number, if nothing follows it but closing marks, `points`, the scale's end, a full
  ///   stop, or `because` with what may follow that.
  static func number(in tail: Substring, highest: Int) -> Number {
    let start = tail.drop { opening.contains($0) || $0.isWhitespace }
    guard let (value, rest) = leadingNumber(of: start) else {
      if isPlaceholder(start) { return .none }
      if tail.contains(where: \.isNumber) { return .unreadable(nil) }
      let word = start.prefix(while: \.isLetter).lowercased()
      return numberWords.contains(word) ? .inWords : .none
    }
    guard let value, endsScore(rest, highest: highest) else { return .unreadable(value) }
    return .whole(value, end: rest.startIndex)
  }

  /// A line such as `relevance: 1`, with whatever is said of it.
  ///
  /// - Parameters:
  ///   - line: The line.
  ///   - names: The points' names in lower case.
  /// - Returns: The name and the value, `nil` where that is neither 0 nor 1; `nil` for other lines.
  static func point(in line: Substring, among names: Set<String>) -> (name: String, value: Int?)? {
    let text = beginning(of: line)
    guard let joint = text.firstIndex(where: { $0 == ":" || $0 == "：" || $0 == "|" }) else {
      return nil
    }
    let name = text[..<joint].filter { !"*`\"".contains($0) && !$0.isWhitespace }.lowercased()
    let known = names.contains(name) ? name : name.trimmingUnderscores
    guard names.contains(known) else { return nil }
    let start = text[text.index(after: joint)...].drop {
      opening.contains($0) || $0.isWhitespace
    }
    guard let (value, rest) = leadingNumber(of: start) else {
      return start.first?.isNumber == true ? (known, nil) : nil
    }
    var after = rest
    let isOfWords = taken("points", from: &after) || taken("point", from: &after)
    if let end = scaleEnd(from: &after) { return (known, end == 1 ? value.flatMap(bit) : nil) }
    // `3 reasons are given` and `8-12 year olds` speak of something else.
    let words = rest.drop { $0.isNumber || "-–".contains($0) }.drop { $0.isWhitespace }
    let isProse = !isOfWords && words.first?.isLetter == true && !isReason(words)
    if isProse, value.flatMap(bit) == nil { return nil }
    return (known, isFollowedByNumber(rest) ? nil : value.flatMap(bit))
  }
}

/// What emphasises.
private let emphasis: Set<Character> = ["*", "`", "_"]
/// What may stand before a number.
private let opening: Set<Character> = [
  "*", "`", "_", "\"", "'", "“", "‘", "(", "[", "|", ":", "：",
]
/// What may stand after it, white space aside.
private let closing: Set<Character> = ["*", "`", "_", "\"", "'", "”", "’", ")", "]", "|"]
/// The words for numbers that a judge may give as a score.
private let numberWords: Set<String> = [
  "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
]

/// A line without what stands before its first word: marks of lists, quotes, headings, tables, and an
/// item's number.
private func beginning(of line: Substring) -> Substring {
  func bare(_ text: Substring) -> Substring { text.drop { !$0.isLetter && !$0.isNumber } }
  let text = bare(line)
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  guard (1...3).contains(digits.count), let mark = text[digits.endIndex...].first,
    mark == "." || mark == ")"
  else { return text }
  return bare(text[digits.endIndex...])
}

/// The digits that a text begins with, and what follows them; their value is `nil` where they are too
/// many.
private func leadingNumber(of text: Substring) -> (value: Int?, rest: Substring)? {
  var digits = text
  var sign = ""
  if let first = digits.first, first == "-" || first == "−" {
    sign = "-"
    digits = digits.dropFirst()
  }
  let number = digits.prefix { $0.isASCII && $0.isNumber }
  guard !number.isEmpty else { return nil }
  return (number.count > 9 ? nil : Int(sign + number), digits[number.endIndex...])
}

/// Whether what follows the score's digits lets them be the score.
private func endsScore(_ text: Substring, highest: Int) -> Bool {
  var rest = text
  _ = taken("points", from: &rest) || taken("point", from: &rest)
  if let end = scaleEnd(from: &rest) {
    guard end == highest else { return false }
    _ = taken("points", from: &rest) || taken("point", from: &rest)
  }
  rest = closed(rest)
  if rest.first == "." { return closed(rest.dropFirst()).isEmpty }
  if rest.isEmpty { return true }
  return isReason(rest.drop { $0.isWhitespace || "-–—,;".contains($0) })
}

/// Whether a text says why.
private func isReason(_ text: Substring) -> Bool {
  var rest = text
  return taken("because", from: &rest) || taken("since", from: &rest)
}

/// Takes `/5`, `out of 5` or `(out of 5)` off a text; the number, -1 where there is no such number, or
/// `nil` where the text goes on in another way.
private func scaleEnd(from text: inout Substring) -> Int? {
  var rest = closed(text)
  if rest.first == "/" {
    rest = rest.dropFirst()
  } else {
    if rest.first == "(" { rest = rest.dropFirst() }
    guard taken("out", from: &rest), taken("of", from: &rest) else { return nil }
  }
  guard let (value, end) = leadingNumber(of: rest.drop { opening.contains($0) || $0.isWhitespace })
  else { return -1 }
  text = end
  return value ?? -1
}

/// Takes a word off a text that goes on with it after closing marks and blanks.
private func taken(_ word: String, from text: inout Substring) -> Bool {
  let rest = closed(text)
  guard rest.prefix(word.count).lowercased() == word else { return false }
  let end = rest.dropFirst(word.count)
  if let next = end.first, isPartOfWord(next) { return false }
  text = end
  return true
}

private func closed(_ text: Substring) -> Substring {
  text.drop { closing.contains($0) || $0.isWhitespace }
}

private func isPartOfWord(_ character: Character) -> Bool {
  character.isLetter || character.isNumber || character == "_"
}

/// Whether a text is the `N` of the instruction, alone or with what the instruction says of it.
private func isPlaceholder(_ text: Substring) -> Bool {
  guard text.first == "N" || text.first == "n" else { return false }
  let rest = text.dropFirst()
  if let next = rest.first, isPartOfWord(next) { return false }
  guard let next = closed(rest).first else { return true }
  return [",", ".", "("].contains(next)
}

/// Whether a second number follows that makes the first a fraction, a range, a choice or a sum.
private func isFollowedByNumber(_ text: Substring) -> Bool {
  guard let first = text.first else { return false }
  if first.isNumber || first == "%" { return true }
  let rest = closed(text)
  for joint in ["or", "to", "and", "through"] where rest.prefix(joint.count).lowercased() == joint {
    return rest.dropFirst(joint.count).drop { $0.isWhitespace }.first?.isNumber == true
  }
  let after = rest.drop { !$0.isLetter && !$0.isNumber && !$0.isWhitespace && $0 != "(" }
  return after.startIndex != rest.startIndex
    && after.drop { $0.isWhitespace }.first?.isNumber == true
    || rest.first?.isNumber == true
}

private func bit(_ value: Int) -> Int? { value == 0 || value == 1 ? value : nil }

extension String {
  /// The text without underscores around it, which are emphasis there and part of a name inside.
  fileprivate var trimmingUnderscores: String {
    String(drop { $0 == "_" }.reversed().drop { $0 == "_" }.reversed())
  }
}
