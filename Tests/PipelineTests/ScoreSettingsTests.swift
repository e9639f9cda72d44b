import Files
import Pipeline
import Settings
import Testing

/// The judges and samples that a recipe names.
@Suite struct ScoreSettingsTests {
  func scores(_ score: String) throws -> [ScoreSettings] {
    let yaml = "name: r\nsources: {web: {format: jsonl, paths: x}}\nscore: \(score)\n"
    return try Recipe(yaml: Setting.parse(yaml, file: "r.yaml"), folder: "/recipes").scores
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

  @Test func `a sample may be divided by one column alone`() throws {
    let scores = try scores("{rubric: educational, sample: {count: 5, by: lix}}")
    #expect(scores[0].sample?.by == ["lix"])
    let even = try self.scores("{rubric: educational, sample: {count: 5, by: []}}")
    #expect(even[0].sample?.by == [])
  }

  @Test func `a model's path is relative to the recipe's folder`() throws {
    let scores = try scores(
      "[{rubric: educational, distilled: judges/x.judge}, "
        + "{rubric: educational, distilled: /judges/x.judge, judge: other}]"
    )
    #expect(
      scores.map(\.local) == [
        .distilled("/recipes/judges/x.judge"), .distilled("/judges/x.judge"),
      ]
    )
  }

  @Test func `limits stand beside the endpoint`() throws {
    let scores = try scores(
      "{rubric: educational, endpoint: \"http://127.0.0.1:1/v1\", model: m, maxCost: 2.5, "
        + "maxRequests: 7, prices: p.yaml}"
    )
    #expect(scores[0].mostCost == 2.5 && scores[0].mostRequests == 7)
    #expect(scores[0].prices == "/recipes/p.yaml")
  }

  @Test func `the message of an unknown key names all keys`() throws {
    let failure = #expect(throws: Failure.self) {
      try scores("{rubric: educational, quodlibetical: 1}")
    }
    let message = failure?.description ?? ""
    for key in ["rubric", "judge", "filter", "sample", "distilled", "maxCost", "endpoint", "seed"] {
      #expect(message.contains(key), "\(message)")
    }
  }

  @Test(arguments: [
    ("{rubric: educational, distilled: small, model: m}", "model"),
    ("{rubric: educational, distilled: small, maxCost: 1}", "maxCost"),
    ("{rubric: educational, maxRequests: 1}", "endpoint"),
    ("{rubric: educational, endpoint: x, model: m, maxCost: -1}", "from 0 on"),
    ("{rubric: educational, endpoint: x, model: m, maxRequests: 0}", "from 1"),
    ("{rubric: educational, endpoint: x, model: m, extra: [1]}", "keys and values"),
    ("{rubric: educational, sample: {count: 3, by: {a: b}}}", "a list of texts"),
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
