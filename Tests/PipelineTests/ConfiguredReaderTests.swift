import Files
import Ingestion
import Pipeline
import Settings
import Testing

@Suite struct ConfiguredReaderTests {
  func configured(_ format: SourceFormat, _ yaml: String?) throws -> ConfiguredReader {
    try ConfiguredReader(
      format,
      source: "mine",
      options: try yaml.map { try Setting.parse($0, file: "r.yaml") }
    )
  }

  @Test func `options that the recipe leaves out take the reader's defaults`() throws {
    let set = "labels: none\nminimumWords: 3\nencoding: windows-1252"
    let childes = try #require(try configured(.childes, set).reader as? CHATReader)
    #expect(
      childes.options
        == CHATReader.Options(labels: .none, minimumWords: 3, encoding: .windows1252)
    )
    #expect(childes.source == "mine")
    let wikipedia = try #require(
      try configured(.wikipedia, "lists: false").reader as? WikipediaReader
    )
    var expected = WikipediaReader.Options()
    expected.lists = false
    #expect(wikipedia.options == expected)
    let stories = try #require(
      try configured(.tinystories, "separator: blankLine").reader as? TinyStoriesReader
    )
    #expect(stories.options == TinyStoriesReader.Options(separator: .blankLine))
    let pages = try #require(
      try configured(.finewebEdu, "minimumScore: 3\nlanguages: [en]").reader as? FineWebEduReader
    )
    #expect(pages.options == FineWebEduReader.Options(minimumScore: 3, languages: ["en"]))
  }

  @Test(arguments: [
    ("all", CHATSpeakers.all), ("allButTargetChild", .allButTargetChild), ("adults", .adults),
    ("MOT", .listed(["MOT"])), ("MOT,FAT", .listed(["MOT", "FAT"])),
    ("[MOT, CHI_2]", .listed(["MOT", "CHI_2"])),
  ])
  func `speakers are a name, a code or a list of codes`(yaml: String, speakers: CHATSpeakers) throws
  {
    let set =
      "speakers: \(yaml)\npolicy: heard\nminimumAgeMonths: 12\nlanguages: [eng]\nstrict: true"
    let reader = try #require(try configured(.childes, set).reader as? CHATReader)
    #expect(
      reader.options
        == CHATReader.Options(
          policy: .heard,
          speakers: speakers,
          minimumAgeMonths: 12,
          languages: ["eng"],
          strict: true
        )
    )
  }

  @Test func `no options and the defaults written out are the same to the ledger`() throws {
    #expect(
      try configured(.childes, nil).options == configured(.childes, "labels: code").options
    )
    #expect(
      try configured(.childes, nil).options != configured(.childes, "labels: none").options
    )
  }

  @Test(arguments: [
    (SourceFormat.childes, "labels: all"), (.childes, "label: none"),
    (.childes, "speakers: adlts"), (.childes, "speakers: []"), (.childes, "policy: verbatim"),
    (.childes, "minimumAgeMonths: two"), (.wikipedia, "strict: true"),
    (.wikipedia, "lists: perhaps"), (.tinystories, "encoding: ebcdic"),
    (.finewebEdu, "encoding: utf-8"), (.finewebEdu, "minimumScore: high"),
  ])
  func `an option that the reader does not know is bad usage with its line`(
    format: SourceFormat,
    yaml: String
  ) throws {
    let failure = try #require(throws: Failure.self) { _ = try configured(format, yaml) }
    #expect(failure.kind == .usage)
    #expect(failure.place == "r.yaml:1")
  }
}
