import Documents
import Files
import Ingestion
import Testing

@Suite struct TextHygieneTests {
  let origin = Origin(file: "x.txt", line: 5)

  func cleaned(_ bytes: [UInt8], _ encoding: TextEncoding = .utf8) throws -> String {
    let result = try TextHygiene.cleaned(bytes, encoding: encoding, origin: origin)
    return String(decoding: result, as: UTF8.self)
  }

  @Test(arguments: [
    ("", ""), ("plain\ttext\n", "plain\ttext\n"), ("\u{feff}a", "a"), ("a\r\nb\rc\r", "a\nb\nc\n"),
    ("a\r\r\nb", "a\n\nb"), ("a\u{0}b\u{1}\u{8}\u{b}\u{c}\u{1b}c", "abc"),
    ("a\u{1c}b\u{1d}c\u{1e}d\u{1f}e", "a b c d e"), ("a\u{7f}b", "ab"),
    ("a\u{80}b\u{9f}c\u{85}d", "abc d"), ("a\u{a0}b", "a\u{a0}b"), ("né 你好 🙂", "né 你好 🙂"),
    ("a\u{feff}b", "a\u{feff}b"),
  ])
  func `text is cleaned of controls only`(text: String, expected: String) throws {
    #expect(try cleaned(Array(text.utf8)) == expected)
  }

  @Test(
    arguments: [
      [0xff], [0xc3], [0xc3, 0x28], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80], [0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
    ] as [[UInt8]]
  )
  func `bytes that are not UTF-8 are a failure with line and byte`(bad: [UInt8]) {
    let bytes = Array("one\ntwo\nab".utf8) + bad
    #expect { _ = try cleaned(bytes) } throws: {
      let failure = $0 as? Failure
      return failure?.place.hasPrefix("x.txt, line 7, byte 2 ") == true
        && failure?.what.hasPrefix("invalid UTF-8") == true
    }
  }

  /// Searching in vectors and cutting the ends apart must change nothing: the rules once more, byte by
  /// byte, over texts of all lengths.
  @Test func `long texts are cleaned as the rules say byte by byte`() throws {
    let pieces = [
      "a", " ", "\t", "\n", "\r", "\r\n", "é", "\u{a0}", "\u{85}", "\u{1f}", "\u{0}", "🙂",
    ]
    var state: UInt64 = 3
    for round in 0..<3_000 {
      var text = ""
      for _ in 0..<(round % 40) {
        state = finalized(state)
        text += state >> 40 % 3 == 0 ? pieces[Int(state % UInt64(pieces.count))] : "plain text"
      }
      var expected = String.UnicodeScalarView()
      var previous: Unicode.Scalar?
      for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x0a where previous == "\r": break
        case 0x0d, 0x0a: expected.append("\n")
        case 0x09, 0x20...0x7e, 0xa0...: expected.append(scalar)
        case 0x1c...0x1f, 0x85: expected.append(" ")
        default: break
        }
        previous = scalar
      }
      #expect(try cleaned(Array(text.utf8)) == String(expected))
      #expect(TextHygiene.cleaned(text) == Array(String(expected).utf8))
      let lines = String(expected).split(separator: "\n", omittingEmptySubsequences: false)
        .map { line in
          var line = line
          while line.last == " " || line.last == "\t" { line.removeLast() }
          return String(line)
        }
      var kept = lines.joined(separator: "\n")[...]
      while let first = kept.first, " \t\n".contains(first) { kept.removeFirst() }
      while let last = kept.last, " \t\n".contains(last) { kept.removeLast() }
      #expect(TextHygiene.withoutOuterSpace(Array(String(expected).utf8)) == Array(kept.utf8))
    }
  }

  /// Golden from Python 3.11: `bytes(b for b in range(128, 256)
  /// if b not in (0x81, 0x8d, 0x8f, 0x90, 0x9d)).decode("cp1252")`.
  @Test func `Windows-1252 is decoded, and its five holes leave nothing`() throws {
    let golden =
      "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿"
      + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ"
    #expect(try cleaned(Array(128...255), .windows1252) == golden)
    #expect(try cleaned(Array("a\r\nb".utf8), .windows1252) == "a\nb")
  }
}
