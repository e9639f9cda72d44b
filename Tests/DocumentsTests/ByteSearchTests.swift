import Documents
import Testing

/// Searching in vectors against searching byte by byte.
@Suite struct ByteSearchTests {
  @Test func `the first wanted byte is found from every place of every length`() {
    for count in 0..<100 {
      var bytes = [UInt8](repeating: 0x61, count: count)
      for start in 0...count {
        #expect(firstIndex(of: 0x0a, in: bytes.span, from: start) == nil)
      }
      for place in 0..<count {
        bytes[place] = 0x0a
        if place > 2 { bytes[place / 2] = 0x0a }
        for start in 0...count {
          let expected = bytes[start...].firstIndex(of: 0x0a)
          #expect(firstIndex(of: 0x0a, in: bytes.span, from: start) == expected)
        }
        bytes[place] = 0x61
        bytes[place / 2] = 0x61
      }
    }
  }

  @Test func `each byte that JSON escapes is found, and no other`() {
    for byte in UInt8.min...UInt8.max {
      for count in [3, 70] {
        var bytes = [UInt8](repeating: 0x61, count: count)
        bytes[count - 2] = byte
        let isSpecial = byte < 0x20 || byte == 0x22 || byte == 0x5c
        #expect(firstJSONSpecial(in: bytes.span, from: 0) == (isSpecial ? count - 2 : nil))
        #expect(isASCII(bytes.span) == (byte < 0x80))
      }
    }
  }

  @Test func `spans are appended whole`() {
    var all: [UInt8] = []
    var expected: [UInt8] = []
    for count in 0..<200 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* count) }
      append(bytes.span, to: &all)
      expected += bytes
    }
    #expect(all == expected)
  }

  /// Long texts are counted in blocks: the same texts character by character are the measure.
  @Test func `words in blocks are the words one by one`() {
    let pieces = [
      " ", "\n", "\t", "\u{1c}", "a", "word", "longer words than most", "\u{85}", "\u{a0}", "é",
      "\u{2003}", "\u{3000}", "你好", "🙂", "\u{7f}", "\u{0}",
    ]
    var state: UInt64 = 7
    for round in 0..<2_000 {
      var text = ""
      // Every third text is ASCII alone, every other one nearly so.
      let kinds = round % 3 == 0 ? 7 : pieces.count
      for _ in 0..<(round % 90) {
        state = finalized(state)
        text += state >> 32 % 4 == 0 ? pieces[Int(state % UInt64(kinds))] : "ab c"
      }
      var expected = 0
      var isInside = false
      let bytes = text.utf8Span.span
      var index = 0
      while index < bytes.count {
        let space = WordCount.whiteSpaceLength(in: bytes, at: index)
        if space == 0, !isInside { expected += 1 }
        isInside = space == 0
        index += max(1, space)
      }
      #expect(WordCount.words(in: text) == expected, "\(text.debugDescription)")
    }
  }
}
