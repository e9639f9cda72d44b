import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct CosmopediaReaderTests {
  func ingested(
    _ text: String,
    options: CosmopediaReader.Options = CosmopediaReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "wikihow.jsonl", in: folder)
      return try ingest(CosmopediaReader(options: options), path, name: "wikihow.jsonl")
    }
  }

  @Test func `a row keeps what it can be filtered by, but not its prompt`() throws {
    let result = try ingested(
      #"{"prompt": "Write of kites.", "text_token_length": 9, "text": " How to fly a kite: run. ","#
        + #" "seed_data": "wikihow", "format": "wikihow", "audience": "young_children"}"# + "\n"
        + #"{"text": "Two and two are four.", "audience": null, "seed_data": ["x"]}"# + "\n"
    )
    #expect(result.texts == ["How to fly a kite: run.", "Two and two are four."])
    #expect(result.documents.map(\.key) == ["wikihow.jsonl#0", "wikihow.jsonl#1"])
    #expect(
      result.documents.map(\.metadata) == [
        [
          "seed_data": .text("wikihow"), "format": .text("wikihow"),
          "audience": .text("young_children"), "text_token_length": .integer(9),
        ], [:],
      ]
    )
    #expect(result.documents.allSatisfy { $0.license == "Apache-2.0" })
    let second = try ingested(#"{"text": "A."}"#, options: .init(license: "ODC-By-1.0"))
    #expect(second.documents[0].license == "ODC-By-1.0")
  }

  @Test func `rows without text are rejected`() throws {
    let result = try ingested(
      #"{"prompt": "x"}"# + "\nno\n" + #"{"text": ""}"# + "\n{\"text\": \"c"
    )
    #expect(
      result.reasons == [
        "no text", "not a JSON object", "empty text", "cut off at the end of the file",
      ]
    )
  }

  @Test(arguments: ["", " \n", "PAR1\u{15}\u{4}"])
  func `empty files and broken Parquet are failures`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }
}
