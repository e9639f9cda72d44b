import CLibXML2
import Files

/// Streams the pages of a MediaWiki export (schemas 0.3 to 0.11) out of a plain or compressed file.
///
/// The one file that touches libxml2. A SAX2 push parser takes the pieces as they come and keeps no
/// tree, so memory is one page and one piece. The handler has no entity callbacks: any entity but the
/// five of XML itself is refused at once, which an expanding document cannot get past. Errors go to
/// our handler, never to standard error.
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
  _ = parserIsReady
  let sink = MediaWikiSink(textLimit: textLimit)
  // The parser keeps the sink's address and nothing else of ours; `withExtendedLifetime` keeps the
  // sink alive until the parser is freed.
  try withExtendedLifetime(sink) {
    var handler = unsafe mediaWikiHandler()
    let context = unsafe xmlCreatePushParserCtxt(
      &handler,
      Unmanaged.passUnretained(sink).toOpaque(),
      nil,
      0,
      nil
    )
    guard let context = unsafe context else {
      throw Failure(
        what: "there is no memory for an XML parser",
        place: path,
        remedy: "close other programs"
      )
    }
    defer { unsafe xmlFreeParserCtxt(context) }
    unsafe sink.context = context
    unsafe _ = xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue))

    var byteCount = 0
    func check(_ status: Int32, isEnd: Bool = false) throws {
      let line = unsafe Int(xmlSAX2GetLineNumber(context))
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
      guard status != 0 else { return }
      throw malformed(
        sink.state,
        endsEarly: isEnd,
        place: "\(path):\(sink.state.errorLine ?? line)",
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
        // The parser copies the bytes before it returns.
        let status = unsafe chunk.extracting(start..<end).withUnsafeBytes { bytes in
          unsafe xmlParseChunk(
            context,
            bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int32(bytes.count),
            0
          )
        }
        byteCount += end - start
        start = end
        // Pages that were complete before a fault are good: hand them over first.
        try drain()
        try check(status)
      }
    }
    // Without this call a file that was cut short would look complete.
    let status = unsafe xmlParseChunk(context, nil, 0, 1)
    try drain()
    try check(status, isEnd: true)
    guard sink.state.pageCount > 0 else {
      throw Failure(
        what: "the export holds no page",
        place: path,
        remedy: "export it again with the titles of existing pages"
      )
    }
  }
}

private func malformed(
  _ state: MediaWikiState,
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
  let message = state.errorMessage ?? "it is not well-formed"
  return Failure(
    what: "the XML is damaged within its first \(byteCount) bytes: \(message)",
    place: place,
    remedy: "download it again, or repair this line"
  )
}

// MARK: Callbacks

/// Holds the state where the parser can reach it.
///
/// Safe to hold: the pointer is only lent back to libxml2, from inside its own callbacks.
@safe private final class MediaWikiSink {
  var state: MediaWikiState
  /// The parser, asked for its line; it outlives every callback.
  var context: xmlParserCtxtPtr?

  init(textLimit: Int) {
    state = MediaWikiState(textLimit: textLimit)
  }
}

/// The handler: elements, text and errors, and nothing that could define or expand an entity.
private func mediaWikiHandler() -> xmlSAXHandler {
  var handler = unsafe xmlSAXHandler()
  unsafe handler.initialized = UInt32(XML_SAX2_MAGIC)
  unsafe handler.startElementNs = { user, name, _, _, _, _, count, _, attributes in
    // libxml2 hands back the sink that it was given, and names that end with NUL.
    guard let user = unsafe user, let name = unsafe name else { return }
    let sink = unsafe Unmanaged<MediaWikiSink>.fromOpaque(user).takeUnretainedValue()
    let element = unsafe String(cString: name)
    var values: [String: String] = [:]
    // Five pointers an attribute: name, prefix, namespace, value and value's end.
    for index in 0..<Int(count) {
      guard let attributes = unsafe attributes, let name = unsafe attributes[index * 5],
        let start = unsafe attributes[index * 5 + 3], let end = unsafe attributes[index * 5 + 4]
      else { continue }
      let bytes = unsafe UnsafeBufferPointer(start: start, count: end - start)
      unsafe values[String(cString: name)] = String(decoding: bytes, as: UTF8.self)
    }
    unsafe sink.state.open(
      element,
      attributes: values,
      line: Int(xmlSAX2GetLineNumber(sink.context))
    )
  }
  unsafe handler.endElementNs = { user, _, _, _ in
    guard let user = unsafe user else { return }
    unsafe Unmanaged<MediaWikiSink>.fromOpaque(user).takeUnretainedValue().state.close()
  }
  unsafe handler.characters = { user, text, count in
    // The text is valid for `count` bytes during the call only; it is copied.
    guard let user = unsafe user, let text = unsafe text else { return }
    let sink = unsafe Unmanaged<MediaWikiSink>.fromOpaque(user).takeUnretainedValue()
    unsafe sink.state.append(UnsafeBufferPointer(start: text, count: Int(count)))
  }
  unsafe handler.cdataBlock = unsafe handler.characters
  unsafe handler.ignorableWhitespace = unsafe handler.characters
  unsafe handler.serror = { user, error in
    guard let user = unsafe user, let error = unsafe error,
      unsafe error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue
    else { return }
    let sink = unsafe Unmanaged<MediaWikiSink>.fromOpaque(user).takeUnretainedValue()
    guard sink.state.errorMessage == nil else { return }
    let text = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? ""
    sink.state.errorMessage = text.split(separator: "\n").joined(separator: " ")
    sink.state.errorLine = unsafe Int(error.pointee.line)
  }
  return unsafe handler
}

/// Touched before the first parser is made: libxml2 wants its tables set up once, by one thread, before
/// several threads parse.
private let parserIsReady: Void = xmlInitParser()

/// The version of libxml2, such as `2.9.14`.
///
/// - Returns: The version.
public func xmlLibraryVersion() -> String { LIBXML_DOTTED_VERSION }
