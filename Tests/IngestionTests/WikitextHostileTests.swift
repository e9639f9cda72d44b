import Ingestion
import TestSupport
import Testing

/// Hostile pages: each must take time in proportion to its length, whatever its shape.
@Suite(.serialized) struct WikitextHostileTests {
  private struct Shape: Sendable {
    var name: String
    var page: @Sendable (Int) -> String

    init(_ name: String, _ page: @escaping @Sendable (Int) -> String) {
      self.name = name
      self.page = page
    }

    /// A unit that fills the page.
    init(_ name: String, unit: String) {
      self.init(name) { String(repeating: unit, count: $0 / unit.utf8.count) }
    }

    /// An opening unit that fills half of the page, and a closing unit for each.
    init(_ name: String, open: String, close: String) {
      self.init(name) { size in
        let count = size / (open.utf8.count + close.utf8.count)
        return String(repeating: open, count: count) + String(repeating: close, count: count)
      }
    }
  }

  private static let shapes: [Shape] = [
    Shape("open braces", unit: "{"),
    Shape("open templates", unit: "{{ "),
    Shape("open named templates", unit: "{{a|"),
    Shape("balanced braces", open: "{", close: "}"),
    Shape("closing braces", unit: "}} "),
    Shape("nested rendered templates", open: "{{nowrap|a", close: "}}"),
    Shape("nested dropped templates", open: "{{x|a", close: "}}"),
    Shape("nested parameters", open: "{{{a|", close: "}}}"),
    Shape("open links", unit: "[[ "),
    Shape("open links with text", unit: "[[a|"),
    Shape("nested links", open: "[[a|b", close: "]]"),
    Shape("open images", unit: "[[File:a|"),
    Shape("brackets", unit: "["),
    Shape("external links", unit: "[http://"),
    Shape("links in braces", open: "{{[[", close: "}}"),
    Shape("braces in links", open: "[[{{", close: "]]"),
    Shape("apostrophes", unit: "'"),
    Shape("quote marks", unit: "''a'''b"),
    Shape("one long line", unit: "word, (x); "),
    Shape("open tables", unit: "{|\n|"),
    Shape("nested tables", open: "{|\n", close: "|}\n"),
    Shape("nested table tags", open: "<table>", close: "</table>"),
    Shape("open notes", unit: "<ref>"),
    Shape("short notes", unit: "<ref/>"),
    Shape("an open note and short ones") { "<ref>" + String(repeating: "<ref/>", count: $0 / 6) },
    Shape("open elements", unit: "<math><nowiki><gallery>"),
    Shape("tags that never close", unit: "<b "),
    Shape("one tag that never closes") { "<b " + String(repeating: "a", count: $0) },
    Shape("comments", unit: "<!-- "),
    Shape("ampersands", unit: "&#"),
    Shape("empty brackets", unit: "({{x}})"),
    Shape("nested empty brackets", open: ",(", close: "{{x}})"),
    Shape("headings", unit: "==a==\n"),
    Shape("equals signs", unit: "="),
    Shape("list markers", unit: "*:#;"),
    Shape("underscores", unit: "_"),
    Shape("arguments") { "{{nowrap" + String(repeating: "|a=b", count: $0 / 4) + "}}" },
    Shape("newlines", unit: "\n"),
    Shape("blanks") { "a" + String(repeating: " ", count: $0) + "b" },
    Shape("newlines in links", unit: "[[a|b\n"),
    Shape("an image of blanks and newlines") {
      "[[File:a" + String(repeating: " ", count: $0 / 2) + "|"
        + String(repeating: "\n", count: $0 / 2)
    },
    Shape("pipes in an open template") { "{{a" + String(repeating: "|\n", count: $0 / 2) },
    Shape("open templates and table tags", unit: "{{<table>[["),
  ]

  @Test(arguments: shapes.indices) func `time grows no faster than the page`(index: Int) {
    let shape = Self.shapes[index]
    func seconds(_ size: Int) -> Double {
      let page = Array(shape.page(size).utf8)
      return processorSeconds { _ = Wikitext.render(page) }
    }
    let small = seconds(50_000)
    let large = seconds(800_000)
    // Sixteen times the bytes; a quadratic pass would take 256 times as long.
    #expect(large < max(small * 64, 2), "\(shape.name): \(small) s, \(large) s")
  }

  /// Pieces of markup in random order; a failure prints the page.
  @Test func `random markup never traps and gives clean text`() {
    let pieces = [
      "{{", "}}", "{{{", "}}}", "[[", "]]", "[", "]", "|", "=", "\n", "\n\n", "''", "'''", "* ",
      ": ",
      "{|", "|}", "\n{|\n", "\n|}\n", "<ref>", "</ref>", "<ref/>", "<table>", "</table>",
      "<nowiki>",
      "</nowiki>", "<!--", "-->", "&amp;", "&#91;", "File:", "Category:", "nowrap", "convert|5|km",
      "birth date|2000|13|40", "http://a b", " ", ",", "(", ")", ";", "word", "é", "__NOTOC__",
      "== a ==", "\n== b ==\n", "<br>", "<pre>", "</pre>", "\u{1}", "\u{0}", "frac|1", "quote|",
      "as of|", "#if:", "death date and age|1|1|1|9999", "percentage|1|0", "ordinal|-9",
      "\u{a0}", "…", "formatnum:", "-12345", "convert|9|to|", "val|1|e=", "uc:", "ŉ",
    ]
    var random = SeededNumbers(7)
    for _ in 0..<4_000 {
      let page = (0..<Int.random(in: 1...80, using: &random))
        .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
      let text = Wikitext.render(Array(page.utf8)).text
      #expect(text == Wikitext.render(Array(page.utf8)).text, "\(page)")
      #expect(!text.unicodeScalars.contains { $0 < " " && $0 != "\n" }, "\(page)")
      #expect(!text.contains("\n\n\n"), "\(page)")
      #expect(
        text.utf8.first != UInt8(ascii: "\n") && text.utf8.last != UInt8(ascii: "\n"),
        "\(page)"
      )
    }
  }
}
