import Foundation
import Ingestion
import Testing

@Suite struct WikitextTests {
  @Test(arguments: wikitextCases.indices) func `wikitext reads as expected`(index: Int) {
    let (wikitext, text) = wikitextCases[index]
    let rendering = Wikitext.render(
      Array(wikitext.utf8),
      title: "My title",
      savedOn: "2020-06-15T12:00:00Z"
    )
    #expect(rendering.text == text, "\(wikitext)")
  }

  @Test(arguments: cellCases.indices) func `tables and formulas can be kept`(index: Int) {
    var options = WikipediaReader.Options()
    options.tables = .cells
    options.formulas = .tex
    let (wikitext, text) = cellCases[index]
    let rendering = Wikitext.render(Array(wikitext.utf8), rules: WikitextRules(options))
    #expect(rendering.text == text, "\(wikitext)")
  }

  private static let unsorted = "A.\n== B ==\n* c\n; d: e\n: F.\n== G ==\nH."

  @Test func `lists and headings can be left out`() {
    var options = WikipediaReader.Options()
    options.lists = false
    options.headings = false
    let text = Wikitext.render(Array(Self.unsorted.utf8), rules: WikitextRules(options)).text
    #expect(text == "A.\n\nF.\n\nH.")
  }

  @Test func `short paragraphs go, and headings with them`() {
    var options = WikipediaReader.Options()
    options.minimumWordsPerParagraph = 3
    let page = "One two three.\n\nOne two.\n== A ==\n* b\n== C ==\nFour five\nsix."
    let text = Wikitext.render(Array(page.utf8), rules: WikitextRules(options)).text
    #expect(text == "One two three.\n\nC\n\nFour five six.")
  }

  @Test func `the sections to drop can be chosen`() {
    var options = WikipediaReader.Options()
    options.droppedSections = ["history"]
    let page = "== History ==\nA.\n== See also ==\nB."
    #expect(
      Wikitext.render(Array(page.utf8), rules: WikitextRules(options)).text == "See also\n\nB."
    )
  }

  @Test func `templates are counted where words may be missing`() {
    let page =
      "{{Infobox x|{{y}}}}\nAt {{height|3}}, it {{Height|2|{{z}}}} is{{cn}}.<ref>{{cite}}</ref>"
    let rendering = Wikitext.render(Array(page.utf8))
    #expect(rendering.text == "At, it is.")
    #expect(rendering.losses.templateCount == 4)
    #expect(rendering.losses.gaps == 2)
    #expect(
      rendering.losses.templates == [
        "infobox x": .init(uses: 1, characters: 0), "cn": .init(uses: 1, characters: 0),
        "height": .init(uses: 2, characters: 4),
      ]
    )
  }

  @Test(arguments: ["{{disambig}}", "{{Hndis|Smith, Jo}}", "__DISAMBIG__"])
  func `a page of meanings is seen`(mark: String) {
    let page = Array("Smith may be:\n* Jo Smith\n\(mark)".utf8)
    #expect(Wikitext.render(page).isDisambiguation)
  }

  @Test func `a dump's own names for files and categories are known`() {
    let page = Array("[[Fails:a|thumb|b]]A.[[Kategoreja:C]]".utf8)
    let names = WikitextNamespaces(file: "Fails", category: "Kategoreja")
    #expect(Wikitext.render(page, namespaces: names).text == "A.")
  }
}
