import Files
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct TextPiecesTests {
  /// The documents of a file by pieces of a few bytes.
  private func documents(_ text: String, pieceBytes: Int, longest: Int = 1_000) throws -> [String] {
    let folder = try TemporaryFolder()
    let path = folder("text")
    try Data(text.utf8).write(to: URL(filePath: path))
    var pieces = try TextPieces(path, pieceBytes: pieceBytes, longestDocument: longest)
    var found: [String] = []
    while try pieces.advance() {
      found += pieces.documents.map { String(decoding: pieces.bytes[$0], as: UTF8.self) }
    }
    return found
  }

  @Test(arguments: [
    ("", []),
    ("one", ["one"]),
    ("one\n", ["one\n"]),
    ("one\n\n", ["one"]),
    ("\n\n\n\none\n\n\ntwo\nlines\n\n\n\n\n", ["one", "\ntwo\nlines", "\n"]),
    (
      "a first paragraph that is longer than one vector of bytes\n\nand a second\n\nthird",
      ["a first paragraph that is longer than one vector of bytes", "and a second", "third"]
    ),
  ])
  func `documents lie between blank lines, whatever the size of a piece`(
    text: String,
    expected: [String]
  ) throws {
    for pieceBytes in [1, 2, 3, 5, 8, 13, 21, 34, 1_000] {
      #expect(try documents(text, pieceBytes: pieceBytes) == expected, "\(pieceBytes)")
    }
    let bytes = Array(text.utf8)
    let whole = paragraphs(of: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    #expect(whole == expected)
  }

  @Test func `a document too long is refused with its place`() throws {
    for text in [
      "short\n\n" + String(repeating: "x", count: 90) + "\n\nend",
      "short\n\n" + String(repeating: "x", count: 90),
    ] {
      do {
        _ = try documents(text, pieceBytes: 16, longest: 40)
        Issue.record("taken")
      } catch let failure as Failure {
        #expect(failure.what.contains("more than 40 bytes"))
        #expect(failure.place.hasSuffix("text, byte 7"))
      }
    }
  }

  @Test func `a file that is not there is a failure`() {
    #expect(throws: Failure.self) { try TextPieces("/nowhere/at all") }
  }
}
