import Documents
import Files
import Foundation
import Ingestion
import TestSupport
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

  @Test(arguments: ["", "\n \n", "PAR1\u{15}\u{4}", "PAR1....", "[{\"text\": \"a\"}]"])
  func `other formats and empty files are failures`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `Parquet and JSON Lines give the same documents`() throws {
    let parquet = try ingest(FineWebEduReader(), ParquetFixture.path("fineweb.parquet"))
    let lines = try ingest(FineWebEduReader(), ParquetFixture.path("fineweb.jsonl"))
    #expect(parquet.documents == lines.documents)
    #expect(parquet.documents.count == 7)
    #expect(parquet.rejections.isEmpty && lines.rejections.isEmpty)
    let third = parquet.documents[2]
    #expect(third.key == "<urn:uuid:2>")
    #expect(third.text == "Ünal ate three plums — all of them ripe.\nLine two of page 2.")
    #expect(third.origin == Origin(file: "f", line: 3))
    #expect(
      third.metadata == [
        "dump": .text("CC-MAIN-2024-10"), "url": .text("https://example.org/2"),
        "language": .text("de"), "language_score": .number(0.6), "token_count": .integer(20),
        "score": .number(1), "int_score": .integer(1),
      ]
    )
  }

  @Test(arguments: ["fineweb.parquet", "fineweb.jsonl"])
  func `options keep the rows that are asked for`(name: String) throws {
    func kept(_ options: FineWebEduReader.Options) throws -> ([String], [String]) {
      let result = try ingest(FineWebEduReader(options: options), ParquetFixture.path(name))
      return (result.documents.map { String($0.key.dropFirst(10).dropLast()) }, result.reasons)
    }
    let score = try kept(.init(minimumScore: 1.5))
    #expect(score.0 == ["3", "4", "5", "6"])
    #expect(score.1 == Array(repeating: "filtered: minimumScore", count: 3))
    #expect(try kept(.init(minimumIntScore: 2)).0 == ["4", "5", "6"])
    #expect(try kept(.init(languages: ["de", "fr"])).0 == ["2", "5"])
    #expect(try kept(.init(minimumLanguageScore: 0.75)).0 == ["5", "6"])
    #expect(try kept(.init(dumps: ["CC-MAIN-2023-50"])).0 == ["1", "3", "5"])
    let both = try kept(.init(minimumScore: 1, languages: ["de"], dumps: ["CC-MAIN-2024-10"]))
    #expect(both.0 == ["2"])
    #expect(Set(both.1) == ["filtered: languages", "filtered: dumps"])
  }

  @Test func `a row without the field that an option asks for is not kept`() throws {
    try withTemporaryFolder { folder in
      let file = HandMadeParquet(
        type: 6,
        meaning: 0,
        rowGroups: [[HandMadeParquet.page(["A hen."])]]
      )
      let path = try write(file.bytes, to: "a.parquet", in: folder)
      #expect(
        try ingest(FineWebEduReader(), path, name: "a.parquet").documents.map(\.key) == [
          "a.parquet#0"
        ]
      )
      for options in [
        FineWebEduReader.Options(minimumScore: 1), .init(minimumIntScore: 1),
        .init(languages: ["en"]), .init(minimumLanguageScore: 0.1), .init(dumps: ["x"]),
      ] {
        let result = try ingest(FineWebEduReader(options: options), path)
        #expect(result.documents.isEmpty)
        #expect(result.reasons.first?.hasPrefix("no value: ") == true)
      }
    }
  }

  @Test func `a Parquet file without text, and one that breaks off, are failures`() throws {
    let other = try #require(throws: Failure.self) {
      _ = try ingest(FineWebEduReader(), ParquetFixture.path("lists.parquet"))
    }
    #expect(other.what.contains("`words`"))
    let whole = try Data(contentsOf: URL(filePath: ParquetFixture.path("fineweb.parquet")))
    try withTemporaryFolder { folder in
      let cut = try write([UInt8](whole.prefix(4_000)), to: "a.parquet", in: folder)
      let failure = try #require(throws: Failure.self) { _ = try ingest(FineWebEduReader(), cut) }
      #expect(failure.what.contains("cut off"))
    }
  }

  @Test func `a shard that broke off is named with the row group reached`() throws {
    // Three row groups of ten columns, which begin at bytes 4, 1,421 and 2,808.
    let path = ParquetFixture.path("fineweb.parquet")
    let whole = try [UInt8](Data(contentsOf: URL(filePath: path)))
    #expect(try ParquetFile(path: path).rowGroups == [3, 3, 1])
    try withTemporaryFolder { folder in
      func rowGroup(_ size: Int) throws -> Int? {
        let cut = try write([UInt8](whole.prefix(size)), to: "a.parquet", in: folder)
        let failure = try #require(throws: Failure.self) { _ = try ingest(FineWebEduReader(), cut) }
        return failure.what.firstMatch(of: /in row group (\d+)$/).flatMap { Int($0.output.1) }
      }
      // The pattern has not come round twice, then twice, then the third has begun.
      let groups = try [1_000, 2_750, 2_900].map { try rowGroup($0) }
      #expect(groups == [nil, 1, 2])
    }
  }

  /// Real documents, which are not part of the project: skipped where they are absent.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/fineweb-edu")))
  func `real files give the same documents in every form`() throws {
    let folder = sharedData.path + "/fineweb-edu/"
    let lines = try ingest(FineWebEduReader(), folder + "DERIVED_150docs.jsonl")
    #expect(lines.documents.count == 150)
    #expect(Set(lines.documents.map(\.id)).count == 150)
    #expect(lines.rejections.isEmpty)
    let plain = try ingest(FineWebEduReader(), folder + "DERIVED_150docs.none.parquet")
    // The lines hold the texts alone; ids and scores are in the Parquet files.
    #expect(plain.texts == lines.texts)
    #expect(plain.rejections.isEmpty)
    #expect(plain.documents.allSatisfy { $0.metadata.count == 7 })
    for codec in ["gzip", "snappy", "zstd"] {
      let file = folder + "DERIVED_150docs.\(codec).parquet"
      #expect(try ingest(FineWebEduReader(), file).documents == plain.documents)
    }
    let original = try ingest(FineWebEduReader(), folder + "tqmsh_test_labels.jsonl")
    #expect(original.documents.count == 5)
  }
}
