import Files
import Foundation
import Ingestion
import Testing

@Suite struct EvaluationReaderTests {
  /// `eval/a.jsonl` (two objects, carriage returns and a blank line), `eval/notes.md` and
  /// `eval/b.txt` (two paragraphs); made with Python's zipfile.
  static let zip = bytes(
    base64: """
      UEsDBBQAAAAAAAAAIQAcROwVbQAAAG0AAAAMAAAAZXZhbC9hLmpzb25seyJzZW50ZW5jZV9nb29kIjogIlRoZSBmcm9n
      cyBzaW5nIGF0IG5pZ2h0LiIsICJVSUQiOiAieF95In0NCg0KeyJzZW50ZW5jZV9nb29kIjogIlRoZSBmcm9nIHNpbmdz
      IGF0IG5pZ2h0LiJ9ClBLAwQUAAAAAAAAACEAE/oy6RYAAAAWAAAADQAAAGV2YWwvbm90ZXMubWRub3QgYW4gZXZhbHVh
      dGlvbiBmaWxlUEsDBBQAAAAAAAAAIQAKu667JQAAACUAAAAKAAAAZXZhbC9iLnR4dE9uZSBsaW5lLgpBbm90aGVyIGxp
      bmUuCgpBIHBhcmFncmFwaC5QSwECFAMUAAAAAAAAACEAHETsFW0AAABtAAAADAAAAAAAAAAAAAAAgAEAAAAAZXZhbC9h
      Lmpzb25sUEsBAhQDFAAAAAAAAAAhABP6MukWAAAAFgAAAA0AAAAAAAAAAAAAAIABlwAAAGV2YWwvbm90ZXMubWRQSwEC
      FAMUAAAAAAAAACEACruuuyUAAAAlAAAACgAAAAAAAAAAAAAAgAHYAAAAZXZhbC9iLnR4dFBLBQYAAAAAAwADAK0AAAAl
      AQAAAAA=
      """
  )

  struct Found: Equatable {
    let file: String
    let text: EvaluationText
  }

  func read(
    _ content: [UInt8],
    as name: String,
    fields: [String] = []
  ) throws -> [Found] {
    try withTemporaryFolder { folder in
      let path = try write(content, to: name, in: folder)
      var found: [Found] = []
      try EvaluationReader(fields: fields)
        .forEachText(in: InputFile(path: path, name: name)) { file, text in
          found.append(Found(file: file, text: text))
        }
      return found
    }
  }

  func items(_ texts: String...) -> [EvaluationText] { texts.map { .item(Array($0.utf8)) } }
  func passages(_ texts: String...) -> [EvaluationText] { texts.map { .passage(Array($0.utf8)) } }

  @Test func `every string of JSON Lines, at any depth, by the order of the fields' names`() throws
  {
    let lines = """
      {"b": "second", "a": "first", "n": 3, "no": null, "yes": true}
      {"options": ["one", "two", {"deep": "three"}]}
      "bare"
      """
    #expect(
      try read(Array(lines.utf8), as: "x.jsonl").map(\.text)
        == items("first", "second", "one", "two", "three", "bare")
    )
  }

  @Test func `named fields alone, with all that is under them`() throws {
    let lines = """
      {"sentence_good": "good", "UID": "label", "options": ["one", {"x": "two"}]}
      {"other": {"sentence_good": "inner"}}
      """
    #expect(
      try read(Array(lines.utf8), as: "x.jsonl", fields: ["sentence_good", "options"]).map(\.text)
        == items("one", "two", "good", "inner")
    )
  }

  @Test func `one JSON value, or JSON Lines under its name`() throws {
    #expect(
      try read(Array("{\n \"word\": [{\"context\": \"here it is\"}]\n}\n".utf8), as: "x.json").map(
        \.text
      )
        == items("here it is")
    )
    #expect(
      try read(Array("{\"a\": \"x\"}\n{\"a\": \"y\"}\n".utf8), as: "x.json").map(\.text)
        == items("x", "y")
    )
  }

  @Test func `text comes by paragraph`() throws {
    #expect(
      try read(Array("\n\nOne.\r\nTwo.\r\n \t\nThree".utf8), as: "x.txt").map(\.text)
        == passages("One.\nTwo.\n", "Three\n")
    )
  }

  @Test func `a zip gives its evaluation files, each under its name`() throws {
    let found = try read(Self.zip, as: "eval.zip")
    #expect(
      found.map(\.file) == [
        "eval.zip!eval/a.jsonl", "eval.zip!eval/a.jsonl", "eval.zip!eval/a.jsonl",
        "eval.zip!eval/b.txt", "eval.zip!eval/b.txt",
      ]
    )
    #expect(
      found.map(\.text)
        == items("x_y", "The frogs sing at night.", "The frog sings at night.")
        + passages("One line.\nAnother line.\n", "A paragraph.\n")
    )
  }

  @Test(arguments: [
    ("x.jsonl", Array("{\"a\": \"fine\"}\nnot json\n".utf8), "line 2"),
    ("x.jsonl", Array("{\"a\": ".utf8), "line 1"),
    ("x.jsonl", [UInt8](repeating: 0x5b, count: 100_000), "line 1"),
    ("x.json", Array("{\"a\": x}".utf8), "line 1"),
    ("x.txt", Array("A text.\nCaf".utf8) + [0xe9, 10], "line 2"),
    ("x.txt", Array("A text.\n".utf8) + [0, 1, 2], "line 2"),
    ("x.txt", [], "x.txt"),
    ("x.jsonl", [], "x.jsonl"),
    ("x.txt", Array("PAR1....".utf8), "x.txt"),
    ("x.zip", Array(zip.prefix(200)), "x.zip"),
  ])
  func `a broken file is refused with its place`(
    name: String,
    content: [UInt8],
    place: String
  ) throws {
    let failure = try #require(throws: Failure.self) { try read(content, as: name) }
    #expect(failure.place.contains(place), "\(failure)")
    #expect(!failure.remedy.isEmpty)
  }

  @Test func `a line of 100 MB is refused while it is read`() throws {
    let line = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000_000)
    for name in ["x.txt", "x.jsonl"] {
      let failure = try #require(throws: Failure.self) { try read(line, as: name) }
      #expect(failure.what.contains("longer than"), "\(failure)")
    }
  }
}
