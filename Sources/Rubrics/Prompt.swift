// The exact words that reach a judge: the rubric's prompt with a sample in its slot.
//
// A sample may say anything, orders to the judge included. It stands between two lines with a mark
// that depends on the sample itself, so that no sample can hold its own mark, and what chat templates
// take for their own marks is broken up, so that no sample can end the message it stands in. Whether a
// judge lets itself be talked into something inside these lines is another question; see the guide.

import Documents

/// How long samples are cut.
public struct SampleCut: Sendable, Codable, Equatable {
  /// What of a long sample reaches the judge.
  public enum Rule: String, Sendable, Codable, CaseIterable {
    /// The beginning.
    case head
    /// The beginning and the end, half each.
    case headAndTail
  }

  /// What of a long sample reaches the judge.
  public var rule: Rule
  /// The bytes of UTF-8 of a sample that reach the judge at most.
  public var longest: Int

  /// Creates a cut.
  ///
  /// - Parameters:
  ///   - rule: What of a long sample reaches the judge.
  ///   - longest: The bytes that reach the judge at most.
  public init(rule: Rule = .head, longest: Int = 12_000) {
    self.rule = rule
    self.longest = longest
  }

  /// Cuts a sample where it is too long, at white space where there is some near.
  ///
  /// - Parameter text: Valid UTF-8.
  /// - Returns: What is left, and the bytes that are not.
  package func applied(to text: [UInt8]) -> (text: [UInt8], leftOut: Int) {
    guard text.count > longest else { return (text, 0) }
    switch rule {
    case .head:
      let end = cutPlace(in: text, at: longest, backwards: true)
      return (Array(text[..<end]), text.count - end)
    case .headAndTail:
      let end = cutPlace(in: text, at: (longest + 1) / 2, backwards: true)
      let start = cutPlace(in: text, at: text.count - longest / 2, backwards: false)
      return (text[..<end] + Array("\n[…]\n".utf8) + text[start...], start - end)
    }
  }
}

/// The bytes around a cut in which white space is looked for.
private let cutRoom = 200

/// A place near `place` between two characters, after white space where there is some.
private func cutPlace(in text: [UInt8], at place: Int, backwards: Bool) -> Int {
  let step = backwards ? -1 : 1
  var index = place
  for _ in 0..<min(cutRoom, place, text.count - place) {
    if index > 0, index < text.count,
      text[index] == UInt8(ascii: " ") || text[index] == UInt8(ascii: "\n")
    {
      return index
    }
    index += step
  }
  index = place
  while index > 0, index < text.count, text[index] & 0xc0 == 0x80 { index += step }
  return index
}

/// A piece of a rubric's prompt.
enum PromptPart: Equatable {
  /// What a prompt can name.
  enum Slot: String, CaseIterable {
    case points
    case sample
    case answer
    case boundary
  }

  case text(String)
  case slot(String)

  /// Takes a prompt apart; `{{` that nothing closes is text.
  static func parts(of prompt: String) -> [PromptPart] {
    var parts: [PromptPart] = []
    var rest = prompt[...]
    while let start = rest.firstRange(of: "{{"),
      let end = rest[start.upperBound...].firstRange(of: "}}")
    {
      parts.append(.text(String(rest[..<start.lowerBound])))
      parts.append(.slot(String(rest[start.upperBound..<end.lowerBound])))
      rest = rest[end.upperBound...]
    }
    parts.append(.text(String(rest)))
    return parts
  }
}

/// What reaches a judge of one sample.
public struct Prompt: Sendable, Equatable {
  /// What the judge is told to be, or nothing.
  public let system: String
  /// The question with the sample.
  public let user: String
  /// The mark in the lines around the sample.
  public let boundary: String
  /// The bytes of the sample that do not reach the judge.
  public let leftOut: Int

  /// The bytes of all of it.
  public var bytes: Int { system.utf8.count + user.utf8.count }
}

extension Rubric {
  /// Puts a sample into the prompt.
  ///
  /// - Parameters:
  ///   - sample: The sample, valid UTF-8.
  ///   - form: The form of the answer to ask for.
  ///   - cut: How it is cut where it is long.
  /// - Returns: The prompt; the same for the same arguments.
  public func prompt(_ sample: [UInt8], form: Form, cut: SampleCut) -> Prompt {
    let (kept, leftOut) = cut.applied(to: sample)
    let text = disarmed(kept)
    let boundary = boundary(for: text)
    var user = ""
    for part in PromptPart.parts(of: prompt) {
      switch part {
      case .text(let text): user += text
      case .slot(let name):
        switch PromptPart.Slot(rawValue: name) {
        case .points: user += pointList
        case .sample:
          user += "=== \(boundary) the sample begins ===\n"
          user += String(decoding: text, as: UTF8.self)
          user += "\n=== \(boundary) the sample ends ==="
        case .answer: user += instructions[form] ?? ""
        case .boundary: user += boundary
        case nil: preconditionFailure("a rubric with an unknown slot was read")
        }
      }
    }
    return Prompt(system: system, user: user, boundary: boundary, leftOut: leftOut)
  }

  /// A mark that the text does not hold.
  ///
  /// It is made of the text's own hash, so that who writes a text cannot know it without having
  /// written it already; the same sample has the same mark each time.
  private func boundary(for text: [UInt8]) -> String {
    var round = 0
    while true {
      var hash = SHA256()
      hash.update("\(round) ")
      hash.update(bytes: text)
      let mark = "S" + hash.finish().description.prefix(20)
      if !text.contains(Array(mark.utf8)) { return mark }
      round += 1
    }
  }
}

/// The beginnings of what chat templates use to mark turns; a blank after the first character makes
/// ordinary text of them.
private let turnMarks: [[UInt8]] = [
  "<|", "<｜", "<s>", "</s>", "<<SYS", "<</SYS", "[INST", "[/INST", "[SYSTEM_PROMPT",
  "[/SYSTEM_PROMPT", "[AVAILABLE_TOOLS", "[/AVAILABLE_TOOLS", "<start_of_turn", "<end_of_turn",
  "<bos>", "<eos>", "<think>", "</think>", "<im_start", "<im_end", "<turn", "<endoftext",
  "[|", "<seed:", "]~", "[e~[", "<tool", "</tool", "[gMASK", "[sMASK", "<sop>", "[TOOL_",
  "[/TOOL_",
].map { Array($0.utf8) }

/// The first bytes of them.
private let turnBeginnings = Set(turnMarks.map { $0[0] })

/// The text with a blank inside each mark of a turn.
private func disarmed(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  for index in text.indices {
    result.append(text[index])
    guard turnBeginnings.contains(text[index]) else { continue }
    let rest = text[index...]
    if turnMarks.contains(where: { rest.starts(with: $0) }) { result.append(UInt8(ascii: " ")) }
  }
  return result
}
