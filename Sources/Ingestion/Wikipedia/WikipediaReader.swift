import Documents
import Files

/// Reads Wikipedia, or any MediaWiki, from its XML export: one record a page, one document an article.
///
/// The export may be plain or compressed and of any size. The newest revision of each page is
/// rendered to plain text by ``Wikitext``; pages that are no articles are rejected with a reason.
public struct WikipediaReader: SourceReader {
  /// Why a page gave no document.
  public enum Reason: String, Sendable, CaseIterable {
    /// The page stands in another namespace: talk, user, file, template, category.
    case notAnArticle = "not an article"
    /// The page only leads to another.
    case redirect = "redirect"
    /// The page lists the meanings of its title.
    case disambiguation = "disambiguation page"
    /// The page holds code, styles or data.
    case notWikitext = "not wikitext"
    /// The export has no text for the page: no revision, or a deleted one.
    case noText = "no text in the export"
    /// Nothing was left of the page.
    case empty = "empty after cleaning"
    /// The page is a list of names with hardly a sentence around it.
    case bareList = "bare list"
    /// The file is damaged from here on.
    case damaged = "damaged from here on"
    /// The text has fewer words than ``WikipediaReader/Options/minimumWords``.
    case tooFewWords = "fewer words than the minimum"
  }

  /// The extensions of this source's files, before that of a compression.
  public static let extensions = ["xml"]

  /// The recipe's name for the source.
  public let source: String
  /// What to keep.
  public var options: Options { rules.options }
  private let rules: WikitextRules

  /// The version of the rules for text.
  public var version: Int { 3 }

  /// What each page lost, to be summed over a source.
  public var summedMetadata: [String] { Self.summed }

  /// A damaged file, whose later pages nobody has seen.
  public var reasonsToWarnOf: Set<String> { [Reason.damaged.rawValue] }

  private static let summed = [
    "characters", "droppedCharacters", "droppedTables", "droppedFormulas", "droppedTemplates",
    "droppedInlineTemplates", "droppedTemplateUses", "droppedTemplateCharacters",
    "droppedCharactersByCause",
  ]

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - options: What to keep.
  public init(source: String = "wikipedia", options: Options = Options()) {
    self.source = source
    rules = WikitextRules(options)
  }

  /// Cuts an export into pages.
  ///
  /// - Parameters:
  ///   - input: The export, plain or compressed.
  ///   - body: Receives each page: its wikitext, and as attributes `title`, `page`, `revision`,
  ///     `timestamp`, `ns`, `model`, `redirect`, `url`, `license` and the local names `fileNamespace`
  ///     and `categoryNamespace`, as far as the export states them.
  /// - Throws: ``Failure`` where the file is damaged, empty or no MediaWiki export; what `body`
  ///   throws.
  public func forEachRecord(in input: InputFile, _ body: (RawRecord) throws -> Void) throws {
    var last: RawRecord?
    var bodyHasThrown = false
    do {
      try forEachMediaWikiPage(ofFile: input.path) { page, site in
        let record = record(of: page, site: site, file: input.name)
        last = record
        do { try body(record) } catch {
          bodyHasThrown = true
          throw error
        }
      }
    } catch let failure as Failure where options.damagedFiles == .kept && !bodyHasThrown {
      guard let last else { throw failure }
      try body(
        RawRecord(
          bytes: [],
          origin: Origin(file: input.name, line: last.origin.line),
          ordinal: last.ordinal + 1,
          attributes: [
            "damage": "\(failure.what), \(failure.place)", "title": "after the last page",
          ]
        )
      )
    }
  }

  /// Renders one page.
  ///
  /// - Parameter record: A page that ``forEachRecord(in:_:)`` produced.
  /// - Returns: One document, or one rejection with a ``Reason``.
  /// - Throws: Nothing: an XML parser has seen to it that the text is valid UTF-8.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let attributes = record.attributes
    let title = attributes["title"] ?? ""
    func rejected(_ reason: Reason, _ detail: String = "") -> [IngestOutcome] {
      let detail = detail.isEmpty ? title : "\(title): \(detail)"
      return [.rejection(Rejection(reason: reason.rawValue, origin: record.origin, detail: detail))]
    }

