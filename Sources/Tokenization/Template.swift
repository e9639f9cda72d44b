/// The special tokens that a file's post-processor puts around a text.
struct Template: Sendable, Equatable {
  /// The part `post_processor` of the file, as it is written again.
  let json: JSONValue
  /// The ids before a text.
  private(set) var prefix: [UInt32] = []
  /// The ids behind a text.
  private(set) var suffix: [UInt32] = []

  /// Reads the part `post_processor` of a file.
  ///
  /// `ByteLevel` only trims offsets, which blalm does not do; a pair of texts is not encoded, but
  /// its template is kept.
  ///
  /// - Throws: ``UnsupportedPart``.
  init(_ json: JSONValue, vocabularySize: Int) throws {
    self.json = json
    guard json != .null else { return }
    let steps = json["type"] == .string("Sequence") ? json["processors"]?.elements ?? [] : [json]
    for step in steps {
      switch step["type"]?.text {
      case "ByteLevel": continue
      case "TemplateProcessing": try take(step, vocabularySize)
      case let type: throw UnsupportedPart("post_processor \(type ?? "without a type")")
      }
    }
  }

  private mutating func take(_ step: JSONValue, _ vocabularySize: Int) throws {
    guard let pieces = step["single"]?.elements else {
      throw UnsupportedPart("post_processor TemplateProcessing without \"single\"")
    }
    guard prefix.isEmpty, suffix.isEmpty else {
      throw UnsupportedPart("post_processor with two templates")
    }
    var texts = 0
    for piece in pieces {
      if piece["Sequence"]?["id"] == .string("A") {
        texts += 1
        continue
      }
      guard let name = piece["SpecialToken"]?["id"]?.text,
        let ids = step["special_tokens"]?[name]?["ids"]?.elements
      else { throw UnsupportedPart("post_processor TemplateProcessing with another piece") }
      for id in ids {
        guard case .number(let digits) = id, let id = UInt32(digits), id < vocabularySize else {
          throw UnsupportedPart("post_processor TemplateProcessing with an unknown id")
        }
        if texts == 0 { prefix.append(id) } else { suffix.append(id) }
      }
    }
    guard texts == 1 else {
      throw UnsupportedPart("post_processor TemplateProcessing without one text")
    }
  }

  /// The template of blalm's own tokenizers: a token before each text, and none behind the last.
  init(before name: String, id: UInt32) {
    func piece(_ kind: String, _ name: String) -> JSONValue {
      .object([
        JSONValue.Member(
          name: kind,
          value: .object([
            JSONValue.Member(name: "id", value: .string(name)),
            JSONValue.Member(name: "type_id", value: .number("0")),
          ])
        )
      ])
    }
    let special = piece("SpecialToken", name)
    let single = [special, piece("Sequence", "A")]
    json = .object([
      JSONValue.Member(name: "type", value: .string("TemplateProcessing")),
      JSONValue.Member(name: "single", value: .array(single)),
      JSONValue.Member(
        name: "pair",
        value: .array(single + [special, piece("Sequence", "B")])
      ),
      JSONValue.Member(
        name: "special_tokens",
        value: .object([
          JSONValue.Member(
            name: name,
            value: .object([
              JSONValue.Member(name: "id", value: .string(name)),
              JSONValue.Member(name: "ids", value: .array([.number("\(id)")])),
              JSONValue.Member(name: "tokens", value: .array([.string(name)])),
            ])
          )
        ])
      ),
    ])
    prefix = [id]
  }
}
