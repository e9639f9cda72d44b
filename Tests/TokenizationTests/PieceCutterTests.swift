import Testing
import Tokenization

/// The block form must find the pieces that the scalar automaton finds.
@Suite struct PieceCutterTests {
  /// The ends of all pieces, block by block.
  private func ends(_ text: [UInt8], afterBlank: Bool, room: Int) -> [Int] {
    var cutter = PieceCutter(text.span, by: .gpt2, afterBlank: afterBlank)
    var buffer = [UInt32](repeating: 0, count: room)
    var all: [Int] = []
    while !cutter.isFinished {
      var span = buffer.mutableSpan
      let count = cutter.cut(text.span, into: &span)
      all += buffer[..<count].map { Int($0) }
    }
    return all
  }

  /// The ends of all pieces, scalar by scalar.
  private func expected(_ text: [UInt8], afterBlank: Bool) -> [Int] {
    guard !text.isEmpty else { return [] }
    let pretokenizer = Pretokenizer()
    var all: [Int] = []
    var start = 0
    if afterBlank {
      start = pretokenizer.endAfterPrefixSpace(in: text.span)
      all.append(start)
    }
    while start < text.count {
      start = pretokenizer.end(in: text.span, from: start)
      all.append(start)
    }
    return all
  }

  private func check(_ text: [UInt8]) -> Bool {
    [false, true].allSatisfy { afterBlank in
      [PieceCutter.roomForBlock, 1_000].allSatisfy { room in
        ends(text, afterBlank: afterBlank, room: room) == expected(text, afterBlank: afterBlank)
      }
    }
  }

  @Test func `contractions, runs of white space and scripts at every offset of a block`() {
    let parts = [
      "it's he'll we've 'tis ''s 'sabc 're9 d'd's", "a  b \n\n c\t d\r\n",
      "x\u{a0}\u{a0}y \u{3000}z\u{2028}",
      "日本語 русский ελληνικά १२३ ¼", "e\u{301}👩‍👩‍👧 🇮🇪 ", "'l'v'r", "   ", "!?…—“quoted”",
    ]
    for part in parts {
      for offset in 0..<130 {
        for filler in ["a", " ", "'", "\u{a0}", "é", "9"] {
          let text = Array(String(repeating: filler, count: offset).utf8) + Array(part.utf8)
          #expect(check(text), "\(offset) times \(filler), then \(part)")
        }
      }
    }
  }

  @Test func `random mixtures, broken UTF-8 among them`() {
    var state: UInt64 = 7
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let pieces: [[UInt8]] =
      [
        "a", "Z", "'", "s", "ll", " ", "\n", "\t", "7", "٣", "é", "漢", "😀", "\u{a0}", "\u{3000}",
        ".",
      ].map {
        Array($0.utf8)
      } + [[0xff], [0xe2, 0x80], [0xc2], [0x80], [0xf0, 0x9f], [0]]
    for _ in 0..<4_000 {
      var text: [UInt8] = []
      for _ in 0..<next(200) { text += pieces[next(pieces.count)] }
      #expect(check(text), "\(text)")
    }
  }
}
