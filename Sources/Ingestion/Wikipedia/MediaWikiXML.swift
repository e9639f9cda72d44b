import Files

/// Streams the pages of a MediaWiki export (schemas 0.3 to 0.11) out of a plain or compressed file.
///
/// Pieces go through the ``XMLPushParser`` as they come, so memory is one page and one piece; entities
/// other than the five of XML are refused there.
///
/// - Parameters:
///   - path: The file, plain or compressed.
///   - textLimit: The greatest length of a page's text in bytes; MediaWiki itself allows 2 MiB.
///   - body: Receives each page with what the head of the file says.
/// - Throws: ``Failure`` where the file is empty, is not XML, is no MediaWiki export, ends early
///   or holds a longer page than `textLimit`;
///   what `body` throws.
package func forEachMediaWikiPage(
  ofFile path: String,
  textLimit: Int = 1 << 27,
  _ body: (MediaWikiPage, MediaWikiSite) throws -> Void
) throws {
  let sink = MediaWikiSink(textLimit: textLimit)
  let parser = try XMLPushParser(receiver: sink, place: path)
  var byteCount = 0
  func check(_ isGood: Bool, isEnd: Bool = false) throws {
    let line = parser.line
    if let root = sink.state.foreignRoot {
      throw Failure(
        what: "this is not a MediaWiki export: its first element is <\(root)>, not <mediawiki>",
        place: "\(path):\(line)",
        remedy:
          "give a pages-articles.xml file from dumps.wikimedia.org, or one from Special:Export"
      )
    }
    if sink.state.isTooLong {
      throw Failure(
        what: "a page is longer than \(textLimit) bytes",
        place: "\(path):\(line)",
        remedy: "take the page out of the export, or download it again"
      )
    }
    guard !isGood else { return }
    throw malformed(
      sink.state,
      message: parser.errorMessage,
      endsEarly: isEnd,
      place: "\(path):\(parser.errorLine ?? line)",
      byteCount: byteCount
    )
  }
  func drain() throws {
    for page in sink.state.takePages() { try body(page, sink.state.site) }
  }

  try forEachChunk(ofFile: path) { chunk in
    // libxml2 counts in 32 bits; a piece may be of any size.
    var start = 0
    while start < chunk.count {
      let end = min(start + 1 << 20, chunk.count)
      let isGood = parser.parse(chunk.extracting(start..<end))
      byteCount += end - start
      start = end
      // Pages that were complete before a fault are good: hand them over first.
      try drain()
      try check(isGood)
    }
  }
  let isGood = parser.finish()
  try drain()
  try check(isGood, isEnd: true)
  guard sink.state.pageCount > 0 else {
    throw Failure(
      what: "the export holds no page",
      place: path,
      remedy: "export it again with the titles of existing pages"
    )
  }
}

private func malformed(
  _ state: MediaWikiState,
  message: String?,
  endsEarly: Bool,
  place: String,
  byteCount: Int
) -> Failure {
  let wanted = "give a pages-articles.xml file from dumps.wikimedia.org, or one from Special:Export"
  if !state.hasRoot {
    return Failure(what: "this is not XML", place: place, remedy: wanted)
  }
  if endsEarly {
    return Failure(
      what:
        "the export ends early, after \(byteCount) bytes of XML and \(state.pageCount) whole pages",
      place: place,
      remedy: "download it again, the file was cut short"
    )
  }
  let message = message ?? "it is not well-formed"
  return Failure(
    what: "the XML is damaged within its first \(byteCount) bytes: \(message)",
    place: place,
    remedy: "download it again, or repair this line"
  )
}

/// Holds the state where the parser can reach it.
private final class MediaWikiSink: XMLReceiver {
  var state: MediaWikiState

  init(textLimit: Int) {
    state = MediaWikiState(textLimit: textLimit)
  }

  func open(_ element: String, attributes: [String: String], line: Int) {
    state.open(element, attributes: attributes, line: line)
  }

  func append(_ text: Span<UInt8>) { state.append(text) }

  func close() { state.close() }
}
