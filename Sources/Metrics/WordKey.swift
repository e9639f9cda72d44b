/// The identity of a word's lower-case spelling in 64 bits, built byte after byte.
///
/// Words of up to 8 bytes are their own key; longer ones are hashed to 63 bits: among ten million
/// different words the chance that any two share a key is 5 in a million. Never 0 for a word.
package struct WordKey: Sendable {
  private var state: UInt64 = 0
  private var packed: UInt64 = 0
  private(set) var length = 0

  /// Creates the key of no bytes.
  package init() {}

  /// The key of up to 8 bytes, the last in the lowest place.
  @inline(__always)
  init(packed: UInt64, length: Int) {
    self.packed = packed
    self.length = length
  }

  /// Takes the next byte of the lower-case spelling, which is not 0.
  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    if length & 7 == 0, length > 0 { fold() }
    packed = packed << 8 | UInt64(byte)
    length += 1
  }

  /// Takes the UTF-8 bytes of a scalar.
  mutating func append(scalar value: UInt32) {
    guard value >= 0x80 else { return append(UInt8(truncatingIfNeeded: value)) }
    if value < 0x800 {
      append(0xc0 | UInt8(truncatingIfNeeded: value >> 6))
    } else if value < 0x1_0000 {
      append(0xe0 | UInt8(truncatingIfNeeded: value >> 12))
      append(0x80 | UInt8(truncatingIfNeeded: value >> 6) & 0x3f)
    } else {
      append(0xf0 | UInt8(truncatingIfNeeded: value >> 18))
      append(0x80 | UInt8(truncatingIfNeeded: value >> 12) & 0x3f)
      append(0x80 | UInt8(truncatingIfNeeded: value >> 6) & 0x3f)
    }
    append(0x80 | UInt8(truncatingIfNeeded: value) & 0x3f)
  }

  private mutating func fold() {
    state = (state ^ packed) &* 0x9e37_79b9_7f4a_7c15
    state ^= state >> 32
    packed = 0
  }

  /// The key of the bytes so far.
  @inline(__always)
  package var value: UInt64 {
    guard length > 8 else { return packed }
    let mixed = (state ^ packed) &* 0x9e37_79b9_7f4a_7c15
    return (mixed ^ (mixed >> 32)) | 1 << 63
  }

  /// The key of a whole word that is in lower case already, its apostrophe the typewriter's.
  package static func key(of word: some Sequence<UInt8>) -> UInt64 {
    var key = WordKey()
    for byte in word { key.append(byte) }
    return key.value
  }

  /// The key of a word in whatever case, with whatever apostrophes and hyphens, as a scan has it.
  ///
  /// - Parameter word: The word; where it has nothing that a key is made of, the key is 0.
  /// - Returns: The key.
  package static func key(of word: String) -> UInt64 {
    let bytes = Array(word.utf8)
    var key = WordKey()
    ScalarKinds.shared.forEachSpelledByte(bytes.span, 0..<bytes.count) { key.append($0) }
    return key.value
  }
}

extension ScalarKinds {
  /// Calls a function with each byte of the spelling that a word's key is made of: in lower case, with
  /// the typewriter's apostrophe and hyphen, without what is passed over.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - word: Where the word stands.
  ///   - body: Receives the bytes in order.
  func forEachSpelledByte(_ text: Span<UInt8>, _ word: Range<Int>, _ body: (UInt8) -> Void) {
    var index = word.lowerBound
    while index < word.upperBound {
      let scalar = scalar(in: text, at: index)
      index += scalar.length
      switch scalar.kind {
      case ScalarKinds.format: break
      case ScalarKinds.apostrophe: body(0x27)
      case ScalarKinds.hyphen: body(0x2d)
      default: Unicode.Scalar(scalar.lower).flatMap(UTF8.encode)?.forEach(body)
      }
    }
  }
}

/// Small numbers by word key, in one array with open addressing.
package struct WordTable: Sendable {
  private var keys: [UInt64]
  private var values: [UInt8]
  private let shift: UInt64
  /// How many words there are.
  package private(set) var count = 0

  /// Creates a table that holds no words.
  ///
  /// - Parameter capacity: How many words it will hold at most.
  package init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    keys = Array(repeating: 0, count: 1 << Int(bits))
    values = Array(repeating: 0, count: 1 << Int(bits))
    shift = 64 - bits
  }

  /// Creates a table of lists of words in lower case.
  ///
  /// - Parameter lists: Each list's number and its words.
  package init(_ lists: [(value: UInt8, words: [String])]) {
    self.init(capacity: lists.reduce(0) { $0 + $1.words.count })
    for list in lists {
      for word in list.words { insert(WordKey.key(of: word.utf8), list.value) }
    }
  }

  /// Puts in a word, where it is not in yet.
  ///
  /// - Parameters:
  ///   - key: The word's key, not 0.
  ///   - value: Its number, up to 254.
  /// - Precondition: The table holds fewer words than its capacity.
  package mutating func insert(_ key: UInt64, _ value: UInt8) {
    precondition(count * 2 < keys.count, "the table is full")
    var slot = Int((key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while keys[slot] != 0 {
      if keys[slot] == key { return }
      slot = (slot + 1) & (keys.count - 1)
    }
    keys[slot] = key
    values[slot] = value
    count += 1
  }

  /// The number of a word, or nil.
  @inline(__always)
  package func value(_ key: UInt64) -> UInt8? {
    var slot = Int((key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while true {
      let found = keys[slot]
      if found == key { return values[slot] }
      if found == 0 { return nil }
      slot = (slot + 1) & (keys.count - 1)
    }
  }
}
