import Pipeline
import Testing

@Suite struct StopStringsTests {
  /// Takes a text apart in every way of two cuts; what is passed on must not depend on them.
  func expect(_ text: String, stop: [String], gives expected: String, ends: Bool) {
    let bytes = Array(text.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var filter = StopStrings(stop)
        var passed: [UInt8] = []
        for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
          passed += filter.take(Array(piece))
        }
        #expect(filter.hasEnded == ends)
        passed += filter.rest()
        #expect(String(decoding: passed, as: UTF8.self) == expected, "\(first), \(second)")
      }
    }
  }

  @Test func `a stop string ends the text before it, wherever its tokens are cut`() {
    expect("One. Two. Three.", stop: ["Two"], gives: "One. ", ends: true)
    expect("aaab", stop: ["ab"], gives: "aa", ends: true)
    expect("abcabd", stop: ["abd", "zz"], gives: "abc", ends: true)
  }

  @Test func `the first of several ends the text`() {
    expect("one two three", stop: ["three", "two"], gives: "one ", ends: true)
  }

  @Test func `what only looks like a stop string is passed on at last`() {
    expect("One. Tw", stop: ["Two"], gives: "One. Tw", ends: false)
    expect("plain", stop: [], gives: "plain", ends: false)
    expect("plain", stop: [""], gives: "plain", ends: false)
  }

  @Test func `a character comes whole, and what is no character comes at last`() {
    for text in ["é", "€", "🙂", "naïve 🙂 text"] {
      var filter = StopStrings([])
      var passed: [UInt8] = []
      for byte in text.utf8 {
        passed += filter.take([byte])
        #expect(String(validating: passed, as: UTF8.self) != nil)
      }
      #expect(passed == Array(text.utf8))
    }
    var filter = StopStrings([])
    #expect(filter.take([65, 0x80, 0x80, 0x80, 0x80]) == [65, 0x80, 0x80, 0x80, 0x80])
    #expect(filter.take([0xf0, 0x9f]).isEmpty)
    #expect(filter.take([66]) == [0xf0, 0x9f, 66])
    #expect(filter.take([0xc3]).isEmpty && filter.rest() == [0xc3])
  }

  @Test func `a filter goes on from what another held back`() {
    var first = StopStrings(["xyz"])
    #expect(first.take(Array("abxy".utf8)) == Array("ab".utf8))
    var second = StopStrings(["xyz"], held: first.rest())
    #expect(second.take(Array("z".utf8)).isEmpty && second.hasEnded)
  }

  @Test func `bytes that cannot begin a stop string are not held back`() {
    var filter = StopStrings(["xyz"])
    #expect(filter.take(Array("abxy".utf8)) == Array("ab".utf8))
    #expect(filter.take(Array("q".utf8)) == Array("xyq".utf8))
  }
}
