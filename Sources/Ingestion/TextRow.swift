/// A row of fields, as JSON Lines and CSV give them, on its way to a document.
///
/// It knows which field is the text and which the identity; every other scalar is metadata. Where the
/// row comes from it does not know.
import Documents

struct TextRow {
  /// The text as UTF-8 before cleaning, or `nil` where the row has none.
  var text: [UInt8]?
  /// The row's own identity.
  var id: String?
  /// The other scalars, by name.
  var metadata: [String: MetadataValue] = [:]

  /// Makes the row's document.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - placeKey: The key of a row without an identity.
  ///   - license: The licence.
  ///   - origin: Where the row stands.
  /// - Returns: The document, or the rejection "no text" or "empty text".
  /// - Throws: ``Failure`` where the text is not valid UTF-8.
  func outcome(
    source: String,
    placeKey: String,
    license: String,
    origin: Origin
  ) throws -> IngestOutcome {
    func rejected(_ reason: String) -> IngestOutcome {
      .rejection(Rejection(reason: reason, origin: origin))
    }
    guard let text else { return rejected("no text") }
    let cleaned = try TextHygiene.cleaned(text, encoding: .utf8, origin: origin)
    let kept = TextHygiene.withoutOuterSpace(cleaned)
    guard !kept.isEmpty else { return rejected("empty text") }
    return .document(
      Document(
        source: source,
        key: id ?? placeKey,
        text: String(decoding: kept, as: UTF8.self),
        license: license,
        origin: origin,
        metadata: metadata
      )
    )
  }

  /// An empty row.
  init() {}

  /// Reads a JSON object.
  ///
  /// - Parameters:
  ///   - object: Valid UTF-8.
  ///   - textName: The name of the text field.
  ///   - idName: The name of the identity's field.
  ///   - kept: The names of the metadata to keep, or `nil` for all.
  /// - Throws: `Malformed` where the bytes are not JSON, or are JSON and no object.
  init(
    jsonObject object: [UInt8],
    text textName: String,
    id idName: String,
    keeping kept: [String]?
  ) throws(JSONScanner.Malformed) {
    var scanner = JSONScanner(object)
    var row = TextRow()
    let isObject = try scanner.object { (name, value) throws(JSONScanner.Malformed) in
      let name = String(decoding: name, as: UTF8.self)
      if name == textName {
        if case .text(let bytes) = try value.value() { row.text = bytes }
      } else if name == idName {
        switch try value.value() {
        case .text(let bytes) where !bytes.isEmpty: row.id = String(decoding: bytes, as: UTF8.self)
        case .integer(let number): row.id = String(number)
        default: break
        }
      } else if kept?.contains(name) ?? true {
        switch try value.value() {
        case .text(let bytes): row.metadata[name] = .text(String(decoding: bytes, as: UTF8.self))
        case .integer(let number): row.metadata[name] = .integer(number)
        case .number(let number): row.metadata[name] = .number(number)
        case .flag(let flag): row.metadata[name] = .flag(flag)
        case .null, .other: break
        }
      }
    }
    guard isObject else { throw JSONScanner.Malformed(what: "JSON that is no object", offset: 0) }
    self = row
  }
}
