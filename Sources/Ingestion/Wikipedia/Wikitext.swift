/// Wikitext to plain text: the face of the parser.
///
/// Two linear passes. ``WikitextReducer`` resolves what may nest and cross lines (templates, links,
/// tags, comments, entities) into a flat buffer; ``WikitextBlocks`` cuts that buffer into headings,
/// list items and paragraphs, drops tables and sections, and mends what the dropped parts left.
/// It is no full MediaWiki: templates are not expanded but for the rows of ``WikitextTemplates``.
///
/// The text holds one block a line: paragraphs (their own line breaks joined by spaces), headings
/// and list items. A blank line stands between blocks, but not between the items of one list.
package enum Wikitext {
  /// The text of a page, with what its extraction cost.
  package struct Rendering: Sendable, Equatable {
    /// The plain text, empty where nothing is left.
    package var text: String
    /// Whether the page says that it only lists the meanings of a title.
    package var isDisambiguation: Bool
    /// Whether the page is a list of names with hardly a sentence around it.
    package var isBareList: Bool
    /// The page's categories without their prefix, in order.
    package var categories: [String]
    /// The sections that have text, in order.
    package var sections: [Section]
    /// What was dropped.
    package var losses: WikitextLosses
  }

  /// Where a section of a page begins in its text.
  package struct Section: Sendable, Equatable {
    /// The section's first block, counted from 0; blank lines separate blocks.
    package var block: Int
    /// The headings from the outermost to the section's own.
    package var path: [String]
  }

  /// Renders one page.
  ///
  /// - Parameters:
  ///   - source: The page's wikitext, valid UTF-8.
  ///   - title: The page's title, for `{{PAGENAME}}`.
  ///   - date: When the page was saved, as `2019-10-01T12:00:00Z`; ages are as of that day.
  ///   - namespaces: The local names of the namespaces whose links show nothing.
  ///   - rules: What to keep.
  /// - Returns: The text and the counts.
  /// - Complexity: Linear in the bytes, whatever they are.
  package static func render(
    _ source: [UInt8],
    title: String = "",
    savedOn date: String = "",
    namespaces: WikitextNamespaces = WikitextNamespaces(),
    rules: WikitextRules = WikitextRules()
  ) -> Rendering {
    var reducer = WikitextReducer(
      source: source,
      page: WikitextPage(title: title, date: CalendarDate(timestamp: date)),
      namespaces: namespaces,
      rules: rules
    )
    reducer.reduce()
    var blocks = WikitextBlocks(flat: reducer.output, rules: rules)
    blocks.render()
    return Rendering(
      text: String(decoding: blocks.text, as: UTF8.self),
      isDisambiguation: reducer.isDisambiguation,
      isBareList: blocks.isBareList,
      categories: reducer.categories,
      sections: blocks.sections,
      losses: reducer.losses(with: blocks.losses, kept: scalarCount(in: blocks.text))
    )
  }
}

/// The control bytes with which the first pass speaks to the second; the input's own are removed.
enum WikitextMark {
  /// Stands where a byte was taken away afterwards.
  static let deleted: UInt8 = 0x00
  /// The next byte is text, whatever it looks like.
  static let literal: UInt8 = 0x01
  /// A line ends, the paragraph does not.
  static let lineBreak: UInt8 = 0x02
  /// A paragraph ends.
  static let paragraphBreak: UInt8 = 0x03
  /// Something without a plain reading stood here; what surrounds it may need mending.
  static let dropped: UInt8 = 0x04
  /// The same, and what stood here were words of the sentence.
  static let missing: UInt8 = 0x05

  /// Whether a byte says that something was dropped.
  @inline(__always)
  static func isDrop(_ byte: UInt8) -> Bool { byte == dropped || byte == missing }
}

/// The local names of the namespaces whose links show nothing, as the dump's head states them.
package struct WikitextNamespaces: Sendable, Equatable {
  /// The dump's lower-case name of the file namespace, if known.
  private let file: String?
  /// The dump's lower-case name of the category namespace, if known.
  private let category: String?

  /// The names of the large Wikipedias, with those of one dump.
  ///
  /// - Parameters:
  ///   - file: The dump's name of the file namespace, if known.
  ///   - category: The dump's name of the category namespace, if known.
  package init(file: String? = nil, category: String? = nil) {
    self.file = file?.lowercased()
    self.category = category?.lowercased()
  }

  /// Whether a lower-case prefix names the file namespace.
  func isFile(_ prefix: String) -> Bool {
    prefix == file || Self.fileNames.contains(prefix)
  }

  /// Whether a lower-case prefix names the category namespace.
  func isCategory(_ prefix: String) -> Bool {
    prefix == category || Self.categoryNames.contains(prefix)
  }

  private static let fileNames: Set<String> = [
    "file", "image", "media", "datei", "bild", "fichier", "archivo", "imagen", "immagine",
    "bestand",
    "afbeelding", "ficheiro", "imagem", "plik", "grafika", "файл", "изображение", "fil", "lêer",
    "beeld", "soubor", "tiedosto", "fájl", "kép", "αρχείο", "ملف", "ファイル", "画像", "文件", "图像",
  ]

  private static let categoryNames: Set<String> = [
    "category", "kategorie", "catégorie", "categoría", "categoria", "kategoria", "kategori",
    "категория", "категорія", "kategória", "luokka", "κατηγορία", "تصنيف", "分类", "カテゴリ", "分類",
  ]
}
