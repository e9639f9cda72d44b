// A rubric: what a judge is asked about a sample, and the form in which it answers.
//
// Nothing here knows who the judge is; a rubric is pure text and numbers, read from YAML.

package import Documents
import Files

/// What a judge is asked about a sample.
///
/// A rubric is additive, with points of one each, or has a scale that its prompt explains.
public struct Rubric: Sendable, Equatable {
  /// One thing that a sample has or lacks.
  public struct Point: Sendable, Equatable {
    /// The point's name in answers.
    public let name: String
    /// What must hold for it.
    public let question: String
  }

  /// The form of an answer.
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// Prose that ends with the score's line.
    case text
    /// One JSON object under a schema that the server holds the judge to.
    case structured
  }

  /// The name, which begins the names of score columns.
  public let name: String
  /// The version that people count.
  public let version: Int
  /// What the scores are for.
  public let purpose: String
  /// The points of an additive rubric; none where it has a scale.
  public let points: [Point]
  /// The scores that an answer may give.
  public let scale: ClosedRange<Int>
  /// What precedes the score in an answer of text.
  public let scoreLine: String
  /// The words that a justification may have.
  public let justificationWords: Int
  /// What the judge is told to be, or nothing.
  let system: String
  /// The prompt, with slots.
  let prompt: String
  /// How to answer, in each form.
  let instructions: [Form: String]
  /// What the judge `heuristic` goes by, where the rubric states it; no part of ``identity``.
  package let heuristic: HeuristicRules?

  /// The version of the rules by which a sample is put into its slot and an answer is read.
  private static let rules = 2

  /// The SHA-256 over all that reaches a judge beside the sample, and over the version of the rules by
  /// which the sample is put there and the answer is read.
  ///
  /// Name, version and purpose take no part: who rewords them does not have to ask again.
  public var identity: String {
    var parts = ["\(Rubric.rules)", system, prompt, pointList]
    parts += Form.allCases.map { instructions[$0] ?? "" }
    parts += ["\(scale.lowerBound)", "\(scale.upperBound)", scoreLine, schemaJSON]
    return SHA256.hash(parts.map { "\($0.utf8.count):\($0)" }.joined()).description
  }

  /// The points as the prompt lists them.
  var pointList: String {
    points.enumerated().map { "\($0 + 1). \($1.name): \($1.question)" }.joined(separator: "\n")
  }

  /// The schema of a structured answer, in the subset that servers have in common.
  package var schema: MetadataValue {
    var properties: [String: MetadataValue] = [
      "justification": .object(["type": .text("string")]),
      "score": .object([
        "type": .text("integer"), "enum": .list(scale.map { .integer($0) }),
      ]),
    ]
    if !points.isEmpty {
      let point = MetadataValue.object([
        "type": .text("integer"), "enum": .list([.integer(0), .integer(1)]),
      ])
      properties["points"] = closedObject(
        Dictionary(uniqueKeysWithValues: points.map { ($0.name, point) }),
        required: points.map(\.name)
      )
    }
    return closedObject(properties, required: properties.keys.sorted())
  }

  private var schemaJSON: String {
    var json: [UInt8] = []
    // A schema holds texts and whole numbers alone, which always encode.
    try? schema.appendJSON(to: &json)
    return String(decoding: json, as: UTF8.self)
  }
}

private func closedObject(
  _ properties: [String: MetadataValue],
  required: [String]
) -> MetadataValue {
  .object([
    "type": .text("object"), "properties": .object(properties),
    "required": .list(required.map { .text($0) }), "additionalProperties": .flag(false),
  ])
}
