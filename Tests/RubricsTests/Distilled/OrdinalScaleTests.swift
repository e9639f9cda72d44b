import Rubrics
import Testing

@Suite struct OrdinalScaleTests {
  let scale = OrdinalScale(
    numbers: [2.4, 2.6, 2.1, 3.0, 2.9, 2.2],
    scores: [1, 2, 1, 4, 2, 1]
  )

  @Test func `each score gets as many numbers as it has texts`() {
    let scores = [2.1, 2.2, 2.4, 2.6, 2.9, 3.0].map { (scale.score($0) + 0.5).rounded(.down) }
    #expect(scores == [1, 1, 1, 2, 2, 4])
  }

  @Test func `scores rise with their numbers and stay inside`() {
    var last = -Double.infinity
    for step in -1_000...1_000 {
      let score = scale.score(Double(step) / 100)
      #expect(score >= last && score >= 1 && score <= 4)
      last = score
    }
    #expect(last == 4 && scale.score(-1e300) == 1)
  }

  @Test func `one score alone is always given`() {
    let scale = OrdinalScale(numbers: [1, 2, 3], scores: [3, 3, 3])
    #expect(scale.score(-7) == 3 && scale.score(1e9) == 3)
  }
}
