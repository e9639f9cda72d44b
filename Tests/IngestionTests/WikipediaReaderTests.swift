import Documents
import Files
import Foundation
import Ingestion
import TestSupport
import Testing

/// An export's head and tail around pages; our own sentences.
private func export(_ pages: String, site: String = "", version: String = "0.11") -> [UInt8] {
  Array(
    """
    <mediawiki xmlns="http://www.mediawiki.org/xml/export-\(version)/" version="\(version)" xml:lang="en">
    \(site)\(pages)
    </mediawiki>
    """.utf8
  )
}

private func page(
  _ title: String,
  text: String,
  ns: String? = "0",
  id: Int = 1,
  extra: String = ""
) -> String {
  """
  <page><title>\(title)</title>\(ns.map { "<ns>\($0)</ns>" } ?? "")<id>\(id)</id>\(extra)<revision>\
  <id>\(id + 100)</id><timestamp>2024-01-0\(id % 9 + 1)T00:00:00Z</timestamp>\
  <contributor><username>A</username><id>7</id></contributor><model>wikitext</model>\
  <format>text/x-wiki</format><text xml:space="preserve">\(text)</text></revision></page>
  """
}

private let site = """
  <siteinfo><sitename>Wiki</sitename><base>https://simple.wikipedia.org/wiki/Main_Page</base>
  <generator>MediaWiki 1.42.0</generator><namespaces><namespace key="0" />
  <namespace key="1">Talk</namespace><namespace key="6">File</namespace></namespaces></siteinfo>
  """

/// Reads an export's bytes as a file.
private func outcomes(
  of bytes: [UInt8],
  options: WikipediaReader.Options = WikipediaReader.Options()
) throws -> [IngestOutcome] {
  try withTemporaryFolder { folder in
    let path = try write(bytes, to: "wiki.xml", in: folder)
    let reader = WikipediaReader(source: "simple", options: options)
    var outcomes: [IngestOutcome] = []
    try reader.forEachRecord(in: InputFile(path: path, name: "wiki.xml")) { record in
      outcomes += try reader.outcomes(of: record)
    }
    return outcomes
  }
}

private func documents(_ outcomes: [IngestOutcome]) -> [Document] {
  outcomes.compactMap { if case .document(let document) = $0 { document } else { nil } }
}

private func reasons(_ outcomes: [IngestOutcome]) -> [String] {
  outcomes.compactMap { if case .rejection(let rejection) = $0 { rejection.reason } else { nil } }
}

private func failure(of bytes: [UInt8]) throws -> Failure? {
  var options = WikipediaReader.Options()
  options.damagedFiles = .refused
  do {
    _ = try outcomes(of: bytes, options: options)
    return nil
  } catch let failure as Failure {
    return failure
  }
}

