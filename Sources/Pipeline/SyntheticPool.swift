// A made-up source of any size, to measure the store with: no real text, but of its statistics.

import Files
import Foundation

/// Documents of made-up English-like words, written as FineWeb-Edu's JSON Lines.
///
/// Words are syllables strung together; their frequencies follow Zipf's law with exponent 1 over 50,000
/// words, sentences have 4 to 28 words, documents 50 to 1,150. Equal seeds give equal bytes.
public struct SyntheticPool: Sendable {
  /// The words to make; the last document may pass them.
  public var words: Int
  /// Decides every choice.
  public var seed: UInt64

  private static let vocabularySize = 50_000

  /// Creates a pool.
  ///
  /// - Parameters:
  ///   - words: The words to make.
  ///   - seed: Decides every choice.
  public init(words: Int, seed: UInt64 = 1) {
    self.words = words
    self.seed = seed
  }

  /// The pool's documents as texts.
  ///
  /// - Returns: The texts in UTF-8, with line feeds between paragraphs.
  func texts() -> [[UInt8]] {
    var numbers = Numbers(state: seed)
    let vocabulary = makeVocabulary(SyntheticPool.vocabularySize, &numbers)
    var texts: [[UInt8]] = []
    var made = 0
    while made < words {
      var text: [UInt8] = []
      made += appendText(50 + numbers.below(1_101), vocabulary, &numbers, to: &text)
      // The only escape in it is that of a line feed.
      texts.append(Array(String(decoding: text, as: UTF8.self).replacing("\\n", with: "\n").utf8))
    }
    return texts
  }

  /// Writes the pool.
  ///
  /// - Parameter path: The file.
  /// - Returns: The number of bytes.
  /// - Throws: ``Failure`` where the file cannot be written.
  public func write(to path: String) throws -> Int {
    let file = try DurableFile(path: path)
    var numbers = Numbers(state: seed)
    let vocabulary = makeVocabulary(SyntheticPool.vocabularySize, &numbers)
    var buffer: [UInt8] = []
    var bytes = 0
    var made = 0
    var documents = 0
    while made < words {
      buffer += Array(
        "{\"id\":\"synthetic-\(documents)\",\"score\":\(numbers.below(500)),\"text\":\"".utf8
      )
      made += appendText(50 + numbers.below(1_101), vocabulary, &numbers, to: &buffer)
      buffer += Array("\"}\n".utf8)
      documents += 1
      if buffer.count >= 1_048_576 || made >= words {
        try file.write(buffer)
        bytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
      }
    }
    try file.finish()
    return bytes
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct Numbers {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number from 0 to below `limit`.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A rank from 0 to below `limit` whose frequency falls as one over the rank.
  mutating func rank(below limit: Int) -> Int {
    let fraction = Double(next() >> 11) * 0x1p-53
    return min(limit - 1, Int(exp(fraction * log(Double(limit)))) - 1)
  }
}

/// Distinct words, the frequent ones short.
private func makeVocabulary(_ count: Int, _ numbers: inout Numbers) -> [[UInt8]] {
  let onsets = [
    "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "th", "st", "w", "",
  ]
  let nuclei = ["a", "e", "i", "o", "u", "ea", "ou", "y"]
  let codas = ["", "", "n", "r", "s", "t", "l", "nd", "ng", "m"]
  var words: [[UInt8]] = []
  var seen: Set<String> = []
  while words.count < count {
    // Some hundred words have one syllable, most have three.
    let syllables = words.count < 300 ? 1 : words.count < 8_000 ? 2 : 3
    var word = ""
    for _ in 0..<syllables {
      word += onsets[numbers.below(onsets.count)] + nuclei[numbers.below(nuclei.count)]
      word += codas[numbers.below(codas.count)]
    }
    if seen.insert(word).inserted { words.append(Array(word.utf8)) }
  }
  return words
}

/// Appends sentences, a paragraph every eighth, as the inside of a JSON string.
///
/// - Returns: The number of words.
private func appendText(
  _ wanted: Int,
  _ vocabulary: [[UInt8]],
  _ numbers: inout Numbers,
  to bytes: inout [UInt8]
) -> Int {
  var words = 0
  var sentences = 0
  while words < wanted {
    if sentences > 0 { bytes += sentences.isMultiple(of: 8) ? [0x5c, 0x6e] : [0x20] }
    let length = 4 + numbers.below(25)
    for index in 0..<length {
      if index > 0 { bytes.append(0x20) }
      let start = bytes.count
      bytes += vocabulary[numbers.rank(below: vocabulary.count)]
      if index == 0 { bytes[start] &-= 0x20 }
    }
    bytes.append(UInt8(ascii: "."))
    words += length
    sentences += 1
  }
  return words
}
