import Documents
import Files
import Foundation
import Ingestion
import TestSupport
import Testing

@Suite struct JSONLinesReaderTests {
  func ingested(
    _ text: String,
    options: JSONLinesReader.Options = JSONLinesReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "rows.jsonl", in: folder)
      return try ingest(JSONLinesReader(options: options), path, name: "rows.jsonl")
    }
  }

  @Test func `every scalar is kept, lists and objects are not`() throws {
    let result = try ingested(
      #"{"id": "a", "text": "One.\r\nTwo. ", "n": 3, "x": 0.5, "ok": true, "no": null, "#
        + #""l": ["text"], "o": {"text": "inner"}, "s": "é"}"# + "\n\n"
        + #"{"text": "Three.", "id": 12}"#
    )
    #expect(result.texts == ["One.\nTwo.", "Three."])
    #expect(result.documents.map(\.key) == ["a", "12"])
    #expect(
      result.documents[0].metadata == [
        "n": .integer(3), "x": .number(0.5), "ok": .flag(true), "s": .text("é"),
      ]
    )
    #expect(result.documents.map(\.origin.line) == [1, 3])
    #expect(result.documents[0].license == "unknown")
  }

  @Test func `field names, kept fields and the licence are options`() throws {
    let options = JSONLinesReader.Options(
      text: "body",
      id: "key",
      metadata: ["n"],
      license: "CC0-1.0"
    )
    let line = #"{"body": "B.", "key": "k", "n": 1, "m": 2, "text": "T"}"#
    let result = try ingested(line, options: options)
    #expect(result.texts == ["B."])
    #expect(result.documents[0].key == "k")
    #expect(result.documents[0].metadata == ["n": .integer(1)])
    #expect(result.documents[0].license == "CC0-1.0")
  }

  @Test(arguments: [
    #"[{"text": "A, [b] {c} \"d\""},{"text": "E."}]"#,
    "\u{feff} [\n  {\"text\": \"A, [b] {c} \\\"d\\\"\"} ,\n\n {\n\"text\"\n: \"E.\", \"x\": [[], {}]}\n]\n",
    #"{"rows": [{"text": "A, [b] {c} \"d\""}, {"text": "E."}], "more": [1, 2]}"#,
  ])
  func `an array of objects is read as well`(text: String) throws {
    let result = try ingested(text)
    #expect(result.texts == ["A, [b] {c} \"d\"", "E."])
    #expect(result.documents.map(\.key) == ["rows.jsonl#0", "rows.jsonl#1"])
    #expect(result.rejections.isEmpty)
  }

  @Test func `elements of an array know their lines`() throws {
    let result = try ingested(
      "[\n{\"text\": \"A.\"},\n\n{\"text\":\n\"B.\"}, {\"text\": \"C.\"}\n]"
    )
    #expect(result.documents.map(\.origin.line) == [2, 4, 5])
  }

  @Test func `what is no object is rejected, and the rest goes on`() throws {
    let lines = [
      #"{"text": "A."}"#, "words", "7", #"["text"]"#, #"{"n": 1}"#, #"{"text": 7}"#,
      #"{"text": " "}"#, #"{"text": "Z."}"#, #"{"text": "cut"#,
    ]
    let result = try ingested(lines.joined(separator: "\n"))
    #expect(result.texts == ["A.", "Z."])
    #expect(
      result.reasons == [
        "not a JSON object", "not a JSON object", "not a JSON object", "no text", "no text",
        "empty text", "cut off at the end of the file",
      ]
    )
    let array = try ingested(#"[{"text": "A."}, , "b", {"text": "Z."}, {"text": "cut"#)
    #expect(array.texts == ["A.", "Z."])
    #expect(
      array.reasons == [
        "not a JSON object", "not a JSON object", "cut off at the end of the file",
      ]
    )
  }

  @Test func `deep nesting and a long value do no harm`() throws {
    let deep = #"{"text": "Deep.", "x": "# + String(repeating: "[", count: 1_000_000)
    let long = #"{"text": ""# + String(repeating: "word ", count: 500_000) + #""}"#
    let result = try ingested(deep + "\n" + long + "\n")
    #expect(result.reasons == ["not a JSON object"])
    #expect(result.texts.first?.utf8.count == 2_499_999)
    let array = try ingested("[" + long + "," + deep)
    #expect(array.texts.count == 1)
    #expect(array.reasons == ["cut off at the end of the file"])
  }

  @Test(arguments: ["", "\n \n", "[]", "[ \n]", #"{"rows": []}"#])
  func `a file without values is a failure`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `invalid UTF-8 fails with its line`() throws {
    try withTemporaryFolder { folder in
      let bytes = Array("{\"text\": \"a\"}\n{\"text\": \"".utf8) + [0xff] + Array("\"}\n".utf8)
      let path = try write(bytes, to: "x.jsonl", in: folder)
      #expect { _ = try ingest(JSONLinesReader(), path) } throws: {
        ($0 as? Failure)?.place.contains("line 2") == true
      }
    }
  }

  @Test func `random bytes and cuts never crash`() throws {
    var random = SeededNumbers(6)
    let whole = Array(#"[{"text": "A \"b\" é.", "n": [1, {"x": null}]}, {"text": "C."}]"#.utf8)
    for _ in 0..<2_000 {
      var bytes = Array(whole[..<Int.random(in: 0...whole.count, using: &random)])
      if let index = bytes.indices.randomElement(using: &random) {
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      do {
        let result = try ingested(text)
        #expect(result.documents.count + result.rejections.count > 0)
      } catch is Failure {}
    }
  }

  /// A real file, which is not part of the project: skipped where it is absent.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/fineweb-edu")))
  func `the generic reader gives the documents of the source's own reader`() throws {
    let path = sharedData.path + "/fineweb-edu/DERIVED_150docs.jsonl"
    let generic = try ingest(JSONLinesReader(source: "fineweb-edu"), path)
    let own = try ingest(FineWebEduReader(), path)
    #expect(generic.documents.count == 150)
    #expect(generic.documents.map(\.id) == own.documents.map(\.id))
    #expect(generic.texts == own.texts)
    #expect(
      generic.documents.map { $0.metadata["score"] } == own.documents.map { $0.metadata["score"] }
    )
  }
}
