import Files
import Foundation

extension Setting {
  /// Decodes a settings structure, taking what the file leaves out from a default value.
  ///
  /// Keys are the structure's stored properties. An unknown key, at any depth, is a failure that
  /// names the line; so is a value of the wrong type.
  ///
  /// - Parameter defaults: The value whose properties stand where the file says nothing.
  /// - Returns: The defaults with the file's values laid over them.
  /// - Throws: ``Failure`` with the place of the first key or value that does not fit.
  public func decode<Value: Codable>(over defaults: Value) throws -> Value {
    try checkKeys(against: defaults)
    let encoder = JSONEncoder()
    let base: Any
    do {
      base = try JSONSerialization.jsonObject(
        with: try encoder.encode(defaults),
        options: .fragmentsAllowed
      )
    } catch {
      preconditionFailure("default settings do not encode: \(error)")
    }
    let merged = try overlay(on: base)
    do {
      let data = try JSONSerialization.data(withJSONObject: merged, options: .fragmentsAllowed)
      return try JSONDecoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw failure(for: error)
    }
  }

  /// This value as JSONSerialization's types, laid over `base` where both are mappings.
  private func overlay(on base: Any?) throws -> Any {
    switch content {
    case .scalar(.null): return NSNull()
    case .scalar(.flag(let value)): return NSNumber(value: value)
    case .scalar(.integer(let value)): return NSNumber(value: value)
    case .scalar(.number(let value)):
      // JSON, through which the values go, has no other numbers.
      guard value.isFinite else { throw mismatch("a finite number") }
      return NSNumber(value: value)
    case .scalar(.text(let value)): return value
    case .list(let items): return try items.map { try $0.overlay(on: nil) }
    case .mapping(let entries):
      var object = base as? [String: Any] ?? [:]
      for entry in entries { object[entry.key] = try entry.value.overlay(on: object[entry.key]) }
      return object
    }
  }

  /// Compares keys with the stored properties of `value`, and so on inwards.
  private func checkKeys(against value: Any) throws {
    try checkWholeNumber(against: value)
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional, let inner = mirror.children.first?.value {
      return try checkKeys(against: inner)
    }
    guard mirror.displayStyle == .struct, case .mapping(let entries) = content else { return }
    let properties = mirror.children.compactMap { child in
      child.label.map { ($0, child.value) }
    }
    for entry in entries {
      guard let property = properties.first(where: { $0.0 == entry.key }) else {
        throw entry.value.unknown(entry.key, known: properties.map(\.0))
      }
      try entry.value.checkKeys(against: property.1)
    }
  }

  /// Refuses numbers that a whole-number property cannot hold; the decoder would not say where.
  private func checkWholeNumber(against value: Any) throws {
    guard case .scalar(let scalar) = content, value is Int || value is UInt64 else { return }
    switch scalar {
    case .integer(let number) where number < 0 && value is UInt64:
      throw mismatch("a whole number from 0 on")
    case .number:
      throw mismatch("a whole number")
    default: return
    }
  }

  private func failure(for error: DecodingError) -> Failure {
    let context: DecodingError.Context
    var wanted = "another value"
    switch error {
    case .typeMismatch(let type, let found):
      context = found
      wanted = Setting.describe(type)
    case .valueNotFound(let type, let found):
      context = found
      wanted = Setting.describe(type)
    case .keyNotFound(let key, let found):
      let at = setting(at: found.codingPath)
      return Failure(
        .usage,
        what: "the key `\(key.stringValue)` is missing",
        place: at.place,
        remedy: "add `\(key.stringValue):`"
      )
    case .dataCorrupted(let found):
      context = found
      let at = setting(at: found.codingPath)
      return Failure(
        .usage,
        what: (at.key.isEmpty ? "" : "`\(at.key)`: ")
          + "\(at.found) does not fit: \(found.debugDescription)",
        place: at.place,
        remedy: "write one of the values that the guide lists for this key"
      )
    @unknown default:
      return mismatch(wanted)
    }
    return setting(at: context.codingPath).mismatch(wanted)
  }

  /// The innermost setting that a coding path reaches.
  private func setting(at path: [any CodingKey]) -> Setting {
    var current = self
    for key in path {
      switch current.content {
      case .mapping(let entries):
        guard let entry = entries.last(where: { $0.key == key.stringValue }) else { return current }
        current = entry.value
      case .list(let items):
        guard let index = key.intValue, items.indices.contains(index) else { return current }
        current = items[index]
      case .scalar: return current
      }
    }
    return current
  }

  private static func describe(_ type: any Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is Int.Type, is UInt64.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is String.Type: "text"
    case is [String: Any].Type: "keys and values"
    case is [Any].Type: "a list"
    default: "\(type)"
    }
  }
}
