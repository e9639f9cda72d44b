// Strings that end a generated text: found across token borders, and not printed.

/// Passes bytes on until one of some strings has come whole.
///
/// Bytes that may be the beginning of a stop string are held back until it is clear that they are
/// not, so that nothing of it is printed.
package struct StopStrings {
  private let strings: [[UInt8]]
  private var held: [UInt8] = []
  /// Whether a stop string has come.
  package private(set) var hasEnded = false

  /// Creates a filter.
  ///
  /// - Parameter strings: The strings; empty ones are passed over.
  package init(_ strings: [String]) {
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
    let kept = strings.map { heldCount(for: $0) }.max() ?? 0
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

  /// The longest end of what is held that begins a string.
  private func heldCount(for string: [UInt8]) -> Int {
    let longest = min(held.count, string.count - 1)
    return stride(from: longest, to: 0, by: -1)
      .first { string.starts(with: held.suffix($0)) } ?? 0
  }
}
