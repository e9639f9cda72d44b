/// Follows the elements of a MediaWiki export and puts its pages together; knows no XML library.
///
/// Elements are told apart by the whole path to them: a page, a revision and a contributor each have
/// an `<id>`, and unknown elements are passed over with all they hold.
import Documents

struct MediaWikiState {
  /// The elements with a meaning, by what encloses them.
  private enum Element {
    case export, site, base, generator, namespaces
    case namespace(Int?)
    case page, title, pageID, pageNamespace
    case redirect, revision, revisionID, timestamp, model, format, text, other
  }

  private(set) var site = MediaWikiSite()
  /// The name of the first element where it is not `mediawiki`.
  private(set) var foreignRoot: String?
  private(set) var hasRoot = false
  private(set) var pageCount = 0
  /// Whether an element's text was longer than `textLimit`.
  private(set) var isTooLong = false

  private let textLimit: Int
  private var path: [Element] = []
  /// The text of the innermost element, where it is one that is kept.
  private var text: [UInt8] = []
  private var page = MediaWikiPage()
  private var hasNamespace = false
  private var revision = MediaWikiPage.Revision()
  private var pages: [MediaWikiPage] = []

  /// Starts before the first element.
  ///
  /// - Parameter textLimit: The greatest number of bytes of one element's text.
  init(textLimit: Int) {
    self.textLimit = textLimit
  }

  /// Hands over the pages that are complete.
  mutating func takePages() -> [MediaWikiPage] {
    defer { pages.removeAll() }
    return pages
  }

  /// An element begins.
  mutating func open(_ name: String, attributes: [String: String], line: Int) {
    let element = element(name, attributes: attributes)
    path.append(element)
    text.removeAll(keepingCapacity: true)
    switch element {
    case .page:
      page = MediaWikiPage()
      page.ordinal = pageCount
      page.line = line
      hasNamespace = false
    case .redirect: page.redirect = attributes["title"] ?? ""
    case .revision: revision = MediaWikiPage.Revision()
    case .text: revision.isDeleted = attributes["deleted"] != nil
    default: break
    }
  }

  /// Text comes, within one element perhaps in many parts.
  mutating func append(_ bytes: Span<UInt8>) {
    switch path.last {
    case .title, .pageID, .pageNamespace, .revisionID, .timestamp, .model, .format, .text, .base,
      .generator, .namespace:
      guard text.count + bytes.count <= textLimit else {
        isTooLong = true
        return
      }
      Documents.append(bytes, to: &text)
    default: break
    }
  }

  /// The innermost element ends.
  mutating func close() {
    guard let element = path.popLast() else { return }
    switch element {
    case .base: site.base = string
    case .generator: site.generator = string
    case .namespace(let key?): site.namespaces[key] = string
    case .title: page.title = string
    case .pageID: page.id = string
    case .pageNamespace:
      page.namespace = Int(string) ?? 0
      hasNamespace = true
    case .revisionID: revision.id = string
    case .timestamp: revision.timestamp = string
    case .model: revision.model = string
    case .format: revision.format = string
    case .text: swap(&revision.text, &text)
    case .revision: keepRevision()
    case .page: keepPage()
    default: break
    }
    text.removeAll(keepingCapacity: true)
  }

  private var string: String { String(decoding: text, as: UTF8.self) }

  private mutating func keepRevision() {
    if let best = page.revision, best.timestamp > revision.timestamp { return }
    page.revision = revision
  }

  private mutating func keepPage() {
    if !hasNamespace { page.namespace = site.namespace(ofTitle: page.title) }
    pages.append(page)
    pageCount += 1
  }

  private mutating func element(_ name: String, attributes: [String: String]) -> Element {
    guard let parent = path.last else {
      hasRoot = true
      if name != "mediawiki" { foreignRoot = name }
      return name == "mediawiki" ? .export : .other
    }
    switch (parent, name) {
    case (.export, "siteinfo"): return .site
    case (.export, "page"): return .page
    case (.site, "base"): return .base
    case (.site, "generator"): return .generator
    case (.site, "namespaces"): return .namespaces
    case (.namespaces, "namespace"): return .namespace(attributes["key"].flatMap { Int($0) })
    case (.page, "title"): return .title
    case (.page, "id"): return .pageID
    case (.page, "ns"): return .pageNamespace
    case (.page, "redirect"): return .redirect
    case (.page, "revision"): return .revision
    case (.revision, "id"): return .revisionID
    case (.revision, "timestamp"): return .timestamp
    case (.revision, "model"): return .model
    case (.revision, "format"): return .format
    case (.revision, "text"): return .text
    default: return .other
    }
  }
}
