import Foundation
import Kernels
import TestSupport
import Testing

/// The rows of a flat vector.
func rows(_ values: [Double], _ columns: Int) -> [[Double]] {
  stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
}

/// A random head's inputs, gates among them already capped.
func randomHead(
  _ steps: Int,
  _ size: Int,
  seed: UInt64,
  starts: [Int]? = nil
) -> ReferenceMLSTM {
  var numbers = SeededNumbers(seed)
  return ReferenceMLSTM(
    queries: rows(numbers.doubles(steps * size, spread: 2), size),
    keys: rows(numbers.doubles(steps * size, spread: 2), size),
    values: rows(numbers.doubles(steps * size), size),
    inputGates: numbers.doubles(steps, spread: 2),
    forgetGates: numbers.doubles(steps, centre: 2, spread: 3),
    starts: starts
  )
}

@Suite struct ReferenceTests {
  @Test func `the linear map's gradients equal central differences`() {
    var numbers = SeededNumbers(1)
    let x = numbers.doubles(6)
    let weight = numbers.doubles(8)
    let pull = rows(numbers.doubles(12), 4)
    func value(_ x: [Double], _ weight: [Double]) -> Double {
      let y = Reference.linear(rows(x, 2), rows(weight, 2))
      return Reference.dot(Array(y.joined()), Array(pull.joined()))
    }
    let gradient = Reference.linearBackward(rows(x, 2), rows(weight, 2), gradient: pull)
    let dx = centralDifferences(x) { value($0, weight) }
    let dweight = centralDifferences(weight) { value(x, $0) }
    #expect(relativeDifference(dx, Array(gradient.x.joined())) < 1e-5)
    #expect(relativeDifference(dweight, Array(gradient.weight.joined())) < 1e-5)
  }

  @Test func `the norms' gradients equal central differences`() {
    var numbers = SeededNumbers(2)
    let x = numbers.doubles(10)
    let gain = numbers.doubles(5, centre: 1)
    let pull = numbers.doubles(10)
    func root(_ x: [Double], _ gain: [Double]) -> Double {
      Reference.dot(Array(Reference.rmsNorm(rows(x, 5), gain: gain).joined()), pull)
    }
    let back = Reference.rmsNormBackward(rows(x, 5), gain: gain, gradient: rows(pull, 5))
    let dx = centralDifferences(x) { root($0, gain) }
    let dgain = centralDifferences(gain) { root(x, $0) }
    #expect(relativeDifference(dx, Array(back.x.joined())) < 1e-5)
    #expect(relativeDifference(dgain, back.gain) < 1e-5)

    let row = Array(x[..<5])
    func layer(_ x: [Double], _ gain: [Double]) -> Double {
      Reference.dot(Reference.layerNorm(x, gain: gain), Array(pull[..<5]))
    }
    let layerBack = Reference.layerNormBackward(row, gain: gain, gradient: Array(pull[..<5]))
    let dRow = centralDifferences(row) { layer($0, gain) }
    let dLayerGain = centralDifferences(gain) { layer(row, $0) }
    #expect(relativeDifference(dRow, layerBack.x) < 1e-5)
    #expect(relativeDifference(dLayerGain, layerBack.gain) < 1e-5)
  }

  @Test func `the gates' and the cap's gradients equal central differences`() {
    for (gate, up) in [(-3.0, 0.7), (0.2, -1.1), (4.0, 2.0)] {
      let back = Reference.gatedSiLUBackward(gate, up, gradient: 1)
      let difference = centralDifferences([gate, up]) { Reference.gatedSiLU($0[0], $0[1]) }
      #expect(relativeDifference(difference, [back.gate, back.up]) < 1e-5)
      let slope = centralDifferences([gate]) { Reference.cap($0[0]) }
      #expect(relativeDifference(slope, [Reference.capSlope(capped: Reference.cap(gate))]) < 1e-5)
    }
  }

  @Test func `the cross-entropy's gradient equals central differences`() {
    var numbers = SeededNumbers(3)
    let logits = numbers.doubles(7, spread: 3)
    let difference = centralDifferences(logits) { Reference.crossEntropy($0, target: 2) }
    let gradient = Reference.crossEntropyBackward(logits, target: 2)
    #expect(relativeDifference(difference, gradient) < 1e-5)
  }

  @Test(arguments: [1, 2, 9], [false, true])
  func `the mLSTM's gradients equal central differences`(steps: Int, isolated: Bool) {
    let size = 3
    let starts = (0..<steps).map { isolated ? $0 / 3 * 3 : 0 }
    let head = randomHead(steps, size, seed: 4, starts: starts)
    var numbers = SeededNumbers(5)
    let pull = rows(numbers.doubles(steps * size), size)
    let back = head.definitionBackward(gradient: pull)
    func check(_ part: WritableKeyPath<ReferenceMLSTM, [[Double]]>) {
      let difference = centralDifferences(Array(head[keyPath: part].joined())) {
        var shifted = head
        shifted[keyPath: part] = rows($0, size)
        return Reference.dot(Array(shifted.definition().joined()), Array(pull.joined()))
      }
      #expect(relativeDifference(difference, Array(back[keyPath: part].joined())) < 1e-5)
    }
    check(\.queries)
    check(\.keys)
    check(\.values)
    func check(_ part: WritableKeyPath<ReferenceMLSTM, [Double]>) {
      let difference = centralDifferences(head[keyPath: part]) {
        var shifted = head
        shifted[keyPath: part] = $0
        return Reference.dot(Array(shifted.definition().joined()), Array(pull.joined()))
      }
      let scale = difference.map(abs).max() ?? 0
      let gradient = back[keyPath: part]
      for (expected, actual) in zip(difference, gradient) {
        #expect(abs(expected - actual) <= 1e-5 * scale + 1e-9)
      }
    }
    check(\.inputGates)
    check(\.forgetGates)
  }

  @Test(arguments: [1, 63, 100])
  func `definition and recurrence agree up to the epsilon`(steps: Int) {
    let head = randomHead(steps, 8, seed: 6)
    let difference = relativeDifference(
      Array(head.definition().joined()),
      Array(head.recurrence().joined())
    )
    #expect(difference < 1e-4)
  }
}
