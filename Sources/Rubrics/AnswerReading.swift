// Scores out of answers: strictly, since a wrong score is worse than none.
//
// An answer has a score where the score's line or the JSON object says one whole number of the scale,
// and where the points, if it states them, add up to it. All else is a reason.

import Documents
import Foundation

/// What was read out of an answer.
package struct AnswerReading: Sendable, Equatable {
  /// The score, or why there is none.
  package var score: Result<Int, NoScore>
  /// The points in the rubric's order, where all are stated.
  package var points: [Int]?
  /// The justification, where there is one.
  package var justification: String?
  /// Where the score's digits end in the answer, in bytes of UTF-8; what probabilities go by.
  package var scoreEnd: Int?

  /// Why an answer has no score.
  package enum NoScore: String, Error, Sendable, CaseIterable {
    case empty = "empty answer"
    case cutOff = "the answer was cut off"
    case withheld = "the answer was withheld by the server"
    case missing = "no score in the answer"
    case notWhole = "the score is no whole number"
    case outOfRange = "the score is out of range"
    case inconsistent = "the points do not add up to the score"
  }

  init(_ reason: NoScore) { score = .failure(reason) }
}

extension Rubric {
  /// Reads an answer.
  ///
  /// - Parameters:
  ///   - answer: The judge's words.
  ///   - finish: What the server says of the end: `stop`, `length`, `content_filter`.
  /// - Returns: The score, or why there is none.
  package func read(_ answer: String, finish: String?) -> AnswerReading {
    var reading = reading(of: answer)
    if case .failure(let reason) = reading.score, reason == .missing || reason == .empty {
      // What ends for want of room or is withheld need not have got to its score.
      if finish == "length" { reading.score = .failure(.cutOff) }
      if finish == "content_filter" { reading.score = .failure(.withheld) }
    }
    return reading
  }

  private func reading(of answer: String) -> AnswerReading {
    let start = thoughtEnd(in: answer)
    guard let start else { return AnswerReading(.cutOff) }
    let spoken = answer[start...]
    guard spoken.contains(where: { !$0.isWhitespace }) else { return AnswerReading(.empty) }
    let offset = answer.utf8.distance(from: answer.startIndex, to: start)
    var reading = readObject(spoken) ?? readLines(spoken)
    reading.scoreEnd = reading.scoreEnd.map { $0 + offset }
    guard case .success(let score) = reading.score else { return reading }
    if !scale.contains(score) {
      reading.score = .failure(.outOfRange)
    } else if let points = reading.points, points.reduce(0, +) != score {
      reading.score = .failure(.inconsistent)
    }
    return reading
  }

  /// Where the answer begins after what a model thinks aloud, or `nil` where it never does.
  private func thoughtEnd(in answer: String) -> String.Index? {
    if let end = answer.ranges(of: "</think>").last { return end.upperBound }
    let head = answer.drop(while: \.isWhitespace)
    return head.hasPrefix("<think>") ? nil : answer.startIndex
  }

  // MARK: A JSON object

  private func readObject(_ answer: Substring) -> AnswerReading? {
    guard let start = answer.firstIndex(of: "{"), let end = answer.lastIndex(of: "}"), start < end
    else { return nil }
    let json = answer[start...end]
    guard
      case .object(let members)? = try? JSONDecoder().decode(
        MetadataValue.self,
        from: Data(json.utf8)
      ), let value = members["score"]
    else { return nil }
    var reading = AnswerReading(.missing)
    switch value {
    case .integer(let score): reading.score = .success(score)
    case .number(let score):
      reading.score = Int(exactly: score).map { .success($0) } ?? .failure(.notWhole)
    case .text(let text):
      let digits = text.trimmingCharacters(in: .whitespaces)
      reading.score = Int(digits).map { .success($0) } ?? .failure(.notWhole)
    default: reading.score = .failure(.notWhole)
    }
    if case .text(let text)? = members["justification"] { reading.justification = text }
    if case .object(let stated)? = members["points"] {
      let values = points.compactMap { point -> Int? in
        switch stated[point.name] {
        case .integer(let value) where value == 0 || value == 1: value
        case .flag(let value): value ? 1 : 0
        default: nil
        }
      }
      if !points.isEmpty, values.count == points.count { reading.points = values }
    }
    if let key = json.ranges(of: "\"score\"").last,
      let number = wholeNumber(in: answer[key.upperBound...end])
    {
      reading.scoreEnd = answer.utf8.distance(from: answer.startIndex, to: number.end)
    }
    return reading
  }

