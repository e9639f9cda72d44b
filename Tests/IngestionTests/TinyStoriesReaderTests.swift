import Documents
import Files
import Foundation
import Ingestion
import TestSupport
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
    "", " \n\n \t\n", "[]", "PAR1....", "{\"texts\": []}",
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

  @Test(arguments: [
    #"["A cat sat.\nIt ran.", "A \"dog\" ran."]"#,
    #"{"texts": ["A cat sat.\nIt ran.", "A \"dog\" ran."]}"#,
    #"[{"story": "\n\nA cat sat.\nIt ran."}, {"text": "A \"dog\" ran. "}]"#,
    #"{"story": "A cat sat.\r\nIt ran."}"# + "\n" + #"{"story": "A \"dog\" ran."}"#,
  ])
  func `JSON of any shape gives its stories`(text: String) throws {
    let result = try ingested(text)
    #expect(result.texts == ["A cat sat.\nIt ran.", "A \"dog\" ran."])
    #expect(result.documents.map(\.key) == ["stories.txt#0", "stories.txt#1"])
    #expect(result.rejections.isEmpty)
  }

  @Test func `the publishers' objects keep who wrote a story and what was asked for`() throws {
    let result = try ingested(
      """
      [{"story": "A hen ran.", "instruction": {"prompt:": "Write a story.", "words": ["run", "hen"],
      "features": ["Dialogue"]}, "summary": "Hen.", "source": "GPT-4"},
      {"story": "A fox sat.", "instruction": {"words": 7}, "source": "GPT-3.5"}]
      """
    )
    #expect(
      result.documents.map(\.metadata) == [
        [
          "model": .text("GPT-4"), "prompt": .text("Write a story."),
          "promptWords": .list([.text("run"), .text("hen")]),
          "features": .list([.text("Dialogue")]),
        ], ["model": .text("GPT-3.5")],
      ]
    )
  }

  @Test func `other JSON is rejected, and a cut value says so`() throws {
    let result = try ingested(#"["One.", 1, {"tale": "x"}, [], "", {"story": 3}, "cut of"#)
    #expect(result.texts == ["One."])
    #expect(
      result.reasons == [
        "not a story", "not a story", "not a story", "empty story", "not a story",
        "cut off at the end of the file",
      ]
    )
  }

  @Test func `an archive of JSON arrays is read member by member`() throws {
    try withTemporaryFolder { folder in
      let packed = try #require(ArchiveFixtures.packs["stories.tar.gz"])
      let path = try write(packed, to: "TinyStories_all_data.tar.gz", in: folder)
      let result = try ingest(TinyStoriesReader(), path, name: "all.tar.gz")
      #expect(result.texts == ["A hen ran.", "A fox sat.", "An owl flew."])
      #expect(
        result.documents.map(\.key) == [
          "all.tar.gz!data00.json#0", "all.tar.gz!data00.json#1", "all.tar.gz!data01.json#0",
        ]
      )
    }
  }

  @Test func `text that was encoded twice is repaired and counted`() throws {
    let broken = "â€œCome,â€\u{9d} said Tom. â€œItâ€™s a cafÃ©â€”yes.â€\n\nâ€œNo.â€"
    let result = try ingested(broken + "<|endoftext|>\nRené’s “own” tale: â or Ã alone.")
    #expect(
      result.texts == [
        "“Come,” said Tom. “It’s a café—yes.”\n\n“No.”", "René’s “own” tale: â or Ã alone.",
      ]
    )
    #expect(result.documents.map { $0.metadata["mojibakeRepaired"] } == [.integer(9), nil])
    let kept = try ingested(broken, options: .init(repairMojibake: false))
    #expect(kept.texts.first?.hasPrefix("â€œCome,â€ said") == true)
    #expect(
      Mojibake.repaired(Array("Ã¢â‚¬Å“twiceÃ¢â‚¬Â".utf8)).text.starts(with: Array("“twice".utf8))
    )
  }

  @Test(arguments: [
    ("Once upon a time, there was a hen.", "There was a hen.", "once upon a time"),
    ("Once upon a time in a wood, a fox sat.", "In a wood, a fox sat.", "once upon a time"),
    ("ONCE UPON A TIME,  Tom ran.", "Tom ran.", "once upon a time"),
    ("One day, a girl ran.", "A girl ran.", "one day"),
    ("One sunny day Lily sat.", "Lily sat.", "one sunny day"),
    ("Once there was a hen.", "There was a hen.", "once"),
    ("Once, there was a hen.", "There was a hen.", "once"),
    ("Long ago, élan was rare.", "élan was rare.", "long ago"),
  ])
  func `openings are taken away on request`(story: String, rest: String, opening: String) throws {
    let result = try ingested(story, options: .init(removeOpenings: true))
    #expect(result.texts == [rest])
    #expect(
      result.documents[0].metadata["openingsRemoved"] == .object([opening: .integer(1)])
    )
    #expect(try ingested(story).documents[0].metadata.isEmpty)
  }

  @Test(arguments: [
    "Once the rain had stopped, Tom ran.", "One days-old hen ran.", "Once upon a time.",
    "One day.", "Tom ran one day.",
  ])
  func `what only looks like an opening stays`(story: String) throws {
    #expect(try ingested(story, options: .init(removeOpenings: true)).texts == [story])
  }

  @Test func `stories that stand in the file before are counted`() throws {
    let result = try ingested("A.\r\n<|endoftext|>\nB.\n<|endoftext|>\nA.\n<|endoftext|>\n")
    #expect(result.texts == ["A.", "B.", "A."])
    #expect(result.documents.map { $0.metadata["exactDuplicates"] } == [nil, nil, .integer(1)])
    #expect(
      TinyStoriesReader().summedMetadata.sorted() == [
        "exactDuplicates", "mojibakeRepaired", "openingsRemoved",
      ]
    )
  }

  @Test func `stories of Parquet that stand in the file before are counted across its pages`()
    throws
  {
    let pages = [["A hen.", "Two hens."], ["A hen.", "", "Three hens."], ["Two hens.", ""]]
    let file = HandMadeParquet(
      type: 6,
      meaning: 0,
      rowGroups: [pages[..<2].map { HandMadeParquet.page($0) }, [HandMadeParquet.page(pages[2])]]
    )
    try withTemporaryFolder { folder in
      let path = try write(file.bytes, to: "a.parquet", in: folder)
      // What the option says of text files does not hold for Parquet.
      let reader = TinyStoriesReader(options: .init(encoding: .windows1252))
      let result = try ingest(reader, path, name: "a.parquet")
      #expect(result.texts == ["A hen.", "Two hens.", "A hen.", "Three hens.", "Two hens."])
      #expect(
        result.documents.map { $0.metadata["exactDuplicates"] } == [
          nil, nil, .integer(1), nil, .integer(1),
        ]
      )
      #expect(result.documents.map(\.origin.line) == [1, 2, 3, 5, 6])
      #expect(result.documents[4].key == "a.parquet#5")
      #expect(result.rejections.map(\.reason) == ["empty story", "empty story"])
    }
  }

  /// Real files, which are not part of the project: skipped where they are absent.
  ///
  /// Of one file there is a copy that was encoded twice; it has other line ends, so words are compared.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/tinystories")))
  func `a real copy that was encoded twice gives the same words as the file itself`() throws {
    func words(_ name: String) throws -> (words: [Substring], repaired: Int) {
      let result = try ingest(TinyStoriesReader(), sharedData.path + "/tinystories/\(name)")
      var repaired = 0
      for document in result.documents {
        if case .integer(let count) = document.metadata["mojibakeRepaired"] { repaired += count }
      }
      return (result.texts.flatMap { $0.split(whereSeparator: \.isWhitespace) }, repaired)
    }
    let whole = try words("mattmegarry_TinyStories-1000.txt")
    let broken = try words("s-ajaykumar_tiny_stories.txt")
    #expect(whole.repaired == 0 && broken.repaired == 449)
    #expect(whole.words.count == 183_801)
    #expect(whole.words == broken.words)
  }

  /// A real file, which is not part of the project: skipped where it is absent.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/tinystories")))
  func `a real JSON file gives its 3,000 stories`() throws {
    let path = sharedData.path + "/tinystories/maxme1_tiny-stories.json"
    let result = try ingest(TinyStoriesReader(), path)
    #expect(result.documents.count == 3_000)
    #expect(result.rejections.isEmpty)
    let plain = try ingest(TinyStoriesReader(options: .init(removeOpenings: true)), path)
    #expect(plain.documents.count { $0.metadata["openingsRemoved"] != nil } > 2_000)
    #expect(!plain.texts.contains { $0.hasPrefix("Once upon a time,") })
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
