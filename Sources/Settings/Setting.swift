// The one door to Yams: a YAML file as a tree of settings that know their file and line.
//
// Not a general YAML library: only what recipes and rubrics need, and strict about it. Unknown keys,
// wrong types and duplicate keys are usage failures that name the line and the nearest known key.

import Files
import Foundation
private import Yams

/// One value of a settings file, with the place where it stands.
public struct Setting: Sendable {
  /// What a value is.
  package indirect enum Content: Sendable {
    case scalar(ScalarValue)
    case list([Setting])
    case mapping([Entry])
  }

  /// One key of a mapping with its value, in file order.
  public struct Entry: Sendable {
    /// The key.
    public let key: String
    /// The value.
    public let value: Setting
  }

  /// A leaf, typed by YAML's own rules (quoted text stays text).
  package enum ScalarValue: Sendable, Equatable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
  }

  /// The file and line, as `recipe.yaml:12`.
  public let place: String
  /// The key that it is the value of, for messages.
  ///
  /// A list's items have the list's; it is empty at the root and for a value that is not from a file.
  package let key: String
  package let content: Content

  package init(place: String, key: String = "", content: Content) {
    self.place = place
    self.key = key
    self.content = content
  }

  /// Reads a YAML file.
  ///
  /// - Parameter path: The file.
  /// - Returns: Its root.
  /// - Throws: ``Failure`` where the file cannot be read or is not YAML.
  public static func load(path: String) throws -> Setting {
    let file = try BinaryFile(path: path)
    guard let text = String(validating: try file.bytes(at: 0, count: file.size), as: UTF8.self)
    else {
      throw Failure(what: "the file is not UTF-8 text", place: path, remedy: "save it as UTF-8")
    }
    return try parse(text, file: path)
  }

  /// Parses YAML.
  ///
  /// - Parameters:
  ///   - text: The YAML.
  ///   - file: The name that messages give as the place.
  /// - Returns: The root.
  /// - Throws: ``Failure`` where the text is not YAML or is empty.
  public static func parse(_ text: String, file: String) throws -> Setting {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw Failure(
        .usage,
        what: "this is not YAML: \(error)",
        place: file,
        remedy: "mend the line it names; indent with spaces, never with tabs"
      )
    }
    guard let root else {
      throw Failure(
        .usage,
        what: "the file holds no settings",
        place: file,
        remedy: "write at least one key"
      )
    }
    var room = mostValues
    return try convert(root, file: file, key: "", fallback: file, room: &room)
  }

  /// The values that a file may hold; aliases of aliases could make a short file endless.
  private static let mostValues = 100_000

  private static func convert(
    _ node: Node,
    file: String,
    key: String,
    fallback: String,
    room: inout Int
  ) throws -> Setting {
    let place = node.mark.map { "\(file):\($0.line)" } ?? fallback
    room -= 1
    guard room >= 0 else {
      throw Failure(
        .usage,
        what: "the file holds more than \(mostValues) values, aliases counted each time",
        place: place,
        remedy: "write fewer values, or take the aliases out"
      )
    }
    switch node {
    case .scalar:
      return Setting(place: place, key: key, content: .scalar(scalar(node)))
    case .sequence(let sequence):
      let items = try sequence.map {
        try convert($0, file: file, key: key, fallback: place, room: &room)
      }
      return Setting(place: place, key: key, content: .list(items))
    case .mapping(let mapping):
      let entries = try mapping.map { pair in
        let key = pair.key.string ?? ""
        return Entry(
          key: key,
          value: try convert(pair.value, file: file, key: key, fallback: place, room: &room)
        )
      }
      try refuseTwins(among: entries)
      return Setting(place: place, key: key, content: .mapping(entries))
    case .alias:
      throw Failure(
        .usage,
        what: "a YAML alias refers to nothing",
        place: place,
        remedy: "write the value out"
      )
    }
  }

  /// Refuses keys that YAML tells apart and nobody else does, such as `1` and `"1"`; keys that are
  /// the same to YAML it has refused itself.
  private static func refuseTwins(among entries: [Entry]) throws {
    var seen: Set<String> = []
    for entry in entries where !seen.insert(entry.key).inserted {
      throw Failure(
        .usage,
        what: "the key `\(entry.key)` stands twice",
        place: entry.value.place,
        remedy: "keep one of the two"
      )
    }
  }

  private static func scalar(_ node: Node) -> ScalarValue {
    if node.null != nil { return .null }
    if let flag = node.bool { return .flag(flag) }
    if let integer = node.int { return .integer(integer) }
    if let number = node.float { return .number(number) }
    return .text(node.string ?? "")
  }
}