@Suite struct WikipediaReaderTests {
  @Test func `an article becomes a document with its origin`() throws {
    let pages =
      "\n"
      + page("Red fox & co", text: "A '''fox''' at {{height}} runs.", id: 5)
      .replacing("&", with: "&amp;")
    let document = try #require(documents(try outcomes(of: export(pages, site: site))).first)
    #expect(document.text == "A fox at runs.")
    #expect(document.source == "simple")
    #expect(document.key == "5/105")
    #expect(document.license == "CC-BY-SA-4.0")
    #expect(document.origin.file == "wiki.xml")
    #expect(
      document.metadata == [
        "title": .text("Red fox & co"), "page": .integer(5), "revision": .integer(105),
        "timestamp": .text("2024-01-06T00:00:00Z"),
        "url": .text("https://simple.wikipedia.org/wiki/Red_fox_%26_co"),
        "characters": .integer(14), "droppedCharacters": .integer(1),
        "droppedTables": .integer(0), "droppedTemplates": .integer(1),
        "droppedInlineTemplates": .integer(1),
        "droppedTemplateUses": .object(["height": .integer(1)]),
        "droppedTemplateCharacters": .object(["height": .integer(1)]),
        "droppedCharactersByCause": .object(["templates": .integer(1)]),
      ]
    )
  }

  @Test func `each kind of page has its reason`() throws {
    let pages = [
      page("Talk:A", text: "Hello.", ns: "1"),
      page("B", text: "#REDIRECT [[A]]", extra: "<redirect title=\"A\" />"),
      page("C", text: "#redirect [[A]]"),
      page("D", text: "D is:\n* a\n{{disambig}}"),
      page("E (disambiguation)", text: "E is one."),
      page("F", text: ""),
      page("G", text: "{{stub}}"),
      page("H", text: "Two words"),
      page("I", text: "x = 1").replacing("<model>wikitext", with: "<model>Scribunto"),
      page("J", text: "gone").replacing("<text ", with: "<text deleted=\"deleted\" "),
      "<page><title>K</title><ns>0</ns><id>3</id></page>",
    ]
    var options = WikipediaReader.Options()
    options.minimumWords = 3
    let outcomes = try outcomes(of: export(pages.joined(separator: "\n")), options: options)
    #expect(
      reasons(outcomes) == [
        "not an article", "redirect", "redirect", "disambiguation page", "disambiguation page",
        "no text in the export", "empty after cleaning", "fewer words than the minimum",
        "not wikitext", "no text in the export", "no text in the export",
      ]
    )
    #expect(Set(reasons(outcomes)).isSubset(of: WikipediaReader.Reason.allCases.map(\.rawValue)))
  }

  @Test(arguments: ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10", "0.11"])
  func `every schema reads, with and without namespace numbers`(version: String) throws {
    let ns = version < "0.6" && version.utf8.count == 3 ? nil : "0"
    let talk = page("Talk:A", text: "No.", ns: ns == nil ? nil : "1")
    let pages = page("A", text: "Yes.", ns: ns) + talk
    for head in ["", site] {
      let outcomes = try outcomes(of: export(pages, site: head, version: version))
      #expect(documents(outcomes).map(\.text) == ["Yes."])
      #expect(reasons(outcomes) == ["not an article"])
    }
  }

  @Test func `the newest revision counts, whatever the order`() throws {
    func revision(_ id: Int, _ day: Int) -> String {
      "<revision><id>\(id)</id><timestamp>2010-01-0\(day)T00:00:00Z</timestamp><text>Day \(day).</text></revision>"
    }
    let page =
      "<page><title>A</title><ns>0</ns><id>1</id>\(revision(4, 4))\(revision(9, 9))\(revision(2, 2))</page>"
    let document = try #require(documents(try outcomes(of: export(page))).first)
    #expect(document.text == "Day 9.")
    #expect(document.key == "1/9")
    #expect(document.license == "CC-BY-SA-3.0")
  }

  @Test func `records tell the line on which they begin`() throws {
    let filler = String(repeating: "word ", count: 1_000) + "\n"
    let pages = (1...40).map { page("P\($0)", text: filler, id: $0) }.joined(separator: "\n")
    let bytes = export(pages)
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    let expected = lines.indices.filter { lines[$0].hasPrefix("<page>") }.map { $0 + 1 }
    #expect(documents(try outcomes(of: bytes)).compactMap(\.origin.line) == expected)
  }

  @Test func `namespaces may be declared on every page, and with a prefix`() throws {
    let bytes = Array(
      """
      <mw:mediawiki xmlns:mw="http://www.mediawiki.org/xml/export-0.10/">
      <mw:page><mw:title>A</mw:title><mw:ns>0</mw:ns><mw:id>1</mw:id><mw:revision><mw:id>2</mw:id>
      <mw:text>Yes.</mw:text></mw:revision></mw:page>
      \(page("B", text: "No.", id: 3).replacing("<page>", with: "<page xmlns=\"http://www.mediawiki.org/xml/export-0.10/\">"))
      </mw:mediawiki>
      """.utf8
    )
    #expect(documents(try outcomes(of: bytes)).map(\.text) == ["Yes.", "No."])
  }

  @Test func `sections and categories are told`() throws {
    let text = """
      Lead one.

      Lead two.
      == History ==
      * a man
      * a plan
      === Early ===
      Then.
      == See also ==
      * [[B]]
      == ''Later'' ==
      Now.
      [[Category:Red_foxes|*]]
      [[category: Mammals]]
      """
    let document = try #require(documents(try outcomes(of: export(page("A", text: text)))).first)
    #expect(
      document.metadata["sections"]
        == .list([.text("2\tHistory"), .text("4\tHistory\tEarly"), .text("6\tLater")])
    )
    #expect(document.metadata["categories"] == .list([.text("Red foxes"), .text("Mammals")]))
    let blocks = document.text.components(separatedBy: "\n\n")
    #expect(blocks[2] == "History" && blocks[4] == "Early" && blocks[6] == "Later")
    var options = WikipediaReader.Options()
    options.headings = false
    let bare = try #require(
      documents(try outcomes(of: export(page("A", text: text)), options: options)).first
    )
    #expect(
      bare.metadata["sections"]
        == .list([.text("2\tHistory"), .text("3\tHistory\tEarly"), .text("4\tLater")])
    )
    #expect(bare.text.components(separatedBy: "\n\n")[3] == "Then.")
  }

  @Test func `disambiguations and bare lists can be kept`() throws {
    let names = (1...20).map { "* [[Town \($0)]]" }.joined(separator: "\n")
    let pages = [
      page("Towns", text: "Towns:\n" + names, id: 1),
      page(
        "Deeds",
        text: "Deeds:\n"
          + names.replacing(
            "]]",
            with: "]] did a deed that was told of far and wide in all the land, and sung of"
          ),
        id: 2
      ),
      page("Smith", text: "Smith is:\n* one\n{{disambig}}", id: 3),
    ]
    let bytes = export(pages.joined())
    #expect(reasons(try outcomes(of: bytes)) == ["bare list", "disambiguation page"])
    var options = WikipediaReader.Options()
    options.bareLists = true
    options.disambiguations = true
    #expect(documents(try outcomes(of: bytes, options: options)).count == 3)
  }

  @Test func `what a page lost is told by cause`() throws {
    let text = """
      The hare {{quux|is quick}} and wise.[[File:a.jpg|thumb|A hare in a field]]
      {|
      ! Name || Legs
      |-
      | Rex || four
      |}
      == See also ==
      * [[Fox]]
      """
    let document = try #require(documents(try outcomes(of: export(page("A", text: text)))).first)
    #expect(document.text == "The hare and wise.")
    #expect(document.metadata["characters"] == .integer(18))
    #expect(document.metadata["droppedTables"] == .integer(1))
    // Blanks and list marks count: " Name ", " Legs", " Rex ", " four"; "* Fox"; one for the gap.
    #expect(
      document.metadata["droppedCharactersByCause"]
        == .object([
          "captions": .integer(17), "sections": .integer(5), "tables": .integer(21),
          "templates": .integer(9),
        ])
    )
    #expect(document.metadata["droppedCharacters"] == .integer(52))
  }

  @Test(arguments: ["simplewiki-sample.xml", "simplewiki-sample.xml.bz2"])
  func `the sample gives its eight articles, plain or compressed`(name: String) throws {
    let path = ownData.appendingPathComponent("wikipedia/\(name)").path
    let reader = WikipediaReader()
    var outcomes: [IngestOutcome] = []
    try reader.forEachRecord(in: InputFile(path: path, name: name)) { record in
      outcomes += try reader.outcomes(of: record)
    }
    let titles = documents(outcomes).map(\.metadata["title"])
    #expect(
      titles
        == [
          "Beaver", "Bread", "Moon", "Bicycle", "Ada Marlow", "Rainbow", "Bridge",
          "Markup for beginners",
        ].map { .text($0) }
    )
    #expect(
      reasons(outcomes) == ["not an article", "redirect", "disambiguation page", "not an article"]
    )
    let text = documents(outcomes).map(\.text).joined(separator: "\n\n")
    #expect((2_400...2_600).contains(WordCount.words(in: text)))
    for sentence in [
      "A grown beaver weighs about 20 kilograms (44 lb), as much as a small child. It has brown fur",
      "(French: pain; pan in Spanish; /brɛd/) also means food",
      "\n\nBaguette: a long, thin loaf from France with a hard crust\nChapati: a flat bread",
      "can cross more than 1-kilometre (0.62 mi) gaps without",
      "so that tall ships can pass.\n\nBuilding one\n\nBefore they build, engineers drill",
      "as in [[word]], becomes a link. Two braces, as in {{name}}, stand",
      "with friends (; /ˈwɪki/). The name means quick.",
    ] {
      #expect(text.contains(sentence), "\(sentence)")
    }
  }
}

