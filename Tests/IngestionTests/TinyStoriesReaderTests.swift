import Documents
import Files
import Foundation
import Ingestion
import Testing

/// What became of every record of a file.
struct Ingested {
  var documents: [Document] = []
  var rejections: [Rejection] = []

  var texts: [String] { documents.map(\.text) }
  var reasons: [String] { rejections.map(\.reason) }
}

func ingest(_ reader: some SourceReader, _ path: String, name: String = "f") throws -> Ingested {
  var result = Ingested()
  try reader.forEachRecord(in: InputFile(path: path, name: name)) { record in
    for outcome in try reader.outcomes(of: record) {
      switch outcome {
      case .document(let document): result.documents.append(document)
      case .rejection(let rejection): result.rejections.append(rejection)
      }
    }
  }
  return result
}

@Suite struct TinyStoriesReaderTests {
  func ingested(
    _ text: String,
    options: TinyStoriesReader.Options = TinyStoriesReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: "stories.txt", in: folder)
      return try ingest(TinyStoriesReader(options: options), path, name: "stories.txt")
    }
  }

  @Test func `the marker separates stories wherever it stands`() throws {
    let text = """
      The owl woke up.
      It was dark.

      She flew.
      <|endoftext|>

      A frog sat.<|endoftext|>A hen ran. <|endoftext|>
      """
    let result = try ingested(text)
    #expect(
      result.texts == ["The owl woke up.\nIt was dark.\n\nShe flew.", "A frog sat.", "A hen ran."]
    )
    #expect(result.documents.map(\.key) == ["stories.txt#0", "stories.txt#1", "stories.txt#2"])
    #expect(result.documents.map(\.origin.line) == [1, 7, 7])
    #expect(result.documents.allSatisfy { $0.license == "CDLA-Sharing-1.0" })
    #expect(result.rejections.isEmpty)
  }

  @Test func `an empty story between two markers is rejected`() throws {
    let result = try ingested("A.\n<|endoftext|>\n \n<|endoftext|>\nB.\n<|endoftext|>\n")
    #expect(result.texts == ["A.", "B."])
    #expect(result.reasons == ["empty story"])
  }

  @Test(arguments: [
    ("The end.", true), ("\"Yes!\" she said, \"let's go.\"", true), ("He said “no.”", true),
    ("Where is it?)", true), ("She said it was", false), ("The dog, the", false),
    ("ending with a colon:", false),
  ])
  func `a last story without its marker is kept only where it ends like a sentence`(
    end: String,
    isKept: Bool
  ) throws {
    let result = try ingested("One story.\n<|endoftext|>\n\(end)\n")
    #expect(result.texts == (isKept ? ["One story.", end] : ["One story."]))
    #expect(result.reasons == (isKept ? [] : ["cut off at the end of the file"]))
  }

  @Test(arguments: ["\n", "\r\n"])
  func `without markers the rarer break separates`(lineEnd: String) throws {
    let oneALine = ["A cat sat. It ran.", "A dog ran.", "A hen hid."]
    #expect(try ingested(oneALine.joined(separator: lineEnd)).texts == oneALine)

    let blankBetween = "A cat sat.\nIt ran.\nIt hid.\n\nA dog ran.\nIt sat.\nIt slept."
    #expect(
      try ingested(blankBetween.replacingOccurrences(of: "\n", with: lineEnd)).texts
        == ["A cat sat.\nIt ran.\nIt hid.", "A dog ran.\nIt sat.\nIt slept."]
    )
    let blankInside = "A cat sat.\n\nIt ran.\n\nIt hid.\nA dog ran.\n\nIt sat.\n\nIt slept."
    #expect(
      try ingested(blankInside.replacingOccurrences(of: "\n", with: lineEnd)).texts
        == ["A cat sat.\n\nIt ran.\n\nIt hid.", "A dog ran.\n\nIt sat.\n\nIt slept."]
    )
    #expect(
      try ingested("A.\n\n\nB.\n\nC.".replacingOccurrences(of: "\n", with: lineEnd)).texts
        == ["A.", "B.", "C."]
    )
  }

  @Test func `a stated separator is obeyed`() throws {
    let text = "A cat sat.\n\nIt ran.\nIt hid.\n"
    let byLine = TinyStoriesReader.Options(separator: .blankLine)
    #expect(try ingested(text, options: byLine).texts == ["A cat sat.", "It ran.\nIt hid."])
    let byMarker = TinyStoriesReader.Options(separator: .endOfText)
    #expect(try ingested(text, options: byMarker).texts == ["A cat sat.\n\nIt ran.\nIt hid."])
  }

  @Test func `packing a file changes neither keys nor texts`() throws {
    try withTemporaryFolder { folder in
      let reader = TinyStoriesReader(options: TinyStoriesReader.Options(separator: .lineBreak))
      let plain = try write(ArchiveFixtures.text, to: "a.txt", in: folder)
      let packed = try write(ArchiveFixtures.zstd, to: "a.txt.zst", in: folder)
      let expected = try ingest(reader, plain, name: "a.txt")
      let result = try ingest(reader, packed, name: "a.txt.zst")
      #expect(result.documents.map(\.id) == expected.documents.map(\.id))
      #expect(result.texts == expected.texts)
      #expect(result.texts.count == 59)
    }
  }

  @Test(arguments: [
    "", " \n\n \t\n", "<|endoftext|>".replacingOccurrences(of: "<", with: "{"), "[1]", "PAR1....",
    "{\"texts\": []}",
  ])
  func `what holds no stories is a failure`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `invalid UTF-8 names its line`() throws {
    try withTemporaryFolder { folder in
      let bytes = Array("Fine.\n<|endoftext|>\nThe caf".utf8) + [0xe9] + Array(" shut.\n".utf8)
      let path = try write(bytes, to: "s.txt", in: folder)
      #expect { _ = try ingest(TinyStoriesReader(), path) } throws: {
        ($0 as? Failure)?.place.contains("line 3, byte 7") == true
      }
      let latin = TinyStoriesReader(options: TinyStoriesReader.Options(encoding: .windows1252))
      #expect(try ingest(latin, path).texts == ["Fine.", "The café shut."])
    }
  }

  /// Real files, which are not part of the project: skipped where they are absent.
  ///
  /// The counts come from Python: `re.split` at the marker, or at line breaks with no blank line
  /// before or after. The last two hold the same stories; line breaks inside a story cannot be told
  /// from those between stories in the last.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/tinystories")),
    arguments: [
      ("gusjengis_tinystories_sample_2MiB.txt", 2_316, 1),
      ("leozoroaster_TinyStories.txt", 113, 0),
      ("mattmegarry_TinyStories-1000.txt", 1_000, 0),
      ("s-ajaykumar_tiny_stories.txt", 1_092, 0),
    ]
  )
  func `real files give their stories`(name: String, stories: Int, cutOff: Int) throws {
    let result = try ingest(TinyStoriesReader(), sharedData.path + "/tinystories/\(name)")
    #expect(result.documents.count == stories)
    #expect(result.reasons.count { $0 == "cut off at the end of the file" } == cutOff)
    #expect(!result.texts.contains { $0.contains("endoftext") || $0.contains("\r") })
  }
}
