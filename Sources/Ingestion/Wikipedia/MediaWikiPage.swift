/// One page of a MediaWiki export with its newest revision, as the XML states it.
package struct MediaWikiPage: Sendable, Equatable {
  /// The title with its namespace.
  package var title = ""
  /// The page's number, empty where the export has none.
  package var id = ""
  /// The namespace: stated, or (before schema 0.6) found by the title's prefix; 0 holds articles.
  package var namespace = 0
  /// Where the page redirects to, empty where the export marks a redirect without its target.
  package var redirect: String?
  /// The page's place among the file's pages, counted from 0.
  package var ordinal = 0
  /// The line of the export on which the page begins, counted from 1.
  package var line = 0
  /// The revision with the latest timestamp, the last of equals; `nil` where there is none.
  package var revision: Revision?

  /// One version of a page.
  package struct Revision: Sendable, Equatable {
    /// The revision's number.
    package var id = ""
    /// When it was saved, as `2019-10-01T12:00:00Z`.
    package var timestamp = ""
    /// The content model, `wikitext` for articles; empty before schema 0.8.
    package var model = ""
    /// The content format, `text/x-wiki` for articles; empty before schema 0.8.
    package var format = ""
    /// Whether the text was deleted from public view.
    package var isDeleted = false
    /// The wikitext.
    package var text: [UInt8] = []
  }
}

/// What the head of a MediaWiki export says of its wiki.
package struct MediaWikiSite: Sendable, Equatable {
  /// The address of the main page.
  package var base = ""
  /// The software, such as `MediaWiki 1.41.0-wmf.12`.
  package var generator = ""
  /// The names of the namespaces by number.
  package var namespaces: [Int: String] = [:]

  /// The number of the namespace that a title's prefix names; 0 where it names none.
  package func namespace(ofTitle title: String) -> Int {
    guard let colon = title.utf8.firstIndex(of: UInt8(ascii: ":")) else { return 0 }
    let prefix = title[..<colon]
    let known = namespaces.isEmpty ? Self.englishNamespaces : namespaces
    return known.first { $0.value == prefix }?.key ?? 0
  }

  /// The namespaces that every English-language wiki has.
  private static let englishNamespaces: [Int: String] = [
    -2: "Media", -1: "Special", 1: "Talk", 2: "User", 3: "User talk", 4: "Wikipedia",
    5: "Wikipedia talk", 6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk",
    10: "Template", 11: "Template talk", 12: "Help", 13: "Help talk", 14: "Category",
    15: "Category talk", 100: "Portal", 101: "Portal talk", 118: "Draft", 119: "Draft talk",
    828: "Module", 829: "Module talk",
  ]
}
