// The different words of one text by their keys, with how often each occurs: what the measures of
// vocabulary share.
//
// An open-addressing table that is used again for the next text. Slots are found through a factor from
// the system's random numbers, so that no text can be written to make it slow; nothing that comes out
// depends on it.

/// The different words of one text.
package struct WordTypes: Sendable {
  /// Each different word's key, in order of first appearance.
  package private(set) var keys: [UInt64] = []
  /// How often each occurs.
  package private(set) var occurrences: [Int] = []
  /// The place in ``keys`` of each word of the text, in its order.
  package private(set) var tokens: [UInt32] = []

  /// A place in `keys` under the number of the round that entered it; others are free.
  private var slots = [UInt64](repeating: 0, count: smallestSize)
  private var mask = smallestSize - 1
  private var round: UInt64 = 0
  private let secret = UInt64.random(in: .min ... .max) | 1

  private static let smallestSize = 256

  /// Creates the types of no text.
  package init() {}

  /// The number of words that occur once.
  package var hapaxes: Int {
    var count = 0
    for occurrence in occurrences { count += occurrence == 1 ? 1 : 0 }
    return count
  }

  /// Reads the words of a text in place of those before.
  ///
  /// - Parameter words: The words.
  /// - Precondition: There are fewer than 2³² different ones.
  /// - Complexity: Linear in the words; allocates only where there are more than ever before.
  package mutating func read(_ words: Span<Word>) {
    keys.removeAll(keepingCapacity: true)
    occurrences.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    mask = WordTypes.smallestSize - 1
    freeSlots()
    for index in words.indices {
      tokens.append(UInt32(truncatingIfNeeded: number(of: words[index].key)))
    }
  }

  @inline(__always)
  private mutating func number(of key: UInt64) -> Int {
    var slot = firstSlot(of: key)
    while slots[slot] >> 32 == round {
      let number = Int(slots[slot] & 0xffff_ffff)
      if keys[number] == key {
        occurrences[number] += 1
        return number
      }
      slot = (slot + 1) & mask
    }
    let number = keys.count
    precondition(number < Int(UInt32.max), "a text has fewer than 2^32 different words")
    keys.append(key)
    occurrences.append(1)
    slots[slot] = round << 32 | UInt64(number)
    if 2 * keys.count > mask { grow() }
    return number
  }

  @inline(__always)
  private func firstSlot(of key: UInt64) -> Int {
    let product = (key ^ secret).multipliedFullWidth(by: secret)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }

  private mutating func grow() {
    let size = 4 * (mask + 1)
    mask = size - 1
    if slots.count < size {
      slots.append(contentsOf: repeatElement(0, count: size - slots.count))
    }
    freeSlots()
    for number in keys.indices {
      var slot = firstSlot(of: keys[number])
      while slots[slot] >> 32 == round { slot = (slot + 1) & mask }
      slots[slot] = round << 32 | UInt64(number)
    }
  }

  private mutating func freeSlots() {
    round += 1
    guard round > UInt64(UInt32.max) else { return }
    for slot in slots.indices { slots[slot] = 0 }
    round = 1
  }
}

/// The numbers that a word list gives its words, by key.
struct WordNumbers: Sendable {
  private var keys: [UInt64]
  private var numbers: [Double]
  private let mask: Int
  private let secret = UInt64.random(in: .min ... .max) | 1

  /// Takes up a word list.
  ///
  /// - Parameter list: Words in lower case with their numbers; of spellings that are one word (two
  ///   apostrophes) the least number counts.
  init(_ list: [String: Double]) {
    var numbers: [UInt64: Double] = [:]
    for (word, number) in list where !word.isEmpty {
      let key = WordKey.key(of: word)
      numbers[key] = min(number, numbers[key] ?? number)
    }
    self.init(keys: numbers)
  }

  /// Takes up numbers by key.
  ///
  /// - Parameter list: The numbers; those that are not finite, and the key 0, are passed over.
  init(keys list: [UInt64: Double]) {
    var size = 16
    while size < 2 * list.count { size *= 2 }
    keys = [UInt64](repeating: 0, count: size)
    numbers = [Double](repeating: 0, count: size)
    mask = size - 1
    for (key, number) in list where key != 0 && number.isFinite {
      var slot = firstSlot(of: key)
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      numbers[slot] = number
      keys[slot] = key
    }
  }

  /// The number of a word, or `nil` where it is not in the list.
  @inline(__always)
  subscript(key: UInt64) -> Double? {
    var slot = firstSlot(of: key)
    while keys[slot] != 0 {
      if keys[slot] == key { return numbers[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func firstSlot(of key: UInt64) -> Int {
    let product = (key ^ secret).multipliedFullWidth(by: secret)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }
}
