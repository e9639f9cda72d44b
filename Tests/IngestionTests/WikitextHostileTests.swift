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
    Shape("dropped templates on one line", unit: "{{x}} "),
    Shape("dropped templates before units", unit: "{{x}} km "),
    Shape("nested templates with losses", open: "{{nowrap|{{x|a}}", close: "}}"),
    Shape("nested conditions", open: "{{#if:a|", close: "}}"),
    Shape("nested sums", open: "{{#expr:1+", close: "}}"),
    Shape("a long sum") { "{{#expr:" + String(repeating: "1+", count: $0 / 2) + "1}}" },
    Shape("deep brackets in a sum") { "{{#expr:" + String(repeating: "(", count: $0) + "}}" },
    Shape("a long switch") { "{{#switch:z" + String(repeating: "|a=b", count: $0 / 4) + "}}" },
    Shape("a switch that falls through") {
      "{{#switch:a" + String(repeating: "|a", count: $0 / 2) + "}}"
    },
    Shape("a long conversion") { "{{convert" + String(repeating: "|5|to", count: $0 / 5) + "}}" },
    Shape("a template that names itself", unit: "{{PAGENAME|{{FULLPAGENAME}}}}"),
    Shape("poems", unit: "<poem>a\n"),
    Shape("poems with one end") { String(repeating: "<poem>a\n", count: $0 / 8) + "</poem>" },
    Shape("preformatted lines", unit: " a\nb\n"),
    Shape("cells", unit: "{|\n| a || b\n|}\n"),
    Shape("one row of cells") { "{|\n" + String(repeating: "| a |", count: $0 / 5) + "\n|}" },
    Shape("cells without end", unit: "{|\n! a !! b\n"),
    Shape("categories", unit: "[[Category:a|b]]"),
    Shape("long names of entities", unit: "&CounterClockwiseContourIntegra"),
    Shape("sections", unit: "== a ==\nb\n=== c ===\nd\n"),
    Shape("deep sections") { size in
      (0..<size / 40).map { "\(String(repeating: "=", count: $0 % 6 + 1)) a " }
        .joined(separator: "\nb\n")
    },
    Shape("lists in templates") { "{{hlist" + String(repeating: "|a", count: $0 / 2) + "}}" },
  ]

  @Test(arguments: shapes.indices) func `time grows no faster than the page`(index: Int) {
    let shape = Self.shapes[index]
    func seconds(_ size: Int) -> Double {
      let page = Array(shape.page(size).utf8)
      var options = WikipediaReader.Options()
      options.tables = index % 2 == 0 ? .dropped : .cells
      let rules = WikitextRules(options)
      return processorSeconds { _ = Wikitext.render(page, rules: rules) }
    }
    let small = seconds(50_000)
    let large = seconds(800_000)
    // Sixteen times the bytes; a quadratic pass would take 256 times as long.
    #expect(large < max(small * 64, 2), "\(shape.name): \(small) s, \(large) s")
  }

  @Test func `a line of twenty megabytes is read in time and space of its size`() {
    let line = String(
      repeating: "A [[word]] of {{nowrap|two}}, {{x|y}} and ''three''. ",
      count: 400_000
    )
    var text = ""
    let seconds = processorSeconds { text = Wikitext.render(Array(line.utf8)).text }
    #expect(text.utf8.count == 400_000 * "A word of two, and three. ".utf8.count - 1)
    #expect(seconds < 30)
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
      "\u{a0}", "…", "formatnum:", "-12345", "#switch:", "#expr:", "#ifeq:", "1/0", "<poem>",
      "</poem>", "hlist|",
      "<math>", "</math>", "<td>", "convert|1/0|in|mm", "convert|9e400|m", "convert|-0|C|F|99",
      "convert|6|ft|2|in|m", "IPAc-en|", "#default=", "age|1|1|1", "padleft:a|99|", "\n x", "!!",
      "||", "&NotEqualTilde;", "Category:é", "roman|4000", "height|ft=x", "convert|9|to|",
      "val|1|e=", "uc:", "ŉ",
    ]
    var random = SeededNumbers(7)
    for _ in 0..<4_000 {
      let page = (0..<Int.random(in: 1...80, using: &random))
        .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
      let rendering = Wikitext.render(Array(page.utf8))
      let text = rendering.text
      #expect(rendering == Wikitext.render(Array(page.utf8)), "\(page)")
      #expect(rendering.losses.kept == text.unicodeScalars.count, "\(page)")
      var options = WikipediaReader.Options()
      options.tables = .cells
      options.formulas = .tex
      _ = Wikitext.render(Array(page.utf8), rules: WikitextRules(options))
      #expect(!text.unicodeScalars.contains { $0 < " " && $0 != "\n" }, "\(page)")
      #expect(!text.contains("\n\n\n"), "\(page)")
      #expect(
        text.utf8.first != UInt8(ascii: "\n") && text.utf8.last != UInt8(ascii: "\n"),
        "\(page)"
      )
    }
  }
}
