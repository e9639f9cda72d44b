import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct BabyLMReaderTests {
  func ingested(
    _ text: String,
    name: String = "childes.train",
    options: BabyLMReader.Options = BabyLMReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(Array(text.utf8), to: name, in: folder)
      return try ingest(BabyLMReader(options: options), path, name: name)
    }
  }

  static let transcripts = """
    = = = Eng-NA/Hill/tom01.cha = = =
    *MOT:\tlook at the duck.
    *CHI:\tduck!

    *MOT:\tyes: a duck.
    = = = Eng-NA/Hill/tom02.cha = = =
    *FAT:\twhere are you?
    """

  @Test func `a heading begins a document and names it`() throws {
    let result = try ingested(Self.transcripts)
    #expect(
      result.texts == [
        "MOT: look at the duck.\nCHI: duck!\n\nMOT: yes: a duck.", "FAT: where are you?",
      ]
    )
    #expect(result.documents.map(\.key) == ["childes.train#0", "childes.train#1"])
    #expect(result.documents.map(\.origin.line) == [2, 7])
    #expect(result.documents[0].metadata["title"] == .text("Eng-NA/Hill/tom01.cha"))
    #expect(result.documents[0].metadata["labelledLines"] == .integer(3))
    #expect(result.documents.allSatisfy { $0.license == "CC-BY-NC-SA-3.0" })
    #expect(result.rejections.isEmpty)
  }

  @Test(arguments: [
    (BabyLMReader.Options.Labels.code, "FAT: where are you?"),
    (.role, "Father: where are you?"), (.none, "where are you?"),
    (.asServed, "*FAT:\twhere are you?"),
  ])
  func `labels are written as asked`(labels: BabyLMReader.Options.Labels, line: String) throws {
    let result = try ingested(Self.transcripts, options: BabyLMReader.Options(labels: labels))
    #expect(result.texts.last == line)
  }

  @Test func `only what looks like a label is one`() throws {
    let text = """
      A:\tHello there.
      B: And to you.
      NOTE: this is prose.
      At 5:30 we left.
      *: nothing.
      1: a list.
      ABCDEFGHI:\ttoo long.
      """
    let result = try ingested(text, options: BabyLMReader.Options(labels: .none))
    #expect(
      result.texts == [
        """
        Hello there.
        And to you.
        NOTE: this is prose.
        At 5:30 we left.
        *: nothing.
        1: a list.
        ABCDEFGHI:\ttoo long.
        """
      ]
    )
  }

  @Test func `blank lines part blocks, and lines are counted where nothing parts them`() throws {
    #expect(try ingested("One.\nTwo.\n\n\nThree.\n").texts == ["One.\nTwo.", "Three."])
    let lines = (1...7).map { "A:\tline \($0)." }.joined(separator: "\r\n")
    let result = try ingested(
      lines,
      name: "switchboard.dev",
      options: BabyLMReader.Options(linesPerDocument: 3)
    )
    #expect(
      result.texts == [
        "A: line 1.\nA: line 2.\nA: line 3.", "A: line 4.\nA: line 5.\nA: line 6.", "A: line 7.",
      ]
    )
    #expect(result.documents.map(\.origin.line) == [1, 4, 7])
  }

  @Test func `a heading without text is no document`() throws {
    let result = try ingested("= = = Empty = = =\n\n= = = Full = = =\n\nA cat sat.\n= = =\n")
    #expect(result.texts == ["A cat sat.\n= = ="])
    #expect(result.documents[0].metadata["title"] == .text("Full"))
  }

  @Test(arguments: ["", "\n \n\n", "= = = Alone = = =\n"])
  func `a file without text is a failure`(text: String) {
    #expect(throws: Failure.self) { _ = try ingested(text) }
  }

  @Test func `hostile bytes fail with their place`() throws {
    try withTemporaryFolder { folder in
      let path = try write(
        Array("A:\tfine\nA:\tbad ".utf8) + [0xff, 0x0a],
        to: "x.train",
        in: folder
      )
      #expect { _ = try ingest(BabyLMReader(), path) } throws: {
        ($0 as? Failure)?.place.contains("line 2, byte 7") == true
      }
      let options = BabyLMReader.Options(linesPerDocument: 0)
      #expect(throws: Failure.self) { _ = try ingest(BabyLMReader(options: options), path) }
    }
  }

  /// A real file, which is not part of the project: skipped where it is absent.
  ///
  /// Python says of it: 18,000 lines, each with a label, of which `split()` without the labels gives
  /// the words counted here.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedData.path + "/babylm")))
  func `the real Switchboard file gives its lines`() throws {
    let path = sharedData.path + "/babylm/switchboard.train"
    let options = BabyLMReader.Options(labels: .none)
    let result = try ingest(BabyLMReader(options: options), path, name: "switchboard.train")
    #expect(result.documents.count == 180)
    #expect(result.rejections.isEmpty)
    let served = try String(contentsOfFile: path, encoding: .utf8)
    let lines = served.split(separator: "\n").map { $0.dropFirst(3) }
    #expect(lines.count == 18_000)
    #expect(result.texts.joined(separator: "\n") == lines.joined(separator: "\n"))
  }
}
