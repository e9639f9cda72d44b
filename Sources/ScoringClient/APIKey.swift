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

  /// A text without the key, be the key written as it is or in the escapes of JSON.
  ///
  /// For decoded text and for a raw body alike: `a/b` is also found as `a\/b` and `a\u002fb`, escaped
  /// once or more often. Only what is kept may be struck, and whole before it is cut: read the score
  /// out of the text as it came, since a key as short as `3` would take the score along.
  ///
  /// - Parameter text: What a server said.
  /// - Returns: The text with the key's description in its place.
  /// - Complexity: The text's length times the key's.
  package func struck(from text: String) -> String {
    let bytes = Array(text.utf8)
    var kept: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if let end = endOfKey(in: bytes, at: index) {
        kept += description.utf8
        index = end
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }

  /// The backslashes in a row that are taken for one escape; JSON in JSON in JSON has seven.
  private static let mostBackslashes = 8

  /// Where the key ends that begins at a place, or `nil` where none does.
  private func endOfKey(in text: [UInt8], at start: Int) -> Int? {
    let backslash = UInt8(ascii: "\\")
    /// The backslashes in a row at a place.
    func run(at start: Int) -> Int {
      text[start...].prefix(APIKey.mostBackslashes).prefix { $0 == backslash }.count
    }
    var index = start
    var last: UInt8?
    for byte in value.utf8 {
      // The backslashes of a key are one run with those that escape them.
      if byte == backslash, last == backslash { continue }
      last = byte
      let count = run(at: index)
      if count > 0, let end = endOfEscape(of: byte, in: text, at: index + count) {
        index = end
        while byte == backslash, run(at: index) > 0,
          let end = endOfEscape(of: byte, in: text, at: index + run(at: index))
        {
          index = end
        }
      } else if byte == backslash {
        guard count > 0 else { return nil }
        index += count
      } else {
        guard index + count < text.count, text[index + count] == byte else { return nil }
        index += count + 1
      }
    }
    return index
  }

  /// Where `u002f` ends after its backslash, if it stands for a byte.
  private func endOfEscape(of byte: UInt8, in text: [UInt8], at start: Int) -> Int? {
    guard start + 5 <= text.count, text[start] == UInt8(ascii: "u") else { return nil }
    let digits = String(decoding: text[start + 1..<start + 5], as: UTF8.self)
    return digits.allSatisfy(\.isHexDigit) && Int(digits, radix: 16) == Int(byte) ? start + 5 : nil
  }
}
