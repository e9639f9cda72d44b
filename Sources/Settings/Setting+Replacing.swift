// A settings tree with a value put in another's place: how one recipe becomes many.

import Files

extension Setting {
  /// The tree with a value at a path of keys; mappings on the way are made where they are missing.
  ///
  /// - Parameters:
  ///   - path: The keys, the outermost first; at least one.
  ///   - value: What stands there afterwards; `nil` takes the last key out.
  /// - Returns: The changed tree.
  /// - Throws: ``Failure`` where a key on the way has a value without keys.
  package func replacing(_ path: some Collection<String>, with value: Setting?) throws -> Setting {
    guard let key = path.first else { return value ?? self }
    guard case .mapping(var entries) = content else {
      throw Failure(
        .usage,
        what: "there are no keys here, so `\(key)` cannot be set",
        place: place,
        remedy: "name a key that the file has, such as `training.learningRate`"
      )
    }
    let rest = path.dropFirst()
    let index = entries.firstIndex { $0.key == key }
    guard let value else {
      if let index {
        if rest.isEmpty {
          entries.remove(at: index)
        } else {
          entries[index] = Entry(
            key: key,
            value: try entries[index].value.replacing(rest, with: nil)
          )
        }
      }
      return Setting(place: place, key: self.key, content: .mapping(entries))
    }
    let inner = index.map { entries[$0].value } ?? Setting(place: place, content: .mapping([]))
    let entry = Entry(
      key: key,
      value: rest.isEmpty ? value : try inner.replacing(rest, with: value)
    )
    if let index { entries[index] = entry } else { entries.append(entry) }
    return Setting(place: place, key: self.key, content: .mapping(entries))
  }

  /// The value at a path of keys, or `nil` where there is none.
  ///
  /// - Parameter path: The keys, the outermost first.
  /// - Returns: The value.
  package func value(at path: some Collection<String>) -> Setting? {
    guard let key = path.first else { return self }
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value.value(at: path.dropFirst())
  }

  /// A text, number or flag as it would be written; `nil` for lists and mappings.
  package var scalarText: String? {
    guard case .scalar(let scalar) = content else { return nil }
    return switch scalar {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }

  /// A setting that is not from a file.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - place: What messages name as its place.
  package init(_ value: ScalarValue, place: String) {
    self.init(place: place, content: .scalar(value))
  }
}
