// The judge that comes with the program: a rubric's points by rules of thumb over metrics.
//
// No network, no model, no reading of what a text says. It puts a pool into a rough order before
// anything better has judged it; it is named `heuristic` wherever its scores appear.

/// Judges by a rubric's rules over the metrics of texts.
public struct HeuristicJudge: LocalJudge {
  /// The name of the judge, and of its kind.
  public static let name = "heuristic"
  /// The version of how rules are applied.
  private static let version = "1"

  private let rules: HeuristicRules
  private let scale: ClosedRange<Int>
  private let hasPoints: Bool
  /// For each rule, each condition with the place of its column's value.
  private let places: [[(condition: HeuristicRules.Condition, place: Int)]]
  /// The columns that it goes by.
  public let columns: [String]

  /// Creates the judge of a rubric; `nil` where the rubric states no rules.
  ///
  /// - Parameter rubric: The rubric.
  public init?(_ rubric: Rubric) {
    guard let rules = rubric.heuristic else { return nil }
    self.rules = rules
    scale = rubric.scale
    hasPoints = !rubric.points.isEmpty
    let columns = rules.columns
    self.columns = columns
    places = rules.rules.map { rule in
      rule.conditions.compactMap { condition in
        columns.firstIndex(of: condition.column).map { (condition, $0) }
      }
    }
  }

  /// It goes by values alone.
  public var readsText: Bool { false }

  /// Its rules, in full.
  public var localIdentity: JudgeIdentity {
    JudgeIdentity(
      kind: HeuristicJudge.name,
      model: HeuristicJudge.name + " " + HeuristicJudge.version,
      parameters: rules.parameters
    )
  }

  /// Judges samples by their values.
  ///
  /// - Parameter samples: Samples with a value, or `nil`, for each of ``columns``.
  /// - Returns: A judgment for each; without a score where a value is missing, the reason naming the
  ///   column.
  public func judgments(of samples: [Sample]) -> [Judgment] { samples.map(judgment) }

  private func judgment(of sample: Sample) -> Judgment {
    precondition(sample.values.count == columns.count, "a sample has a value for each column")
    if let missing = sample.values.firstIndex(where: { $0?.isFinite != true }) {
      return Judgment(reason: "no value: \(columns[missing]) (run `blalm measure`)")
    }
    var points: [Int] = []
    var goesOn = true
    for rule in places {
      let holds = rule.allSatisfy { condition, place in
        sample.values[place].map(condition.holds) ?? false
      }
      goesOn = goesOn && holds
      points.append((rules.buildsUp ? goesOn : holds) ? 1 : 0)
    }
    let score = scale.lowerBound + points.reduce(0, +)
    return Judgment(score: Double(score), points: hasPoints ? points : nil)
  }
}
