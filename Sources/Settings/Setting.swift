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
    // Some editors begin every file with a byte order mark, which the library takes for text.
    let isMarked = text.unicodeScalars.first == "\u{feff}"
    let text = isMarked ? String(text.unicodeScalars.dropFirst()) : text
    try refuseKeysThatGrow(in: text, file: file)
    guard let root = try compose(text, file: file) else {
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

  /// Composes a text in which `mark` stands for `*`.
  private static func compose(
    _ text: String,
    file: String,
    mark: Unicode.Scalar = "*"
  ) throws -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw Failure(
        .usage,
        what: "this is not YAML: " + shown(error).replacing(String(mark), with: "*"),
        place: file,
        remedy: "mend the line it names; indent with spaces, never with tabs"
      )
    }
  }

  /// What the library says of a text, without the long lines or the whole file that it repeats.
  private static func shown(_ error: any Error) -> String {
    if case YamlError.duplicatedKeysInMapping(let keys, let context) = error {
      let names = keys.sorted().prefix(5).map { "`\(String($0.prefix(100)))`" }
      return "twice in one mapping stands \(names.joined(separator: ", ")), in line "
        + "\(context.mark.line)"
    }
    let lines = "\(error)".split(separator: "\n", maxSplits: 8, omittingEmptySubsequences: false)
    return lines.prefix(8).map { $0.utf8.count > 200 ? $0.prefix(200) + "…" : $0 }
      .joined(separator: "\n")
  }

  // MARK: Keys

  /// Refuses a file whose keys are or hold aliases, before the library composes it.
  ///
  /// The library compares keys with all that they hold, and aliases of aliases make that endless in a
  /// file of some lines; values may grow, and are counted in ``convert``. It gives no events of its
  /// parser, so the text is composed with a scalar in each alias's place first, which costs what the
  /// text costs and shows where aliases stand.
  private static func refuseKeysThatGrow(in text: String, file: String) throws {
    let bytes = Array(text.utf8)
    func nameEnd(from start: Int) -> Int {
      bytes[start...].firstIndex { byte in
        !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          && !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          && byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-")
      } ?? bytes.count
    }
    func names(after mark: UInt8) -> [Range<Int>] {
      bytes.indices.filter { bytes[$0] == mark }.map { $0 + 1..<nameEnd(from: $0 + 1) }
        .filter { !$0.isEmpty }
    }
    let anchors = Set(names(after: UInt8(ascii: "&")).map { bytes[$0] })
    let aliases = names(after: UInt8(ascii: "*")).filter { anchors.contains(bytes[$0]) }
    if aliases.isEmpty { return }
    // `*name:` may be a key or not, as the text around it has it; with an anchor of that name it is
    // taken for one.
    for alias in aliases {
      let rest = bytes[alias.upperBound...].drop { $0 == 0x20 || $0 == 0x09 }
      guard rest.first != UInt8(ascii: ":") else {
        let line = 1 + bytes[..<alias.lowerBound].count { $0 == UInt8(ascii: "\n") }
        throw noName(at: "\(file):\(line)")
      }
    }
    // A character that the text lacks begins each scalar that stands for an alias.
    let candidates = UInt32(0xe000)...0xf8ff
    let taken = Set(text.unicodeScalars.lazy.map(\.value).filter(candidates.contains))
    let free = candidates.first { !taken.contains($0) }
    guard let mark = free.flatMap(Unicode.Scalar.init) else {
      throw noName(at: file)
    }
    var standIn: [UInt8] = []
    var start = 0
    for alias in aliases {
      standIn += bytes[start..<alias.lowerBound - 1]
      standIn += String(mark).utf8
      start = alias.lowerBound
    }
    standIn += bytes[start...]
    let copy = String(decoding: standIn, as: UTF8.self)
    guard let root = try compose(copy, file: file, mark: mark) else { return }
    var pending = [root]
    while let node = pending.popLast() {
      switch node {
      case .sequence(let items): pending += items
      case .mapping(let mapping):
        for (key, value) in mapping {
          guard let scalar = key.scalar,
            scalar.style != .plain || scalar.string.unicodeScalars.first != mark
          else {
            throw noName(at: key.mark.map { "\(file):\($0.line)" } ?? file)
          }
          pending.append(value)
        }
      case .scalar, .alias: break
      }
    }
  }

  private static func noName(at place: String) -> Failure {
    Failure(
      .usage,
      what: "a key is an alias, a list or a mapping",
      place: place,
      remedy: "write a name before the colon; aliases are for values"
    )
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
        guard let key = pair.key.scalar?.string else {
          throw noName(at: pair.key.mark.map { "\(file):\($0.line)" } ?? place)
        }
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
