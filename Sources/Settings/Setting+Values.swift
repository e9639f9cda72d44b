public import Files

extension Setting {
  /// The entries of a mapping, in file order.
  ///
  /// - Parameter known: The keys that may occur; `nil` where the user chooses them.
  /// - Returns: The entries.
  /// - Throws: ``Failure`` where the value is no mapping, or a key is not known.
  public func entries(known: [String]? = nil) throws -> [Entry] {
    guard case .mapping(let entries) = content else { throw mismatch("keys and values") }
    guard let known else { return entries }
    for entry in entries where !known.contains(entry.key) {
      throw entry.value.unknown(entry.key, known: known)
    }
    return entries
  }

  /// The value as text; numbers and flags are not text.
  ///
  /// - Returns: The text.
  /// - Throws: ``Failure`` where the value is something else.
  public func text() throws -> String {
    guard case .scalar(.text(let text)) = content else { throw mismatch("text") }
    return text
  }

  /// The value as a whole number.
  ///
  /// - Parameter range: What is allowed.
  /// - Returns: The number.
  /// - Throws: ``Failure`` where the value is something else or lies outside.
  public func integer(in range: ClosedRange<Int>) throws -> Int {
    guard case .scalar(.integer(let value)) = content else { throw mismatch("a whole number") }
    guard range.contains(value) else {
      throw mismatch("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The value as a list.
  ///
  /// - Returns: Its items.
  /// - Throws: ``Failure`` where the value is something else.
  public func items() throws -> [Setting] {
    guard case .list(let items) = content else { throw mismatch("a list") }
    return items
  }

  /// The value as a list of texts; one text alone is a list of one.
  ///
  /// - Returns: The texts, at least one.
  /// - Throws: ``Failure`` where the value is something else or empty.
  public func texts() throws -> [String] {
    if case .scalar = content { return [try text()] }
    guard case .list(let items) = content, !items.isEmpty else { throw mismatch("a list of texts") }
    return try items.map { try $0.text() }
  }

  /// Takes one key out of a mapping, for settings whose default value depends on it.
  ///
  /// - Parameter key: The key.
  /// - Returns: Its value, or `nil`, and the mapping without it.
  /// - Throws: ``Failure`` where the value is no mapping.
  public func splitting(off key: String) throws -> (value: Setting?, rest: Setting) {
    let entries = try entries()
    return (
      entries.first { $0.key == key }?.value,
      Setting(place: place, key: self.key, content: .mapping(entries.filter { $0.key != key }))
    )
  }

  /// The failure that this value is not of the wanted type.
  ///
  /// - Parameter wanted: What was wanted, as "a whole number".
  /// - Returns: The failure.
  public func mismatch(_ wanted: String) -> Failure {
    Failure(
      .usage,
      what: key.isEmpty
        ? "\(found) stands where \(wanted) is wanted" : "`\(key)` is \(found), not \(wanted)",
      place: place,
      remedy: "write \(wanted)"
    )
  }

  /// The failure that a key is not known, with the nearest known one.
  ///
  /// - Parameters:
  ///   - key: The unknown key.
  ///   - known: The known keys.
  /// - Returns: The failure.
  public func unknown(_ key: String, known: [String]) -> Failure {
    let nearest = nearestName(to: key, among: known)
    return Failure(
      .usage,
      what: "unknown key `\(key)`",
      place: place,
      remedy: nearest.map { "did you mean `\($0)`?" }
        ?? "known keys here: \(known.sorted().joined(separator: ", "))"
    )
  }

  /// The value as a message names it.
  var found: String {
    switch content {
    case .scalar(.null): "nothing"
    case .scalar(.flag(let value)): "`\(value)`"
    case .scalar(.integer(let value)): "`\(value)`"
    case .scalar(.number(let value)): "`\(value)`"
    case .scalar(.text(let value)): "`\(value)`"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// The known name with the fewest edits to `name`, where that is near enough to be meant.
///
/// - Parameters:
///   - name: What the user wrote.
///   - known: What would be understood.
/// - Returns: A name at most a third of its length (and at least two edits) away, else `nil`.
public func nearestName(to name: String, among known: [String]) -> String? {
  let scored = known.map { (name: $0, edits: editDistance(Array(name.utf8), Array($0.utf8))) }
  guard let best = scored.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
  return best.edits <= max(2, best.name.utf8.count / 3) ? best.name : nil
}

/// Levenshtein's distance (1966): insertions, deletions and replacements, each of cost 1.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let replaced = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[right.count]
}
