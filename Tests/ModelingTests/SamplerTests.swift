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

  /// Every setting at once against probabilities reckoned step by step, by Pearson's χ².
  @Test(
    arguments: [
      (1.0, nil, 1.0, 1.0, []), (0.7, nil, 0.6, 1.0, []), (1.3, 4, 1.0, 1.0, [0, 3]),
      (0.9, 6, 0.85, 1.7, [1, 2, 5]), (2, 5, 0.5, 0.5, [7]), (0.5, 1, 0.3, 1, []),
      (1, 8, 0.999, 2, [0, 1, 2, 3, 4, 5, 6, 7]),
    ] as [(Double, Int?, Double, Double, [Int])]
  )
  func `drawn tokens have the exact probabilities`(
    temperature: Double,
    topK: Int?,
    topP: Double,
    penalty: Double,
    read: [Int]
  ) {
    let logits: [Float] = [1.5, -0.5, 0.25, 2, -1, 0, 0.75, 1.25]
    var values = logits.map(Double.init)
    for id in read { values[id] = values[id] > 0 ? values[id] / penalty : values[id] * penalty }
    var probabilities = values.map { exp($0 / temperature) }
    func keep(_ kept: [Int]) {
      let total = kept.reduce(0) { $0 + probabilities[$1] }
      for id in probabilities.indices {
        probabilities[id] = kept.contains(id) ? probabilities[id] / total : 0
      }
    }
    func likeliest() -> [Int] {
      probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
    }
    keep(Array(likeliest().prefix(topK ?? 8)))
    var nucleus: [Int] = []
    for id in likeliest() where nucleus.reduce(0, { $0 + probabilities[$1] }) < topP {
      nucleus.append(id)
    }
    keep(nucleus)
    var sampler = Sampler(
      SamplingSettings(
        temperature: temperature,
        topK: topK,
        topP: topP,
        repetitionPenalty: penalty,
        seed: 11
      )
    )
    for id in read { sampler.note(id) }
    let draws = 20_000.0
    var counts = [Double](repeating: 0, count: 8)
    for _ in 0..<Int(draws) { counts[sampler.next(logits)] += 1 }
    var distance = 0.0
    for id in 0..<8 {
      let expected = draws * probabilities[id]
      if expected == 0 {
        #expect(counts[id] == 0, "\(id)")
      } else {
        distance += (counts[id] - expected) * (counts[id] - expected) / expected
      }
    }
    // Seven degrees of freedom at most pass 29.9 once in ten thousand.
    #expect(distance < 29.9, "\(distance)")
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
