import Foundation
import Modeling
import Testing

@Suite struct SamplerTests {
  let logits: [Float] = [1, 3, 2, 3, -1]

  @Test func `temperature 0 takes the likeliest, the first of equals`() {
    var sampler = Sampler(SamplingSettings(temperature: 0, seed: 9))
    for _ in 0..<5 { #expect(sampler.next(logits) == 1) }
  }

  @Test func `equal seeds draw equal tokens`() {
    var one = Sampler(SamplingSettings(seed: 4))
    var two = Sampler(SamplingSettings(seed: 4))
    let drawn = (0..<50).map { _ in one.next(logits) }
    #expect(drawn == (0..<50).map { _ in two.next(logits) })
    #expect(Set(drawn).count > 1)
  }

  @Test func `a sampler goes on from its memory as the one that had it`() {
    let settings = SamplingSettings(temperature: 2, repetitionPenalty: 1.5, seed: 4)
    var one = Sampler(settings)
    for _ in 0..<3 { one.note(one.next(logits)) }
    #expect(!one.memory.seen.isEmpty && one.memory.random != 4)
    var two = Sampler(settings, memory: one.memory)
    for _ in 0..<50 {
      let drawn = one.next(logits)
      #expect(two.next(logits) == drawn)
      one.note(drawn)
      two.note(drawn)
    }
    #expect(one.memory == two.memory)
  }

  @Test func `frequencies follow the softmax`() {
    var sampler = Sampler(SamplingSettings(temperature: 2, seed: 1))
    var counts = [Double](repeating: 0, count: 5)
    for _ in 0..<20_000 { counts[sampler.next(logits)] += 1 }
    let weights = logits.map { exp(Double($0) / 2) }
    let total = weights.reduce(0, +)
    for id in 0..<5 { #expect(abs(counts[id] / 20_000 - weights[id] / total) < 0.015) }
  }

  @Test func `the nucleus leaves out the unlikely tail`() {
    var sampler = Sampler(SamplingSettings(topP: 0.75, seed: 2))
    let drawn = Set((0..<2_000).map { _ in sampler.next(logits) })
    #expect(drawn == [1, 3])
    var single = Sampler(SamplingSettings(topP: 0, seed: 2))
    #expect(single.next(logits) == 1)
  }

  @Test func `only the likeliest few are drawn, in proportion`() {
    var sampler = Sampler(SamplingSettings(topK: 3, seed: 5))
    var counts = [Double](repeating: 0, count: 5)
    for _ in 0..<20_000 { counts[sampler.next(logits)] += 1 }
    let weights = [0, exp(3.0), exp(2.0), exp(3.0), 0]
    let total = weights.reduce(0, +)
    for id in 0..<5 { #expect(abs(counts[id] / 20_000 - weights[id] / total) < 0.015) }
    // The nucleus is taken of what topK leaves: 0.42, 0.42 and 0.16, so 0.8 needs the first two.
    var both = Sampler(SamplingSettings(topK: 3, topP: 0.8, seed: 5))
    #expect(Set((0..<500).map { _ in both.next(logits) }) == [1, 3])
    var all = Sampler(SamplingSettings(topK: 99, seed: 5))
    #expect(Set((0..<3_000).map { _ in all.next(logits) }) == [0, 1, 2, 3, 4])
  }

  @Test func `tokens read before lose by the penalty, whatever the sign of their logits`() {
    var sampler = Sampler(SamplingSettings(temperature: 0, repetitionPenalty: 2))
    #expect(sampler.next(logits) == 1)
    sampler.note(1)
    #expect(sampler.next(logits) == 3)
    sampler.note(3)
    #expect(sampler.next(logits) == 2)
    // 1.5, 1 and 1.5 are left of 3, 2 and 3.
    sampler.note(2)
    #expect(sampler.next(logits) == 1)
    var negative = Sampler(SamplingSettings(temperature: 0, repetitionPenalty: 3))
    negative.note(0)
    #expect(negative.next([-1, -2]) == 1)
  }
}
