// Rubrics from YAML files: those that come with the program by name, the user's own by path.

import Files
import Foundation
package import Settings

extension Rubric {
  /// The most bytes of a prompt with its instructions; a longer one leaves no room for samples.
  private static let mostPromptBytes = 50_000

  /// Reads a rubric.
  ///
  /// - Parameters:
  ///   - name: A built-in rubric's name, or the path of a YAML file.
  ///   - folder: What a relative path starts from.
  /// - Throws: ``Failure`` where there is no such rubric, or with the line of what cannot be used.
  public init(named name: String, relativeTo folder: String = ".") throws {
    let builtIn = BuiltInFile.rubrics
    if let file = builtIn.first(where: { $0.name == name })?.file {
      try self.init(yaml: file.settings())
      return
    }
    for (_, file) in builtIn {
      let rubric = try Rubric(yaml: file.settings())
      if rubric.name == name {
        self = rubric
        return
      }
    }
    let path = name.hasPrefix("/") ? name : folder + "/" + name
    guard
      name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        || FileManager.default.fileExists(atPath: path)
    else {
      let names = builtIn.map(\.name)
      throw Failure(
        .usage,
        what: "there is no rubric `\(name)`",
        place: "the rubric's name",
        remedy: nearestName(to: name, among: names).map { "did you mean `\($0)`?" }
          ?? "name one of \(names.joined(separator: ", ")), or a YAML file"
      )
    }
    try self.init(yaml: Setting.load(path: path))
  }

  /// Reads a rubric from parsed YAML.
  ///
  /// - Parameter root: The YAML.
  /// - Throws: ``Failure`` with the line of what cannot be understood or cannot work.
  package init(yaml root: Setting) throws {
    let keys = try KeyedSettings(
      root,
      known: [
        "name", "version", "purpose", "points", "scale", "system", "prompt", "answer", "heuristic",
      ]
    )
    let answer = try KeyedSettings(
      keys.required("answer"),
      known: ["scoreLine", "justificationWords", "text", "structured"]
    )
    name = try keys.required("name").text()
    version = try keys.required("version").integer(in: 1...1_000_000)
    purpose = try keys.required("purpose").text()
    points = try Rubric.points(keys["points"])
    scale = try Rubric.scale(keys["scale"], points: points, root)
    // YAML's blocks end with a line feed that nobody means.
    system = withoutEnd(try keys["system"]?.text() ?? "")
    prompt = withoutEnd(try keys.required("prompt").text())
    scoreLine = try answer.required("scoreLine").text()
    justificationWords = try answer.required("justificationWords").integer(in: 0...10_000)
    instructions = [
      .text: withoutEnd(try answer.required("text").text()),
      .structured: withoutEnd(try answer.required("structured").text()),
    ]
    let (names, range) = (points.map(\.name), scale)
    heuristic = try keys["heuristic"].map {
      try HeuristicRules(yaml: $0, points: names, scale: range)
    }
    try check(keys, answer)
  }

  private static func points(_ setting: Setting?) throws -> [Point] {
    guard let setting else { return [] }
    guard case .list(let items) = setting.content else {
      throw setting.mismatch("a list of points")
    }
    let points = try items.map { item in
      let keys = try KeyedSettings(item, known: ["name", "question"])
      let point = Point(
        name: try keys.required("name").text(),
        question: try keys.required("question").text()
          .trimmingCharacters(in: .whitespacesAndNewlines)
      )
      guard isColumnPart(point.name) else {
        throw refusal("`\(point.name)` cannot name a point", item, nameRemedy)
      }
      guard !point.question.isEmpty else {
        throw refusal("the point asks nothing", item, "write what must hold for it")
      }
      return point
    }
    guard (1...100).contains(points.count) else {
      throw refusal("\(points.count) points cannot be added up", setting, "give 1 to 100 points")
    }
    guard Set(points.map { $0.name.lowercased() }).count == points.count else {
      throw refusal(
        "two points have one name",
        setting,
        "give each a name of its own, not only in upper and lower case"
      )
    }
    return points
  }

  private static func scale(
    _ setting: Setting?,
    points: [Point],
    _ root: Setting
  ) throws -> ClosedRange<Int> {
    guard let setting else {
      guard !points.isEmpty else {
        throw refusal(
          "the rubric has neither points nor a scale",
          root,
          "add `points:` or `scale:`"
        )
      }
      return 0...points.count
    }
    guard points.isEmpty else {
      throw refusal(
        "the rubric has both points and a scale",
        setting,
        "keep one of the two; points make a scale from 0 to their number"
      )
    }
    let keys = try KeyedSettings(setting, known: ["lowest", "highest"])
    let lowest = try keys.required("lowest").integer(in: -1_000...1_000)
    let highest = try keys.required("highest").integer(in: -1_000...1_000)
    guard lowest < highest else {
      throw refusal("the scale has no room", setting, "give a `highest` above `lowest`")
    }
    return lowest...highest
  }

