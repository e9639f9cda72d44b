private import CPronunciations

/// How many syllables the words of the CMU Pronouncing Dictionary have.
///
/// The first pronunciation of each word counts. The dictionary is part of the program; the table is
/// built at first use (some 10 ms).
package struct Pronunciations: Sendable {
  /// The dictionary.
  package static let shared = Pronunciations()

  /// Syllables by word key; a few words, such as `hmm`, have none.
  let table: WordTable

  private init() {
    let bytes = Pronunciations.bytes()
    var table = WordTable(capacity: 1 << 17)
    Pronunciations.forEachWord(in: bytes) { word, syllables in
      table.insert(WordKey.key(of: word), syllables)
    }
    self.table = table
  }

  /// The number of syllables of a word by its key, or nil where the dictionary lacks it.
  @inline(__always)
  package func syllables(_ key: UInt64) -> Int? {
    table.value(key).map(Int.init)
  }

  /// Calls a function with every word and its syllables, in the order of the bytes.
  package static func forEachWord(_ body: ([UInt8], UInt8) -> Void) {
    forEachWord(in: bytes(), body)
  }

  /// Undoes what `pronunciations.py` did: words that share their first bytes with the one before.
  private static func forEachWord(in bytes: [UInt8], _ body: ([UInt8], UInt8) -> Void) {
    var word: [UInt8] = []
    var syllables: UInt8 = 0
    var isHead = true
    for byte in bytes {
      if isHead {
        syllables = byte & 15
        word.removeLast(word.count - Int(byte >> 4))
        isHead = false
      } else {
        word.append(byte & 0x7f)
        isHead = byte & 0x80 != 0
        if isHead { body(word, syllables) }
      }
    }
  }

  /// The resource; C hands it over by its address.
  private static func bytes() -> [UInt8] {
    unsafe Array(
      UnsafeBufferPointer(start: cpronunciations_bytes(), count: cpronunciations_count())
    )
  }
}
