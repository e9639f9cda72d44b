import Files
import Rubrics
import Testing

@Suite struct AnswerReadingTests {
  typealias NoScore = AnswerReading.NoScore

  /// A whole answer of the structured form with some points.
  static func object(_ score: String, points: Int? = nil) -> String {
    let count = points ?? Int(score) ?? 0
    let names = ["relevance", "coherence", "readability", "explanation", "learnability"]
    let values = names.enumerated().map { "\"\($1)\": \($0 < count ? 1 : 0)" }
    return "{\"justification\": \"x\", \"points\": {\(values.joined(separator: ", "))}, "
      + "\"score\": \(score)}"
  }

  /// Five lines of points, the first of them given.
  static func lines(_ count: Int) -> String {
    ["relevance", "coherence", "readability", "explanation", "learnability"].enumerated()
      .map { "\($1): \($0 < count ? 1 : 0)\n" }.joined()
  }

  static let whole: [(String, Int)] = [
    ("Educational score: 4", 4), ("Good.\n\nEducational score: 0\n", 0),
    ("**Educational score:** 3", 3), ("**Educational score: 3**", 3), ("educational SCORE : 2.", 2),
    ("Educational score: 4/5", 4), ("Educational score: 4 out of 5.", 4),
    ("Educational score: 5 - because it has 3 examples", 5),
    ("> Educational score: [1]", 1), ("### Educational score: 2", 2),
    // The instruction said again states no number; the last number counts.
    ("I end with\nEducational score: N\nEducational score: 3", 3),
    ("Educational score: 2\nOn reflection:\nEducational score: 4", 4),
    ("Educational score: 2\nEducational score: N, from 0 to 5", 2),
    ("<think>Educational score: 1</think>\nEducational score: 3", 3),
    (object("3"), 3), ("```json\n" + object("2") + "\n```\n", 2), (" ```" + object("2") + "```", 2),
    (object(#""4""#, points: 4), 4), (object("4.0", points: 4), 4),
    (object("3").replacing("1", with: "true"), 3),
    // What real models write around it.
    ("**Educational score**: **3**", 3), ("__Educational score:__ 3", 3),
    ("- Educational score: `3`", 3),
    ("1. Educational score: 3", 3), ("* **Educational Score:** 3/5", 3),
    ("| Educational score: | 3 |", 3),
    ("| **Educational score** | **3** |", 3), ("Educational score: 3 points.", 3),
    ("Educational score: 3 (out of 5)", 3), ("Educational score: 3 points out of 5", 3),
    ("Educational score: 3 out of 5 points.", 3), ("Educational  score : \"3\"", 3),
    ("\r\nEducational score: 3\r\n", 3), ("Educational score: 3\u{a0}", 3),
    ("Educational score: N\nEducational score: **N** (the sum)\nEducational score: 3", 3),
    (
      "relevance: 1 - it has 2 bees\ncoherence: 1 (3 of 3)\nreadability: 0\nExplanation: 3 reasons.\n"
        + "Readability: 8-12 year olds read it.\n"
        + "Educational score: 2", 2
    ),
    ("Its average educational score: 4 among pages.\nEducational score: 3", 3),
  ]

  @Test(arguments: whole)
  func `scores are read`(_ answer: String, _ score: Int) throws {
    let rubric = try Rubric(named: "educational")
    let reading = rubric.read(answer, finish: "stop")
    #expect(reading.score == .success(score), "\(answer)")
    // The end of the score's digits, wherever it stands.
    let end = try #require(reading.scoreEnd)
    #expect(String(decoding: answer.utf8.prefix(end).suffix(1), as: UTF8.self) == "\(score)")
  }

  static let reasons: [(String, String, NoScore)] = [
    ("", "stop", NoScore.empty), (" \n", "stop", .empty), ("It is", "length", .cutOff),
    ("", "content_filter", .withheld), ("<think>Educational score: 3", "stop", .cutOff),
    ("<think>a</think>\n<think>Educational score: 3", "stop", .cutOff),
    ("It is good: 4", "stop", .missing), ("Bewertung: 4", "stop", .missing),
    ("Educational score: four", "stop", .missing), ("Educational score: N", "stop", .missing),
    ("Educational score: 3.5", "stop", .notWhole), ("Educational score: 3,5", "stop", .notWhole),
    ("Educational score: 3-4", "stop", .notWhole), ("Educational score: 3 or 4", "stop", .notWhole),
    ("Educational score: about 3", "stop", .notWhole),
    ("Educational score: 6", "stop", .outOfRange), ("Educational score: -1", "stop", .outOfRange),
    ("Educational score: 50/100", "stop", .outOfRange),
    (#"{"score": 9}"#, "stop", .outOfRange), (#"{"score": null}"#, "stop", .missing),
    (#"{"score": true}"#, "stop", .notWhole), (#"{"score": 2.5}"#, "stop", .notWhole),
    (#"{"grade": 3}"#, "stop", .missing),
    (
      "relevance: 1\ncoherence: 1\nreadability: 1\nexplanation: 1\nlearnability: 1\n"
        + "Educational score: 3", "stop", .inconsistent
    ),
  ]

  @Test(arguments: reasons)
  func `what is no score has a reason`(
    _ answer: String,
    _ finish: String,
    _ reason: NoScore
  )
    throws
  {
    let rubric = try Rubric(named: "educational")
    #expect(rubric.read(answer, finish: finish).score == .failure(reason), "\(answer)")
  }

  @Test func `an object that the answer quotes is not the answer`() throws {
    let rubric = try Rubric(named: "educational")
    let order = #"The sample says {"score": 5}, an order that I do not follow."# + "\n"
    let reading = rubric.read(order + Self.lines(0) + "Educational score: 0", finish: "stop")
    #expect(reading.score == .success(0) && reading.points == [0, 0, 0, 0, 0])
    for answer in [
      order, "Sure: ```json " + Self.object("2") + "``` done", Self.object("5") + "\nIt is spam.",
      "```" + Self.object("5") + "``` and ```" + Self.object("0") + "```",
    ] {
      #expect(rubric.read(answer, finish: "stop").score == .failure(.missing), "\(answer)")
    }
    let quoted = rubric.read("Educational score: 1\n" + Self.object("5"), finish: "stop")
    #expect(quoted.score == .success(1))
  }

  static let beginnings: [String] = [
    "Educational score: 1", "Educational score: 3", object("3"), "It is", "", "<think>",
  ]

  @Test(arguments: beginnings)
  func `what was cut off or withheld has no score`(_ answer: String) throws {
    let rubric = try Rubric(named: "educational")
    #expect(rubric.read(answer, finish: "length").score == .failure(.cutOff))
    #expect(rubric.read(answer, finish: "content_filter").score == .failure(.withheld))
  }

  @Test(arguments: [
    "3/10", "4 out of 10", "1½", "3 1/2", "3²", "3·5", "3٫5", "3e2", "3%", "> 3", "3 + 1 = 4",
    "3 and 4", "3, 4", "3~4", "3 — 4", "3−4", "3 through 4", "3:5", "3 points minus 1", "3rd grade",
    "5 would be far too high; it gets one point.", "3 & 4", "1*0", "3 (of 10)", "3 . 5", "N=3",
    "N = 3",
    "3 (4)", "3 | 4", "3/", "3 out of", "3 points 2", "3'4", "3. 4", "+3", "١", "３", "3\u{301}",
    "3\u{fe0f}\u{20e3}", "3!", "3 - too high, so 1", "[3][4]", "3 \"4\"",
  ])
  func `a number that goes on is not the score`(_ tail: String) throws {
    let rubric = try Rubric(named: "educational")
    let reading = rubric.read("Educational score: " + tail, finish: "stop")
    #expect(reading.score == .failure(.notWhole), "\(tail)")
    // It also overrides what was read before it.
    let later = rubric.read("Educational score: 2\nEducational score: " + tail, finish: "stop")
    #expect(later.score == reading.score, "\(tail)")
  }

  @Test func `a later line in words overrides, the instruction's own letter does not`() throws {
    let rubric = try Rubric(named: "educational")
    for (tail, score) in [
      ("two", Result<Int, NoScore>.failure(.notWhole)), ("about 2", .failure(.notWhole)),
      ("N", .success(5)), ("`N`, a number from 0 to 5", .success(5)), ("", .success(5)),
    ] {
      let answer = "Educational score: 5\nEducational score: " + tail
      #expect(rubric.read(answer, finish: "stop").score == score, "\(tail)")
    }
  }

  @Test(arguments: [
    "Its average educational score: 4 among pages of its kind.", "So the educational score: 4",
    "Non-educational score: 4", "Educational scores: 4", "Educational scoreboard: 4",
  ])
  func `the score's words begin their line`(_ answer: String) throws {
    let rubric = try Rubric(named: "educational")
    #expect(rubric.read(answer, finish: "stop").score == .failure(.missing))
  }

  static let misfits: [String] = [
    // A point that is neither 0 nor 1.
    lines(3).replacing("relevance: 1", with: "relevance: 2") + "Educational score: 4",
    lines(3).replacing("relevance: 1", with: "relevance: 0.5") + "Educational score: 3",
    lines(3).replacing("relevance: 1", with: "relevance: 1/5") + "Educational score: 3",
    lines(3).replacing("relevance: 1", with: "relevance: 0 or 1") + "Educational score: 3",
    lines(3).replacing("relevance: 1", with: "relevance: -1") + "Educational score: 1",
    // More points than the score, and fewer than could make it up.
    "relevance: 1\ncoherence: 1\nreadability: 1\nexplanation: 1\nEducational score: 1",
    "relevance: 0\ncoherence: 0\nEducational score: 4",
    "relevance: 2 because of bees\nEducational score: 4",
    "coherence: 2 points\nEducational score: 4",
    "- **Coherence:** 2 - it holds\nEducational score: 4",
    "| coherence | 2 |\nEducational score: 4",
    object("5", points: 4),
    object("3").replacing("1, \"coherence\": 1", with: "2, \"coherence\": 0"),
    object("5").replacing(", \"coherence\": 1", with: ""),
    #"{"justification": "x", "score": 3}"#, #"{"points": [1, 1, 1, 0, 0], "score": 3}"#,
    object("3").replacing("1", with: "\"1\""),
  ]

  @Test(arguments: misfits)
  func `stated points fit the score`(_ answer: String) throws {
    let rubric = try Rubric(named: "educational")
    let reading = rubric.read(answer, finish: "stop")
    #expect(reading.score == .failure(.inconsistent), "\(answer)")
  }

  static let twins: [String] = [
    #"{"score": 1, "score": 5}"#, #"{"score": 1, "sc\u006fre": 5}"#,
    object("3").replacing("coherence", with: "relevance"),
    #"{"score": 1, "a": [{"b": 1, "b": 2}]}"#,
  ]

  @Test(arguments: twins)
  func `an object that names a member twice has no score`(_ answer: String) throws {
    let rubric = try Rubric(named: "educational")
    #expect(rubric.read(answer, finish: "stop").score == .failure(.statedTwice), "\(answer)")
  }

  @Test(arguments: [
    "3.0000000000000001", "3e0", "30e-1", "\"3/10\"", "\"3 and 4\"", "\"+3\"", "\"\"",
  ])
  func `a number of JSON that is not written whole is none`(_ score: String) throws {
    let reading = try Rubric(named: "educational").read(
      Self.object(score, points: 3),
      finish: "stop"
    )
    #expect(reading.score == .failure(.notWhole), "\(score)")
  }

  @Test func `members of one name in different objects are no twins`() throws {
    let rubric = try Rubric(named: "child-directed")
    let answer = #" {"a": {"score": [1, {"score": "}"}]}, "b\"": "score", "score": 3 , "c": {}} "#
    let reading = rubric.read(answer, finish: "stop")
    #expect(reading.score == .success(3))
    let end = try #require(reading.scoreEnd)
    #expect(
      answer.utf8.prefix(end).elementsEqual(answer.utf8.prefix(while: { $0 != 0x33 }) + [0x33])
    )
  }

  @Test func `a refusal's words are no score`() throws {
    let rubric = try Rubric(named: "educational")
    let words = "I cannot do that. \nEducational score: 3"
    let reading = rubric.read(words, finish: "stop", isRefusal: true)
    #expect(reading.score == .failure(.refused) && reading.justification == words)
    #expect(rubric.read("", finish: "stop", isRefusal: true).score == .failure(.refused))
  }

  @Test func `a justification has an end, between two characters`() throws {
    let rubric = try Rubric(named: "child-directed")
    let long = String(repeating: "ab😀", count: 20_000)
    for answer in [
      long + "\nChild-directed score: 3", #"{"justification": "\#(long)", "score": 3}"#,
    ] {
      let reading = rubric.read(answer, finish: "stop")
      let kept = try #require(reading.justification)
      #expect(reading.score == .success(3) && long.hasPrefix(kept) && kept.utf8.count == 65_534)
    }
    #expect(leading("aé", bytes: 2) == "a" && leading("aé", bytes: 3) == "aé")
    #expect(leading("é", bytes: 0) == "")
  }

  @Test func `points and justification are read from prose`() throws {
    let rubric = try Rubric(named: "educational")
    let reading = rubric.read(
      """
      - **Relevance**: 1
      - Coherence: 1
      - Readability: 0
      - Explanation: 1
      - Learnability: 0

      It tells how bees find flowers.
      Educational score: 3
      """,
      finish: "stop"
    )
    #expect(reading.score == .success(3) && reading.points == [1, 1, 0, 1, 0])
    #expect(reading.justification == "It tells how bees find flowers.")
  }

  @Test func `no answer of any bytes has a score out of range or traps`() throws {
    let rubric = try Rubric(named: "educational")
    var numbers = SystemRandomNumberGenerator()
    let pieces = [
      "Educational score:", " ", "3", "-", "99", "\n", "{", "}", "\"score\"", ":", "null",
      "<think>",
      "</think>", "١", "é", "relevance: 1\n", "/5", ".", "*", "\"points\":", "1e400", "[", "]",
    ]
    for _ in 0..<3_000 {
      let answer = (0..<Int.random(in: 0...12, using: &numbers))
        .map { _ in pieces.randomElement(using: &numbers) ?? "" }.joined()
      let reading = rubric.read(answer, finish: nil)
      if case .success(let score) = reading.score { #expect((0...5).contains(score), "\(answer)") }
    }
  }
}
