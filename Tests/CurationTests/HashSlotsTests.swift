import Curation
import TestSupport
import Testing

@Suite struct HashSlotsTests {
  @Test func `numbers come back under their hashes, in order, whatever collides`() {
    var numbers = SeededNumbers(9)
    var slots = HashSlots()
    var expected: [UInt64: [UInt32]] = [:]
    for number in 0..<5_000 as Range<UInt32> {
      // Few different low bits, so that runs of slots fill up; among them the hash 0.
      let hash = UInt64.random(in: 0..<40, using: &numbers) << 58 | UInt64(number % 300)
      slots.insert(number, under: hash)
      expected[hash, default: []].append(number)
    }
    #expect(slots.count == 5_000)
    for (hash, numbers) in expected where hash != 1 {
      #expect(slots.mayContain(hash))
      var seen: [UInt32] = []
      #expect(
        slots.first(under: hash) {
          seen.append($0)
          return false
        } == nil
      )
      // The hashes 0 and 1 share their slots.
      #expect(hash == 0 ? seen.filter(numbers.contains) == numbers : seen == numbers)
    }
    #expect(slots.first(under: 12_345, where: { _ in true }) == nil)
    var absent = 0
    for _ in 0..<10_000 where slots.mayContain(numbers.next() | 1 << 40) { absent += 1 }
    #expect(absent < 2_000)
  }
}
