import Documents
import Ingestion
import Testing

@Suite struct LinesTests {
  /// Lines are cut from pieces of 256 KiB, so the borders fall anywhere in a file of some megabytes.
  @Test(arguments: ["\n", "\r\n"])
  func `lines are the same wherever the pieces are cut`(lineEnd: String) throws {
    let lines = (0..<40_000).map { number in
      "\(number) " + String(repeating: "word ", count: number % 17) + "é \(number)."
    }
    let text = "\u{feff}" + lines.joined(separator: lineEnd) + lineEnd
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "lines.txt", in: folder)
      let options = TinyStoriesReader.Options(separator: .lineBreak)
      let result = try ingest(TinyStoriesReader(options: options), path)
      #expect(result.texts == lines)
      #expect(result.documents.map(\.origin.line) == Array(1...40_000))
    }
  }

  @Test func `blank lines count but carry nothing`() throws {
    try withTemporaryFolder { folder in
      let text = "\n\n{\"text\": \"a\"}\r\n\r\n \t\n{\"text\": \"b\"}"
      let path = try write(Array(text.utf8), to: "x.jsonl", in: folder)
      let result = try ingest(FineWebEduReader(), path)
      #expect(result.documents.map(\.origin.line) == [3, 6])
      #expect(result.texts == ["a", "b"])
    }
  }
}
