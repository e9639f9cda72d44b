// The key taken out of what a server says, however JSON writes it.

extension APIKey {
  /// A text without the key, as it is or as JSON may write it: with `\/`, `\u002f` and the like in
  /// place of a character, once or in JSON within JSON.
  ///
  /// - Parameter text: What a server said.
  /// - Returns: The text with the key's description in its place.
  func struckInAnyForm(from text: String) -> String {
    let key = Array(authorization.utf8.dropFirst("Bearer ".utf8.count))
    let bytes = Array(text.utf8)
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if let end = end(of: key, in: bytes, from: index) {
        kept += Array(description.utf8)
        index = end
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }
}

/// Where the key ends that begins at some place, or `nil` where none does.
private func end(of key: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
  guard bytes[start] == key[0] || bytes[start] == UInt8(ascii: "\\") else { return nil }
  var index = start
  for character in key {
    guard let next = end(of: character, in: bytes, from: index) else { return nil }
    index = next
  }
  return index
}

/// Where a character ends that stands at some place as it is or escaped, or `nil`.
private func end(of character: UInt8, in bytes: [UInt8], from start: Int) -> Int? {
  var index = start
  // JSON within JSON within JSON has seven; a text of nothing else is still read in one go.
  while index < bytes.count, index < start + 8, bytes[index] == UInt8(ascii: "\\") { index += 1 }
  if index > start {
    if index + 5 <= bytes.count, bytes[index] == UInt8(ascii: "u"),
      Int(String(decoding: bytes[(index + 1)..<(index + 5)], as: UTF8.self), radix: 16)
        == Int(character)
    {
      return index + 5
    }
    // A backslash of the key's own may be written by any number of them.
    if character == UInt8(ascii: "\\") { return index }
  }
  return index < bytes.count && bytes[index] == character ? index + 1 : nil
}
