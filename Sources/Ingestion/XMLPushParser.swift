/// The door to libxml2: pieces of an XML document become elements and text, as they come.
///
/// This is the only file that imports CLibXML2. A SAX2 push parser keeps no tree, so memory is what
/// the receiver keeps and one piece. The handler has no entity callbacks: any entity but the five of
/// XML itself is refused at once, which an expanding document cannot get past. Elements may nest as
/// deep as the library allows, 256. Errors go to the parser's own record, never to standard error.
import CLibXML2
import Files

/// What an XML parser tells of a document, in its order.
protocol XMLReceiver: AnyObject {
  /// An element begins.
  ///
  /// - Parameters:
  ///   - element: Its name without a prefix.
  ///   - attributes: Their values by name, without prefixes.
  ///   - line: The line that the tag ends on.
  func open(_ element: String, attributes: [String: String], line: Int)

  /// Text comes, within one element perhaps in many parts.
  func append(_ text: Span<UInt8>)

  /// The innermost element ends.
  func close()
}

/// Parses one XML document that is handed to it piece by piece.
///
/// Safe to hold: the pointers inside are lent to libxml2 by this file alone, from creation to `deinit`.
@safe final class XMLPushParser {
  /// The first error that the library reported, as it words it.
  private(set) var errorMessage: String?
  /// Its line.
  private(set) var errorLine: Int?

  private let receiver: any XMLReceiver
  private let context: xmlParserCtxtPtr

  /// Creates a parser.
  ///
  /// - Parameters:
  ///   - receiver: Is told of elements and text.
  ///   - place: The document's name, for the failure.
  /// - Throws: ``Failure`` where there is no memory for a parser.
  init(receiver: any XMLReceiver, place: String) throws {
    _ = parserIsReady
    var handler = unsafe saxHandler()
    // The callbacks' first argument is set below, once there is a `self` to lend.
    guard let context = unsafe xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil) else {
      throw Failure(
        what: "there is no memory for an XML parser",
        place: place,
        remedy: "close other programs"
      )
    }
    unsafe self.context = context
    self.receiver = receiver
    unsafe context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
    unsafe _ = xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue))
  }

  deinit { unsafe xmlFreeParserCtxt(context) }

  /// The line that the parser has reached.
  var line: Int { unsafe Int(xmlSAX2GetLineNumber(context)) }

  /// Parses the next piece of the document.
  ///
  /// - Parameter piece: Up to 2³¹ bytes.
  /// - Returns: Whether the document is well-formed so far.
  func parse(_ piece: Span<UInt8>) -> Bool {
    // The parser copies the bytes before it returns; `self` outlives the callbacks of the call.
    withExtendedLifetime(self) {
      let status = unsafe piece.withUnsafeBytes { bytes in
        unsafe xmlParseChunk(
          context,
          bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
          Int32(bytes.count),
          0
        )
      }
      return status == 0
    }
  }

  /// Ends the document; without this call one that was cut short would look complete.
  ///
  /// - Returns: Whether the document was well-formed to its end.
  func finish() -> Bool {
    withExtendedLifetime(self) { unsafe xmlParseChunk(context, nil, 0, 1) == 0 }
  }

  fileprivate func open(_ element: String, attributes: [String: String]) {
    receiver.open(element, attributes: attributes, line: line)
  }

  fileprivate func append(_ text: Span<UInt8>) { receiver.append(text) }

  fileprivate func close() { receiver.close() }

  fileprivate func note(_ message: String, line: Int) {
    guard errorMessage == nil else { return }
    errorMessage = message.split(separator: "\n").joined(separator: " ")
    errorLine = line
  }
}

/// The characters that HTML 4 gives names to, from libxml2's table.
func namedCharactersOfHTML4() -> [(name: String, scalar: Unicode.Scalar)] {
  (UInt32(0)..<0x2700).compactMap { value in
    // The table is constant and its names are C strings that live as long as the library.
    guard let entry = unsafe htmlEntityValueLookup(value), let scalar = Unicode.Scalar(value) else {
      return nil
    }
    return unsafe (String(cString: entry.pointee.name), scalar)
  }
}

/// The version of libxml2, such as `2.9.14`.
///
/// - Returns: The version.
public func xmlLibraryVersion() -> String { LIBXML_DOTTED_VERSION }

// MARK: Callbacks

/// The handler: elements, text and errors, and nothing that could define or expand an entity.
private func saxHandler() -> xmlSAXHandler {
  var handler = unsafe xmlSAXHandler()
  unsafe handler.initialized = UInt32(XML_SAX2_MAGIC)
  unsafe handler.startElementNs = { user, name, _, _, _, _, count, _, attributes in
    // libxml2 hands back the parser that it was given, and names that end with NUL.
    guard let user = unsafe user, let name = unsafe name else { return }
    let parser = unsafe Unmanaged<XMLPushParser>.fromOpaque(user).takeUnretainedValue()
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
    parser.open(element, attributes: values)
  }
  unsafe handler.endElementNs = { user, _, _, _ in
    guard let user = unsafe user else { return }
    unsafe Unmanaged<XMLPushParser>.fromOpaque(user).takeUnretainedValue().close()
  }
  unsafe handler.characters = { user, text, count in
    // The text is valid for `count` bytes during the call only, which is as long as the span lives.
    guard let user = unsafe user, let text = unsafe text else { return }
    let parser = unsafe Unmanaged<XMLPushParser>.fromOpaque(user).takeUnretainedValue()
    unsafe parser.append(UnsafeBufferPointer(start: text, count: Int(count)).span)
  }
  unsafe handler.cdataBlock = unsafe handler.characters
  unsafe handler.ignorableWhitespace = unsafe handler.characters
  unsafe handler.serror = { user, error in
    guard let user = unsafe user, let error = unsafe error,
      unsafe error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue
    else { return }
    let parser = unsafe Unmanaged<XMLPushParser>.fromOpaque(user).takeUnretainedValue()
    let text = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? ""
    parser.note(text, line: unsafe Int(error.pointee.line))
  }
  return unsafe handler
}

/// Touched before the first parser is made: libxml2 wants its tables set up once, by one thread, before
/// several threads parse.
private let parserIsReady: Void = xmlInitParser()
