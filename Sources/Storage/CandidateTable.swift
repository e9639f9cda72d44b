// What a selection reads of the index: every document of its sources, column by column.

package import Documents

/// A source whose documents are candidates, and which of them pass.
package struct CandidateQuery: Sendable {
  /// The source's name.
  package let source: String
  /// An SQLite expression over the columns of `corpus`, or `nil` where all pass.
  package let filter: String?
  /// Whose filter it is, for messages.
  package let place: String

  /// Creates a query.
  ///
  /// - Parameters:
  ///   - source: The source's name.
  ///   - filter: An SQLite expression over the columns of `corpus`, or `nil`.
  ///   - place: Whose filter it is, for messages.
  package init(source: String, filter: String?, place: String) {
    self.source = source
    self.filter = filter
    self.place = place
  }
}

/// What a filter says of a document.
package enum FilterVerdict: Sendable, Equatable {
  /// The expression is true, or there is none.
  case passes
  /// The expression is false.
  case fails
  /// The expression is NULL, and this is the first of its columns that is.
  case noValue(String)
  /// The expression is NULL, though none of its columns is.
  case noResult
}

/// A value of a column, for comparing.
package struct ColumnValue: Sendable {
  /// What a value is: SQLite's order is numbers before texts.
  package enum Kind: UInt8, Sendable {
    case null
    case number
    case text
  }

  /// What the value is.
  package let kind: Kind
  /// For a number, bits that compare as the number does; for a text, its first eight bytes.
  package let key: UInt64
  /// For a text, its first byte in ``ColumnValues/bytes``.
  let start: Int
  /// For a text, its bytes.
  let count: Int

  /// The number, or `nil`.
  package var number: Double? {
    guard kind == .number else { return nil }
    return Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }
}

/// One column of the candidates, with the values' own types.
package struct ColumnValues: Sendable {
  /// A value a candidate.
  package private(set) var values: [ColumnValue] = []
  private var bytes: [UInt8] = []

  /// Appends the value of a column of a row.
  mutating func append(_ row: borrowing CorpusRow, _ column: Int) {
    switch row.kind(column) {
    case .null:
      values.append(ColumnValue(kind: .null, key: 0, start: 0, count: 0))
    case .number:
      // Adding 0 makes −0 and 0 one; bits in reverse make negative numbers ascend.
      let bits = (row.number(column) + 0).bitPattern
      let key = bits >> 63 == 1 ? ~bits : bits | 1 << 63
      values.append(ColumnValue(kind: .number, key: key, start: 0, count: 0))
    case .text:
      let start = bytes.count
      var key: UInt64 = 0
      row.withBytes(column) { text in
        for index in 0..<8 { key = key << 8 | (index < text.count ? UInt64(text[index]) : 0) }
        for index in text.indices { bytes.append(text[index]) }
      }
      values.append(
        ColumnValue(kind: .text, key: key, start: start, count: bytes.count - start)
      )
    }
  }

  /// Whether one candidate's text stands before another's, byte by byte.
  ///
  /// - Parameters:
  ///   - left: A candidate with a text.
  ///   - right: Another one.
  /// - Returns: Whether `left` stands first.
  package func textPrecedes(_ left: Int, _ right: Int) -> Bool {
    text(left).lexicographicallyPrecedes(text(right))
  }

  /// Whether two candidates have the same text.
  ///
  /// - Parameters:
  ///   - left: A candidate with a text.
  ///   - right: Another one.
  /// - Returns: Whether the texts are equal.
  package func textsAreEqual(_ left: Int, _ right: Int) -> Bool { text(left) == text(right) }

  private func text(_ candidate: Int) -> ArraySlice<UInt8> {
    let value = values[candidate]
    return bytes[value.start..<value.start + value.count]
  }
}

/// One column of the candidates as names that recur.
package struct ColumnNames: Sendable {
  /// For each candidate the index of its name, or -1 where it has no value.
  package private(set) var codes: [Int32] = []
  /// The names, in the order in which they turned up.
  package private(set) var names: [[UInt8]] = []
  private var index: [UInt64: Int32] = [:]

  /// Appends the value of a column of a row.
  mutating func append(_ row: borrowing CorpusRow, _ column: Int) {
    codes.append(row.kind(column) == .null ? -1 : row.withBytes(column) { code(of: $0) })
  }

  /// The index of a name, which is entered where it is new.
  mutating func code(of name: Span<UInt8>) -> Int32 {
    // FNV-1a; names of one hash take the numbers that follow.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for position in name.indices {
      hash = (hash ^ UInt64(name[position])) &* 0x100_0000_01b3
    }
    while let code = index[hash] {
      if equal(names[Int(code)], name) { return code }
      hash &+= 1
    }
    let code = Int32(names.count)
    index[hash] = code
    var bytes: [UInt8] = []
    bytes.reserveCapacity(name.count)
    for position in name.indices { bytes.append(name[position]) }
    names.append(bytes)
    return code
  }
}

private func equal(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}

/// Every document of some sources, in the order of the identities.
package struct CandidateTable: Sendable {
  /// The documents.
  package internal(set) var rows: [CandidateRow] = []
  /// For each document the index of its source among the queries.
  package internal(set) var sources: [Int32] = []
  /// For each document its place among its source's.
  package internal(set) var ordinals: [Int] = []
  /// Whose copy a document is, by the documents' index; only for those that are copies.
  package internal(set) var keepers: [Int: DocumentID] = [:]
  /// For each document whether it overlaps with an evaluation file.
  package internal(set) var contaminated: [Bool] = []
  /// The columns that were asked for as values.
  package internal(set) var values: [ColumnValues]
  /// The columns that were asked for as names.
  package internal(set) var names: [ColumnNames]
  /// For each document the index of what its source's filter says, in ``verdictKinds``.
  package internal(set) var verdicts: [Int16] = []
  /// What filters say, each once.
  package internal(set) var verdictKinds: [FilterVerdict]
}
