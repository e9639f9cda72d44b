// Scores out of answers: strictly, since a wrong score is worse than none.
//
// An answer has a score where a line that begins with the score's words, or a JSON object that is the
// whole answer, says one whole number of the scale and nothing that could make it another, and where
// the points, as far as it states them, fit. All else is a reason. What a line may say stands in
// `AnswerLine`.

import Documents
import Foundation

/// What was read out of an answer.
package struct AnswerReading: Sendable, Equatable {
  /// The score, or why there is none.
  package var score: Result<Int, NoScore>
  /// The points in the rubric's order, where all are stated.
  package var points: [Int]?
  /// The justification, where there is one, up to ``longestJustification``.
  package var justification: String?
  /// Where the score's digits end in the answer, in bytes of UTF-8; what probabilities go by.
  package var scoreEnd: Int?

  /// The bytes of a justification that are kept at most.
  package static let longestJustification = 65_536

  /// Why an answer has no score.
  package enum NoScore: String, Error, Sendable, CaseIterable {
    case empty = "empty answer"
    case cutOff = "the answer was cut off"
    case withheld = "the answer was withheld by the server"
    case refused = "the judge refused to answer"
    case missing = "no score in the answer"
    case notWhole = "the score is no whole number"
    case outOfRange = "the score is out of range"
    case inconsistent = "the points do not add up to the score"
    case statedTwice = "the answer names something twice"
  }

  init(_ reason: NoScore) { score = .failure(reason) }
}

