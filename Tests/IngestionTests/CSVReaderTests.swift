import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct CSVReaderTests {
  func ingested(
    _ text: String,
    options: CSVReader.Options = CSVReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "rows.csv", in: folder)
      return try ingest(CSVReader(options: options), path, name: "rows.csv")
    }
  }

  @Test(arguments: ["\n", "\r\n"])
  func `quoted fields hold delimiters, line ends and doubled quotation marks`(end: String) throws {
    let text = """
      id,text,score,note
      7,"A fox ran, then
      hid.
      ""Ha!"" it said.",2.5,

      x,"Plain",-3,"a,b"
      ,Say "so" now.,1e3,007
      """
    let result = try ingested(text.replacingOccurrences(of: "\n", with: end))
    #expect(
      result.texts == ["A fox ran, then\nhid.\n\"Ha!\" it said.", "Plain", "Say \"so\" now."]
    )
    #expect(result.documents.map(\.key) == ["7", "x", "rows.csv#2"])
    #expect(result.documents.map(\.origin.line) == [2, 6, 7])
    #expect(
      result.documents.map(\.metadata) == [
        ["score": .number(2.5)], ["score": .integer(-3), "note": .text("a,b")],
        ["score": .number(1_000), "note": .text("007")],
      ]
    )
    #expect(result.rejections.isEmpty)
  }

  @Test func `columns, delimiter and licence are options`() throws {
    let text = "1;Hello.;de\n2;Bye.;en\n"
    let options = CSVReader.Options(
      text: "2",
      id: "1",
      metadata: ["3"],
      header: false,
      delimiter: ";",
      license: "CC0-1.0"
    )
    let result = try ingested(text, options: options)
    #expect(result.documents.map(\.key) == ["1", "2"])
    #expect(result.texts == ["Hello.", "Bye."])
    #expect(result.documents.map(\.metadata) == [["3": .text("de")], ["3": .text("en")]])
    #expect(result.documents.allSatisfy { $0.license == "CC0-1.0" })
  }

  @Test func `tabs are found out`() throws {
    let result = try ingested("text\tn\nOne, two.\t3\n")
    #expect(result.texts == ["One, two."])
    #expect(result.documents[0].metadata == ["n": .integer(3)])
  }

  @Test func `a record that does not fit is rejected with its line, and the rest goes on`() throws {
    let result = try ingested("text,n\nOne.,1\n\"Two\".,2\nThree.\nFour.,4,5\n\"\",6\nLast.,7")
    #expect(result.texts == ["One.", "Last."])
    #expect(
      result.reasons == [
        "malformed quotes", "wrong number of fields", "wrong number of fields", "empty text",
      ]
    )
    #expect(result.rejections.map(\.origin.line) == [3, 4, 5, 6])
  }

  @Test func `borders of pieces change nothing`() throws {
    // 300 KB of quoted text and then some: the pieces of a file are 256 KiB.
    let long = (0..<20_000).map { "line \($0), \"\"so\"\"" }.joined(separator: "\n")
    let result = try ingested("text,n\n\"\(long)\",1\nB.,2\n")
    #expect(result.texts == [long.replacingOccurrences(of: "\"\"", with: "\""), "B."])
    #expect(result.documents.map(\.origin.line) == [2, 20_002])
  }

  @Test(arguments: ["", "\n\n", "text\n", "body,n\nA.,1\n", "text,n\nA.,1\n\"open, 2\nB.,3\n"])
  func `what cannot be read on is a failure`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `an open quotation mark names the record where it stands`() {
    #expect { _ = try ingested("text\nA.\n\"B.\nC.\n") } throws: {
      ($0 as? Failure)?.place.contains("line 3") == true
    }
    #expect { _ = try ingested("a\nb", options: .init(delimiter: ";;")) } throws: {
      ($0 as? Failure)?.kind == .usage
    }
  }

  @Test func `invalid UTF-8 fails with its line`() throws {
    try withTemporaryFolder { folder in
      let path = try write(Array("text\nfine\ncaf".utf8) + [0xe9], to: "x.csv", in: folder)
      #expect { _ = try ingest(CSVReader(), path) } throws: {
        ($0 as? Failure)?.place.contains("line 3, byte 3") == true
      }
      let latin = CSVReader(options: .init(encoding: .windows1252))
      #expect(try ingest(latin, path).texts == ["fine", "café"])
    }
  }

  /// A real file, which is not part of the project: skipped where it is absent.
  ///
  /// Python's `csv.DictReader` gives the counts, and the words of the column `text` by `split()`.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/fineweb-edu")))
  func `a real file gives what Python's reader gives`() throws {
    let path = sharedData.path + "/fineweb-edu/Mohamed-Elsafty23_training_data.csv"
    let result = try ingest(CSVReader(), path)
    #expect(result.documents.count == 150)
    #expect(result.rejections.isEmpty)
    #expect(result.texts.map { WordCount.words(in: $0) }.reduce(0, +) == 66_831)
    let scores = result.documents.compactMap { $0.metadata["score"] }
    #expect(scores.count == 150)
  }
}
