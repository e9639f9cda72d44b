// Strings that end a generated text: found across token borders, and not printed. Nor is half a
// character, which the next token may make whole.

/// Passes bytes on until one of some strings has come whole.
///
/// Bytes that may be the beginning of a stop string are held back until it is clear that they are
/// not, so that nothing of it is printed; so is the beginning of a character.
package struct StopStrings {
  private let strings: [[UInt8]]
  /// What is held back.
  private(set) var held: [UInt8]
  /// Whether a stop string has come.
  package private(set) var hasEnded = false

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - strings: The strings; empty ones are passed over.
  ///   - held: What an earlier filter held back.
  package init(_ strings: [String], held: [UInt8] = []) {
    self.held = held
    self.strings = strings.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// Takes the next bytes of the text.
  ///
  /// - Parameter bytes: The bytes.
  /// - Returns: Those of all bytes so far that are certain to belong to the text.
  package mutating func take(_ bytes: [UInt8]) -> [UInt8] {
    guard !hasEnded else { return [] }
    held += bytes
    let ends = strings.compactMap { firstPlace(of: $0) }
    if let end = ends.min() {
      hasEnded = true
      defer { held = [] }
      return Array(held[..<end])
    }
    let kept = max(strings.map { heldCount(for: $0) }.max() ?? 0, beginningOfCharacter)
    defer { held.removeFirst(held.count - kept) }
    return Array(held[..<(held.count - kept)])
  }

  /// What was held back, at the text's end.
  package mutating func rest() -> [UInt8] {
    defer { held = [] }
    return held
  }

  private func firstPlace(of string: [UInt8]) -> Int? {
    guard held.count >= string.count else { return nil }
    return (0...held.count - string.count).first { held[$0...].starts(with: string) }
  }

  /// The number of bytes at the end that begin a character of more bytes.
  private var beginningOfCharacter: Int {
    for (index, byte) in held.suffix(3).reversed().enumerated() where byte & 0xc0 != 0x80 {
      let size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return index + 1 < size ? index + 1 : 0
    }
    return 0
  }

  /// The longest end of what is held that begins a string.
  private func heldCount(for string: [UInt8]) -> Int {
    let longest = min(held.count, string.count - 1)
    return stride(from: longest, to: 0, by: -1)
      .first { string.starts(with: held.suffix($0)) } ?? 0
  }
}
