import Documents
import Testing
import Tokenization

@Suite struct PretokenizerTests {
  private func pieces(_ bytes: [UInt8], prefix: Bool = false) -> [String] {
    let pretokenizer = Pretokenizer()
    var pieces: [String] = []
    var start = 0
    if prefix {
      start = pretokenizer.endAfterPrefixSpace(in: bytes.span)
      pieces.append(ByteAlphabet.name(of: [0x20] + bytes[..<start]))
    }
    while start < bytes.count {
      let end = pretokenizer.end(in: bytes.span, from: start)
      pieces.append(ByteAlphabet.name(of: bytes[start..<end]))
      start = end
    }
    return pieces
  }

  /// Goldens: `pre_tokenizers.ByteLevel(add_prefix_space=True).pre_tokenize_str` of tokenizers 0.23.
  @Test(arguments: [
    ("\n\nfoo", ["ĠĊ", "Ċ", "foo"]),
    ("'s it's", ["Ġ'", "s", "Ġit", "'s"]),
    ("\n", ["ĠĊ"]),
    ("\u{a0}x", ["Ġ", "Âł", "x"]),
    ("a\u{1c}b  c ", ["Ġa", "Ĝ", "b", "Ġ", "Ġc", "Ġ"]),
    (
      "I'LL i'll we're'd ''s",
      ["ĠI", "'", "LL", "Ġi", "'ll", "Ġwe", "'re", "'d", "Ġ''", "s"]
    ),
  ])
  func `pieces are Hugging Face's`(text: String, expected: [String]) {
    #expect(pieces(Array(text.utf8), prefix: true) == expected)
  }

  /// Golden: `huggingface_peer.py classes` with tokenizers 0.23.3 (Unicode 16).
  @Test func `every Unicode scalar has the class that Hugging Face gives it`() {
    var runs = ""
    var last: UInt8?
    for value in UInt32(0)...0x10_ffff where !(0xd800..<0xe000).contains(value) {
      let kind = ScalarClasses.shared.scalarClass(value)
      if kind != last { runs += "\(value) \(kind)\n" }
      last = kind
    }
    #expect(
      SHA256.hash(runs).description
        == "09e1d5c01c41b2c6bc61de45937f893b49de15c3fc94e113b8444d7dfb7ac4b2"
    )
  }

  @Test func `broken UTF-8 is cut byte by byte as signs`() {
    #expect(pieces([0x61, 0xff, 0xc3, 0x62]) == ["a", "ÿÃ", "b"])
    // Overlong, surrogate, beyond U+10FFFF, cut short.
    for bytes: [UInt8] in [
      [0xc0, 0xa0], [0xe0, 0x80, 0xa0], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe4, 0xbd],
      [0x80],
    ] {
      for index in bytes.indices {
        #expect(ScalarClasses.shared.scalar(in: bytes.span, at: index) == (0, 1))
      }
    }
    #expect(ScalarClasses.shared.scalar(in: Array("語".utf8).span, at: 0) == (1, 3))
  }
}