extension Rubric {
  /// Reads an answer.
  ///
  /// What ends for want of room or is withheld has no score, whatever it says up to there: `1` may be
  /// the beginning of `10`, and a first thought need not be the last.
  ///
  /// - Parameters:
  ///   - answer: The judge's words.
  ///   - finish: What the server says of the end: `stop`, `length`, `content_filter`.
  ///   - isRefusal: Whether the server marks the words as a refusal; they state no score then.
  /// - Returns: The score, or why there is none.
  package func read(
    _ answer: String,
    finish: String?,
    isRefusal: Bool = false
  ) -> AnswerReading {
    if isRefusal {
      var reading = AnswerReading(.refused)
      reading.keep(justification: answer)
      return reading
    }
    var reading = reading(of: answer)
    switch finish {
    case "length": reading.score = .failure(.cutOff)
    case "content_filter": reading.score = .failure(.withheld)
    default: break
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
    return reading
  }

  /// Where the answer begins after what a model thinks aloud, or `nil` where it never does.
  private func thoughtEnd(in answer: String) -> String.Index? {
    let start = answer.ranges(of: "</think>").last?.upperBound ?? answer.startIndex
    let head = answer[start...].drop(while: \.isWhitespace)
    return head.hasPrefix("<think>") ? nil : start
  }

  // MARK: A JSON object

  /// Reads an answer that is one JSON object and nothing else; `nil` where it is none.
  ///
  /// An object among other words may be the sample's, quoted.
  private func readObject(_ answer: Substring) -> AnswerReading? {
    guard let object = loneObject(in: answer) else { return nil }
    let json = Array(object.utf8)
    guard
      case .object(let members)? = try? JSONDecoder().decode(MetadataValue.self, from: Data(json))
    else { return nil }
    guard let places = memberPlaces(inObject: json) else { return AnswerReading(.statedTwice) }
    var reading = AnswerReading(.missing)
    if case .text(let text)? = members["justification"] { reading.keep(justification: text) }
    guard let value = members["score"], let place = places["score"] else { return reading }
    var digitsEnd: Int?
    switch value {
    case .integer, .number:
      let literal = String(decoding: json[place], as: UTF8.self)
      reading.score = wholeNumber(ofLiteral: literal).map { .success($0) } ?? .failure(.notWhole)
      digitsEnd = literal.utf8.firstIndex(of: UInt8(ascii: ".")).map {
        literal.utf8.distance(from: literal.startIndex, to: $0)
      }
      digitsEnd = place.lowerBound + (digitsEnd ?? place.count)
    case .text(let text):
      reading.score = .failure(.notWhole)
      if case .whole(let score, let end) = AnswerLine.number(
        in: text[...],
        highest: scale.upperBound
      ) {
        reading.score = .success(score)
        // The text's first byte stands after its quotation mark; escapes would move the others.
        if !json[place].contains(UInt8(ascii: "\\")) {
          digitsEnd = place.lowerBound + 1 + text.utf8.distance(from: text.startIndex, to: end)
        }
      }
    default: reading.score = .failure(.notWhole)
    }
    let before = answer.utf8.distance(from: answer.startIndex, to: object.startIndex)
    reading.scoreEnd = digitsEnd.map { $0 + before }
    var stated: [String: Int?] = [:]
    if case .object(let given)? = members["points"] {
      for point in points {
        switch given[point.name] {
        case .integer(let value): stated[point.name.lowercased()] = .some(value)
        case .flag(let value): stated[point.name.lowercased()] = .some(value ? 1 : 0)
        default: break
        }
      }
    }
    take(stated, wantsAll: true, into: &reading)
    return reading
  }

  /// The object where an answer is nothing else but for white space and a fence of code.
  private func loneObject(in answer: Substring) -> Substring? {
    var text = withoutBlanks(answer)
    if text.hasPrefix("```") {
      guard text.hasSuffix("```"), text.utf8.count > 6 else { return nil }
      text = withoutBlanks(text.dropFirst(3).dropLast(3).drop(while: \.isLetter))
    }
    return text.first == "{" && text.last == "}" ? text : nil
  }

  // MARK: Prose with a line

  private func readLines(_ answer: Substring) -> AnswerReading {
    var reading = AnswerReading(.missing)
    let marker = AnswerLine.Marker(scoreLine)
    let names = Set(points.map { $0.name.lowercased() })
    var words: [Substring] = []
    var stated: [String: Int?] = [:]
    for line in answer.split(whereSeparator: \.isNewline) {
      if let tail = marker.tail(of: line) {
        // The last line that states a number counts, be it one that cannot be read; the instruction
        // said again states none.
        switch AnswerLine.number(in: tail, highest: scale.upperBound) {
        case .whole(let score, let end):
          reading.score = .success(score)
          reading.scoreEnd = answer.utf8.distance(from: answer.startIndex, to: end)
        case .unreadable(let value):
          let isOutside = value.map { !scale.contains($0) } ?? false
          reading.score = .failure(isOutside ? .outOfRange : .notWhole)
        case .inWords:
          if case .success = reading.score { reading.score = .failure(.notWhole) }
        case .none: break
        }
      } else if let (name, value) = AnswerLine.point(in: line, among: names) {
        stated.updateValue(value, forKey: name)
      } else {
        words.append(line)
      }
    }
    reading.keep(justification: words.joined(separator: "\n"))
    take(stated, wantsAll: false, into: &reading)
    return reading
  }

  // MARK: Whether it fits

  /// Takes the points that an answer states, and refuses a score that does not go with them.
  ///
  /// - Parameters:
  ///   - stated: The values by the points' names in lower case; `nil` for what is no 0 and no 1.
  ///   - wantsAll: Whether an answer that leaves one out is refused.
  ///   - reading: The reading.
  private func take(_ stated: [String: Int?], wantsAll: Bool, into reading: inout AnswerReading) {
    let values = points.map { stated[$0.name.lowercased()] }
    let valid = values.compactMap { value in
      value.flatMap { $0 }.flatMap { (0...1).contains($0) ? $0 : nil }
    }
    if !points.isEmpty, valid.count == points.count { reading.points = valid }
    guard case .success(let score) = reading.score else { return }
    guard scale.contains(score) else {
      reading.score = .failure(.outOfRange)
      return
    }
    let given = values.count { $0 != nil }
    let sum = valid.reduce(0, +)
    // Each point that is left out may be 0 or 1.
    let fits =
      points.isEmpty
      || (valid.count == given && (sum...sum + points.count - given).contains(score)
        && (!wantsAll || given == points.count))
    if !fits { reading.score = .failure(.inconsistent) }
  }
}

extension AnswerReading {
  /// Keeps a justification without the white space around it, where anything is left.
  fileprivate mutating func keep(justification text: String) {
    let trimmed = withoutBlanks(text[...])
    guard !trimmed.isEmpty else { return }
    justification = leading(String(trimmed), bytes: AnswerReading.longestJustification)
  }
}

/// The beginning of a text, cut between two characters.
///
/// - Parameters:
///   - text: The text.
///   - count: The bytes of UTF-8 that it may have.
/// - Returns: The text, or as much of it as has room.
package func leading(_ text: String, bytes count: Int) -> String {
  guard text.utf8.count > count else { return text }
  var end = text.utf8.index(text.startIndex, offsetBy: max(count, 0))
  while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
    end = text.utf8.index(before: end)
  }
  return String(text[..<end])
}

/// A text without white space around it.
private func withoutBlanks(_ text: Substring) -> Substring {
  let start = text.drop(while: \.isWhitespace)
  guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
  return start[...last]
}

/// The value of a number of JSON that is written as a whole one, be it with zeros after a point.
private func wholeNumber(ofLiteral literal: String) -> Int? {
  guard let match = literal.wholeMatch(of: /(-?[0-9]{1,9})(?:\.0+)?/) else { return nil }
  return Int(match.output.1)
}
