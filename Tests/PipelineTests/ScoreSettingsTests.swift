import Files
import Pipeline
import Settings
import Testing

/// The judges and samples that a recipe names.
@Suite struct ScoreSettingsTests {
  func scores(_ score: String) throws -> [ScoreSettings] {
    let yaml = "name: r\nsources: {web: {format: jsonl, paths: x}}\nscore: \(score)\n"
    return try Recipe(yaml: Setting.parse(yaml, file: "r.yaml"), folder: ".").scores
  }

  @Test func `without an endpoint the rubric's rules judge, or a distilled model`() throws {
    let scores = try scores(
      "[{rubric: educational}, {rubric: educational, distilled: small}, "
        + "{rubric: educational, distilled: large, judge: big}]"
    )
    #expect(scores.map(\.local) == [.heuristic, .distilled("small"), .distilled("large")])
    #expect(scores.map(\.judgeName) == ["heuristic", "distilled", "big"])
    let endpoint = try self.scores(
      "{rubric: educational, endpoint: \"http://127.0.0.1:1/v1\", model: m}"
    )
    #expect(endpoint[0].local == nil && endpoint[0].sample == nil)
  }

  @Test func `a sample has usual values`() throws {
    let scores = try scores("{rubric: educational, sample: {count: 5, by: [source, lix]}}")
    #expect(scores[0].sample == ScoreSample(count: 5, by: ["source", "lix"], bins: 5, seed: 1))
  }

  @Test(arguments: [
    ("{rubric: educational, distilled: small, model: m}", "model"),
    ("{rubric: educational, model: m}", "endpoint"),
    ("{rubric: educational, sample: {by: [source]}}", "a sample of 0 documents"),
    ("{rubric: educational, sample: {count: 3, bins: 0}}", "in 0 bins"),
    ("{rubric: educational, sample: {counts: 3}}", "counts"),
    ("[{rubric: educational}, {rubric: educational}]", "educational_heuristic"),
  ])
  func `what cannot work is refused`(_ score: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try scores(score) }
    #expect(failure?.description.contains(message) == true, "\(failure as Any)")
  }
}