  // MARK: Prose with a line

  private func readLines(_ answer: Substring) -> AnswerReading {
    var reading = AnswerReading(.missing)
    // Emphasis and a blank more or less are not the judge's point.
    let marker = folded(Substring(scoreLine))
    var words: [Substring] = []
    var stated: [String: Int] = [:]
    for line in answer.split(whereSeparator: \.isNewline) {
      let plain = folded(line)
      if let range = plain.ranges(of: marker).last {
        // The last line that states a number counts; the instruction said twice states none.
        guard let number = wholeNumber(in: plain[range.upperBound...]) else {
          if case .failure = reading.score, statesNumber(plain[range.upperBound...]) {
            reading.score = .failure(.notWhole)
          }
          continue
        }
        reading.score = number.value.map { .success($0) } ?? .failure(.notWhole)
        reading.scoreEnd = endOfDigits(in: line, of: answer)
      } else if let (name, value) = point(in: plain) {
        stated[name] = value
      } else {
        words.append(line)
      }
    }
    if !points.isEmpty {
      let values = points.compactMap { stated[$0.name.lowercased()] }
      if values.count == points.count { reading.points = values }
    }
    let justification = words.joined(separator: "\n").trimmingCharacters(
      in: .whitespacesAndNewlines
    )
    if !justification.isEmpty { reading.justification = justification }
    return reading
  }

  /// A line such as `relevance: 1`, without more than that.
  private func point(in line: String) -> (name: String, value: Int)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let name = line[..<colon].drop { !$0.isLetter }.trimmingCharacters(in: .whitespaces)
    guard points.contains(where: { $0.name.lowercased() == name }),
      let number = wholeNumber(in: line[line.index(after: colon)...]), let value = number.value,
      value == 0 || value == 1
    else { return nil }
    return (name, value)
  }
}

/// A line in lower case without emphasis, with single blanks and none before a colon.
private func folded(_ line: Substring) -> String {
  let plain = line.lowercased().filter { !"*`#>".contains($0) }
  return plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    .replacing(" :", with: ":")
}

/// The whole number that a text begins with; its value is `nil` where the number is not whole or too
/// large, and the result is `nil` where the text begins with no number.
///
/// What follows may be the scale's end (`4/5`, `4 out of 5`) or punctuation, but no second number that
/// would make it a fraction, a range or a choice.
private func wholeNumber(
  in text: some StringProtocol & BidirectionalCollection<Character>
) -> (value: Int?, end: String.Index)? {
  let start = text.drop { $0.isWhitespace || $0 == ":" || $0 == "\"" || $0 == "(" || $0 == "[" }
  var digits = start
  var sign = ""
  if let first = digits.first, first == "-" || first == "−" {
    sign = "-"
    digits = digits.dropFirst()
  }
  let number = digits.prefix { $0.isASCII && $0.isNumber }
  guard !number.isEmpty else { return nil }
  let rest = digits[number.endIndex...]
  let after = rest.drop { $0.isWhitespace }
  let next = rest.dropFirst().first
  let isFraction =
    (rest.first == "." || rest.first == ",") && next.map { $0.isASCII && $0.isNumber } == true
  let isRange = ["-", "–", "or ", "to "].contains { joint in
    after.hasPrefix(joint)
      && after.dropFirst(joint.count).drop { $0.isWhitespace }.first?.isNumber == true
  }
  let value = isFraction || isRange || number.count > 9 ? nil : Int(sign + String(number))
  return (value, number.endIndex)
}

/// Whether a text says a number at all, such as one in words or after some.
private func statesNumber(_ text: Substring) -> Bool { text.contains { $0.isNumber } }

/// Where the first digits after the line's last colon end in the whole answer, in bytes.
private func endOfDigits(in line: Substring, of answer: Substring) -> Int? {
  let from = line.lastIndex(of: ":") ?? line.startIndex
  guard let digit = line[from...].firstIndex(where: { $0.isASCII && $0.isNumber }) else {
    return nil
  }
  let end = line[digit...].prefix { $0.isASCII && $0.isNumber }.endIndex
  return answer.utf8.distance(from: answer.startIndex, to: end)
}