    if let damage = attributes["damage"] { return rejected(.damaged, damage) }
    if let namespace = attributes["ns"], namespace != "0" {
      return rejected(.notAnArticle, "namespace \(namespace)")
    }
    if let model = attributes["model"], model != "wikitext" { return rejected(.notWikitext, model) }
    if let target = attributes["redirect"] { return rejected(.redirect, target) }
    if isRedirect(record.bytes) { return rejected(.redirect) }
    if record.bytes.isEmpty { return rejected(.noText) }
    let rendering = Wikitext.render(
      record.bytes,
      title: title,
      savedOn: attributes["timestamp"] ?? "",
      namespaces: WikitextNamespaces(
        file: attributes["fileNamespace"],
        category: attributes["categoryNamespace"]
      ),
      rules: rules
    )
    let isDisambiguation = rendering.isDisambiguation || title.hasSuffix("(disambiguation)")
    if isDisambiguation, !options.disambiguations { return rejected(.disambiguation) }
    if rendering.text.isEmpty { return rejected(.empty) }
    if rendering.isBareList, !isDisambiguation, !options.bareLists { return rejected(.bareList) }
    if options.minimumWords > 0 {
      let words = WordCount.words(in: rendering.text)
      if words < options.minimumWords { return rejected(.tooFewWords, "\(words)") }
    }
    return [.document(document(of: record, rendering: rendering))]
  }

  // MARK: Records

  private func record(of page: MediaWikiPage, site: MediaWikiSite, file: String) -> RawRecord {
    let revision = page.revision ?? MediaWikiPage.Revision()
    var attributes = [
      "title": page.title, "ns": String(page.namespace),
      "license": license(timestamp: revision.timestamp, generator: site.generator),
    ]
    attributes["redirect"] = page.redirect
    let stated = [
      "page": page.id, "revision": revision.id, "timestamp": revision.timestamp,
      "model": revision.model, "url": address(of: page.title, base: site.base),
      "fileNamespace": site.namespaces[6] ?? "", "categoryNamespace": site.namespaces[14] ?? "",
    ]
    for (name, value) in stated where !value.isEmpty { attributes[name] = value }
    return RawRecord(
      bytes: revision.isDeleted ? [] : revision.text,
      origin: Origin(file: file, line: page.line),
      ordinal: page.ordinal,
      attributes: attributes
    )
  }

  private func document(of record: RawRecord, rendering: Wikitext.Rendering) -> Document {
    let attributes = record.attributes
    var metadata: [String: MetadataValue] = [:]
    for name in ["title", "timestamp", "url"] {
      metadata[name] = attributes[name].map { .text($0) }
    }
    for name in ["page", "revision"] {
      metadata[name] = attributes[name].map { value in
        Int(value).map { .integer($0) } ?? .text(value)
      }
    }
    if !rendering.categories.isEmpty {
      metadata["categories"] = .list(rendering.categories.map { .text($0) })
    }
    if !rendering.sections.isEmpty {
      metadata["sections"] = .list(
        rendering.sections.map {
          .text(String($0.block) + "\t" + $0.path.joined(separator: "\t"))
        }
      )
    }
    metadata.merge(self.metadata(of: rendering.losses)) { old, _ in old }
    let page = attributes["page"] ?? attributes["title"] ?? String(record.ordinal)
    return Document(
      source: source,
      key: attributes["revision"].map { "\(page)/\($0)" } ?? page,
      text: rendering.text,
      license: attributes["license"] ?? "CC-BY-SA-4.0",
      origin: record.origin,
      metadata: metadata
    )
  }
}

extension WikipediaReader {
  /// The losses as metadata; what is nothing is left out but for the counts of every page.
  private func metadata(of losses: WikitextLosses) -> [String: MetadataValue] {
    var metadata: [String: MetadataValue] = [
      "characters": .integer(losses.kept),
      "droppedCharacters": .integer(losses.dropped),
      "droppedTables": .integer(losses.tables),
      "droppedTemplates": .integer(losses.templateCount),
    ]
    if losses.formulas > 0 { metadata["droppedFormulas"] = .integer(losses.formulas) }
    if losses.gaps > 0 { metadata["droppedInlineTemplates"] = .integer(losses.gaps) }
    var uses: [String: MetadataValue] = [:]
    var characters: [String: MetadataValue] = [:]
    for (name, loss) in losses.templates {
      uses[name] = .integer(loss.uses)
      if loss.characters > 0 { characters[name] = .integer(loss.characters) }
    }
    if !uses.isEmpty { metadata["droppedTemplateUses"] = .object(uses) }
    if !characters.isEmpty { metadata["droppedTemplateCharacters"] = .object(characters) }
    var causes: [String: MetadataValue] = [:]
    for (cause, count) in losses.characters where count > 0 {
      causes[cause.rawValue] = .integer(count)
    }
    if !causes.isEmpty { metadata["droppedCharactersByCause"] = .object(causes) }
    return metadata
  }
}

/// The licence under which Wikipedia served a page when it was exported.
///
/// On 7 June 2023 Wikimedia went from CC BY-SA 3.0 to 4.0 (Terms of Use, section 7). A dump does not
/// state its date; one made by MediaWiki 1.41, the version of that month, or later is a newer one, and
/// so is one with a revision saved after that day.
private func license(timestamp: String, generator: String) -> String {
  let version = generator.split(separator: " ").last?.split(separator: ".") ?? []
  let major = version.first.flatMap { Int($0) } ?? 1
  let minor = version.dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
  return timestamp >= "2023-06-07" || major > 1 || minor >= 41 ? "CC-BY-SA-4.0" : "CC-BY-SA-3.0"
}

/// A page's address: the main page's folder and the title; empty where the export has no base.
private func address(of title: String, base: String) -> String {
  guard let slash = base.utf8.lastIndex(of: UInt8(ascii: "/")), !title.isEmpty else { return "" }
  var address = Array(base[...slash].utf8)
  let hexadecimal = Array("0123456789ABCDEF".utf8)
  let kept = Array("-._~:/@!$'()*,;".utf8)
  for byte in title.utf8 {
    switch byte {
    case UInt8(ascii: " "): address.append(UInt8(ascii: "_"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      address.append(byte)
    default:
      if kept.contains(byte) {
        address.append(byte)
      } else {
        address += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      }
    }
  }
  return String(decoding: address, as: UTF8.self)
}

/// Whether a page's text begins with the word for a redirect and a link, as exports before schema 0.4
/// leave it to the reader to see.
private func isRedirect(_ source: [UInt8]) -> Bool {
  guard let first = source.firstIndex(where: { $0 > 0x20 }), source[first] == UInt8(ascii: "#")
  else {
    return false
  }
  let head = String(decoding: source[first...].prefix(80), as: UTF8.self).lowercased()
  return redirectWords.contains { head.hasPrefix($0) } && head.contains("[[")
}

private let redirectWords = [
  "#redirect", "#weiterleitung", "#redirection", "#redirección", "#rinvia", "#doorverwijzing",
  "#redirecionamento", "#patrz", "#przekieruj", "#перенаправление", "#omdirigering", "#転送",
  "#重定向", "#aanstuur",
]
