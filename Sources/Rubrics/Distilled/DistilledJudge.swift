// A distilled model as a judge like any other.

/// Judges texts by what a model has learnt of another judge's scores.
public struct DistilledJudge: LocalJudge {
  /// The kind of the judge, and its usual name.
  public static let name = "distilled"

  private let model: DistilledModel
  /// What decides its answers: the model's file, to the byte.
  public let localIdentity: JudgeIdentity

  /// Creates a judge.
  ///
  /// - Parameter file: The model with the digest of its file.
  public init(_ file: DistilledModelFile) {
    model = file.model
    let description = file.model.description
    localIdentity = JudgeIdentity(
      kind: DistilledJudge.name,
      model: DistilledJudge.name + " from " + description.column,
      endpointModel: description.teacher,
      parameters: "{\"sha256\":\"\(file.digest)\"}"
    )
  }

  /// None.
  public var columns: [String] { [] }

  /// It goes by texts.
  public var readsText: Bool { true }

  /// Judges samples by their texts.
  ///
  /// - Parameter samples: The samples.
  /// - Returns: A judgment with a score for each.
  public func judgments(of samples: [Sample]) -> [Judgment] {
    var scorer = DistilledScorer(model)
    return samples.map { Judgment(score: scorer.score($0.text.span)) }
  }
}
