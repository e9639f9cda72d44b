/// The most documents of one group (a book, a child, a site) in each split.
///
/// Groups are made of a column's values: whole, as `book`; up to the second slash, as `key/2`; or by
/// the host of an address, as `host(url)`. Documents without a value belong to no group.
public struct GroupLimit: Sendable, Equatable, Codable {
  /// What of a value names the group.
  enum Part: Equatable {
    case all
    case components(Int)
    case host
  }

  /// What makes the groups: a column, a column with `/` and a number, or `host(` column `)`.
  public var by: String
  /// The most documents of a group in each split.
  public var documents: Int

  /// Creates a limit.
  ///
  /// - Parameters:
  ///   - by: What makes the groups.
  ///   - documents: The most documents of a group in each split.
  public init(by: String, documents: Int) {
    self.by = by
    self.documents = documents
  }

  /// The column whose values make the groups.
  public var column: String { parsed.column }

  private var parsed: (column: String, part: Part) {
    if by.hasPrefix("host("), by.hasSuffix(")") {
      return (String(by.dropFirst(5).dropLast()), .host)
    }
    if let slash = by.lastIndex(of: "/"), let count = Int(by[by.index(after: slash)...]), count > 0
    {
      return (String(by[..<slash]), .components(count))
    }
    return (by, .all)
  }

  /// The groups of values, each value once.
  ///
  /// - Parameter values: The values of ``column``.
  /// - Returns: For each value the number of its group.
  public func groups(of values: [[UInt8]]) -> [Int] {
    let part = parsed.part
    guard part != .all else { return Array(values.indices) }
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    return values.map { value in
      let name = group(of: value, part)
      if let number = numbers[name] { return number }
      let number = numbers.count
      numbers[name] = number
      return number
    }
  }

  private func group(of value: [UInt8], _ part: Part) -> ArraySlice<UInt8> {
    switch part {
    case .all: return value[...]
    case .components(let count):
      var left = count
      for (index, byte) in value.enumerated() where byte == UInt8(ascii: "/") {
        left -= 1
        if left == 0 { return value[..<index] }
      }
      return value[...]
    case .host: return host(of: value)
    }
  }
}

/// The host of an address in lower case, without user, port and a leading `www.`; an address
/// without a scheme begins with its host.
private func host(of address: [UInt8]) -> ArraySlice<UInt8> {
  var rest = address[...]
  if let colon = rest.firstIndex(of: UInt8(ascii: ":")),
    rest[(colon + 1)...].starts(with: Array("//".utf8))
  {
    rest = rest[(colon + 3)...]
  }
  let ends: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
  rest = rest.prefix { !ends.contains($0) }
  if let at = rest.lastIndex(of: UInt8(ascii: "@")) { rest = rest[(at + 1)...] }
  if let colon = rest.lastIndex(of: UInt8(ascii: ":")) { rest = rest[..<colon] }
  let name = rest.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  return name.starts(with: Array("www.".utf8)) ? name.dropFirst(4) : name[...]
}