@Suite struct MediaWikiXMLFailureTests {
  private let good = export(page("A", text: "Yes."))

  @Test func `a file cut short is a failure wherever it is cut`() throws {
    for count in stride(from: 1, to: good.count - 1, by: 13) {
      let failure = try failure(of: Array(good[..<count]))
      #expect(failure != nil, "cut after \(count) bytes")
    }
    let cut = try #require(try failure(of: Array(good[..<(good.count - 14)])))
    #expect(cut.what.contains("ends early"))
    #expect(cut.place.hasSuffix("wiki.xml:2"))
  }

  @Test func `a page that is too long is a failure`() throws {
    try withTemporaryFolder { folder in
      let path = try write(export(page("A", text: "12345678")), to: "wiki.xml", in: folder)
      var titles: [String] = []
      try forEachMediaWikiPage(ofFile: path, textLimit: 20) { page, _ in titles.append(page.title) }
      #expect(titles == ["A"])
      #expect(throws: Failure.self) {
        try forEachMediaWikiPage(ofFile: path, textLimit: 7) { _, _ in }
      }
    }
  }

  @Test func `an empty file is a failure`() throws {
    #expect(try failure(of: []) != nil)
  }

  @Test(arguments: [
    "<html><body>Not found</body></html>", "<feed/>", "plain text", "{\"json\": 1}",
    "<!DOCTYPE html><html></html>", "\u{feff}", "   ",
  ])
  func `what is no export is a failure that says what to give`(text: String) throws {
    let failure = try #require(try failure(of: Array(text.utf8)))
    #expect(failure.place.contains("wiki.xml"))
    #expect(failure.remedy.contains("dumps.wikimedia.org"))
  }

  @Test func `an export without pages is a failure`() throws {
    let failure = try #require(try failure(of: export("")))
    #expect(failure.what == "the export holds no page")
  }

  @Test func `invalid UTF-8 is a failure with its line`() throws {
    var bytes = export("\n\n" + page("A", text: "B@C"))
    let place = try #require(bytes.firstIndex(of: UInt8(ascii: "@")))
    bytes[place] = 0xff
    let failure = try #require(try failure(of: bytes))
    #expect(failure.place.hasSuffix("wiki.xml:4"))
    #expect(failure.what.contains("UTF-8"))
  }

  @Test func `an entity bomb is refused at once`() throws {
    var definitions = "<!ENTITY a0 \"bombbomb\">"
    for level in 1...30 {
      definitions += "<!ENTITY a\(level) \"&a\(level - 1);&a\(level - 1);\">"
    }
    let bytes = Array(
      "<!DOCTYPE mediawiki [\(definitions)]><mediawiki>\(page("A", text: "&a30;"))</mediawiki>".utf8
    )
    var refusal: Failure?
    let seconds = try processorSeconds { refusal = try failure(of: bytes) }
    #expect(refusal != nil)
    // Expanded, the entity has four billion bytes.
    #expect(seconds < 5)
  }

  @Test func `an external entity is never opened`() throws {
    let bytes = Array(
      "<!DOCTYPE mediawiki [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><mediawiki>\(page("A", text: "&x;"))</mediawiki>"
        .utf8
    )
    #expect(try failure(of: bytes) != nil)
  }

  @Test func `pages before a fault are handed over first`() throws {
    let bytes = export(page("A", text: "Yes.") + "<page><title>&broken;</title></page>")
    try withTemporaryFolder { folder in
      let path = try write(bytes, to: "wiki.xml", in: folder)
      var titles: [String] = []
      var options = WikipediaReader.Options()
      options.damagedFiles = .refused
      #expect(throws: Failure.self) {
        try WikipediaReader(options: options).forEachRecord(
          in: InputFile(path: path, name: "wiki.xml")
        ) {
          titles.append($0.attributes["title"] ?? "")
        }
      }
      #expect(titles == ["A"])
    }
  }

  @Test func `the pages before the damage are kept, and where it stands is told`() throws {
    let pages = (1...30).map { page("P\($0)", text: "Page number \($0).", id: $0) }
    let bytes = export(pages.joined(separator: "\n"))
    let whole = try outcomes(of: bytes)
    for share in [20, 50, 80] {
      var damaged = bytes
      damaged[bytes.count * share / 100] = 0x01
      for broken in [damaged, Array(bytes[..<(bytes.count * share / 100)])] {
        let kept = try outcomes(of: broken)
        let texts = documents(kept).map(\.text)
        #expect(texts.count >= 30 * share / 100 - 1)
        #expect(documents(whole).map(\.text).starts(with: texts))
        #expect(reasons(kept) == ["damaged from here on"])
        guard case .rejection(let rejection) = kept.last else { continue }
        #expect(rejection.detail.contains("wiki.xml:"))
        #expect(rejection.origin.line == texts.count + 1)
      }
    }
  }

  @Test func `a damaged bzip2 file keeps the pages before the damage`() throws {
    var random = SeededNumbers(2)
    let pages = (1...400).map { number in
      let words = (0..<200).map { _ in "w\(Int.random(in: 0...999, using: &random))" }
      return page("P\(number)", text: words.joined(separator: " "), id: number)
    }
    let bytes = export(pages.joined(separator: "\n"))
    let whole = documents(try outcomes(of: bytes)).map(\.text)
    let file = bzip2(bytes)
    let cut = try outcomes(of: Array(file[..<(file.count / 2)]))
    #expect(documents(cut).count > 120)
    #expect(whole.starts(with: documents(cut).map(\.text)))
    #expect(reasons(cut) == ["damaged from here on"])
    var flipped = file
    flipped[file.count * 3 / 4] ^= 0x10
    let damaged = try outcomes(of: flipped)
    #expect(documents(damaged).count > 200)
    #expect(whole.starts(with: documents(damaged).map(\.text)))
    #expect(reasons(damaged) == ["damaged from here on"])
  }

  @Test func `what the receiver throws ends the reading`() throws {
    struct Enough: Error {}
    try withTemporaryFolder { folder in
      let path = try write(good, to: "wiki.xml", in: folder)
      #expect(throws: Enough.self) {
        try WikipediaReader().forEachRecord(in: InputFile(path: path, name: "wiki.xml")) { _ in
          throw Enough()
        }
      }
    }
  }
}
