// A rubric's points as rules of thumb over metrics: what the judge `heuristic` goes by.
//
// A rule is a list of conditions, each a column with a least or a most, or both; all must hold. It
// looks at the form of a text and never at what it says.

import Documents
import Settings

/// A rubric's points as rules over columns of numbers.
package struct HeuristicRules: Sendable, Equatable {
  /// A column within bounds.
  package struct Condition: Sendable, Equatable {
    /// The column.
    package let column: String
    /// The least value, or `nil`.
    package let least: Double?
    /// The greatest value, or `nil`.
    package let most: Double?

    /// Whether a value is within the bounds.
    package func holds(_ value: Double) -> Bool {
      value >= least ?? -.infinity && value <= most ?? .infinity
    }
  }

  /// One point with what must hold for it.
  package struct Rule: Sendable, Equatable {
    /// The point's name.
    package let point: String
    /// The conditions, all of which must hold.
    package let conditions: [Condition]
  }

  /// The rules, in the rubric's order of points, or from the scale's lowest step up.
  package let rules: [Rule]
  /// Whether a point counts only where all before it are given.
  package let buildsUp: Bool

  /// The columns that the rules read, each once, by name.
  package var columns: [String] { Set(rules.flatMap(\.conditions).map(\.column)).sorted() }

  /// The rules as JSON with sorted keys: what decides the judge's answers.
  var parameters: String {
    let list = rules.map { rule in
      MetadataValue.object([
        "point": .text(rule.point),
        "where": .list(
          rule.conditions.map { condition in
            var members: [String: MetadataValue] = ["column": .text(condition.column)]
            members["least"] = condition.least.map { .number($0) }
            members["most"] = condition.most.map { .number($0) }
            return .object(members)
          }
        ),
      ])
    }
    var json: [UInt8] = []
    do {
      try appendJSONObject(["buildsUp": .flag(buildsUp), "rules": .list(list)], to: &json)
    } catch {
      preconditionFailure("rules hold finite numbers alone")
    }
    return String(decoding: json, as: UTF8.self)
  }

  /// Reads a rubric's `heuristic`.
  ///
  /// - Parameters:
  ///   - setting: The YAML.
  ///   - points: The rubric's points; none where it has a scale.
  ///   - scale: Its scores.
  /// - Throws: ``Failure`` with the line of what cannot be used.
  init(yaml setting: Setting, points: [String], scale: ClosedRange<Int>) throws {
    let keys = try KeyedSettings(setting, known: ["buildsUp", "rules"])
    buildsUp = try keys["buildsUp"].map(flag) ?? false
    let list = try keys.required("rules")
    guard case .list(let items) = list.content else { throw list.mismatch("a list of rules") }
    rules = try items.map { try Rule(yaml: $0) }
    let names = rules.map(\.point)
    guard points.isEmpty || names == points else {
      throw Rubric.refusal(
        "the rules are for \(names.joined(separator: ", ")), and the rubric's points are "
          + points.joined(separator: ", "),
        list,
        "write one rule for each point, in the points' order"
      )
    }
    guard names.count == scale.upperBound - scale.lowerBound else {
      throw Rubric.refusal(
        "\(names.count) rules do not reach from \(scale.lowerBound) to \(scale.upperBound)",
        list,
        "write one rule for each step above the lowest score"
      )
    }
  }
}

extension HeuristicRules.Rule {
  fileprivate init(yaml setting: Setting) throws {
    let keys = try KeyedSettings(setting, known: ["point", "where"])
    point = try keys.required("point").text()
    let list = try keys.required("where")
    guard case .list(let items) = list.content, !items.isEmpty else {
      throw list.mismatch("a list of conditions")
    }
    conditions = try items.map { try HeuristicRules.Condition(yaml: $0) }
  }
}

extension HeuristicRules.Condition {
  fileprivate init(yaml setting: Setting) throws {
    let keys = try KeyedSettings(setting, known: ["column", "least", "most"])
    let name = try keys.required("column")
    column = try name.text()
    guard isColumnPart(column) else {
      throw Rubric.refusal("`\(column)` names no column", name, "name a metric's column")
    }
    least = try keys["least"].map(bound)
    most = try keys["most"].map(bound)
    guard least != nil || most != nil else {
      throw Rubric.refusal("the condition has no bound", setting, "add `least:` or `most:`")
    }
    guard least ?? -.infinity <= most ?? .infinity else {
      throw Rubric.refusal("no number is in these bounds", setting, "give a `most` above `least`")
    }
  }
}

private func flag(_ setting: Setting) throws -> Bool {
  guard case .scalar(.flag(let value)) = setting.content else {
    throw setting.mismatch("true or false")
  }
  return value
}

private func bound(_ setting: Setting) throws -> Double {
  let value: Double? =
    switch setting.content {
    case .scalar(.integer(let value)): Double(value)
    case .scalar(.number(let value)): value
    default: nil
    }
  guard let value, abs(value) <= 1e12 else { throw setting.mismatch("a number up to 1e12") }
  return value
}
