import Documents
import Files
import Ingestion
import Testing

/// Parquet through the readers that are not FineWeb-Edu's, against the same rows as JSON Lines.
@Suite struct ParquetReaderTests {
  let parquet = ParquetFixture.path("fineweb.parquet")
  let lines = ParquetFixture.path("fineweb.jsonl")

  @Test func `rows are the documents that JSON Lines give`() throws {
    let rows = try ingest(ParquetReader(source: "x"), parquet)
    let objects = try ingest(JSONLinesReader(source: "x"), lines)
    #expect(rows.documents == objects.documents)
    #expect(rows.documents.count == 7 && rows.rejections.isEmpty)
    #expect(rows.documents[1].metadata["dump"] == .text("CC-MAIN-2023-50"))
  }

  @Test func `text, identity and metadata are the columns that options name`() throws {
    var options = ParquetReader.Options(text: "url", id: "dump", metadata: ["score"])
    options.license = "CC0-1.0"
    let rows = try ingest(ParquetReader(source: "x", options: options), parquet)
    let third = try #require(rows.documents.dropFirst(2).first)
    #expect(third.text == "https://example.org/2" && third.key == "CC-MAIN-2024-10")
    #expect(third.metadata == ["score": .number(1)] && third.license == "CC0-1.0")
    let missing = ParquetReader(source: "x", options: .init(text: "body"))
    let failure = try #require(throws: Failure.self) { _ = try ingest(missing, parquet) }
    #expect(failure.what.contains("no column `body`") && failure.what.contains("`url`"))
  }

  @Test func `every readable kind of scalar becomes metadata, lists do not`() throws {
    let options = ParquetReader.Options(text: "text", id: "none")
    let path = ParquetFixture.path("types.zstd.parquet")
    let names = try ParquetFile(path: path).columns.filter { $0.refusal == nil && !$0.isList }
    let text = try #require(names.first { $0.kind == .text })
    var named = options
    named.text = text.name
    let result = try ingest(ParquetReader(source: "x", options: named), path)
    #expect(!result.documents.isEmpty)
    let stated = Set(result.documents.flatMap(\.metadata.keys))
    #expect(stated.count > 5 && stated.isSubset(of: Set(names.map(\.name))))
  }

  @Test func `stories and Cosmopedia are read from Parquet, too`() throws {
    let texts = try ingest(ParquetReader(), parquet).documents.map(\.text)
    let stories = try ingest(TinyStoriesReader(), parquet)
    #expect(stories.documents.map(\.text) == texts && stories.rejections.isEmpty)
    #expect(stories.documents[2].key == "f#2" && stories.documents[2].metadata.isEmpty)
    let cosmopedia = try ingest(CosmopediaReader(), parquet)
    #expect(cosmopedia.documents == (try ingest(CosmopediaReader(), lines)).documents)
    #expect(cosmopedia.documents.count == 7)
  }
}
