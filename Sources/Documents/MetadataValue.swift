/// One value that a source states about a document; encodes as the bare JSON value.
public enum MetadataValue: Sendable, Equatable, Codable {
  case text(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case list([MetadataValue])
  case object([String: MetadataValue])

  /// Reads a bare JSON value.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` for JSON `null`, which metadata does not hold: leave the name out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([MetadataValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: MetadataValue].self))
    }
  }

  /// Writes the bare JSON value.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws, such as for a number that is not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
