import Rubrics
import Testing

@Suite struct ExpectedScoreTests {
  static func tokens(_ texts: [String]) -> [TokenProbabilities] {
    texts.map { TokenProbabilities(token: $0, likeliest: [($0, -0.01), ("0", -5)]) }
  }

  @Test func `the tokens up to the digit are the answer's`() throws {
    let rubric = try Rubric(named: "educational")
    let answer = "Great.\nEducational score: 4"
    let end = answer.utf8.count
    let good = Self.tokens(["Great", ".\n", "Educational", " score", ":", " 4"])
    let mean = try #require(rubric.expectedScore(of: good, scoreEnd: end, in: answer, score: 4))
    #expect(mean > 3.9 && mean < 4)
    // Another text before it, another digit, and a digit that is not the one that was read.
    let other = Self.tokens(["Gr3at", ".\n", "Educational", " score", ":", " 4"])
    let digit = Self.tokens(["Great", ".\n", "Educational", " score", ":", " 1"])
    #expect(rubric.expectedScore(of: other, scoreEnd: end, in: answer, score: 4) == nil)
    #expect(rubric.expectedScore(of: digit, scoreEnd: end, in: answer, score: 4) == nil)
    #expect(rubric.expectedScore(of: good, scoreEnd: end, in: answer, score: 3) == nil)
  }

  /// A token that is a part of a character comes as U+FFFD, of three bytes, and moves all that follow.
  @Test func `a part of a character moves no digit into the score's place`() throws {
    let rubric = try Rubric(named: "educational")
    let answer = "你你\nrelevance: 1\nEducational score: 4"
    let texts = answer.flatMap { $0 == "你" ? ["\u{fffd}", "\u{fffd}"] : [String($0)] }
    for end in 1...answer.utf8.count {
      #expect(rubric.expectedScore(of: Self.tokens(texts), scoreEnd: end) == nil)
      #expect(
        rubric.expectedScore(of: Self.tokens(texts), scoreEnd: end, in: answer, score: 4) == nil
      )
    }
  }
}
