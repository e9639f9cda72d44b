import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct FineWebEduReaderTests {
  func ingested(_ text: String) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "part.jsonl", in: folder)
      return try ingest(FineWebEduReader(), path, name: "part.jsonl")
    }
  }

  @Test func `a line becomes a document with what the line says of it`() throws {
    let line = """
      {"text": "Rocks break.\\r\\nSlowly.\\u0000 ", "id": "<urn:uuid:1>", "dump": "CC-MAIN-2024-10", \
      "url": "https://example.org/rocks", "file_path": "s3://x", "language": "en", \
      "language_score": 0.98, "token_count": 4, "score": 3.5, "int_score": 4, "more": {"a": [1]}}
      """
    let result = try ingested(line + "\n")
    let document = try #require(result.documents.first)
    #expect(document.key == "<urn:uuid:1>")
    #expect(document.text == "Rocks break.\nSlowly.")
    #expect(document.license == "ODC-By-1.0")
    #expect(document.origin == Origin(file: "part.jsonl", line: 1))
    #expect(
      document.metadata == [
        "dump": .text("CC-MAIN-2024-10"), "url": .text("https://example.org/rocks"),
        "language": .text("en"), "language_score": .number(0.98), "token_count": .integer(4),
        "score": .number(3.5), "int_score": .integer(4),
      ]
    )
  }

  @Test func `fields of another kind cost only themselves`() throws {
    let result = try ingested(
      """
      {"text": "One.", "id": 7, "score": "high", "int_score": 2.5, "url": null, "dump": ["x"]}
      {"text": "Two.", "id": "", "score": 3}

      {"text": "Three."}
      """
    )
    #expect(result.documents.map(\.key) == ["7", "part.jsonl#1", "part.jsonl#2"])
    #expect(result.documents.map(\.origin.line) == [1, 2, 4])
    #expect(result.documents[0].metadata.isEmpty)
    #expect(result.documents[1].metadata == ["score": .number(3)])
  }

  @Test(arguments: [
    (#"{"text": "cut"#, "not a JSON object"), ("plain words", "not a JSON object"),
    ("7", "not a JSON object"), (#""text""#, "not a JSON object"), ("null", "not a JSON object"),
    (#"{"text": "\ud800"}"#, "no text"), (#"{"text": "a"} {"#, "not a JSON object"),
    (#"{"id": "x"}"#, "no text"), (#"{"text": null}"#, "no text"), (#"{"text": 7}"#, "no text"),
    (#"{"text": ""}"#, "empty text"), (#"{"text": " \n\u0001 "}"#, "empty text"),
  ])
  func `a line without text is rejected with its reason`(line: String, reason: String) throws {
    let result = try ingested(#"{"text": "Before."}"# + "\n\(line)\n" + #"{"text": "After."}"#)
    #expect(result.texts == ["Before.", "After."])
    #expect(result.reasons == [reason])
    #expect(result.rejections.first?.origin.line == 2)
  }

  @Test func `deep nesting and a long line do no harm`() throws {
    let deep = #"{"text": "Deep.", "x": "# + String(repeating: "[", count: 100_000)
    let long = #"{"text": ""# + String(repeating: "word ", count: 1_000_000) + #""}"#
    let result = try ingested(deep + "\n" + long + "\n")
    #expect(result.reasons == ["not a JSON object"])
    #expect(result.texts.first?.utf8.count == 4_999_999)
  }

  @Test(arguments: ["", "\n \n", "PAR1\u{15}\u{4}", "[{\"text\": \"a\"}]"])
  func `other formats and empty files are failures`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `Parquet is refused with the way out`() throws {
    #expect { _ = try ingested("PAR1....") } throws: {
      ($0 as? Failure)?.remedy.contains("JSON Lines") == true
    }
  }

  /// Real documents, which are not part of the project: skipped where they are absent.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/fineweb-edu")))
  func `real lines give documents`() throws {
    let folder = sharedData.path + "/fineweb-edu"
    let derived = try ingest(FineWebEduReader(), folder + "/DERIVED_150docs.jsonl")
    #expect(derived.documents.count == 150)
    #expect(Set(derived.documents.map(\.id)).count == 150)
    #expect(derived.rejections.isEmpty)
    let original = try ingest(FineWebEduReader(), folder + "/tqmsh_test_labels.jsonl")
    #expect(original.documents.count == 5)
    #expect(throws: Failure.self) {
      _ = try ingest(FineWebEduReader(), folder + "/DERIVED_150docs.snappy.parquet")
    }
  }
}
