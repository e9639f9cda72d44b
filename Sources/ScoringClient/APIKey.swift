// The key of an endpoint: read once, sent in one header, shown nowhere.

import Files
import Foundation

/// A key that cannot be printed, encoded or compared by accident.
public struct APIKey: Sendable, CustomStringConvertible, CustomReflectable {
  private let value: String

  /// What takes the key's place wherever it would appear.
  public var description: String { "(key)" }

  /// A mirror without the key.
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Takes a key.
  ///
  /// - Parameters:
  ///   - value: The key; white space around it does not count.
  ///   - place: Where it stands, for messages.
  /// - Throws: ``Failure`` where it is empty or could not stand in a header.
  public init(_ value: String, place: String) throws {
    let trimmed = value.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !trimmed.isEmpty, trimmed.utf8.count <= 10_000,
      trimmed.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      throw Failure(
        .usage,
        what: trimmed.isEmpty ? "the key is empty" : "the key has characters that no key has",
        place: place,
        remedy: "put the key there, alone, as the endpoint's owner gave it"
      )
    }
    self.value = trimmed
  }

  /// Reads a key from where settings say it is.
  ///
  /// - Parameters:
  ///   - variable: An environment variable, or `nil`.
  ///   - file: A file, or `nil`.
  /// - Returns: The key, or `nil` where neither is named.
  /// - Throws: ``Failure`` where it is not there.
  public static func find(variable: String?, file: String?) throws -> APIKey? {
    if let variable {
      guard let value = ProcessInfo.processInfo.environment[variable] else {
        throw Failure(
          .usage,
          what: "the environment has no variable `\(variable)`, which is to hold the key",
          place: "the key",
          remedy: "export it, or name a file with the key"
        )
      }
      return try APIKey(value, place: "the environment variable `\(variable)`")
    }
    guard let file else { return nil }
    let bytes = try BinaryFile(path: file)
    guard bytes.size <= 20_000 else {
      throw Failure(
        .usage,
        what: "the file is no key",
        place: file,
        remedy: "name a file with a key"
      )
    }
    return try APIKey(
      String(decoding: try bytes.bytes(at: 0, count: bytes.size), as: UTF8.self),
      place: file
    )
  }

  /// The value of the header `Authorization`.
  var authorization: String { "Bearer " + value }

  /// A text without the key.
  ///
  /// - Parameter text: What a server said.
  /// - Returns: The text with the key's description in its place.
  func struck(from text: String) -> String { text.replacing(value, with: description) }
}
