import Foundation
import Modeling
import Testing

@Suite struct SamplerTests {
  let logits: [Float] = [1, 3, 2, 3, -1]

  @Test func `temperature 0 takes the likeliest, the first of equals`() {
    var sampler = Sampler(temperature: 0, seed: 9)
    for _ in 0..<5 { #expect(sampler.next(logits) == 1) }
  }

  @Test func `equal seeds draw equal tokens`() {
    var one = Sampler(seed: 4)
    var two = Sampler(seed: 4)
    let drawn = (0..<50).map { _ in one.next(logits) }
    #expect(drawn == (0..<50).map { _ in two.next(logits) })
    #expect(Set(drawn).count > 1)
  }

  @Test func `frequencies follow the softmax`() {
    var sampler = Sampler(temperature: 2, seed: 1)
    var counts = [Double](repeating: 0, count: 5)
    for _ in 0..<20_000 { counts[sampler.next(logits)] += 1 }
    let weights = logits.map { exp(Double($0) / 2) }
    let total = weights.reduce(0, +)
    for id in 0..<5 { #expect(abs(counts[id] / 20_000 - weights[id] / total) < 0.015) }
  }

  @Test func `the nucleus leaves out the unlikely tail`() {
    var sampler = Sampler(topP: 0.75, seed: 2)
    let drawn = Set((0..<2_000).map { _ in sampler.next(logits) })
    #expect(drawn == [1, 3])
    var single = Sampler(topP: 0, seed: 2)
    #expect(single.next(logits) == 1)
  }
}
