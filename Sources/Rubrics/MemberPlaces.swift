// Where the members of a JSON object stand, and whether any object in it names a member twice.
//
// Not a parser: the text has been decoded already, which keeps one of two members of the same name and
// does not say so.

import Foundation

/// The places of an object's members.
///
/// - Parameter json: One JSON object that a decoder has taken.
/// - Returns: The ranges of the members' values without white space around them, by name; `nil` where
///   the object, or one inside it, names a member twice.
/// - Complexity: Linear in the bytes.
package func memberPlaces(inObject json: [UInt8]) -> [String: Range<Int>]? {
  var places: [String: Range<Int>] = [:]
  /// The names of each open object; `nil` for an open list.
  var open: [Set<String>?] = []
  var awaitsName = false
  var member = ""
  var valueStart = 0
  var index = 0
  func close(at end: Int) {
    var range = valueStart..<max(valueStart, end)
    while let first = range.first, isBlank(json[first]) { range = first + 1..<range.upperBound }
    while let last = range.last, isBlank(json[last]) { range = range.lowerBound..<last }
    if !range.isEmpty { places[member] = range }
  }
  while index < json.count {
    switch json[index] {
    case UInt8(ascii: "\""):
      let start = index
      index += 1
      while index < json.count, json[index] != UInt8(ascii: "\"") {
        index += json[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      if awaitsName, !open.isEmpty {
        awaitsName = false
        let name = decodedString(json[start..<min(index + 1, json.count)])
        guard open[open.count - 1]?.insert(name).inserted != false else { return nil }
        if open.count == 1 { member = name }
      }
    case UInt8(ascii: ":"):
      if open.count == 1 { valueStart = index + 1 }
    case UInt8(ascii: ","):
      if open.count == 1 { close(at: index) }
      awaitsName = open.last.map { $0 != nil } ?? false
    case UInt8(ascii: "{"):
      open.append([])
      awaitsName = true
    case UInt8(ascii: "["):
      open.append(nil)
      awaitsName = false
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if open.count == 1 { close(at: index) }
      _ = open.popLast()
      awaitsName = false
    default: break
    }
    index += 1
  }
  return places
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

/// The text of a JSON string with its quotation marks.
private func decodedString(_ literal: ArraySlice<UInt8>) -> String {
  let plain = String(decoding: literal.dropFirst().dropLast(), as: UTF8.self)
  guard plain.utf8.contains(UInt8(ascii: "\\")) else { return plain }
  return (try? JSONDecoder().decode(String.self, from: Data(literal))) ?? plain
}
