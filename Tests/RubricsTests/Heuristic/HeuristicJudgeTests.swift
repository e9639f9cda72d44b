import Documents
import Files
import Rubrics
import Settings
import Testing

@Suite struct HeuristicJudgeTests {
  static let rules = """

    heuristic:
      rules:
        - point: first
          where: [{column: words, most: 10}]
        - point: second
          where: [{column: lix, least: 20, most: 40}, {column: words, least: 2.5}]
    """

  func judge(_ yaml: String = RubricTests.small + rules) throws -> HeuristicJudge {
    try #require(HeuristicJudge(RubricTests.rubric(yaml)))
  }

  func judgment(_ values: [Double?], by judge: HeuristicJudge) -> Judgment {
    judge.judgments(of: [Sample(textHash: "", text: [], values: values)])[0]
  }

  @Test func `a point needs all of its conditions, bounds included`() throws {
    let judge = try judge()
    #expect(judge.columns == ["lix", "words"])
    #expect(judgment([20, 10], by: judge) == Judgment(score: 2, points: [1, 1]))
    #expect(judgment([40, 10.5], by: judge) == Judgment(score: 1, points: [0, 1]))
    #expect(judgment([19.99, 2.5], by: judge) == Judgment(score: 1, points: [1, 0]))
    #expect(judgment([41, 11], by: judge) == Judgment(score: 0, points: [0, 0]))
  }

  @Test func `a missing value gives no score and the column's name`() throws {
    let judge = try judge()
    #expect(judgment([nil, 3], by: judge).reason == "no value: lix (run `blalm measure`)")
    #expect(judgment([30, .nan], by: judge).reason == "no value: words (run `blalm measure`)")
  }

  @Test func `rules that build up end at the first that fails`() throws {
    let judge = try judge(
      RubricTests.small + Self.rules.replacing("heuristic:", with: "heuristic:\n  buildsUp: true")
    )
    #expect(judgment([30, 11], by: judge) == Judgment(score: 0, points: [0, 0]))
  }

  @Test func `the rules are no part of what reaches other judges`() throws {
    let bare = try RubricTests.rubric()
    #expect(HeuristicJudge(bare) == nil)
    #expect(try RubricTests.rubric(RubricTests.small + Self.rules).identity == bare.identity)
    let other = Self.rules.replacing("most: 10", with: "most: 11")
    #expect(try judge().localIdentity != judge(RubricTests.small + other).localIdentity)
    #expect(try judge().localIdentity.kind == "heuristic")
  }

  @Test(arguments: [
    ("point: first", "point: other", "the rules are for other, second"),
    ("most: 10", "most: ten", "a number"),
    ("{column: words, most: 10}", "{column: words}", "no bound"),
    ("least: 20, most: 40", "least: 40, most: 20", "no number is in these bounds"),
    ("column: lix", "column: \"lix; DROP\"", "names no column"),
    ("[{column: words, most: 10}]", "[]", "a list of conditions"),
  ])
  func `rules that cannot work are refused with their line`(
    _ old: String,
    _ new: String,
    _ message: String
  ) throws {
    let yaml = RubricTests.small + Self.rules.replacing(old, with: new)
    let failure = #expect(throws: Failure.self) { try RubricTests.rubric(yaml) }
    #expect(failure?.description.contains(message) == true, "\(failure as Any)")
    #expect(failure?.place.hasPrefix("r.yaml") == true)
  }

  @Test(arguments: ["educational", "fineweb-edu", "child-directed"])
  func `every rubric of the program has rules from its lowest to its highest score`(
    _ name: String
  ) throws {
    let rubric = try Rubric(named: name)
    let judge = try #require(HeuristicJudge(rubric))
    // Numbers that all conditions of a good text like, by the names of the columns.
    let good: [String: Double] = [
      "wordCount": 1_000, "boilerplatePhrases": 0, "emailAddresses": 0, "phoneNumbers": 0,
      "sentenceCount": 100, "terminalPunctuationLineFraction": 1, "shortLineFraction": 0,
      "englishFunctionWordFraction": 0.5, "englishFunctionWords": 80, "lix": 15,
      "meanWordLength": 4, "alphabeticWordFraction": 1, "curlyBrackets": 0,
      "mojibakeSequences": 0, "replacementCharacters": 0,
    ]
    let values = try judge.columns.map { try #require(good[$0], "\($0)") }
    #expect(judgment(values, by: judge).score == Double(rubric.scale.upperBound))
    let bad = judge.columns.map {
      ["lix", "meanWordLength", "boilerplatePhrases", "emailAddresses", "curlyBrackets"].contains(
        $0
      ) ? 99.0 : 0
    }
    #expect(judgment(bad, by: judge).score == Double(rubric.scale.lowerBound))
  }
}
