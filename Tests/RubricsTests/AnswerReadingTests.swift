import Files
import Rubrics
import Testing

@Suite struct AnswerReadingTests {
  typealias NoScore = AnswerReading.NoScore

  @Test(arguments: [
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
    (#"{"justification": "x", "score": 3}"#, 3), (#"Sure: ```json {"score": 2}``` done"#, 2),
    (#"{"score": "4"}"#, 4), (#"{"score": 4.0}"#, 4),
    (
      #"{"points": {"relevance": 1, "coherence": true, "readability": 0, "explanation": 1, "#
        + #""learnability": 0}, "score": 3}"#, 3
    ),
  ])
  func `scores are read`(_ answer: String, _ score: Int) throws {
    let rubric = try Rubric(named: "educational")
    let reading = rubric.read(answer, finish: "stop")
    #expect(reading.score == .success(score), "\(answer)")
    // The end of the score's digits, wherever it stands.
    let end = try #require(reading.scoreEnd)
    #expect(String(decoding: answer.utf8.prefix(end).suffix(1), as: UTF8.self) == "\(score)")
  }

  @Test(arguments: [
    ("", "stop", NoScore.empty), (" \n", "stop", .empty), ("It is", "length", .cutOff),
    ("", "content_filter", .withheld), ("<think>Educational score: 3", "stop", .cutOff),
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
  ])
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
