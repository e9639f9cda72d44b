// A mapping whose keys are known beforehand, such as a recipe or a rubric.

import Files

/// A mapping with known keys, looked up by name.
package struct KeyedSettings {
  private let root: Setting
  private let values: [String: Setting]

  /// Reads a mapping.
  ///
  /// - Parameters:
  ///   - root: The mapping.
  ///   - known: The keys that may occur.
  /// - Throws: ``Failure`` where the value is no mapping, or a key is not known.
  package init(_ root: Setting, known: [String]) throws {
    self.root = root
    values = Dictionary(
      uniqueKeysWithValues: try root.entries(known: known).map { ($0.key, $0.value) }
    )
  }

  /// The value of a key, or `nil` where the mapping does not have it.
  package subscript(key: String) -> Setting? { values[key] }

  /// The value of a key that must be there.
  ///
  /// - Parameter key: The key.
  /// - Returns: Its value.
  /// - Throws: ``Failure`` where the mapping does not have it.
  package func required(_ key: String) throws -> Setting {
    guard let value = values[key] else {
      throw Failure(
        .usage,
        what: "the key `\(key)` is missing",
        place: root.place,
        remedy: "add `\(key):`"
      )
    }
    return value
  }
}
