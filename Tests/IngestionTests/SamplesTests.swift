import Documents
import Foundation
import Ingestion
import Testing

/// The project's own samples are what a newcomer reads first: nothing in them may be lost.
@Suite struct SamplesTests {
  func ingested(
    _ reader: some SourceReader,
    _ name: String,
    _ extensions: [String]
  ) throws
    -> Ingested
  {
    var all = Ingested()
    let folder = ownData.appendingPathComponent(name).path
    for file in try InputFile.files(at: folder, extensions: extensions) {
      let one = try ingest(reader, file.path, name: file.name)
      all.documents += one.documents
      all.rejections += one.rejections
    }
    return all
  }

  @Test func `the CHILDES sample gives five transcripts`() throws {
    let result = try ingested(CHATReader(), "childes", CHATReader.extensions)
    #expect(
      result.documents.map(\.key) == [
        "Beans/tom01.cha", "Beans/tom02.cha", "Sample/nell01.cha", "Sample/nell02.cha",
        "Sample/nell03.cha",
      ]
    )
    #expect(result.rejections.isEmpty)
    #expect(result.documents[0].origin.file == "childes/Beans.zip!Beans/tom01.cha")
    #expect(result.documents[2].metadata["targetChildAgeMonths"] == .number(33.4))
    #expect(result.texts[2].contains("CHI: he went in his house.\nMOT: he went inside because"))
    #expect(result.texts[1].contains("CHI: he shouts \"land ahoy\".\n"))
    #expect(!result.texts.contains { $0.contains("det:") || $0.contains("[") })
  }

  @Test func `the TinyStories sample gives thirteen stories`() throws {
    let result = try ingested(TinyStoriesReader(), "tinystories", TinyStoriesReader.extensions)
    #expect(result.documents.count == 13)
    #expect(result.rejections.isEmpty)
    #expect(result.texts.map { WordCount.words(in: $0) }.reduce(0, +) == 2_487)
  }

  @Test func `the FineWeb-Edu sample gives ten texts, plain and compressed`() throws {
    let result = try ingested(FineWebEduReader(), "fineweb-edu", FineWebEduReader.extensions)
    #expect(result.documents.count == 10)
    #expect(result.rejections.isEmpty)
    #expect(result.texts.map { WordCount.words(in: $0) }.reduce(0, +) == 2_009)
    #expect(result.documents.allSatisfy { $0.key.hasPrefix("<urn:example:") })
  }
}