  /// Refuses a rubric whose parts do not fit together.
  private func check(_ keys: KeyedSettings, _ answer: KeyedSettings) throws {
    let prompt = try keys.required("prompt")
    guard isColumnPart(name) else {
      throw Rubric.refusal(
        "`\(name)` cannot name a rubric",
        try keys.required("name"),
        Rubric.nameRemedy
      )
    }
    try checkSlots(prompt)
    if scoreLine.trimmingCharacters(in: .whitespaces).isEmpty || scoreLine.contains("\n") {
      throw Rubric.refusal(
        "the score's line has no beginning",
        try answer.required("scoreLine"),
        "write what precedes the number, such as `Score:`"
      )
    }
    let marker = AnswerLine.Marker(scoreLine)
    guard marker.words.contains(where: { $0.count > 1 }) else {
      throw Rubric.refusal(
        "the score's line `\(leading(scoreLine, bytes: 100))` has no word",
        try answer.required("scoreLine"),
        "write a word of some letters, such as `Score:`; marks alone do not tell the line from others"
      )
    }
    if let point = points.first(where: { $0.name.lowercased() == marker.name }) {
      throw Rubric.refusal(
        "the point `\(point.name)` is named like the score's line",
        try keys.required("points"),
        "give one of the two another name"
      )
    }
    for form in Form.allCases {
      let instruction = instructions[form] ?? ""
      let setting = try answer.required(form.rawValue)
      guard !instruction.contains("{{") else {
        throw Rubric.refusal("an instruction has no slots", setting, "take `{{` out")
      }
      if form == .text, !instruction.contains(scoreLine) {
        throw Rubric.refusal(
          "the instruction does not ask for the line `\(scoreLine)`",
          setting,
          "write the line out as the judge is to end with it"
        )
      }
    }
    let longest = instructions.values.map(\.utf8.count).max() ?? 0
    let bytes = system.utf8.count + self.prompt.utf8.count + pointList.utf8.count + longest
    guard bytes <= Rubric.mostPromptBytes else {
      throw Rubric.refusal(
        "the prompt with its instructions is \(bytes) bytes long",
        prompt,
        "shorten it to \(Rubric.mostPromptBytes)"
      )
    }
  }

  private func checkSlots(_ setting: Setting) throws {
    let parts = PromptPart.parts(of: prompt)
    for case .slot(let name) in parts where PromptPart.Slot(rawValue: name) == nil {
      throw setting.unknown(name, known: PromptPart.Slot.allCases.map(\.rawValue))
    }
    func count(_ slot: PromptPart.Slot) -> Int {
      parts.count { $0 == .slot(slot.rawValue) }
    }
    for slot in [PromptPart.Slot.sample, .answer] where count(slot) != 1 {
      throw Rubric.refusal(
        "the slot `{{\(slot.rawValue)}}` stands \(count(slot)) times in the prompt",
        setting,
        "write it once"
      )
    }
    guard (count(.points) == 1) == !points.isEmpty, count(.points) < 2 else {
      throw Rubric.refusal(
        "the slot `{{points}}` stands \(count(.points)) times in the prompt",
        setting,
        points.isEmpty ? "take it out: the rubric has no points" : "write it once"
      )
    }
  }

  private static let nameRemedy =
    "begin with a letter, go on with letters, digits and `_`, at most 40 in all"

  static func refusal(_ what: String, _ setting: Setting, _ remedy: String) -> Failure {
    Failure(.usage, what: what, place: setting.place, remedy: remedy)
  }
}

/// Whether a name can be part of a column's name that needs no quotes.
///
/// - Parameter name: A rubric's, point's or judge's name.
/// - Returns: Whether it has letters, digits and `_` alone, a letter first, and at most 40 of them.
package func isColumnPart(_ name: String) -> Bool {
  func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
  guard let first = name.utf8.first, isLetter(first), name.utf8.count <= 40 else { return false }
  return name.utf8.allSatisfy {
    isLetter($0) || $0 == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
  }
}

/// A text without line feeds at its end.
private func withoutEnd(_ text: String) -> String {
  String(text.reversed().drop { $0 == "\n" }.reversed())
}
